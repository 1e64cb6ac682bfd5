"""Rewards for a date over the whole line: asked for, booked, cancelled, over."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.domain.program import Program
from app.domain.rewards import Goods, Slot
from app.storage import own_messages
from tests.builders.line import TestLine
from tests.builders.shopify import an_order
from tests.builders.side_by_side import drain_side_by_side


@pytest.fixture
def soon(line: TestLine) -> datetime:
    """Nine days from now on the store's walls."""
    return _on_the_wall(line, days=9)


@pytest.fixture
def shop(line: TestLine, soon: datetime) -> TestLine:
    """A store with one place in nine days, and two in twelve hours."""
    slots = Slot(starts_at=soon), Slot(starts_at=_on_the_wall(line, hours=12), places=2)
    visit = Goods(points_cost=10, key="visit", title="A visit", slots=slots)
    line.set_program(Program(rewards=(visit,)))
    for number in (7001, 7002):
        line.settle(("orders/paid", an_order(id=number, customer={"id": number})))
    return line


def _on_the_wall(line: TestLine, **later: int) -> datetime:
    at = line.clock() + timedelta(**later)
    return at.replace(tzinfo=None, second=0, microsecond=0)


def _dates(shop: TestLine, customer_id: str) -> list[tuple[str, int]]:
    [visit] = shop.ask("standing", customer_id).get_json()["rewards"]
    return [(each["starts_at"], each["places_left"]) for each in visit["slots"]]


def _cancels(shop: TestLine, customer_id: int, told: dict[str, Any]) -> int:
    status = shop.post(f"redemptions/{told['id']}/cancel", str(customer_id)).status_code
    shop.worker.drain()
    shop.fulfilling.work()
    return status


def _holds(shop: TestLine) -> None:
    assert shop.audit() is None
    assert [] == shop.violations()


def test_a_place_is_free_again_once_it_is_refused_or_cancelled(
    shop: TestLine, soon: datetime
):
    assert 2 == len(_dates(shop, "7001"))
    first = shop.redeem(7001, "visit", slot=soon)
    assert ("asked", soon.isoformat()) == (first["state"], first["slot"])
    assert 1 == len(_dates(shop, "7001"))
    full = shop.redeem(7002, "visit", slot=soon)
    assert ("refused", f"{_said(soon)} is full") == (full["state"], full["reason"])

    shop.take_step(first["id"], "refuse", reason="we are closed")
    second = shop.redeem(7002, "visit", slot=soon)
    shop.take_step(second["id"], "approve")
    booked = shop.redemption(7002, second["id"])
    assert ("granted", True) == (booked["state"], booked["can_cancel"])
    assert 90 == shop.standing(7002).available

    assert 202 == _cancels(shop, 7002, booked)
    assert "ended" == shop.redemption(7002, second["id"])["state"]
    assert (100, 100) == tuple(shop.standing(who).available for who in (7001, 7002))
    assert "asked" == shop.redeem(7001, "visit", slot=soon)["state"]
    _holds(shop)


def test_what_is_booked_is_used_once_its_date_has_come(shop: TestLine, soon: datetime):
    told = shop.redeem(7001, "visit", slot=soon)
    shop.take_step(told["id"], "approve")
    shop.pass_days(10)
    shop.fulfilling.work()

    assert "used" == shop.redemption(7001, told["id"])["state"]
    assert 90 == shop.standing(7001).available
    _holds(shop)


def test_what_nobody_answered_costs_nothing_once_its_date_has_come(
    shop: TestLine, soon: datetime
):
    told = shop.redeem(7001, "visit", slot=soon)
    shop.pass_days(10)
    shop.fulfilling.work()

    told = shop.redemption(7001, told["id"])
    assert "the store did not answer before its date" == told["reason"]
    assert 100 == shop.standing(7001).available
    _holds(shop)


def test_the_day_before_only_the_store_can_cancel(shop: TestLine):
    near = _on_the_wall(shop, hours=12)
    told = shop.redeem(7001, "visit", slot=near)
    assert 409 == _cancels(shop, 7001, told)
    step = {"redemption_id": told["id"], "step": "cancel"}
    shop.ask_own("redemptions/step", str(uuid4()), step | {"customer_id": "7001"})
    assert "its date is too near to be cancelled" in [row.note for row in shop.inbox()]

    shop.take_step(told["id"], "cancel", reason="we are closed")
    assert "we are closed" == shop.redemption(7001, told["id"])["reason"]
    assert [2, 1] == [places for _, places in _dates(shop, "7001")]


@pytest.mark.parametrize(
    ("slot", "words"),
    [
        (None, "choose one of its dates"),
        ("2001-01-01T10:00", "1 January 2001 10:00 is none of its dates"),
        ("tomorrow", "must be a date of the reward as in 2026-12-24T18:00"),
        (
            "2001-01-01T10:00Z",
            "is by the store's own clock: leave the time zone out",
        ),
    ],
)
def test_a_date_that_there_is_not_is_told_at_once(
    shop: TestLine, slot: Any, words: str
):
    body = {"request_id": "12345678", "reward_id": "visit", "slot": slot}
    answer = shop.post("redemptions", "7001", body)

    assert (422, {"slot": [words]}) == (answer.status_code, answer.get_json()["fields"])


def test_of_two_hundred_who_ask_for_the_last_place_one_gets_it(
    shop: TestLine, soon: datetime
):
    people = range(8000, 8200)
    for number in people:
        shop.deliver("orders/paid", an_order(id=number, customer={"id": number}))
    shop.worker.drain()
    with shop.in_program() as connection:
        for number in people:
            wish = {
                "redemption_id": f"{number:032}",
                "customer_id": str(number),
                "reward_id": "visit",
                "slot": soon.isoformat(),
            }
            told = "redemptions/request", f"wish/{number}", json.dumps(wish)
            own_messages.keep(connection, shop.keys, shop.store, *told)
    drain_side_by_side(shop)

    told = [shop.redemption(number, f"{number:032}") for number in people]
    states = [each["state"] for each in told]
    assert (1, 199) == (states.count("asked"), states.count("refused"))
    reasons = {each["reason"] for each in told if each["state"] == "refused"}
    assert {f"{_said(soon)} is full"} == reasons
    assert {"issued": -20_200, "available": 20_190, "reserved": 10} == shop.totals()
    assert [] == shop.violations()


def _said(at: datetime) -> str:
    return f"{at.day} {at:%B %Y %H:%M}"
