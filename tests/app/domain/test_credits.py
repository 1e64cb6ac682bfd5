"""From orders to credits: rounding, limits, release and expiry."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.credits import assess, credits
from app.domain.earning import PurchasePoints
from app.domain.program import (
    CreditWhen,
    Limits,
    Program,
    ReturnPolicy,
)
from app.domain.rounding import Rounding
from tests.app.domain.heard import (
    PAID,
    REFUND,
    UPDATED,
    an_owned,
    credit_of,
    days,
    heard,
    points_left,
)
from tests.builders.shopify import a_line, a_refund, an_order, later

PAID_AT = datetime(2026, 11, 1, 10, 0, 5, tzinfo=UTC)


def _points(price, program=None, **more):
    credit = credit_of((PAID, an_order(a_line(price), **more)), program=program)
    return credit.points if credit else 0


def _limited(**limits):
    return Program(limits=Limits(**limits))


@pytest.mark.parametrize(
    ("rounding", "price", "points"),
    [
        (Rounding.DOWN, "9.99", 9),
        (Rounding.NEAREST, "9.49", 9),
        (Rounding.NEAREST, "9.50", 10),
        (Rounding.NEAREST, "8.50", 9),
        (Rounding.UP, "9.01", 10),
        (Rounding.UP, "9.00", 9),
        (Rounding.DOWN, "0.99", 0),
        (Rounding.UP, "0.01", 1),
    ],
)
def test_points_are_rounded_as_the_program_says(rounding, price, points):
    assert points == _points(price, Program(rounding=rounding))


def test_points_are_rounded_once_for_the_whole_order():
    order = an_order(a_line("1.50"), a_line("1.50", id=12))

    assert 3 == credit_of((PAID, order)).points


def test_a_rate_of_another_currency_overrides_the_rate():
    rule = PurchasePoints(rate=Decimal(2), rates={"JPY": Decimal("0.01")})

    assert 20 == _points("10.00", Program(earning=(rule,)))
    assert 12 == _points("1250", Program(earning=(rule,)), currency="JPY")


def test_the_points_of_several_rules_are_added_before_they_are_rounded():
    half = PurchasePoints(rate=Decimal("0.5"))

    assert 1 == _points("1.00", Program(earning=(half, half)))


@pytest.mark.parametrize(("price", "points"), [("49.99", 0), ("50.00", 50)])
def test_an_order_below_the_minimum_earns_nothing(price, points):
    assert points == _points(price, _limited(order_amount_min=Decimal(50)))


def test_an_order_earns_no_more_than_the_limit_of_an_order():
    credit = credit_of((PAID, an_order()), program=_limited(points_per_order_max=30))

    assert 30 == credit.points
    assert "limited to 30" in credit.reason


def test_a_refund_takes_only_what_the_limit_had_left_in():
    program = _limited(points_per_order_max=30)
    half = a_refund("50.00", (11, 1, "50.00"))
    most = a_refund("40.00", (11, 1, "40.00"), id=9002)

    assert 30 == points_left((PAID, an_order()), (REFUND, half), program=program)
    assert 10 == points_left(
        (PAID, an_order()), (REFUND, half), (REFUND, most), program=program
    )


def _orders(program, *placed, timezone="UTC"):
    """Orders of 100.00, placed at these times and paid in the opposite order."""
    found = []
    for number, at in enumerate(placed):
        order = an_order(
            id=5001 + number,
            processed_at=at,
            updated_at=f"2026-11-09T10:00:{59 - number}Z",
        )
        found.append(assess(an_owned(heard((PAID, order)), program, timezone)))
    return found


def _by_order(assessments):
    return {each.lot[-4:]: each.points for each in credits(assessments)}


def test_orders_of_one_day_share_its_limit_in_the_order_of_their_placing():
    found = _orders(
        _limited(points_per_day_max=150),
        "2026-11-01T10:00:00Z",
        "2026-11-01T11:00:00Z",
        "2026-11-01T12:00:00Z",
        "2026-11-02T00:00:00Z",
    )

    assert {"5001": 100, "5002": 50, "5004": 100} == _by_order(found)
    assert _by_order(found) == _by_order(found[::-1])


def test_a_day_is_a_day_of_the_stores_time_zone():
    program = _limited(points_per_day_max=150)
    placed = "2026-11-01T22:30:00Z", "2026-11-01T23:30:00Z"

    assert 150 == sum(_by_order(_orders(program, *placed)).values())
    assert 200 == sum(
        _by_order(_orders(program, *placed, timezone="Europe/Berlin")).values()
    )


def test_a_member_earns_no_more_than_the_limit_for_life():
    found = _orders(
        _limited(points_per_member_max=250),
        "2024-11-01T10:00:00Z",
        "2025-11-01T10:00:00Z",
        "2026-11-01T10:00:00Z",
        "2026-11-02T10:00:00Z",
    )

    assert {"5001": 100, "5002": 100, "5003": 50} == _by_order(found)


def test_points_may_be_spent_at_once_by_default():
    credit = credit_of((PAID, an_order()))

    assert (PAID_AT, False) == (credit.at, credit.is_held)
    assert credit.expires_at is None
    assert credit.return_policy == ReturnPolicy.UNLIMITED


def test_points_are_held_for_the_days_of_the_program():
    credit = credit_of((PAID, an_order()), program=Program(credit_after_days=14))

    assert credit.is_held
    assert PAID_AT + days(14) == credit.releases_at


def test_points_wait_for_the_order_to_be_fulfilled():
    program = Program(credit_when=CreditWhen.FULFILLED, credit_after_days=3)
    sent = later(an_order(), fulfillment_status="fulfilled")

    waiting = credit_of((PAID, an_order()), program=program)
    released = credit_of(
        (PAID, an_order()), ("orders/fulfilled", sent), program=program
    )

    assert (True, None) == (waiting.is_held, waiting.releases_at)
    assert datetime(2026, 11, 8, 10, 10, tzinfo=UTC) == released.releases_at


def test_a_dispute_after_the_release_holds_nothing_back():
    dispute = {"id": 1, "order_id": 5001, "type": "inquiry", "amount": "1.00"}
    dispute |= {"initiated_at": "2026-11-20T10:00:00Z", "status": "under_review"}

    credit = credit_of(
        (PAID, an_order()),
        ("disputes/create", dispute),
        program=Program(credit_after_days=14),
    )

    assert PAID_AT + days(14) == credit.releases_at


@pytest.mark.parametrize(
    ("status", "is_known"), [("under_review", False), ("won", True)]
)
def test_held_points_wait_for_the_end_of_a_dispute(status, is_known):
    dispute = {"id": 1, "order_id": 5001, "type": "inquiry", "amount": "1.00"}
    dispute["initiated_at"] = "2026-11-03T10:00:00Z"
    told = (PAID, an_order()), ("disputes/create", dispute | {"status": status})

    credit = credit_of(*told, program=Program(credit_after_days=14))

    assert is_known == (credit.releases_at is not None)


@pytest.mark.parametrize(
    ("placed", "months", "expires"),
    [
        ("2026-01-31T10:00:00Z", 1, "2026-02-28T10:00:00Z"),
        ("2024-01-31T10:00:00Z", 1, "2024-02-29T10:00:00Z"),
        ("2024-02-29T10:00:00Z", 12, "2025-02-28T10:00:00Z"),
        ("2026-12-31T10:00:00Z", 2, "2027-02-28T10:00:00Z"),
        ("2026-11-30T10:00:00Z", 1, "2026-12-30T10:00:00Z"),
        ("2026-08-31T10:00:00Z", 120, "2036-08-31T10:00:00Z"),
    ],
)
def test_points_expire_on_the_same_day_or_the_last_of_the_month(
    placed, months, expires
):
    order = an_order(processed_at=placed)
    credit = credit_of((PAID, order), program=Program(expires_after_months=months))

    assert datetime.fromisoformat(expires) == credit.expires_at


splits = st.integers(1, 4).flatmap(
    lambda lines: st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 9999)),
        min_size=lines,
        max_size=lines,
    )
)


@settings(max_examples=60)
@given(
    splits,
    st.data(),
    st.sampled_from(Rounding),
    st.sampled_from(["0.01", "0.3333", "1", "7.5"]),
    st.none() | st.integers(1, 50),
    st.booleans(),
)
def test_returns_that_add_up_take_back_exactly_what_was_earned(
    lines, data, rounding, rate, maximum, is_limited_by_day
):
    limit = "points_per_day_max" if is_limited_by_day else "points_per_order_max"
    program = Program(
        earning=(PurchasePoints(rate=Decimal(rate)),),
        rounding=rounding,
        limits=Limits(**{limit: maximum}),
    )
    order = an_order(
        *(
            a_line(str(Decimal(cents) / 100), units, id=11 + number)
            for number, (units, cents) in enumerate(lines)
        )
    )
    units = [
        (11 + number, str(Decimal(cents) / 100))
        for number, (count, cents) in enumerate(lines)
        for _ in range(count)
    ]
    told = [
        (REFUND, a_refund(price, (line_id, 1, price), id=number))
        for number, (line_id, price) in enumerate(data.draw(st.permutations(units)), 1)
    ]

    credit = credit_of((PAID, order), *told, program=program)

    if credit:
        assert all(back.points >= 0 for back in credit.reversals)
        assert credit.points == sum(back.points for back in credit.reversals)
        for known in range(len(told)):
            part = credit_of((PAID, order), *told[:known], program=program)
            assert part.points == credit.points
            assert sum(back.points for back in part.reversals) <= credit.points


@settings(max_examples=60)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=6))
def test_money_back_in_any_parts_takes_back_exactly_what_was_earned(parts):
    total = str(Decimal(sum(parts)) / 100)
    told = [
        (REFUND, a_refund(str(Decimal(cents) / 100), id=number))
        for number, cents in enumerate(parts, 1)
    ]

    assert 0 == points_left((PAID, an_order(a_line(total))), *told)


def test_money_back_in_thirds_takes_the_last_point_where_prices_include_tax():
    program = Program(earning=(PurchasePoints(rate=Decimal(100)),))
    order = an_order(a_line("120.00", tax="20.00"), taxes_included=True)
    told = [(REFUND, a_refund("40.00", id=number)) for number in (1, 2, 3)]

    assert 0 == points_left((PAID, order), *told, program=program)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 999), min_size=1, max_size=6))
def test_orders_split_in_many_never_earn_more_than_one(cents):
    parts = [_points(str(Decimal(each) / 100)) for each in cents]

    assert sum(parts) <= _points(str(Decimal(sum(cents)) / 100))


def test_an_order_that_never_arrived_earns_nothing_and_says_so():
    told = assess(an_owned(heard((REFUND, a_refund("1.00")))))

    assert (0, "the order itself has not arrived yet") == (
        told.points,
        told.award.reason,
    )


def test_the_first_sight_of_payment_is_when_points_were_earned():
    told = (UPDATED, later(an_order())), (PAID, an_order())

    assert PAID_AT == credit_of(*told).at
    assert PAID_AT == credit_of(*told[::-1]).at


def test_an_order_keeps_its_lot_by_store():
    order = an_owned(heard((PAID, an_order())))

    assert order.lot != replace(order, store_id=2).lot
