"""The same members in opposite orders, by workers side by side: locks in no circle."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.domain.program import Program
from app.domain.redemptions import code_of
from app.domain.referral import State
from app.domain.referral_code import code_of_member
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import AmountOff
from app.storage import own_messages, referrals
from tests.builders.line import DOMAIN, SECRET_KEY, TestLine
from tests.builders.shopify import a_line, a_refund, an_order
from tests.builders.side_by_side import deadlocks, drain_side_by_side
from tests.faults.history import deal

# So many messages are claimed at a time, and the next so many beside them.
TEN = 10
FIVE = AmountOff(points_cost=500, amount=Decimal(5), key="five")
BRINGERS, FRIENDS, MORE_FRIENDS = (
    range(7100, 7110),
    range(7200, 7210),
    range(7300, 7310),
)

Asked = tuple[str, Any]


@pytest.fixture
def shop(line: TestLine) -> Iterator[TestLine]:
    """A store in whose database nobody has locked in a circle, before or after."""
    before = deadlocks(line)
    yield line
    assert before == deadlocks(line)
    assert {row.state for row in line.inbox()} <= {"settled", "ignored"}
    assert (line.audit(), line.violations()) == (None, [])


def _settled_both_ways(shop: TestLine, *asked: Sequence[Asked]) -> None:
    """Send tens of messages, the second of each two backwards; drain side by side."""
    for place, ten in enumerate(asked):
        assert TEN == len(ten)
        for topic, body in ten[::-1] if place % 2 else ten:
            if topic.split("/")[0] in ("redemptions", "referrals"):
                _asks_own(shop, topic, body)
            else:
                assert 200 == shop.deliver(topic, body).status_code
    drain_side_by_side(shop, TEN)


def _asks_own(shop: TestLine, topic: str, body: Any) -> None:
    with shop.in_program() as connection:
        told = topic, str(uuid4()), json.dumps(body)
        own_messages.keep(connection, shop.keys, shop.store, *told)


def _order(customer_id: int, order_id: int, **more: Any) -> Asked:
    customer = {"id": customer_id, "email": f"shopper{customer_id}@example.com"}
    goods = a_line("2000.00")
    order = an_order(
        goods, id=order_id, customer=customer, email=customer["email"], **more
    )
    return "orders/paid", order


def test_orders_of_the_same_shoppers_never_lock_in_a_circle(shop: TestLine):
    # Of twenty shoppers, guests among them, refunded and cancelled.
    sold = [(each.topic, each.body) for each in deal(1, DOMAIN, 30)]
    tens = [sold[first : first + TEN] for first in range(0, len(sold) - TEN, TEN)]

    _settled_both_ways(shop, *(ten for ten in tens for _ in range(2)))


def _bring(
    shop: TestLine, bringers: Sequence[int], friends: Sequence[int]
) -> list[Asked]:
    """What each friend says: that one of these has brought them."""
    asked = []
    for bringer, friend in zip(bringers, friends, strict=True):
        member = shop.member_id(bringer)
        code = code_of_member(SECRET_KEY, shop.store.program_id, member)
        body = {"referral_id": f"r{friend}", "customer_id": str(friend), "code": code}
        asked.append(("referrals/claim", body))
    return asked


def _join(friend: int) -> Asked:
    email = f"shopper{friend}@example.com"
    return "customers/create", {"id": friend, "email": email, "verified_email": True}


@pytest.fixture
def club(shop: TestLine) -> TestLine:
    """A store with ten who bring friends, and twenty who have joined."""
    terms = ReferralTerms(stand_days=0, reviews=frozenset())
    shop.set_program(Program(rewards=(), referral=terms))
    shop.settle(*(_order(number, number) for number in BRINGERS))
    shop.settle(*(_join(number) for number in (*FRIENDS, *MORE_FRIENDS)))
    return shop


def test_claims_of_friends_of_the_same_members_never_lock_in_a_circle(club: TestLine):
    _settled_both_ways(
        club,
        _bring(club, BRINGERS, FRIENDS),
        _bring(club, BRINGERS, MORE_FRIENDS),
    )

    with club.in_program() as connection:
        kept = referrals.in_state(connection, club.store.program_id, None, 100)
    assert [State.ACCEPTED] * 20 == [each.state for each in kept]


def test_friends_and_who_brought_them_never_lock_in_a_circle(club: TestLine):
    for brought in _bring(club, BRINGERS, FRIENDS), _bring(club, FRIENDS, MORE_FRIENDS):
        for claim in brought:
            _asks_own(club, *claim)
        club.worker.drain()
    now = club.days_ago(0)
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), now)

    def orders(numbers: Sequence[int], first: int) -> list[Asked]:
        return [_order(number, first + number, **times) for number in numbers]

    # Who was brought by those beside them, and brought others of those beside them.
    around = [*BRINGERS[:5], *MORE_FRIENDS[:5]], [*MORE_FRIENDS[5:], *BRINGERS[5:]]
    _settled_both_ways(
        club,
        orders(FRIENDS, 20_000),
        orders(around[0], 20_000),
        orders(FRIENDS, 30_000),
        orders(around[1], 20_000),
    )

    points = [
        {club.standing(number).available for number in numbers}
        for numbers in (BRINGERS, FRIENDS, MORE_FRIENDS)
    ]
    assert [{4000 + 500}, {4000 + 500}, {2000}] == points


def _wishes(first: str) -> list[Asked]:
    return [
        (
            "redemptions/request",
            {
                "redemption_id": f"{first}{number}",
                "customer_id": str(number),
                "reward_id": "five",
            },
        )
        for number in BRINGERS
    ]


def test_refunds_and_redemptions_of_the_same_members_never_lock_in_a_circle(
    shop: TestLine,
):
    shop.set_program(Program(rewards=(FIVE,)))
    shop.settle(*(_order(number, number) for number in BRINGERS))
    for wish in _wishes("first"):
        _asks_own(shop, *wish)
    shop.worker.drain()
    while shop.fulfilling.work():
        pass
    ids = [f"first{number}" for number in BRINGERS]
    codes = [code_of(SECRET_KEY, shop.store.program_id, each) for each in ids]
    refunds = [
        ("refunds/create", a_refund("1.00", id=number, order_id=number))
        for number in BRINGERS
    ]
    cancelled = [
        ("redemptions/step", {"redemption_id": each, "step": "cancel"}) for each in ids
    ]
    used = [
        _order(number, 20_000 + number, discount_codes=[{"code": code}])
        for number, code in zip(BRINGERS, codes, strict=True)
    ]

    _settled_both_ways(shop, used, cancelled, refunds, _wishes("second"))

    assert {2000 + 2000 - 1 - 500 - 500} == {
        shop.standing(number).available for number in BRINGERS
    }
