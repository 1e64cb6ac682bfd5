"""The limits of a day and of a member: what goes back is free, and never more."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.credits import assess, assess_all, credits
from app.domain.fold import fold
from app.domain.ledger import Account, Credit, Debit, Kind
from app.domain.program import Limits, Program, ReturnPolicy
from tests.app.domain.engaged import BEGIN, Ordered, histories
from tests.app.domain.heard import PAID, UPDATED, an_owned, heard
from tests.builders.shopify import an_order, later

HOUR = 1 / 24
FOR_LIFE = Program(limits=Limits(points_per_member_max=50))
A_DAY = Program(limits=Limits(points_per_day_max=50))


def _credits(program: Program, *ordered: Ordered) -> list[Credit]:
    return credits(assess_all([each.owned(program) for each in ordered]))


def _earned(program: Program, *ordered: Ordered) -> list[int]:
    points = {each.lot: each.points for each in _credits(program, *ordered)}
    return [points.get(f"order/1/{each.id}", 0) for each in ordered]


@pytest.mark.parametrize("program", [FOR_LIFE, A_DAY])
def test_what_went_back_before_an_order_is_free_for_it(program: Program):
    whole = Ordered(1, 0, 5, back=((HOUR, 5),))
    part = replace(whole, back=((HOUR, 2),))
    next_one = Ordered(2, 2 * HOUR, 5)

    assert [50, 50] == _earned(program, whole, next_one)
    assert [50, 20] == _earned(program, part, next_one)


@pytest.mark.parametrize("program", [FOR_LIFE, A_DAY])
def test_a_later_refund_brings_an_earlier_order_nothing(program: Program):
    first = Ordered(1, 0, 5, back=((3 * HOUR, 5),))
    before, same_time = Ordered(2, 2 * HOUR, 5), Ordered(3, 3 * HOUR, 5)
    after = Ordered(4, 4 * HOUR, 3)

    assert [50, 0, 0, 30] == _earned(program, first, before, same_time, after)


def test_a_refund_on_a_later_day_frees_no_other_day():
    today = Ordered(1, 1, 5)
    yesterday = Ordered(2, 0, 5, back=((1 + HOUR, 5),))
    tonight = Ordered(3, 1 + 2 * HOUR, 5)

    assert [50, 50, 0] == _earned(A_DAY, today, yesterday, tonight)


@pytest.mark.parametrize(
    ("end", "what_is_free"),
    [
        ({"cancelled_at": "2026-11-01T11:00:00Z"}, 50),
        ({"financial_status": "voided"}, 50),
        ({}, 0),
    ],
)
def test_a_cancelled_or_voided_order_takes_nothing_up(end, what_is_free):
    over = later(an_order(), **end) | {"updated_at": "2026-11-01T11:00:00Z"}
    first = an_owned(heard((PAID, an_order()), (UPDATED, over)), FOR_LIFE)
    found = credits(assess_all([first, Ordered(2, 1, 5).owned(FOR_LIFE)]))

    assert what_is_free == sum(each.points for each in found[1:])


def test_an_order_that_was_never_paid_takes_nothing_up():
    unpaid = heard((UPDATED, an_order(financial_status="pending")))
    orders = [an_owned(unpaid, FOR_LIFE), Ordered(2, 1, 5).owned(FOR_LIFE)]

    assert [50] == [each.points for each in credits(assess_all(orders))]


@pytest.mark.parametrize("policy", ReturnPolicy)
@pytest.mark.parametrize(("hold_days", "is_pending"), [(0, False), (2, True)])
def test_points_that_may_stay_with_the_member_stay_taken_up(
    policy: ReturnPolicy, hold_days: int, is_pending: bool
):
    program = replace(FOR_LIFE, return_policy=policy, credit_after_days=hold_days)
    first, second = Ordered(1, 0, 5, back=((1, 5),)), Ordered(2, 3, 5)

    is_free = is_pending or policy == ReturnPolicy.UNLIMITED
    assert [50, 50 if is_free else 0] == _earned(program, first, second)


def test_points_that_are_released_as_their_order_goes_back_are_no_longer_pending():
    only_pending = replace(
        FOR_LIFE, return_policy=ReturnPolicy.ONLY_PENDING, credit_after_days=1
    )
    first, second = Ordered(1, 0, 5, back=((1, 5),)), Ordered(2, 3, 5)

    assert [50, 0] == _earned(only_pending, first, second)


@pytest.mark.parametrize("policy", ReturnPolicy)
def test_who_buys_spends_and_returns_over_and_over_has_the_limit_once(
    policy: ReturnPolicy,
):
    rounds = [Ordered(each, each, 5, back=((each + 0.5, 5),)) for each in range(1, 9)]
    spent = [Debit("spent", _at(1.1), 50)]
    earned = _credits(replace(FOR_LIFE, return_policy=policy), *rounds)
    found = fold(earned, spent, _at(90))

    assert 0 == found.balance(Account.AVAILABLE)
    assert found.owed == (50 if policy == ReturnPolicy.UNLIMITED else 0)


def test_an_order_dated_after_its_payment_never_stands_beside_what_it_replaces():
    early = Ordered(2, 3, 5).owned(FOR_LIFE)
    early = replace(early, facts=replace(early.facts, paid_at=_at(0)))
    first = Ordered(1, 1, 5, back=((2, 5),)).owned(FOR_LIFE)

    assert [50] == [each.points for each in credits([assess(early), assess(first)])]


def _at(day: float) -> datetime:
    return BEGIN + timedelta(days=day)


@st.composite
def _close_histories(draw: st.DrawFn) -> list[Ordered]:
    """Histories with four times to a day, so that days have several orders."""
    return [
        replace(
            each,
            day=each.day / 4,
            back=tuple((day / 4, units) for day, units in each.back),
        )
        for each in draw(histories())
    ]


_maxima = st.none() | st.integers(1, 90)
_limits = st.builds(
    Limits, points_per_day_max=_maxima, points_per_member_max=_maxima
).filter(lambda limits: limits.points_per_day_max or limits.points_per_member_max)
_programs = st.builds(
    Program,
    limits=_limits,
    return_policy=st.sampled_from(ReturnPolicy),
    credit_after_days=st.integers(0, 3),
    expires_after_months=st.sampled_from([None, 1]),
)


@settings(max_examples=150)
@given(_close_histories(), _programs, st.lists(st.integers(0, 60), max_size=3))
def test_net_points_never_stand_above_a_limit(
    history: list[Ordered], program: Program, spent_on: list[int]
):
    """After each movement of the ledger, whatever was spent meanwhile."""
    spent = [Debit(f"spent/{n}", _at(at / 4), 30) for n, at in enumerate(spent_on)]
    days = {f"order/1/{each.id}": _at(each.day).date() for each in history}
    standing = Counter[date | None]()
    limits = program.limits
    for move in fold(_credits(program, *history), spent, _at(90)).movements:
        if move.kind in (Kind.EARN, Kind.REVERSE):
            signed = move.points if move.kind == Kind.EARN else -move.points
            for of in (days[move.cause.rpartition("@")[2]], None):
                standing[of] += signed
                most = limits.points_per_day_max if of else limits.points_per_member_max
                assert most is None or standing[of] <= most


@settings(max_examples=100)
@given(_close_histories(), _limits, st.data())
def test_an_order_gets_what_those_before_left_whatever_comes_first_or_later(
    history: list[Ordered], limits: Limits, data: st.DataObject
):
    """Reckoned from the units that were kept, order by order; by whom it is heard."""
    program = Program(limits=limits)
    wanted: dict[int, int] = {}
    for each in sorted(history, key=lambda each: (each.day, each.id)):
        rooms = [10 * each.units]
        for most, is_by_day in (
            (limits.points_per_day_max, True),
            (limits.points_per_member_max, False),
        ):
            others = (
                min(points, 10 * _units_left(other, each.day))
                for other in history
                if (points := wanted.get(other.id, 0))
                and not (is_by_day and _at(other.day).date() != _at(each.day).date())
            )
            rooms += [] if most is None else [most - sum(others)]
        wanted[each.id] = max(0, min(rooms))

    shuffled = data.draw(st.permutations(history))
    assert [wanted[each.id] for each in shuffled] == _earned(program, *shuffled)
    until = data.draw(st.integers(0, 40)) / 4
    known = [replace(each, back=_back_by(each, until)) for each in shuffled]
    known = [each for each in known if each.day <= until]
    assert [wanted[each.id] for each in known] == _earned(program, *known)


def _units_left(order: Ordered, before: float) -> int:
    return order.units - sum(units for day, units in order.back if day < before)


def _back_by(order: Ordered, until: float) -> tuple[tuple[float, int], ...]:
    return tuple((day, units) for day, units in order.back if day <= until)
