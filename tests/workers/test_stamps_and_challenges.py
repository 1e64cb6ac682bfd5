"""Stamp cards and challenges over the whole line, in any order of messages."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest

from app.domain.challenges import Challenge, OrdersStep, SpendStep
from app.domain.engagement.products import Products
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.program import Program
from app.storage import actions
from tests.builders.line import TestLine
from tests.builders.shopify import ADA, a_line, a_merge, a_refund, an_order

GRACE = {"id": 7002, "email": "grace@example.com", "verified_email": True}
COFFEE = StampCard(
    name="coffee", stamps=4, points=500, products=Products(tags=frozenset({"Coffee"}))
)
WINTER = Challenge(
    name="winter",
    steps=(OrdersStep(orders=2), SpendStep(amount=Decimal(50))),
    points=1000,
)
TAGGED = {
    "id": 21,
    "tags": "coffee, new",
    "updated_at": "2026-10-01T10:00:00Z",
    "variants": [],
}
FIRST = an_order(a_line("10.00", 3))
SECOND = an_order(
    a_line("10.00", 2),
    id=5002,
    name="#1002",
    processed_at="2026-11-02T10:00:00Z",
    updated_at="2026-11-02T10:00:00Z",
)
BACK = a_refund("10.00", (11, 1, "10.00"), order_id=5002)
MORE_BACK = a_refund("10.00", (11, 1, "10.00"), id=9002)


def _progress(line: TestLine, customer_id: int):
    member_id = line.member_id(customer_id)
    with line.in_program() as connection:
        found = actions.progress_of(connection, line.store.program_id, [member_id])
        return found[member_id]


def _stamps(line: TestLine, customer_id: int = 7001) -> list[tuple[int, int]]:
    return [(each.total, each.full) for each in _progress(line, customer_id).stamps]


def test_a_card_fills_over_orders_and_a_refund_takes_its_stamp(line: TestLine):
    line.set_program(Program(stamp_cards=(COFFEE,)))
    line.settle(("products/update", TAGGED))
    line.settle(("orders/paid", FIRST))
    began = _stamps(line)
    line.settle(("orders/paid", SECOND))
    filled = line.standing(7001).available, _stamps(line)
    line.settle(("refunds/create", BACK), ("refunds/create", MORE_BACK))

    assert [(3, 0)] == began
    assert (50 + 500, [(5, 1)]) == filled
    assert (30, [(3, 0)]) == (line.standing(7001).available, _stamps(line))
    assert (line.audit(), line.violations()) == (None, [])


@pytest.mark.parametrize("order", range(0, 24, 5))
def test_it_does_not_matter_what_comes_first(line: TestLine, order: int):
    line.set_program(Program(stamp_cards=(COFFEE,), challenges=(WINTER,)))
    line.settle(("products/update", TAGGED))
    messages = [
        ("orders/paid", FIRST),
        ("orders/paid", SECOND),
        ("refunds/create", BACK),
        ("refunds/create", MORE_BACK),
    ]
    for message in list(permutations(messages))[order]:
        line.settle(message)

    assert (30, [(3, 0)]) == (line.standing(7001).available, _stamps(line))
    [reached] = _progress(line, 7001).challenges
    assert ((2, 3000), False) == (reached.steps, reached.is_rewarded)
    assert (line.audit(), line.violations()) == (None, [])


def test_a_challenge_is_rewarded_and_undone(line: TestLine):
    line.set_program(Program(challenges=(WINTER,)))
    line.settle(("orders/paid", FIRST), ("orders/paid", SECOND))
    done = line.standing(7001).available
    line.settle(("refunds/create", BACK))

    assert (50 + 1000, 40) == (done, line.standing(7001).available)
    assert (line.audit(), line.violations()) == (None, [])


def test_customers_who_become_one_have_their_stamps_together(line: TestLine):
    line.set_program(Program(stamp_cards=(COFFEE,), challenges=(WINTER,)))
    line.settle(("products/update", TAGGED))
    line.settle(("orders/paid", FIRST), ("orders/paid", SECOND | {"customer": GRACE}))
    line.settle(("customers/merge", a_merge(kept=7001, deleted=7002)))

    assert 50 + 500 + 1000 == line.standing(7001).available
    assert [(5, 1)] == _stamps(line)
    assert (line.audit(), line.violations()) == (None, [])


def test_the_forgotten_keep_what_their_cards_brought(line: TestLine):
    line.set_program(Program(stamp_cards=(COFFEE,), challenges=(WINTER,)))
    line.settle(("products/update", TAGGED))
    line.settle(("orders/paid", FIRST), ("orders/paid", SECOND))
    request = {
        "shop_id": 1,
        "shop_domain": line.store.domain,
        "customer": {"id": ADA["id"], "email": ADA["email"]},
        "orders_to_redact": [5001, 5002],
    }
    line.settle(("customers/redact", request))
    before = line.totals()
    line.settle(("refunds/create", BACK))

    assert {"available": 1550, "issued": -1550} == before
    assert {"available": 540, "issued": -540} == line.totals()
    assert (line.audit(), line.violations()) == (None, [])


def test_a_surprise_follows_an_order_and_goes_back_with_it(line: TestLine):
    surprise = Surprise(name="thanks", points=70, seed="a seed")
    line.set_program(Program(surprises=(surprise,)))
    line.settle(("orders/paid", FIRST), ("orders/paid", SECOND))
    given = line.standing(7001).available
    line.settle(("refunds/create", a_refund("30.00", (11, 3, "30.00"))))

    assert (50 + 70, 20) == (given, line.standing(7001).available)
    assert (line.audit(), line.violations()) == (None, [])
