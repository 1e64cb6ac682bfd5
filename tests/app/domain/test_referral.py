"""What bringing a friend comes to: the same for any order of what is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.credits import MemberOrder
from app.domain.fold import fold
from app.domain.ledger import Account
from app.domain.orders import Line, OrderFacts, Payment, Refund, RefundLine, Snapshot
from app.domain.program import Program
from app.domain.referral import (
    Bar,
    Case,
    Known,
    Outcome,
    Referral,
    State,
    decide,
    outcomes,
    pinned,
)
from app.domain.referral_code import code_of_member, member_of_code
from app.domain.referral_terms import Doubt, ReferralTerms

MORNING = datetime(2026, 11, 1, 9, tzinfo=UTC)
TERMS = ReferralTerms(advocate_points=200, order_amount_min=Decimal(20), stand_days=14)
CLAIM = Referral("r", 1, 10, 20, "8001", 1, State.ACCEPTED, MORNING)
MARKS = [f"{sort}:{number}" for sort in ("mail", "phone", "address") for number in "12"]
marks = st.frozensets(st.sampled_from(MARKS))


def _order(
    number: int,
    days: float,
    minor: int = 4000,
    back_minor: int = 0,
    own: frozenset[str] = frozenset(),
) -> MemberOrder:
    at = MORNING + timedelta(days=days)
    line = Line("1", None, 1, None, minor, 0, 0)
    snapshot = Snapshot(
        f"#{number}", at, at, "EUR", minor, "EUR", minor, False, 0, 0, "paid",
        False, False, None, (line,),
    )  # fmt: skip
    paid_back = Payment("p", "refund", "success", back_minor, "EUR")
    refund = Refund(
        "9", at + timedelta(days=3), (RefundLine("1", 1, back_minor, 0),), 0, 0, 0, 0,
        {"p": paid_back},
    )  # fmt: skip
    facts = OrderFacts(
        str(number),
        snapshot,
        refunds={"9": refund} if back_minor else {},
        paid_at=at,
        marks=tuple(sorted(own)),
    )
    return MemberOrder(1, facts, Program(), "UTC")


orders = st.builds(
    _order,
    number=st.integers(1, 5),
    days=st.integers(-2, 30),
    minor=st.integers(0, 6000),
    own=marks,
)
many = st.lists(orders, max_size=5, unique_by=lambda order: order.facts.order_id)
claims = st.lists(
    st.builds(
        replace,
        st.just(CLAIM),
        id=st.sampled_from("abcdef"),
        friend_id=st.sampled_from([10, 20, 21]),
        state=st.sampled_from(State),
        claimed_at=st.integers(0, 40).map(lambda days: MORNING + timedelta(days=days)),
        overruled_at=st.none() | st.just(MORNING),
        refused_at=st.none() | st.just(MORNING + timedelta(days=9)),
    ),
    max_size=4,
    unique_by=lambda claim: claim.id,
)


@given(claims, many, many, st.randoms())
def test_it_does_not_matter_in_which_order_things_are_known(
    made: list[Referral],
    friends: list[MemberOrder],
    own: list[MemberOrder],
    dice: object,
):
    terms = replace(TERMS, friends_per_month_max=2)
    cases = [Case(each, terms, friends) for each in made]
    shuffled = [replace(each, orders=_shuffled(friends, dice)) for each in cases]

    expected = outcomes(cases, own)
    assert expected == outcomes(_shuffled(shuffled, dice), _shuffled(own, dice))


def _shuffled(things: list, dice: object) -> list:  # type: ignore[type-arg]
    copy = list(things)
    dice.shuffle(copy)  # type: ignore[attr-defined]
    return copy


@given(st.integers(2000, 9000), st.integers(0, 9000), st.integers(0, 40))
def test_an_order_that_falls_takes_back_exactly_what_it_gave(
    minor: int, back: int, after_days: int
):
    back = min(back, minor)
    found = _outcome(_order(1, 1, minor, back))
    assert found.credit
    now = MORNING + timedelta(days=after_days)
    state = fold([found.credit], [], now)

    has_fallen = minor - back < 2000
    points = sum(state.balance(each) for each in (Account.PENDING, Account.AVAILABLE))
    assert (0 if has_fallen else 200) == points
    assert 0 == state.owed
    if points:
        is_held = now < found.credit.at + timedelta(days=14)
        assert (200 if is_held else 0) == state.balance(Account.PENDING)


def _outcome(*friends: MemberOrder, own: tuple[MemberOrder, ...] = ()) -> Outcome:
    [found] = outcomes([Case(CLAIM, TERMS, friends)], own)
    return found


@given(marks, marks)
def test_what_both_have_in_common_decides(friend: frozenset[str], own: frozenset[str]):
    terms = replace(TERMS, refuses=frozenset({Doubt.SAME_EMAIL}))
    decided = decide(CLAIM, terms, Known(friend, own))

    sorts = {mark.partition(":")[0] for mark in friend & own}
    assert ("mail" in sorts) == (decided.state == State.REFUSED)
    assert (not sorts) == (decided.state == State.ACCEPTED)
    assert len(sorts) == len(decided.reasons)


@given(marks, marks)
def test_an_approval_overrules_every_doubt(friend: frozenset[str], own: frozenset[str]):
    claim = replace(CLAIM, overruled_at=MORNING, reasons=("same_device",))
    case = Case(claim, TERMS, [_order(1, 1, own=friend)])
    [found] = outcomes([case], [_order(2, 0, own=own)])

    assert found.credit
    assert found.credit.releases_at
    assert () == found.reasons


@pytest.mark.parametrize(
    ("orders", "reason"),
    [
        ([], Bar.NO_ORDER),
        ([_order(1, 1, 1999)], Bar.TOO_SMALL),
        ([_order(1, -1), _order(2, 1)], Bar.NOT_FIRST_ORDER),
    ],
)
def test_points_that_are_not_given_have_a_reason(
    orders: list[MemberOrder], reason: Bar
):
    found = _outcome(*orders)
    assert (None, (reason,)) == (found.credit, found.reasons)


def test_what_the_advocate_does_after_the_order_has_stood_takes_nothing():
    house = frozenset({"address:1"})
    friend = _order(1, 1, own=house)
    during, after = _order(2, 15, own=house), _order(3, 15.1, own=house)

    assert ("same_address",) == _outcome(friend, own=(during,)).reasons
    assert () == _outcome(friend, own=(after,)).reasons


def test_doubtful_points_wait_for_the_owner_however_long():
    house = frozenset({"address:1"})
    found = _outcome(_order(1, 1, own=house), own=(_order(2, 0, own=house),))

    assert found.credit
    assert found.credit.is_held
    assert found.credit.releases_at is None


def test_what_was_found_stays_when_the_marks_are_forgotten():
    house = frozenset({"address:1"})
    found = _outcome(_order(1, 1, own=house), own=(_order(2, 0, own=house),))
    [left] = outcomes([Case(pinned(CLAIM, found.reasons), TERMS, [_order(1, 1)])], [])

    assert found.reasons == left.reasons
    assert found.credit == left.credit


@given(st.integers(0, 2**34 - 1), st.integers(1, 50))
def test_a_code_leads_back_to_its_member_in_its_program(member_id: int, program: int):
    code = code_of_member("secret", program, member_id)

    assert member_id == member_of_code("secret", program, f" {code.lower()} ")
    assert not set(code) & set("01IO")
    assert member_of_code("secret", program + 1, code) in (None, member_id)
    assert len(code) == 10


@given(st.text(max_size=20))
def test_what_is_no_code_is_nobodys(told: str):
    assert member_of_code("secret", 1, told) is None
