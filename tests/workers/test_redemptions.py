"""Rewards over the whole line: asked for, made in the store, used, given back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import event

from app.domain.grants import OrderDiscount
from app.domain.program import Program
from app.domain.rewards import (
    AmountOff,
    Donation,
    FreeProduct,
    GivenBack,
    Goods,
    PointsAsMoney,
    Reward,
    Service,
)
from app.storage import due_redemptions, redemptions
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import a_line, a_merge, a_refund, an_order, later
from tests.builders.side_by_side import drain_side_by_side

FIVE_OFF = AmountOff(points_cost=500, amount=Decimal(5), key="five")
JOAN = {"id": 7001, "email": "joan@example.com", "verified_email": True}


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store where Joan has 1,000 points."""
    return _with(line, FIVE_OFF)


def _with(line: TestLine, *rewards: Reward, **settings: object) -> TestLine:
    program = Program(rewards=rewards)
    line.set_program(replace(program, **settings))  # type: ignore[arg-type]
    line.settle(("orders/paid", an_order(a_line("1000.00"), customer=JOAN)))
    assert 1000 == line.standing(7001).available
    return line


def _buys_with(line: TestLine, code: str, *refunds: dict[str, object]) -> None:
    order = an_order(
        a_line("10.00", 4), id=5002, customer=JOAN, discount_codes=[{"code": code}]
    )
    line.settle(("orders/paid", order), *(("refunds/create", one) for one in refunds))


def _holds(line: TestLine) -> None:
    assert line.audit() is None
    assert [] == line.violations()


def test_points_become_a_code_that_the_store_knows(shop: TestLine):
    told = shop.redeem(7001, "five")

    [grant] = shop.pretended.made.values()
    assert ("granted", told["code"]) == (told["state"], grant.code)
    assert (OrderDiscount(500, "EUR"), "7001") == (grant.benefit, grant.customer_id)
    standing = shop.standing(7001)
    assert (500, 0) == (standing.available, standing.reserved)
    _holds(shop)


def test_while_the_store_is_away_points_are_only_set_aside(shop: TestLine):
    shop.pretended.away_before = 1
    told = shop.redeem(7001, "five")

    standing = shop.standing(7001)
    assert ("granting", None) == (told["state"], told["code"])
    assert (500, 500) == (standing.available, standing.reserved)

    shop.pass_days(0.5)
    shop.fulfilling.work()
    assert "granted" == shop.redemption(7001, told["id"])["state"]
    _holds(shop)


def test_a_code_whose_making_was_never_answered_is_made_once(shop: TestLine):
    shop.pretended.away_after = 1
    told = shop.redeem(7001, "five")
    shop.pass_days(0.5)
    shop.fulfilling.work()

    assert "granted" == shop.redemption(7001, told["id"])["state"]
    assert (1, 2) == (len(shop.pretended.made), shop.pretended.calls)
    assert 500 == shop.standing(7001).available


def test_what_the_store_will_not_make_costs_nothing(shop: TestLine):
    shop.pretended.refuses = "discounts are switched off"
    told = shop.redeem(7001, "five")

    assert ("refused", "discounts are switched off") == (told["state"], told["reason"])
    assert 1000 == shop.standing(7001).available
    _holds(shop)


def test_what_an_owner_does_not_allow_costs_nothing(shop: TestLine):
    shop.pretended.is_denied = True
    told = shop.redeem(7001, "five")

    assert ("refused", True) == (told["state"], "has not let us" in told["reason"])
    assert 1000 == shop.standing(7001).available
    _holds(shop)


def test_after_a_lost_answer_points_wait_though_nothing_is_allowed_any_more(
    shop: TestLine,
):
    shop.pretended.away_after = 1
    told = shop.redeem(7001, "five")
    shop.pretended.is_denied = True
    shop.pass_days(2)
    shop.fulfilling.work()
    assert "granting" == shop.redemption(7001, told["id"])["state"]

    shop.pretended.is_denied = False
    shop.pass_days(0.1)
    shop.fulfilling.work()
    assert "refused" == shop.redemption(7001, told["id"])["state"]
    assert (1000, {}) == (shop.standing(7001).available, shop.pretended.made)


@pytest.mark.parametrize(
    ("step", "state", "points"),
    [("made", "granted", (500, 0)), ("not_made", "refused", (1000, 0))],
)
def test_of_what_may_not_be_asked_any_more_people_say_what_is_there(
    shop: TestLine, step: str, state: str, points: tuple[int, int]
):
    shop.pretended.away_after = 1
    id_ = shop.redeem(7001, "five")["id"]
    # The store did not say no: it is asked again, and knows better than anybody.
    shop.take_step(id_, step)
    assert "granting" == shop.redemption(7001, id_)["state"]

    shop.pretended.is_denied = True
    shop.pass_days(0.1)
    shop.fulfilling.work()
    with shop.database.sweeper() as connection:
        shop.tamper("update redemption set due_at = clock_timestamp()")
        assert due_redemptions.claim(connection, shop.this_moment(connection), 1, 1)
    # A worker has it now, and may be asking.
    shop.take_step(id_, step)
    assert "granting" == shop.redemption(7001, id_)["state"]
    shop.tamper("update redemption set lease_until = clock_timestamp()")
    shop.take_step(id_, step)
    shop.take_step(id_, step)

    told, standing = shop.redemption(7001, id_), shop.standing(7001)
    assert (state, points) == (told["state"], (standing.available, standing.reserved))
    calls = shop.pretended.calls
    shop.pretended.is_denied = False
    shop.fulfilling.work()
    assert calls == shop.pretended.calls
    _holds(shop)


def test_who_was_wrong_to_say_that_it_is_not_there_takes_the_points_again(
    shop: TestLine,
):
    shop.pretended.away_after = 1
    id_ = shop.redeem(7001, "five")["id"]
    shop.pretended.is_denied = True
    shop.pass_days(0.1)
    shop.fulfilling.work()
    shop.take_step(id_, "not_made")
    shop.adjust(7001, -800)
    assert 200 == shop.standing(7001).available
    shop.take_step(id_, "made")

    # The code is theirs, and what was spent meanwhile is owed.
    standing = shop.standing(7001)
    assert "granted" == shop.redemption(7001, id_)["state"]
    assert (0, 300) == (standing.available, standing.owed)
    # That it was right to say so is for the store to know, which is asked to end it.
    shop.take_step(id_, "not_made")
    assert "granted" == shop.redemption(7001, id_)["state"]
    _holds(shop)


def test_a_code_that_was_said_not_to_be_there_and_is_used_costs_its_points(
    shop: TestLine,
):
    shop.pretended.away_after = 1
    id_ = shop.redeem(7001, "five")["id"]
    [code] = shop.pretended.made
    shop.pretended.is_denied = True
    shop.pass_days(0.1)
    shop.fulfilling.work()
    shop.take_step(id_, "not_made")
    assert ("refused", 1000) == (
        shop.redemption(7001, id_)["state"],
        shop.standing(7001).available,
    )
    _buys_with(shop, code)

    assert "used" == shop.redemption(7001, id_)["state"]
    assert 1000 - 500 + 40 == shop.standing(7001).available
    _holds(shop)


@pytest.mark.parametrize(("step", "left"), [("made", 500), ("not_made", 1000)])
def test_of_what_cannot_be_ended_at_its_date_people_say_what_is_there(
    line: TestLine, step: str, left: int
):
    ends = replace(FIVE_OFF, valid_days=1, unused_returns=True)
    shop = _with(line, ends)
    id_ = shop.redeem(7001, "five")["id"]
    shop.take_step(id_, step)
    assert "granted" == shop.redemption(7001, id_)["state"]
    shop.pretended.is_denied = True
    shop.pass_days(1.1)
    shop.fulfilling.work()
    with shop.in_program() as connection:
        assert [id_] == [*due_redemptions.shut(connection, shop.store.program_id)]
    shop.take_step(id_, step)

    assert "ended" == shop.redemption(7001, id_)["state"]
    assert left == shop.standing(7001).available
    _holds(shop)


def test_of_what_was_to_end_people_say_whether_it_is_there(shop: TestLine):
    for step, left in ("made", 500), ("not_made", 500):
        id_ = shop.redeem(7001, "five")["id"]
        shop.pretended.is_denied = True
        shop.take_step(id_, "cancel")
        shop.fulfilling.work()
        shop.take_step(id_, step)
        shop.pretended.is_denied = False

        assert left == shop.standing(7001).available
    _holds(shop)


def test_after_a_day_without_an_answer_the_points_come_back(shop: TestLine):
    shop.pretended.away_before = 1
    told = shop.redeem(7001, "five")
    shop.pass_days(2)
    shop.fulfilling.work()

    assert "refused" == shop.redemption(7001, told["id"])["state"]
    assert (1000, {}) == (shop.standing(7001).available, shop.pretended.made)


def test_a_double_click_is_one_redemption(shop: TestLine):
    body = {"request_id": "the-same-click", "reward_id": "five"}
    answers = [shop.post("redemptions", "7001", body) for _ in range(3)]
    shop.worker.drain()
    shop.fulfilling.work()
    again = shop.post("redemptions", "7001", body)

    assert 1 == len({answer.get_json()["id"] for answer in [*answers, again]})
    assert "granted" == again.get_json()["state"]
    assert (1, 500) == (len(shop.pretended.made), shop.standing(7001).available)


@pytest.mark.parametrize("is_settled", [False, True])
def test_a_request_id_is_for_one_wish_alone(line: TestLine, is_settled: bool):
    shop = _with(line, FIVE_OFF, replace(FIVE_OFF, key="other", amount=Decimal(6)))
    body = {"request_id": "the-same-click", "reward_id": "five"}
    first = shop.post("redemptions", "7001", body)
    if is_settled:
        shop.worker.drain()
        shop.fulfilling.work()
    before = len(shop.inbox())

    for other in ({"reward_id": "other"}, {"points": 700}, {"prize": "stamps/third-2"}):
        answer = shop.post("redemptions", "7001", body | other)
        assert 409 == answer.status_code
        assert "used for another wish" in answer.get_json()["error"]
    again = shop.post("redemptions", "7001", body)
    assert (202, first.get_json()["id"]) == (again.status_code, again.get_json()["id"])
    assert before == len(shop.inbox())
    shop.worker.drain()
    shop.fulfilling.work()
    assert (1, 500) == (len(shop.pretended.made), shop.standing(7001).available)


def test_two_hundred_wishes_at_once_never_overspend(
    shop: TestLine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.api.asking.ASKED_MAX", 200)

    def ask(number: int) -> int:
        body = {"request_id": f"request-{number}", "reward_id": "five"}
        return shop.post("redemptions", "7001", body).status_code

    codes = {ask(number) for number in range(200)}
    drain_side_by_side(shop)
    while shop.fulfilling.work():
        pass

    assert {202} == codes
    assert (2, 0) == (len(shop.pretended.made), shop.standing(7001).available)
    _holds(shop)


def test_a_wish_beyond_the_balance_is_refused_with_a_reason(line: TestLine):
    shop = _with(line, replace(FIVE_OFF, points_cost=1200))
    told = shop.redeem(7001, "five")

    assert ("refused", "200 points too few") == (told["state"], told["reason"])
    assert 1000 == shop.standing(7001).available


def test_reasons_are_told_in_the_language_of_the_page_and_by_their_code(line: TestLine):
    """The panel's, those of wishes, and for guests too; else in English."""
    shop = _with(line, replace(FIVE_OFF, points_cost=1200))
    refused = shop.redeem(7001, "five")["id"]
    asked = [f"redemptions/{refused}", "standing"]
    tongues = {"de-AT": "200 Punkte zu wenig", "xx": "200 points too few"}
    for lang, words in tongues.items():
        redemption, standing = (
            shop.ask(path, "7001", lang=lang).get_json() for path in asked
        )
        [reward], [taken] = standing["rewards"], standing["redemptions"]
        for told in (redemption, reward, taken, standing["next_reward"]):
            assert (words, "too_few_points") == (told["reason"], told["reason_code"])
    etags = [
        shop.ask("standing", "7001", lang=each).headers["ETag"] for each in tongues
    ]
    assert len(set(etags)) == len(tongues)


def test_what_people_of_the_store_say_is_told_in_their_own_words(line: TestLine):
    mug = Goods(points_cost=100, key="mug", description="A mug")
    shop = _with(line, mug)
    silent, said = (shop.redeem(7001, "mug")["id"] for _ in range(2))
    shop.take_step(silent, "refuse")
    shop.take_step(said, "refuse", reason="the mug is broken")
    told = [
        shop.ask(f"redemptions/{id_}", "7001", lang="de").get_json()
        for id_ in (silent, said)
    ]
    assert [
        ("der Shop hat nicht zugestimmt", "not_agreed"),
        ("the mug is broken", ""),
    ] == [(each["reason"], each["reason_code"]) for each in told]


def test_stock_and_the_limit_of_a_member_hold(line: TestLine):
    shop = _with(line, replace(FIVE_OFF, points_cost=100, per_member_max=2))
    assert ["granted", "granted", "refused"] == [
        shop.redeem(7001, "five")["state"] for _ in range(3)
    ]

    shop.set_program(
        Program(rewards=(replace(FIVE_OFF, points_cost=100, stock=2),)), shop.clock()
    )
    assert "there are none left" == shop.redeem(7001, "five")["reason"]
    _holds(shop)


def test_a_refunded_order_gives_spent_points_back_by_its_share(shop: TestLine):
    told = shop.redeem(7001, "five")
    _buys_with(shop, told["code"])
    assert "used" == shop.redemption(7001, told["id"])["state"]
    assert 540 == shop.standing(7001).available

    quarter = a_refund("10.00", (11, 1, "10.00"), id=9001, order_id=5002)
    shop.settle(("refunds/create", quarter))
    # 125 of 500 come back, and the 10 that the goods earned go.
    assert 540 + 125 - 10 == shop.standing(7001).available

    rest = a_refund("30.00", (11, 3, "30.00"), id=9002, order_id=5002)
    shop.settle(("refunds/create", rest))
    assert 1000 == shop.standing(7001).available
    _holds(shop)


@pytest.mark.parametrize(
    ("policy", "after_part", "after_all"),
    [(GivenBack.WHOLE, 0, 500), (GivenBack.NEVER, 0, 0)],
)
def test_the_owner_chooses_what_comes_back(
    line: TestLine, policy: GivenBack, after_part: int, after_all: int
):
    shop = _with(line, replace(FIVE_OFF, given_back=policy))
    told = shop.redeem(7001, "five")
    part = a_refund("10.00", (11, 1, "10.00"), id=9001, order_id=5002)
    _buys_with(shop, told["code"], part)
    assert 530 + after_part == shop.standing(7001).available

    rest = a_refund("30.00", (11, 3, "30.00"), id=9002, order_id=5002)
    shop.settle(("refunds/create", rest))
    assert 500 + after_all == shop.standing(7001).available
    _holds(shop)


def test_a_reward_whose_points_all_came_back_can_be_had_again(line: TestLine):
    mug = FreeProduct(points_cost=300, product_id="21", key="mug", stock=1)
    shop = _with(line, replace(mug, per_member_max=1))
    told = shop.redeem(7001, "mug")
    free = a_line("12.50", discount="12.50")
    coffee = a_line("12.50", id=12, product_id=22)
    more = {"id": 5002, "customer": JOAN, "discount_codes": [{"code": told["code"]}]}
    order = an_order(free, coffee, **more)
    coffee_back = a_refund("12.50", (12, 1, "12.50"), id=9001, order_id=5002)
    over = later(order, financial_status="refunded", refunds=[coffee_back])
    shop.settle(("orders/paid", order), ("orders/updated", over))
    assert 700 == shop.standing(7001).available
    once = "each member can have it once"
    assert once == shop.redeem(7001, "mug")["reason"]

    mug_back = a_refund(None, (11, 1, "0.00"), id=9002, order_id=5002)
    shop.settle(("refunds/create", mug_back))
    assert 1000 == shop.standing(7001).available
    again = shop.redeem(7001, "mug")
    assert "granted" == again["state"]
    assert once == shop.redeem(7001, "mug")["reason"]
    _holds(shop)


def test_a_wish_that_is_decided_while_somebody_looks_is_not_told_refused(
    shop: TestLine,
):
    body = {"request_id": "the-same-click", "reward_id": "five"}
    wish = shop.post("redemptions", "7001", body).get_json()["id"]
    engine = shop.client.application.extensions["tallymark"].database.engine
    looks = []

    def decide_between(_1, _2, statement, *_3):
        if not looks and "FROM inbox" in statement:
            looks.append(statement)
            shop.worker.drain()

    event.listen(engine, "before_cursor_execute", decide_between)
    assert "granting" == shop.redemption(7001, wish)["state"]
    assert looks


def test_points_come_back_with_the_dates_they_had(line: TestLine):
    shop = _with(line, FIVE_OFF, expires_after_months=1)
    told = shop.redeem(7001, "five")
    _buys_with(shop, told["code"])
    shop.pass_days(400)
    refund = a_refund(
        "40.00", (11, 4, "40.00"), order_id=5002, created_at=shop.days_ago(0)
    )
    shop.settle(("refunds/create", refund))
    shop.worker.settle_due()

    # All of them had expired meanwhile, so they are given back and gone at once.
    assert 0 == shop.standing(7001).available
    _holds(shop)


def test_a_member_cancels_a_reward_that_was_not_used(shop: TestLine):
    told = shop.redeem(7001, "five")
    assert told["can_cancel"]
    assert 202 == shop.post(f"redemptions/{told['id']}/cancel", "7001").status_code
    shop.worker.drain()
    shop.fulfilling.work()

    assert "ended" == shop.redemption(7001, told["id"])["state"]
    assert (1000, {}) == (shop.standing(7001).available, shop.pretended.made)
    _holds(shop)


def test_a_wish_that_nobody_has_decided_on_yet_cannot_be_cancelled(shop: TestLine):
    wish = {"request_id": str(uuid4()), "reward_id": "five"}
    told = shop.post("redemptions", "7001", wish).get_json()
    answer = shop.post(f"redemptions/{told['id']}/cancel", "7001")

    assert (409, "waiting") == (answer.status_code, told["state"])
    assert "ask again" in answer.get_json()["error"]


def test_a_reward_that_was_cancelled_too_early_can_be_cancelled_later(shop: TestLine):
    shop.pretended.away_before = 1
    told = shop.redeem(7001, "five")
    for _ in range(2):
        shop.post(f"redemptions/{told['id']}/cancel", "7001")
        shop.worker.drain()
        shop.pass_days(0.5)
        shop.fulfilling.work()

    assert "ended" == shop.redemption(7001, told["id"])["state"]
    assert 1000 == shop.standing(7001).available
    _holds(shop)


def test_a_code_that_was_used_meanwhile_cannot_be_cancelled(shop: TestLine):
    told = shop.redeem(7001, "five")
    shop.pretended.used.add(told["code"])
    shop.post(f"redemptions/{told['id']}/cancel", "7001")
    shop.worker.drain()
    shop.fulfilling.work()

    assert "used" == shop.redemption(7001, told["id"])["state"]
    assert 500 == shop.standing(7001).available
    _holds(shop)


@pytest.mark.parametrize(("comes_back", "available"), [(True, 1000), (False, 500)])
def test_what_is_not_used_in_time_ends(
    line: TestLine, comes_back: bool, available: int
):
    reward = replace(FIVE_OFF, valid_days=30, unused_returns=comes_back)
    shop = _with(line, reward)
    told = shop.redeem(7001, "five")
    shop.pass_days(31)
    shop.fulfilling.work()

    assert "ended" == shop.redemption(7001, told["id"])["state"]
    assert (available, {}) == (shop.standing(7001).available, shop.pretended.made)
    _holds(shop)


def test_an_order_that_was_heard_of_late_still_used_its_code(line: TestLine):
    shop = _with(line, replace(FIVE_OFF, valid_days=30))
    told = shop.redeem(7001, "five")
    shop.pass_days(31)
    shop.fulfilling.work()
    _buys_with(shop, told["code"])

    assert "used" == shop.redemption(7001, told["id"])["state"]
    assert 540 == shop.standing(7001).available
    _holds(shop)


def test_a_code_that_was_used_while_the_store_was_away_is_let_be(line: TestLine):
    shop = _with(line, replace(FIVE_OFF, valid_days=30))
    told = shop.redeem(7001, "five")
    shop.pass_days(31)
    with shop.database.sweeper() as connection:
        [due] = due_redemptions.claim(connection, shop.this_moment(connection), 1, 1)
    _buys_with(shop, told["code"])
    with shop.in_program() as connection:
        due_redemptions.postpone(connection, due, "away", 0)
    shop.pass_days(1)

    assert 0 == shop.fulfilling.work()
    assert "used" == shop.redemption(7001, told["id"])["state"]


def test_the_member_chooses_how_many_points_become_money(line: TestLine):
    slider = PointsAsMoney(points_cost=200, step=50, amount=Decimal("0.5"), key="money")
    shop = _with(line, replace(slider, order_share_max=50))
    assert "points go in steps of 50" == shop.redeem(7001, "money", 320)["reason"]
    shop.redeem(7001, "money", 350)

    [grant] = shop.pretended.made.values()
    assert (350, 700) == (grant.benefit.amount_minor, grant.order_amount_min_minor)
    assert 650 == shop.standing(7001).available


def test_goods_wait_until_somebody_agrees(line: TestLine):
    shop = _with(line, Goods(points_cost=300, key="mug", stock=1))
    told = shop.redeem(7001, "mug")
    assert ("asked", 300) == (told["state"], shop.standing(7001).reserved)

    shop.take_step(told["id"], "refuse", reason="the mug is broken")
    assert "the mug is broken" == shop.redemption(7001, told["id"])["reason"]
    assert 1000 == shop.standing(7001).available

    again = shop.redeem(7001, "mug")
    shop.take_step(again["id"], "approve")
    assert "used" == shop.redemption(7001, again["id"])["state"]
    assert (700, 0) == (shop.standing(7001).available, shop.standing(7001).reserved)
    _holds(shop)


def test_a_voucher_is_taken_in_once(line: TestLine):
    shop = _with(line, Service(points_cost=300, key="repair", service="Repair"))
    told = shop.redeem(7001, "repair")
    assert "granted" == told["state"]
    assert told["code"]

    shop.take_step(told["id"], "take_in")
    shop.take_step(told["id"], "take_in")
    assert "used" == shop.redemption(7001, told["id"])["state"]
    assert "the voucher cannot be taken in: it is used" in _notes(shop)
    _holds(shop)


def test_a_donation_is_done_at_once(line: TestLine):
    cause = Donation(points_cost=400, key="trees", cause="Trees", amount=Decimal(4))
    shop = _with(line, cause)
    assert "used" == shop.redeem(7001, "trees")["state"]
    assert (600, {}) == (shop.standing(7001).available, shop.pretended.made)
    _holds(shop)


def _notes(line: TestLine) -> list[str | None]:
    return [row.note for row in line.inbox()]


def test_nobody_sees_or_ends_the_reward_of_another(shop: TestLine):
    shop.settle(("orders/paid", an_order(id=5009, customer={"id": 7002})))
    told = shop.redeem(7001, "five")

    assert 404 == shop.ask(f"redemptions/{told['id']}", "7002").status_code
    cancelled = shop.post(f"redemptions/{told['id']}/cancel", "7002")
    assert 404 == cancelled.status_code
    assert 403 == shop.post("redemptions", "", {}).status_code


def test_a_reward_that_does_not_exist_is_told_so(shop: TestLine):
    body = {"request_id": "12345678", "reward_id": "six"}
    answer = shop.post("redemptions", "7001", body)

    assert 422 == answer.status_code
    assert {"reward_id": ["there is no such reward"]} == answer.get_json()["fields"]


def test_what_a_member_took_is_told_with_their_standing(shop: TestLine):
    before = shop.ask("standing", "7001")
    told = shop.redeem(7001, "five")
    after = shop.ask("standing", "7001")

    assert before.headers["ETag"] != after.headers["ETag"]
    [shown] = after.get_json()["redemptions"]
    assert (told["code"], "€5.00 off") == (shown["code"], shown["name"])
    [reward] = after.get_json()["rewards"]
    assert ("five", True) == (reward["id"], reward["available"])


def test_the_forgotten_are_gone_from_redemptions(shop: TestLine):
    told = shop.redeem(7001, "five")
    assert ["redemption"] == [
        name for name in shop.mentions("7001") if name == "redemption"
    ]
    body = {"shop_domain": DOMAIN, "customer": JOAN, "orders_to_redact": []}
    shop.settle(("customers/redact", body))

    assert told["id"]
    assert "redemption" not in shop.mentions("7001")
    _holds(shop)


def test_when_customers_are_merged_their_rewards_are_too(shop: TestLine):
    told = shop.redeem(7001, "five")
    shop.settle(("orders/paid", an_order(id=5009, customer={"id": 7002})))
    shop.settle(("customers/merge", a_merge(kept=7002, deleted=7001)))

    assert "granted" == shop.redemption(7002, told["id"])["state"]
    _holds(shop)


def test_who_two_customers_became_cancels_what_either_took(shop: TestLine):
    told = shop.redeem(7001, "five")
    shop.settle(("orders/paid", an_order(id=5009, customer={"id": 7002})))
    shop.settle(("customers/merge", a_merge(kept=7002, deleted=7001)))
    assert 202 == shop.post(f"redemptions/{told['id']}/cancel", "7002").status_code
    shop.worker.drain()
    shop.fulfilling.work()

    assert "ended" == shop.redemption(7002, told["id"])["state"]
    assert {} == shop.pretended.made
    _holds(shop)


def test_the_store_is_asked_for_whom_two_customers_became(shop: TestLine):
    shop.pretended.away_before = 1
    shop.redeem(7001, "five")
    shop.settle(("orders/paid", an_order(id=5009, customer={"id": 7002})))
    shop.settle(("customers/merge", a_merge(kept=7002, deleted=7001)))
    shop.pass_days(0.5)
    shop.fulfilling.work()

    assert ["7002"] == [each.customer_id for each in shop.pretended.made.values()]
    _holds(shop)


def test_a_wish_finds_the_points_where_a_merge_beside_it_took_them(shop: TestLine):
    shop.settle(("orders/paid", an_order(id=5009, customer={"id": 7002})))
    body = {"request_id": "the-same-click", "reward_id": "five"}
    wish = shop.post("redemptions", "7001", body).get_json()["id"]
    shop.settle(("customers/merge", a_merge(kept=7002, deleted=7001)))
    shop.fulfilling.work()

    assert "granted" == shop.redemption(7002, wish)["state"]
    _holds(shop)


def test_a_wish_beside_the_request_to_forget_its_member_leaves_no_trace(
    shop: TestLine,
):
    body = {"request_id": "the-same-click", "reward_id": "five"}
    shop.post("redemptions", "7001", body)
    redact = {"shop_domain": DOMAIN, "customer": JOAN, "orders_to_redact": []}
    shop.settle(("customers/redact", redact))

    assert "redemption" not in shop.mentions("7001")
    _holds(shop)


def test_a_code_is_ended_before_the_points_of_the_forgotten_come_back(shop: TestLine):
    shop.pretended.away_after = 1
    shop.redeem(7001, "five")
    assert 1 == len(shop.pretended.made)
    body = {"shop_domain": DOMAIN, "customer": JOAN, "orders_to_redact": []}
    shop.settle(("customers/redact", body))
    shop.pass_days(0.5)
    shop.fulfilling.work()

    assert {} == shop.pretended.made
    assert {"available": 1000, "issued": -1000} == shop.totals()
    _holds(shop)


def test_of_orders_of_one_moment_with_one_code_the_same_used_it(shop: TestLine):
    told = shop.redeem(7001, "five")
    for number in (5003, 5002):
        codes = [{"code": told["code"]}]
        order = an_order(id=number, customer=JOAN, discount_codes=codes)
        shop.settle(("orders/paid", order))

    with shop.in_program() as connection:
        program_id = shop.store.program_id
        kept = redemptions.find(connection, program_id, told["id"])
    assert kept
    assert "5002" == kept.redemption.used_order_id
    shop.settle(("orders/paid", order | {"id": 5004}))
    with shop.in_program() as connection:
        assert kept == redemptions.find(connection, program_id, told["id"])
