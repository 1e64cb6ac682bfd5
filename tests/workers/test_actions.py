"""What members do beside ordering, over the whole line: reported, limited, decided."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from app.domain.actions import (
    Anniversary,
    Birthday,
    Custom,
    Joining,
    Newsletter,
    Review,
    Social,
)
from app.domain.actions.joining import Counts
from app.domain.program import ActionLimits, Program
from app.storage.actions import actions_of, outcome_of
from tests.builders.line import TestLine
from tests.builders.shopify import ADA, a_merge, an_order

GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}
JOINED = ADA | {"created_at": "2026-11-02T10:00:00Z"}


def _report(line: TestLine, action: str, key: str, customer: int = 7001) -> None:
    told = {"customer_id": str(customer), "action": action, "key": key, "by": "owner"}
    line.ask_own("actions/report", f"{action}/{key}", told)


def _decide(line: TestLine, action: str, key: str, *, is_approved: bool) -> None:
    told = {"action": action, "key": key, "is_approved": is_approved, "by": "Bo"}
    line.ask_own("actions/decide", f"decide/{action}/{key}", told)


def test_joining_earns_once_however_often_it_is_told(line: TestLine):
    line.set_program(Program(actions=(Joining(points=25),)))
    line.settle(("customers/create", JOINED), ("customers/update", JOINED))

    assert 25 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])


def test_a_guest_joins_with_the_first_sign_in_in_any_order(line: TestLine):
    line.set_program(Program(actions=(Joining(points=25, counts=Counts.ACCOUNT),)))
    told = [
        {"state": "disabled", "updated_at": "2026-11-02T10:00:00Z"},
        {"state": "enabled", "updated_at": "2026-11-05T10:00:00Z"},
        {"state": "enabled", "updated_at": "2026-11-09T10:00:00Z"},
    ]
    for customer, bodies in ((JOINED, told), (GRACE, reversed(told))):
        for body in bodies:
            made = customer | {"created_at": "2026-11-02T10:00:00Z"}
            line.settle(("customers/update", made | body))
        points = Counter[str]()
        for each in line.transactions(customer["id"]):
            points[each.effective_at.date().isoformat()] += each.points
        assert {"2026-11-05": 25} == {day: each for day, each in points.items() if each}

    guest = {"id": 7003, "created_at": "2026-11-02T10:00:00Z"}
    line.settle(("customers/create", guest | told[0]))
    assert 0 == line.standing(7003).available
    assert (line.audit(), line.violations()) == (None, [])


def test_a_program_without_actions_gives_nothing_for_them(line: TestLine):
    line.settle(("customers/create", JOINED))
    _report(line, "review", "1")

    assert 0 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])


def test_a_program_that_begins_to_reward_joining_leaves_old_customers(line: TestLine):
    line.settle(("customers/create", JOINED))
    line.set_program(Program(actions=(Joining(points=25),)), line.clock())
    line.worker.settle_due()
    today = {"created_at": line.days_ago(0)}
    line.settle(("customers/create", GRACE | today))

    assert (0, 25) == (line.standing(7001).available, line.standing(7002).available)


def test_an_action_is_one_however_often_it_is_reported(line: TestLine):
    line.set_program(Program(actions=(Review(points=30),)))
    line.settle(("customers/create", ADA))
    _report(line, "review", "77")
    told = {"customer_id": "7001", "action": "review", "key": "77", "by": "owner"}
    line.ask_own("actions/report", "by-another-way", told)

    assert 30 == line.standing(7001).available
    assert ["settled", "settled", "ignored"] == [row.state for row in line.inbox()]


def test_a_key_is_an_actions_own(line: TestLine):
    line.set_program(Program(actions=(Review(points=30), Custom(named="visit"))))
    line.settle(("customers/create", ADA))
    _report(line, "review", "77")
    _report(line, "custom-visit", "77")

    assert 30 + 50 == line.standing(7001).available


def test_limits_hold_by_day_and_for_ever(line: TestLine):
    rule = Review(points=30, times_per_day_max=2, times_per_member_max=3)
    line.set_program(Program(actions=(rule,)))
    line.settle(("customers/create", ADA))
    for number in range(5):
        _report(line, "review", str(number))

    assert 60 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])


def test_all_actions_together_have_limits_too(line: TestLine):
    limits = ActionLimits(points_per_day_max=70)
    line.set_program(Program(actions=(Review(), Newsletter()), action_limits=limits))
    line.settle(("customers/create", ADA))
    _report(line, "review", "1")
    _report(line, "newsletter", "1")

    assert 70 == line.standing(7001).available


def test_what_waits_for_approval_earns_once_it_is_approved(line: TestLine):
    line.set_program(Program(actions=(Review(needs_approval=True),)))
    line.settle(("customers/create", ADA))
    _report(line, "review", "good")
    _report(line, "review", "bad")
    before = line.standing(7001).available
    _decide(line, "review", "good", is_approved=True)
    _decide(line, "review", "bad", is_approved=False)

    assert (0, 50) == (before, line.standing(7001).available)
    assert (line.audit(), line.violations()) == (None, [])


def _outcomes(line: TestLine) -> dict[str, tuple[int, str]]:
    """What is kept of each action that was reported."""
    with line.in_program() as connection:
        rows = actions_of(connection, line.store.program_id, line.member_id(7001))
        told = {row.key: outcome_of(row) for row in rows}
    return {
        key: (outcome.points, outcome.unearned_because.code)
        for key, outcome in told.items()
        if outcome
    }


def test_what_became_of_an_action_is_kept_with_it(line: TestLine):
    rules = Review(points=30, times_per_member_max=1, needs_approval=True), Newsletter()
    line.set_program(Program(actions=rules))
    for key in ("first", "second"):
        _report(line, "review", key)
    _report(line, "newsletter", "news")
    _report(line, "custom-none", "strange")
    waits = {
        "first": (0, "action_waits"),
        "second": (0, "so_often_in_all"),
        "news": (50, ""),
        "strange": (0, "action_not_offered"),
    }
    assert waits == _outcomes(line)

    _decide(line, "review", "first", is_approved=False)
    first = {"first": (0, "action_refused"), "second": (0, "action_waits")}
    assert waits | first == _outcomes(line)
    _decide(line, "review", "second", is_approved=True)
    assert waits | first | {"second": (30, "")} == _outcomes(line)
    assert (line.audit(), line.violations()) == (None, [])


def test_where_only_orders_earn_it_is_kept_that_nothing_else_does(line: TestLine):
    _report(line, "review", "early")

    assert {"early": (0, "action_not_offered")} == _outcomes(line)


def test_two_who_become_one_have_what_the_limits_leave_them(line: TestLine):
    line.set_program(Program(actions=(Newsletter(points=10),)))
    _report(line, "newsletter", "hers", 7002)
    _report(line, "newsletter", "mine")
    line.settle(("customers/merge", a_merge(7001, 7002)))

    assert {"hers": (10, ""), "mine": (0, "so_often_in_all")} == _outcomes(line)
    assert 10 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])


def test_a_decision_stands(line: TestLine):
    line.set_program(Program(actions=(Review(needs_approval=True),)))
    line.settle(("customers/create", ADA))
    _report(line, "review", "1")
    _decide(line, "review", "1", is_approved=True)
    told = {"action": "review", "key": "1", "is_approved": False, "by": "Bo"}
    line.ask_own("actions/decide", "again", told)

    assert 50 == line.standing(7001).available
    assert "ignored" == line.inbox()[-1].state


def test_anniversaries_come_by_time_alone(line: TestLine):
    line.set_program(Program(actions=(Anniversary(points=40),)))
    line.settle(("customers/create", ADA | {"created_at": line.days_ago(360)}))
    before = line.standing(7001).available
    line.pass_days(10)
    line.worker.settle_due()
    first = line.standing(7001).available
    line.pass_days(366)
    line.worker.settle_due()

    assert (0, 40, 80) == (before, first, line.standing(7001).available)
    assert (line.audit(), line.violations()) == (None, [])


def _tell_birthday(line: TestLine, key: str, days_ahead: int, id_: int = 7001) -> None:
    day = line.clock() + line._passed + timedelta(days=days_ahead)
    told = {"customer_id": str(id_), "key": key, "month": day.month, "day": day.day}
    line.ask_own("birthdays/tell", f"birthday/{key}", told)


def test_a_birthday_earns_once_a_year_when_it_was_known_for_a_while(line: TestLine):
    line.set_program(Program(actions=(Birthday(points=90, days_known_before=30),)))
    line.settle(("customers/create", ADA))
    _tell_birthday(line, "a", 10)
    line.pass_days(11)
    line.worker.settle_due()
    too_soon = line.standing(7001).available
    line.pass_days(366)
    line.worker.settle_due()

    assert (0, 90) == (too_soon, line.standing(7001).available)
    assert (line.audit(), line.violations()) == (None, [])


def test_a_birthday_cannot_be_moved_to_where_it_would_earn_again(line: TestLine):
    line.set_program(Program(actions=(Birthday(points=90, days_known_before=0),)))
    line.settle(("customers/create", ADA))
    _tell_birthday(line, "a", 10)
    line.pass_days(11)
    line.worker.settle_due()
    _tell_birthday(line, "b", 10)
    line.pass_days(11)
    line.worker.settle_due()

    assert 90 == line.standing(7001).available


def test_who_is_settled_before_a_planned_version_is_looked_at_when_it_takes_effect(
    line: TestLine,
):
    line.set_program(Program(actions=(Review(points=10),)))
    line.settle(("customers/create", ADA))
    born = Program(actions=(Birthday(points=90, days_known_before=0),))
    line.set_program(born, line.clock() + timedelta(days=2))
    _report(line, "review", "1")
    _tell_birthday(line, "a", 5)
    for days in 3, 3:
        line.pass_days(days)
        line.worker.settle_due()

    assert 10 + 90 == line.standing(7001).available


def test_a_program_that_begins_to_reward_days_finds_those_who_were_there(
    line: TestLine,
):
    line.settle(("customers/create", ADA | {"created_at": line.days_ago(360)}))
    line.set_program(Program(actions=(Anniversary(points=40),)), line.clock())
    line.worker.settle_due()
    line.pass_days(10)
    line.worker.settle_due()

    assert 40 == line.standing(7001).available


def test_two_customers_who_become_one_have_joined_once(line: TestLine):
    line.set_program(Program(actions=(Joining(points=25), Review(points=30))))
    line.settle(("customers/create", JOINED))
    line.settle(("customers/create", GRACE | {"created_at": "2026-11-01T10:00:00Z"}))
    _report(line, "review", "1", 7002)
    line.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))

    assert 25 + 30 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])


def test_a_credit_keeps_the_version_that_it_was_made_under(line: TestLine):
    line.set_program(Program(actions=(Review(points=30),)))
    line.settle(("customers/create", ADA))
    _report(line, "review", "1")
    line.set_program(Program(actions=(Review(points=99),)))
    _report(line, "review", "2")

    assert 30 + 99 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])


def test_a_shopper_who_asks_is_told_what_is_kept(line: TestLine):
    line.set_program(Program(actions=(Review(), Birthday())))
    line.settle(("customers/create", JOINED))
    _report(line, "review", "77")
    _tell_birthday(line, "a", 40)
    request = {
        "shop_id": 1,
        "shop_domain": line.store.domain,
        "customer": {"id": 7001, "email": ADA["email"]},
        "orders_requested": [],
        "data_request": {"id": 99},
    }
    line.settle(("customers/data_request", request))

    [path] = (line.home / "data_requests").glob("*.json")
    [told] = json.loads(path.read_text())["members"]
    assert ["joining", "review"] == [each["action"] for each in told["actions"]]
    day = line.clock() + timedelta(days=40)
    assert [(day.month, day.day)] == [
        (each["month"], each["day"]) for each in told["birthdays"]
    ]


@pytest.mark.parametrize("topic", ["customers/redact", "shop/redact"])
def test_the_forgotten_have_no_birthday_and_keep_its_points(line: TestLine, topic: str):
    line.set_program(Program(actions=(Birthday(points=90, days_known_before=0),)))
    line.settle(("customers/create", JOINED))
    _tell_birthday(line, "a", 10)
    line.pass_days(11)
    line.worker.settle_due()
    if topic == "shop/redact":
        line.be_left()
    else:
        request = {
            "shop_id": 1,
            "shop_domain": line.store.domain,
            "customer": {"id": 7001, "email": ADA["email"]},
            "orders_to_redact": [],
        }
        line.settle((topic, request))
    with line.database.auditor() as connection:
        told = connection.exec_driver_sql(
            "select document ->> 'birthday_from' from member_progress"
        )
        assert [None] == list(told.scalars())
    line.pass_days(800)
    line.worker.settle_due()

    assert not line.mentions("7001", "ada@example.com")
    with line.database.auditor() as connection:
        for table in "personal", "personal_key":
            left = connection.exec_driver_sql(f"select count(*) from {table}").scalar()
            assert 0 == left
    assert {"available": 90, "issued": -90} == line.totals()
    assert (line.audit(), line.violations()) == (None, [])


def test_the_forgotten_do_not_come_back_by_an_action(line: TestLine):
    line.set_program(Program(actions=(Review(),)))
    line.settle(("customers/create", JOINED))
    request = {
        "shop_id": 1,
        "shop_domain": line.store.domain,
        "customer": {"id": 7001, "email": ADA["email"]},
        "orders_to_redact": [],
    }
    line.settle(("customers/redact", request))
    _report(line, "review", "77")

    assert "ignored" == line.inbox()[-1].state
    assert not line.mentions("7001")


def test_orders_and_actions_do_not_mind_who_comes_first(line: TestLine):
    rules = (Social(points=10), Joining(points=25))
    line.set_program(Program(actions=rules))
    _report(line, "social-instagram", "x")
    line.settle(("orders/paid", an_order()), ("customers/create", JOINED))

    assert 100 + 10 + 25 == line.standing(7001).available
    assert (line.audit(), line.violations()) == (None, [])
