"""What shoppers report themselves, and what they see of ways to earn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.actions import (
    Birthday,
    Custom,
    Joining,
    Newsletter,
    Review,
    Social,
)
from app.domain.challenges import ActStep, Challenge, OrdersStep, SpendStep
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import After, Surprise
from app.domain.program import Program
from tests.builders.line import TestLine, proxy_query
from tests.builders.shopify import ADA, a_line, an_order

PROGRAM = Program(
    actions=(
        Joining(points=25),
        Newsletter(points=10, shoppers_report=True),
        Review(needs_approval=True),
        Birthday(points=90),
    ),
    stamp_cards=(StampCard(name="coffee", title="Coffee card", stamps=4),),
    challenges=(
        Challenge(
            name="winter",
            points=300,
            steps=(
                OrdersStep(orders=2),
                SpendStep(amount=Decimal(100)),
                ActStep(action="newsletter"),
            ),
        ),
    ),
)


def _say(line: TestLine, body: Any, customer_id: str = "7001") -> Any:
    return line.client.post(f"/proxy/actions?{proxy_query(customer_id)}", json=body)


def _shown(line: TestLine, customer_id: str = "7001") -> dict[str, Any]:
    told: dict[str, Any] = line.ask("standing", customer_id).get_json()
    return told


def _tell_birthday(line: TestLine, day: datetime) -> Any:
    """Have Ada say that she was born on a day, when so many days had passed."""
    body = {"action": "birthday", "month": day.month, "day": day.day}
    answer = _say(line, body)
    line.tamper(
        "update inbox set triggered_at = received_at"
        f" + interval '{line._passed.days} days' where state = 'waiting'"
    )
    line.worker.drain()
    return answer


def _about_ada(line: TestLine) -> dict[str, Any]:
    return {
        "shop_id": 1,
        "shop_domain": line.store.domain,
        "customer": {"id": 7001, "email": ADA["email"]},
        "orders_to_redact": [],
    }


def test_a_double_click_is_one_action(line: TestLine):
    line.set_program(PROGRAM)
    answers = [_say(line, {"action": "newsletter"}) for _ in range(2)]
    line.worker.drain()

    assert [(202, {"id": "newsletter"})] * 2 == [
        (answer.status_code, answer.get_json()) for answer in answers
    ]
    assert ["settled"] == [row.state for row in line.inbox()]
    assert 10 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])


def test_two_shoppers_may_have_the_same_key(line: TestLine):
    line.set_program(PROGRAM)
    for customer_id in ("7001", "7002"):
        _say(line, {"action": "newsletter", "key": "spring"}, customer_id)
    line.worker.drain()

    assert (10, 10) == (line.standing(7001).available, line.standing(7002).available)


def test_other_keys_do_not_lead_past_the_limit(line: TestLine):
    line.set_program(PROGRAM)
    for key in ("a", "b", "c"):
        assert 202 == _say(line, {"action": "newsletter", "key": key}).status_code
    line.worker.drain()

    assert 10 == line.standing(7001).available


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "review"},
        {"action": "joining"},
        {"action": "custom-free-points"},
        {"action": "newsletter", "key": "a/b"},
        {"action": "newsletter", "key": "a\n"},
        {"action": "newsletter", "key": "x" * 65},
        {"action": "birthday"},
        {"action": "birthday", "month": 2, "day": 30},
        {"action": "birthday", "month": 13, "day": 1},
        [],
    ],
)
def test_what_shoppers_cannot_report_is_422_and_keeps_nothing(
    line: TestLine, body: Any
):
    line.set_program(PROGRAM)
    answer = _say(line, body)

    assert 422 == answer.status_code
    assert answer.get_json()["fields"]
    assert not line.inbox()


def test_nobody_reports_more_than_so_often_in_an_hour(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
):
    line.set_program(PROGRAM)
    monkeypatch.setattr("app.api.asking.ASKED_MAX", 2)
    keys = ("a", "b", "c", "a")
    told = [_say(line, {"action": "newsletter", "key": key}) for key in keys]
    assert [202, 202, 429, 202] == [answer.status_code for answer in told]
    assert 2 == len(line.inbox())
    assert 202 == _say(line, {"action": "newsletter", "key": "c"}, "7002").status_code

    line.tamper("update inbox set received_at = received_at - interval '1 hour'")
    assert 202 == _say(line, {"action": "newsletter", "key": "c"}).status_code


def test_what_waits_of_somebody_who_is_forgotten_is_ignored(line: TestLine):
    line.set_program(PROGRAM)
    line.settle(("customers/create", ADA))
    line.deliver("customers/redact", _about_ada(line))
    _say(line, {"action": "newsletter"})
    line.worker.drain()
    _say(line, {"action": "newsletter", "key": "again"})
    line.worker.drain()

    assert ["settled", "settled", "ignored", "ignored"] == [
        row.state for row in line.inbox()
    ]
    assert not line.mentions("7001")


def test_why_a_report_brought_nothing_is_told_in_the_language_of_the_page(
    line: TestLine,
):
    line.set_program(PROGRAM)

    def told(lang: str) -> list[str]:
        shown = line.ask("standing", "7001", lang=lang).get_json()["actions"]
        [news] = [each for each in shown if each["action"] == "newsletter"]
        assert not any(each["reason"] for each in shown if each is not news)
        return [news["reason_code"], news["reason"]]

    _say(line, {"action": "newsletter", "key": "a"})
    line.worker.drain()
    assert ["", ""] == told("de")
    _say(line, {"action": "newsletter", "key": "b"})
    line.worker.drain()

    code = "so_often_in_all"
    assert [code, "it earns at most once in all"] == told("pt")
    german = "Punkte gibt es dafür insgesamt höchstens einmal"
    assert [code, german] == told("de")


def test_a_guest_has_nothing_to_report(line: TestLine):
    line.set_program(PROGRAM)

    assert 403 == _say(line, {"action": "newsletter"}, "").status_code
    assert not line.inbox()


def test_nothing_that_is_kept_names_the_shopper_once_they_are_forgotten(
    line: TestLine,
):
    line.set_program(PROGRAM)
    line.settle(("customers/create", ADA))
    _say(line, {"action": "newsletter", "key": "spring"})
    _say(line, {"action": "birthday", "month": 5, "day": 12})
    line.worker.drain()
    line.settle(("customers/redact", _about_ada(line)))

    assert not line.mentions("7001", "ada@example.com", "spring", '"month"')
    assert {"available": 10, "issued": -10} == line.totals()


def test_what_is_left_of_a_birthday_that_was_told_does_not_follow_from_the_day(
    line: TestLine,
):
    line.set_program(PROGRAM)
    line.settle(("customers/create", ADA))
    day = line.clock()
    for _ in range(2):
        assert 202 == _tell_birthday(line, day).status_code
    line.settle(("customers/redact", _about_ada(line)))

    # Else the one key for that day would be found among those for 366 days.
    first, again = (row for row in line.inbox() if row.topic == "birthdays/tell")
    assert first.delivery_id != again.delivery_id
    for row in first, again:
        assert (None, None, None) == (row.body, row.event_id, row.customer_id)


def test_a_birthday_that_is_told_again_stays_known_for_as_long(line: TestLine):
    line.set_program(PROGRAM)
    day = line.clock() + timedelta(days=10)
    named = {"id": f"birthday/{day.month:02}-{day.day:02}"}
    for days in 0, 0, 366:
        line.pass_days(days)
        answer = _tell_birthday(line, day)
        assert (202, named) == (answer.status_code, answer.get_json())
    line.pass_days(20)
    line.worker.settle_due()

    assert 90 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])


def test_a_birthday_that_was_told_too_soon_to_count_may_be_told_again_later(
    line: TestLine,
):
    line.set_program(PROGRAM)
    first, later = (line.clock() + timedelta(days=days) for days in (40, 100))
    for days, day in (0, first), (30, later), (366, later):
        line.pass_days(days)
        assert 202 == _tell_birthday(line, day).status_code
    earned = []
    for days in 50, 30:
        line.pass_days(days)
        line.worker.settle_due()
        earned.append(line.standing(7001).available)

    # The first earned before it was changed, and would have again by now.
    assert [90, 180] == earned


def test_a_member_sees_every_way_and_how_far_it_is(line: TestLine):
    line.set_program(PROGRAM)
    line.settle(("customers/create", ADA | {"created_at": line.days_ago(1)}))
    line.settle(("orders/paid", an_order(a_line("10.00", 6))))
    _say(line, {"action": "newsletter"})
    line.worker.drain()

    told = _shown(line)

    seen = {
        each["action"]: (each["times"], each["can_earn"], each["can_report"])
        for each in told["actions"]
    }
    assert {
        "joining": (1, False, False),
        "newsletter": (1, False, False),
        "review": (0, True, False),
        "birthday": (0, True, True),
    } == seen
    [card] = told["stamp_cards"]
    assert {
        "name": "Coffee card", "stamps": 2, "size": 4, "full": 1, "points": 100,
        "reward": None,
    } == card  # fmt: skip
    [challenge] = told["challenges"]
    assert [(1, 2), (6000, 10000), (1, 1)] == [
        (step["done"], step["target"]) for step in challenge["steps"]
    ]
    spend = challenge["steps"][1]
    assert ("Spend €100.00", "€60.00 of €100.00") == (
        spend["text"],
        spend["so_far"],
    )
    assert (False, None) == (challenge["is_rewarded"], challenge["ends_at"])
    assert {
        "Open an account",
        "Subscribe to the newsletter",
        "Coffee card",
        "Order #1001",
    } == {each["text"] for each in told["history"]}


def test_the_history_names_what_brought_points_as_its_owner_does_while_it_is_offered(
    line: TestLine,
):
    def told() -> set[str]:
        return {each["text"] for each in _shown(line)["history"]}

    reported = {"shoppers_report": True, "times_per_member_max": 1}
    cup = Custom(named="own-cup", title="Bring your own cup", **reported)
    visits = StampCard(name="visits", stamps=1)
    first = Challenge(
        name="first", title="The first cup", steps=(ActStep(action="custom-own-cup"),)
    )
    thanks = Surprise(name="thanks", title="Thank you", after=After.ACTION, seed="s")
    program = Program(
        actions=(cup, Social(**reported)),
        stamp_cards=(replace(visits, title="Mug card"),),
        challenges=(first,),
        surprises=(thanks,),
    )
    line.set_program(program)
    line.settle(("customers/create", ADA), ("orders/paid", an_order(a_line("9.00"))))
    for action in ("custom-own-cup", "social-instagram"):
        assert 202 == _say(line, {"action": action}).status_code
    line.worker.drain()
    titled = {"Bring your own cup", "Mug card", "The first cup", "Thank you"}
    assert titled | {"Follow us on Instagram", "Order #1001"} == told()

    # A card without a title is a stamp card, and so is one that is not offered.
    line.set_program(replace(program, stamp_cards=(visits,)))
    assert {"Stamp card"} == told() - titled - {"Follow us on Instagram", "Order #1001"}
    line.set_program(Program())
    general = {"Own cup", "Stamp card", "Challenge", "Surprise"}
    assert general | {"Follow us on Instagram", "Order #1001"} == told()


def test_the_etag_changes_with_a_stamp_and_with_a_day(line: TestLine):
    daily = Newsletter(times_per_day_max=1, times_per_member_max=None)
    challenge = Challenge(name="two", steps=(OrdersStep(orders=2),))
    line.set_program(Program(actions=(daily,), challenges=(challenge,)))
    unpaid = an_order(financial_status="pending")
    line.settle(("orders/create", unpaid))
    before = line.ask("standing", "7001").headers["ETag"]
    test = an_order(a_line("0.50"), id=5002, name="#1002")
    line.settle(("orders/paid", test))
    after = line.ask("standing", "7001")

    assert before != after.headers["ETag"]
    assert 0 == after.get_json()["available"]
    assert 1 == after.get_json()["challenges"][0]["steps"][0]["done"]


def test_a_guest_sees_what_actions_cards_and_challenges_bring(line: TestLine):
    line.set_program(PROGRAM)
    told = _shown(line, "")

    assert {"action": "joining", "name": "Open an account", "points": 25} == told[
        "actions"
    ][0]
    card = {"name": "Coffee card", "size": 4, "points": 100, "reward": None}
    assert [card] == told["stamp_cards"]
    steps = [
        {"text": "Place 2 orders", "target": 2},
        {"text": "Spend €100.00", "target": 10000},
        {"text": "Subscribe to the newsletter", "target": 1},
    ]
    offered = {"name": "Winter", "points": 300, "ends_at": None, "reward": None}
    assert [offered | {"steps": steps}] == told["challenges"]


def test_a_birthday_is_given_once_and_shows_so(line: TestLine):
    line.set_program(PROGRAM)
    day = line.clock() + timedelta(days=40)
    for month, number in ((day.month, day.day), (1, 1)):
        body = {"action": "birthday", "month": month, "day": number}
        assert 202 == _say(line, body).status_code
        line.worker.drain()
    line.pass_days(41)
    line.worker.settle_due()

    birthday = _shown(line)["actions"][3]
    assert not birthday["can_report"]
    assert 90 == line.standing(7001).available
