"""Rewards that are won, over the whole line: a full card, its code, what goes back."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from app.domain.earning.budget import Budget
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.grants import ProductDiscount
from app.domain.program import Program
from app.domain.rewards import FreeProduct
from app.storage import own_messages
from app.storage.budgets import used_of
from app.storage.redemptions import in_state
from tests.app.commands.conftest import Run, run
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import a_line, a_merge, a_refund, an_order
from tests.builders.side_by_side import drain_side_by_side

FREE = FreeProduct(points_cost=400, product_id="21", key="coffee", title="A coffee")
CARD = StampCard(name="third", title="Coffee card", stamps=2, reward="coffee")
PROGRAM = Program(rewards=(FREE,), stamp_cards=(CARD,))
PRIZE = "stamps/third-2"
JOAN = {"id": 7001, "email": "joan@example.com", "verified_email": True}
ONE_BACK = a_refund("4.00", (11, 1, "4.00"))

__all__ = ["run"]


@pytest.fixture
def bar(line: TestLine) -> TestLine:
    """A bar where Joan's card is full, and she has 8 points."""
    line.set_program(PROGRAM)
    _drinks(line, 5001, 2)
    return line


def _drinks(line: TestLine, order_id: int, cups: int, **more: Any) -> None:
    order = an_order(a_line("4.00", cups), id=order_id, **{"customer": JOAN} | more)
    line.settle(("orders/paid", order))


def _wish(request_id: str) -> dict[str, Any]:
    return {"request_id": request_id, "reward_id": "coffee", "prize": PRIZE}


def _take(line: TestLine, request_id: str, customer_id: str = "7001") -> dict[str, Any]:
    answer = line.post("redemptions", customer_id, _wish(request_id))
    assert 202 == answer.status_code, answer.get_json()
    line.worker.drain()
    line.fulfilling.work()
    return line.redemption(int(customer_id), answer.get_json()["id"])


def _standing(line: TestLine, customer_id: str = "7001") -> dict[str, Any]:
    told: dict[str, Any] = line.ask("standing", customer_id).get_json()
    return told


def _times(line: TestLine, customer_id: str = "7001") -> int:
    return sum(each["times"] for each in _standing(line, customer_id)["prizes"])


def _holds(line: TestLine) -> None:
    assert (line.audit(), line.violations()) == (None, [])


def test_a_full_card_becomes_a_code_that_an_order_uses(bar: TestLine):
    before = _standing(bar)
    [prize] = before["prizes"]
    told = _take(bar, "first-click")
    again = _take(bar, "second-click")

    assert (PRIZE, "coffee", "A coffee", "Coffee card", 1, True) == tuple(
        prize[name]
        for name in ("prize", "id", "name", "won_with", "times", "available")
    )
    assert [("A coffee", 0)] == [
        (card["reward"], card["points"]) for card in before["stamp_cards"]
    ]
    [grant] = bar.pretended.made.values()
    assert ("granted", 0, grant.code) == (told["state"], told["points"], told["code"])
    assert (ProductDiscount("21"), "7001") == (grant.benefit, grant.customer_id)
    assert ("refused", "you took it already") == (again["state"], again["reason"])
    after = _standing(bar)
    assert ([], 8, ("redeem", 0, "A coffee")) == (
        after["prizes"],
        after["available"],
        tuple(after["history"][0][name] for name in ("kind", "points", "text")),
    )

    _drinks(bar, 5002, 1, discount_codes=[{"code": told["code"]}])
    assert "used" == bar.redemption(7001, told["id"])["state"]
    assert 12 == bar.standing(7001).available
    _holds(bar)


def test_a_card_that_is_not_full_brings_nothing(line: TestLine):
    line.set_program(PROGRAM)
    _drinks(line, 5001, 1)

    told = _take(line, "too-early")
    assert ("refused", "this card is not full yet") == (told["state"], told["reason"])
    _holds(line)


def test_a_refund_takes_what_was_not_taken(bar: TestLine):
    bar.settle(("refunds/create", ONE_BACK))

    assert 0 == _times(bar)
    assert "this card is not full yet" == _take(bar, "too-late")["reason"]
    _holds(bar)


def test_after_a_refund_the_next_full_card_pays_for_what_was_taken(bar: TestLine):
    told = _take(bar, "first-click")
    bar.settle(("refunds/create", ONE_BACK))
    _drinks(bar, 5002, 1)
    assert ("granted", 0) == (bar.redemption(7001, told["id"])["state"], _times(bar))

    _drinks(bar, 5003, 2)
    assert ("granted", 0) == (_take(bar, "next-click")["state"], _times(bar))
    _holds(bar)


def test_a_double_click_and_two_hundred_others_bring_one(bar: TestLine):
    clicks = [bar.post("redemptions", "7001", _wish("same-click")) for _ in range(2)]
    with bar.in_program() as connection:
        for number in range(198):
            asked = {"redemption_id": f"r{number}", "customer_id": "7001"}
            asked |= {"reward_id": "coffee", "prize": PRIZE}
            named = "redemptions/request", f"redemption/r{number}"
            own_messages.keep(
                connection, bar.keys, bar.store, *named, json.dumps(asked)
            )
    drain_side_by_side(bar)
    while bar.fulfilling.work():
        pass

    assert 1 == len({click.get_json()["id"] for click in clicks})
    with bar.in_program() as connection:
        kept = in_state(connection, bar.store.program_id, None, 300)
    states = Counter(str(each.redemption.state) for each in kept)
    assert {"granted": 1, "refused": 198} == states
    assert (1, 0) == (len(bar.pretended.made), _times(bar))
    _holds(bar)


def test_what_is_cancelled_or_never_made_can_be_taken_again(bar: TestLine):
    bar.pretended.refuses = "discounts are switched off"
    assert ("refused", 1) == (_take(bar, "refused-click")["state"], _times(bar))
    bar.pretended.refuses = None
    told = _take(bar, "first-click")
    bar.post(f"redemptions/{told['id']}/cancel", "7001")
    bar.worker.drain()
    bar.fulfilling.work()

    assert ("ended", 1) == (bar.redemption(7001, told["id"])["state"], _times(bar))
    assert "redeem" not in {each["kind"] for each in _standing(bar)["history"]}
    assert "granted" == _take(bar, "next-click")["state"]
    _holds(bar)


def test_the_version_that_filled_the_card_says_what_it_brings(bar: TestLine):
    bar.set_program(Program(rewards=()), bar.clock())
    told = _take(bar, "first-click")

    assert ("granted", "A coffee", 0) == (told["state"], told["name"], _times(bar))
    _holds(bar)


def test_members_who_become_one_may_take_what_both_won(bar: TestLine):
    grace = {"id": 7002, "email": "grace@example.com", "verified_email": True}
    _drinks(bar, 5002, 2, customer=grace, email=grace["email"])
    _take(bar, "first-click")
    bar.settle(("customers/merge", a_merge(kept=7002, deleted=7001)))

    assert 1 == _times(bar, "7002")
    assert ["granted", "refused"] == [
        _take(bar, f"click-of-{number}", "7002")["state"] for number in range(2)
    ]
    _holds(bar)


def test_a_surprise_counts_its_reward_within_its_budget(line: TestLine):
    surprise = Surprise(
        name="thanks",
        seed="s",
        reward="coffee",
        times_per_member_max=9,
        budget=Budget(points=900),
    )
    line.set_program(replace(PROGRAM, stamp_cards=(), surprises=(surprise,)))
    for order_id in (5001, 5002, 5003):
        _drinks(line, order_id, 1)
    given = _times(line)
    line.settle(("refunds/create", ONE_BACK))

    with line.in_program() as connection:
        used = used_of(connection, line.store.program_id, ["thanks"])
    assert (2, 1, {"thanks": 800}) == (given, _times(line), used)
    _holds(line)


def test_the_owner_and_the_member_are_told_of_it(
    bar: TestLine, run: Run, capsys: pytest.CaptureFixture[str]
):
    capsys.readouterr()
    run(bar, "explain", DOMAIN, "5001")
    run(bar, "member", DOMAIN, "7001")
    told = capsys.readouterr().out
    request = {"shop_domain": DOMAIN, "customer": JOAN, "data_request": {"id": 99}}
    bar.settle(("customers/data_request", request))
    [path] = (bar.home / "data_requests").glob("*.json")
    [member] = json.loads(path.read_text())["members"]

    assert "It won “A coffee”, 1 time for nothing, by version 2" in told
    assert "for nothing                1  A coffee (Coffee card)" in told
    assert [PRIZE] == [each["source"] for each in member["won"]]
