"""An owner sees what waits for their word, and decides on each thing once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import select

from app.domain.actions import Custom, Review
from app.domain.program import ActionLimits, Program
from app.domain.referral import Bar
from app.domain.referral_code import code_of_member
from app.domain.referral_terms import Doubt, ReferralTerms
from app.domain.rewards import Goods
from app.domain.tiers import Spending, Tier, Tiers
from app.jobs import QUEUE
from app.owner import approvals, queue
from app.owner.doubts import in_words
from app.storage import referrals, tables
from tests.app.owner.conftest import Owning, told
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import ADA, a_line, a_refund, an_order

HOME = {"address1": "1 Mill Lane", "zip": "AB1 2CD", "country_code": "GB"}
PROGRAM = Program(
    actions=(
        Review(points=30, title="Write a review", needs_approval=True),
        Custom(named="repair-cafe", points=80, needs_approval=True),
    ),
    action_limits=ActionLimits(points_per_day_max=100),
    rewards=(Goods(points_cost=10, key="mug", title="A mug"),),
    referral=ReferralTerms(advocate_points=200),
)


@pytest.fixture
def shop(line: TestLine) -> TestLine:
    """A store where Ada has 500 points, and much is looked at first."""
    line.set_program(PROGRAM)
    ada = ADA | {"default_address": HOME}
    order = an_order(a_line("500.00"), customer=ada, billing_address=HOME)
    line.settle(("orders/paid", order))
    return line


def reports(shop: TestLine, action: str, key: str, by: str = "shopper") -> str:
    """Somebody says that Ada did something; what that is known by."""
    body = {"customer_id": "7001", "action": action, "key": key, "by": by}
    shop.ask_own("actions/report", f"report/{action}/{key}", body)
    return f"action/{action}/{key}"


def brings(shop: TestLine, number: int, **more: object) -> str:
    """Ada brings a friend; what the claim is known by."""
    friend = {"id": number, "email": f"f{number}@example.com", "verified_email": True}
    shop.settle(("customers/create", friend | more))
    code = code_of_member("secret", shop.store.program_id, shop.member_id(7001))
    told = shop.post("referrals", str(number), {"code": code, "device": str(uuid4())})
    assert 202 == told.status_code
    shop.worker.drain()
    shop.fulfilling.work()
    with shop.in_program() as connection:
        claims = referrals.in_state(connection, shop.store.program_id, None, 100)
    [claim] = [each for each in claims if each.customer_id == str(number)]
    return f"friend/{claim.id}"


def _buys(shop: TestLine, number: int, **more: object) -> None:
    at = shop.days_ago(0)
    friend = {"id": number, "email": f"f{number}@example.com", "verified_email": True}
    order = an_order(a_line("40.00"), id=number, name=f"#{number}", customer=friend)
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), at)
    shop.settle(("orders/paid", order | {"email": friend["email"]} | times | more))


def test_what_waits_is_told_with_what_it_would_bring_and_no_name(
    shop: TestLine, owning: Owning
):
    assert "Nothing waits for you." in told(owning.waiting())
    reports(shop, "review", "771")
    reports(shop, "custom-repair-cafe", "12", by="owner")
    shop.redeem(7001, "mug")
    brings(shop, 8001, default_address=HOME)

    page = told(owning.waiting())

    assert "4 wait for you, the oldest first." in page
    assert "Write a review 30 points by customer 7001, who says so;" in page
    # Of the most that a day may bring, the review before it has its share.
    assert "Repair cafe 70 points by customer 7001, as owner says of “12”;" in page
    assert "A mug for 10 points asked for by customer 7001;" in page
    assert "200 points for who brought them, nothing ordered yet same address" in page
    assert "customer 7001 brought customer 8001;" in page
    assert "example.com" not in page.partition("Approvals")[2]
    assert "Approvals 4 waiting" in told(owning.client.get("/owner/program"))


def test_who_lost_the_tier_that_a_reward_is_for_is_told_so(
    shop: TestLine, owning: Owning
):
    gold = Tier(name="Gold", needs=(Spending(amount=Decimal(500)),))
    pin = Goods(points_cost=10, key="pin", only_tiers=frozenset({"Gold"}))
    shop.set_program(replace(PROGRAM, tiers=Tiers(ladder=(gold,)), rewards=(pin,)))
    asked = shop.redeem(7001, "pin")
    assert "asked" == asked["state"]
    assert "no longer" not in told(owning.waiting())

    shop.settle(("refunds/create", a_refund("60.00", (11, 1, "60.00"))))
    page = told(owning.waiting())
    assert "for 10 points no longer in “Gold” asked for by customer 7001;" in page
    shop.take_step(asked["id"], "approve")
    assert "used" == shop.redemption(7001, asked["id"])["state"]


def test_what_is_decided_is_carried_out_by_the_inbox(
    shop: TestLine, owning: Owning, let_in: Callable[..., Owning]
):
    staff = let_in(DOMAIN, "42")
    review, visit = reports(shop, "review", "1"), reports(shop, "review", "2")
    mugs = [shop.redeem(7001, "mug")["id"] for _ in range(2)]
    friend = brings(shop, 8001, default_address=HOME)
    for who, about, way in (
        (owning, review, "approve"),
        (staff, visit, "refuse"),
        (staff, f"reward/{mugs[0]}", "approve"),
        (owning, f"reward/{mugs[1]}", "refuse"),
        (staff, friend, "approve"),
    ):
        answer = who.decide(about, way, reason=" sold  out ")
        page = told(owning.client.get(answer.headers["Location"]))
        assert "Approved." in page or (way == "refuse" and "Refused." in page)
        assert "It is carried out in a moment." in page
    assert "Nothing waits for you." in told(owning.waiting())

    shop.worker.drain()
    shop.fulfilling.work()

    assert 500 + 30 - 10 == shop.standing(7001).available
    assert ["used", "refused"] == [shop.redemption(7001, id_)["state"] for id_ in mugs]
    assert "sold out" == shop.redemption(7001, mugs[1])["reason"]
    [gift] = shop.ask("standing", "8001").get_json()["redemptions"]
    assert "granted" == gift["state"]
    assert ["owner"] * 2 + ["staff 42"] * 3 == _deciders(shop)
    assert "Nothing waits for you." in told(owning.waiting())
    assert [] == shop.violations()


def _deciders(shop: TestLine) -> list[str]:
    with shop.in_program() as connection:
        return sorted(
            by
            for table in (tables.action, tables.redemption, tables.referral)
            for by in connection.execute(select(table.c.decided_by)).scalars()
            if by
        )


def test_a_double_click_is_one_decision_and_the_first_one_stands(
    shop: TestLine, owning: Owning, redis: Redis
):
    review = reports(shop, "review", "1")
    redis.flushall()
    answers = [owning.decide(review, "approve") for _ in range(2)]
    against = owning.decide(review, "refuse")

    assert "it was decided a moment ago" in told(against)
    assert 1 == len(Queue(QUEUE, connection=redis))
    shop.worker.drain()
    answers.append(owning.decide(review, "approve"))
    late = owning.decide(review, "refuse")

    assert "it was accepted meanwhile" in told(late)
    assert (409, 409) == (against.status_code, late.status_code)
    assert {303} == {each.status_code for each in answers}
    [where] = {each.headers["Location"] for each in answers}
    assert "carried out" not in told(owning.client.get(where))
    assert 1 == sum(each.topic == "actions/decide" for each in shop.inbox())
    assert 530 == shop.standing(7001).available


def test_what_became_of_a_decision_that_came_too_late_is_told(
    shop: TestLine, owning: Owning
):
    mug = shop.redeem(7001, "mug")["id"]
    answer = owning.decide(f"reward/{mug}", "approve")
    # A member cancels before the decision is worked on.
    shop.tamper(
        f"update redemption set state = 'refused' where redemption_id = '{mug}'"
    )
    shop.worker.drain()

    page = told(owning.client.get(answer.headers["Location"]))

    assert "Nothing was done" in page
    assert "it cannot be approved: it is refused" in page


def test_a_friend_who_was_found_out_by_an_order_is_in_doubt_until_it_is_decided(
    shop: TestLine, owning: Owning
):
    friend, other = brings(shop, 8001), brings(shop, 8002)
    _buys(shop, 8001, billing_address=HOME)
    _buys(shop, 8002)
    shop.pass_days(15)
    shop.worker.settle_due()
    assert 500 + 200 == shop.standing(7001).available

    page = told(owning.waiting())
    assert "1 waits for you" in page
    assert "same address customer 7001 brought customer 8001;" in page
    assert "it does not wait any more" in told(owning.decide(other, "refuse"))
    owning.decide(friend, "approve")
    shop.worker.drain()

    assert 500 + 400 == shop.standing(7001).available
    assert "it does not wait any more" in told(owning.decide(friend, "refuse"))


def test_who_cannot_be_approved_is_told_why_and_can_be_refused(
    shop: TestLine, owning: Owning
):
    friend = brings(shop, 8001, default_address=HOME)
    shop.tamper("update referral set friend_id = advocate_id")

    page = told(owning.waiting())
    assert "Cannot be approved: nobody brings themselves." in page
    assert "Approve A friend" not in page
    barred = owning.decide(friend, "approve")
    assert (409, True) == (barred.status_code, "nobody brings" in told(barred))
    assert 303 == owning.decide(friend, "refuse").status_code


def test_more_than_a_page_holds_is_on_the_next(
    shop: TestLine, owning: Owning, monkeypatch: pytest.MonkeyPatch
):
    for each in (approvals, queue):
        monkeypatch.setattr(each, "PAGE", 1)
    reports(shop, "review", "1")
    second = reports(shop, "custom-repair-cafe", "2")

    assert "Page 1 of 2 Later" in told(owning.waiting())
    page = told(owning.waiting(action=9))
    assert "Repair cafe" in page
    assert "Earlier Page 2 of 2" in page
    assert "Write a review" not in page
    owning.decide(second, "refuse")
    assert "Write a review" in told(owning.waiting(action=2))


def test_friends_in_doubt_have_pages_and_are_counted_all(
    shop: TestLine, owning: Owning, monkeypatch: pytest.MonkeyPatch
):
    for each in (approvals, queue):
        monkeypatch.setattr(each, "PAGE", 1)
    brings(shop, 8001)
    brings(shop, 8002, default_address=HOME)
    third = brings(shop, 8003, default_address=HOME)
    # Only what was ordered since speaks against the first.
    _buys(shop, 8001, billing_address=HOME)

    assert "3 wait for you" in told(owning.waiting())
    for number, friend in ((1, 8001), (2, 8002), (3, 8003)):
        page = told(owning.waiting(friend=number))
        assert f"Page {number} of 3" in page
        assert f"customer 7001 brought customer {friend};" in page
    owning.decide(third, "refuse")
    assert "Page 2 of 2" in told(owning.waiting(friend=3))
    shop.worker.drain()
    assert "2 wait for you" in told(owning.waiting())


def test_what_is_another_stores_is_as_if_there_were_none(
    shop: TestLine, let_in: Callable[..., Owning]
):
    shop.add_store("other.myshopify.com")
    others = let_in("other.myshopify.com")
    review = reports(shop, "review", "1")
    mug = f"reward/{shop.redeem(7001, 'mug')['id']}"
    friend = brings(shop, 8001, default_address=HOME)
    unknown = others.decide("reward/nothing", "approve")

    assert "Nothing waits for you." in told(others.waiting())
    for about in (review, mug, friend):
        answer = others.decide(about, "approve")
        assert (404, unknown.get_data()) == (answer.status_code, answer.get_data())
    mine = let_in("test.myshopify.com")
    name = mine.decide(review, "approve").headers["Location"]
    assert "Approved." not in told(others.client.get(name))


@pytest.mark.parametrize(
    ("about", "way"),
    [
        ("", "approve"),
        ("points/1", "approve"),
        ("action/a/b", "eat"),
        ("action/\0", ""),
    ],
)
def test_what_no_form_sends_is_refused(owning: Owning, about: str, way: str):
    assert 400 == owning.decide(about, way).status_code


def test_each_reason_has_its_words():
    words = [in_words(reason) for reason in (*Doubt, *Bar)]

    assert len(words) == len(set(words))
