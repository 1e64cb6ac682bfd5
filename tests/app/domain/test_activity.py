"""Points that lapse because their member did nothing, and what counts as doing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.activity import lapsing, moments
from app.domain.expiry import Patience, patience
from app.domain.fold import fold
from app.domain.ledger import Account, Credit, Debit, Kind, Redemption
from app.domain.program import ExpiryRounding, Program
from tests.app.domain.heard import PAID, REFUND, UPDATED, an_owned, heard
from tests.builders.shopify import a_refund, an_order, later
from tests.builders.sometimes import sometimes

START = datetime(2026, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def day(number: float) -> datetime:
    """The moment so many days after the start of 2026."""
    return START + timedelta(days=number)


def a_lot(at: datetime, months: int = 1, **more) -> Credit:
    """100 points that wait so many months for their member."""
    return replace(
        Credit("lot", "lot", at, 100, patience=Patience(at, months)),
        **more,
    )


def left(credits, active, commands=(), *, now) -> int:
    """What is available at a moment, by the activity there was."""
    folded = fold(lapsing(credits, sorted(active)), commands, now)
    return folded.balance(Account.AVAILABLE)


# Of moments at the ends of months, months later are hardest; most here are such.
DAYS = st.integers(0, 420).map(day) | st.sampled_from(
    [
        datetime(2026, 1, each, hour, tzinfo=UTC)
        for each in (28, 29, 31)
        for hour in (0, 9)
    ]
)


@st.composite
def waiting(draw):
    """A credit with patience, of any sort."""
    at, is_held = draw(DAYS), draw(st.booleans())
    return Credit(
        "lot",
        "lot",
        at + draw(st.sampled_from([timedelta(), timedelta(days=40)])),
        100,
        is_held=is_held,
        releases_at=at + timedelta(days=draw(st.integers(0, 70))) if is_held else None,
        patience=Patience(
            at, draw(st.integers(1, 3)), draw(st.sampled_from(ExpiryRounding))
        ),
    )


@st.composite
def members(draw):
    """A credit with patience, and when its member did something: mostly in time."""
    credit = draw(waiting())
    soon = st.integers(0, 60).map(lambda days: credit.at + timedelta(days=days))
    return credit, draw(st.lists(soon | soon | DAYS, max_size=8))


def reckoned(credit: Credit, active: list[datetime]) -> datetime:
    """The first moment of all in question at which nothing speaks for the lot."""
    ends = credit.patience.ends
    soonest = max(
        credit.at, credit.releases_at or credit.at, ends(credit.patience.since)
    )
    candidates = sorted([soonest, *map(ends, active)])
    return next(
        at
        for at in candidates
        if at >= soonest and all(ends(each) <= at for each in active if each < at)
    )


def test_a_lot_lapses_at_the_first_moment_that_its_patience_ends():
    with sometimes("put off", "put off twice", "done too late", least=10) as seen:

        @given(members())
        def must_agree(told):
            credit, active = told
            [found] = lapsing([credit], sorted(active))
            [alone] = lapsing([credit], [])
            [once] = lapsing([credit], [at for at in active if at < alone.lapse.at])
            seen["put off"] += once.lapse.at > alone.lapse.at
            seen["put off twice"] += found.lapse.at > once.lapse.at
            seen["done too late"] += any(at >= found.lapse.at for at in active)

            assert reckoned(credit, active) == found.lapse.at

        must_agree()


@given(members(), DAYS)
def test_doing_more_never_ends_points_sooner(told, more):
    credit, active = told
    [before] = lapsing([credit], sorted(active))
    [after] = lapsing([credit], sorted([*active, more]))

    assert before.lapse.at <= after.lapse.at


@given(members())
def test_what_is_done_after_a_lapse_changes_nothing_about_it(told):
    credit, active = told
    [found] = lapsing([credit], sorted(active))
    known = [each for each in active if each < found.lapse.at]

    assert [found] == lapsing([credit], sorted(known))


@given(members())
def test_everything_is_gone_at_the_moment_and_not_before(told):
    credit, active = told
    [found] = lapsing([credit], sorted(active))
    ends = found.lapse.at
    before = fold([found], (), ends - INSTANT)
    after = fold([found], (), ends)

    assert 0 == before.balance(Account.EXPIRED)
    assert ends == min(filter(None, [before.due_at]), default=ends)
    assert 100 == after.balance(Account.EXPIRED)
    assert after.due_at is None


@pytest.mark.parametrize(
    ("early", "stays"), [(INSTANT, 100), (timedelta(), 0), (-INSTANT, 0)]
)
def test_an_instant_before_the_moment_is_in_time(early, stays):
    lot, ends = a_lot(START, 12), datetime(2027, 1, 1, tzinfo=UTC)

    assert stays == left([lot], [START, ends - early], now=ends + timedelta(days=9))


@pytest.mark.parametrize(("early", "got"), [(INSTANT, 40), (timedelta(), 0)])
def test_a_wish_on_the_very_moment_finds_nothing(early, got):
    at = datetime(2026, 2, 1, tzinfo=UTC) - early
    wish = Redemption("redemption/1", at, 40)
    active = moments((), [wish], [START])
    folded = fold(lapsing([a_lot(START)], active), [wish], day(40))

    assert got == folded.balance(Account.RESERVED)
    assert 40 - got == folded.owed


def test_months_of_different_length_take_no_hour_away():
    late, early = (datetime(2026, 1, *when, tzinfo=UTC) for when in ((29, 12), (31, 9)))
    [found] = lapsing([a_lot(late)], [late, early])

    assert datetime(2026, 2, 28, 12, tzinfo=UTC) == found.lapse.at


def test_points_that_come_by_themselves_wait_from_their_own_day_on():
    old, birthday = a_lot(START), a_lot(day(20), lot="birthday", cause="birthday")

    assert 100 == left([old, birthday], [START], now=day(40))
    assert 0 == left([old, birthday], [START], now=day(60))


def test_held_points_do_not_lapse_and_are_kept_by_what_is_done_meanwhile():
    lot = a_lot(START, is_held=True, releases_at=day(60))

    assert 100 == fold(lapsing([lot], [START]), (), day(59)).balance(Account.PENDING)
    assert 0 == left([lot], [START], now=day(60))
    assert 100 == left([lot], [START, day(50)], now=day(60))
    unknown = replace(lot, releases_at=None)
    assert 100 == fold(lapsing([unknown], []), (), day(900)).balance(Account.PENDING)


@pytest.mark.parametrize(("expires", "cause"), [(20, "lot"), (40, "inactivity/")])
def test_whichever_comes_first_ends_the_points(expires, cause):
    lot = a_lot(START, expires_at=day(expires))
    [_, end] = fold(lapsing([lot], []), (), day(90)).movements

    assert (Kind.EXPIRE, True) == (end.kind, end.cause.startswith(cause))
    assert min(day(expires), datetime(2026, 2, 1, tzinfo=UTC)) == end.at
    assert ("nothing was done for 1 month" in end.reason) == (cause != "lot")


def test_reserved_points_that_come_back_too_late_lapse_at_once():
    wish = Redemption("redemption/1", day(10), 30, voided_at=day(60))
    active = moments((), [wish], ())
    movements = fold(lapsing([a_lot(START)], active), [wish], day(90)).movements
    ends = [each for each in movements if each.kind == Kind.EXPIRE]
    lapsed_at = datetime(2026, 2, 11, tzinfo=UTC)

    assert [(70, lapsed_at), (30, day(60))] == [(each.points, each.at) for each in ends]
    assert ends[0].key == ends[1].key


def test_news_of_an_earlier_order_gives_the_lots_back_as_they_were():
    lots = [a_lot(START), a_lot(day(9), lot="b", cause="b", expires_at=day(70))]
    gone = fold(lapsing(lots, [START, day(9)]), (), day(50))
    back = fold(lapsing(lots, [START, day(9), day(30)]), (), day(50))

    assert 200 == gone.balance(Account.EXPIRED)
    assert [each for each in back.movements if each.kind == Kind.EXPIRE] == []
    assert [None, day(70)] == [lot.expires_at for lot in back.lots]
    assert datetime(2026, 2, 28, tzinfo=UTC) == back.due_at


ORDER = an_order(processed_at="2026-03-01T10:00:00Z")
PLACED_AT = datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_paid_orders_count_from_their_placing_whatever_became_of_them():
    unpaid = ORDER | {"financial_status": "pending"}
    back = (REFUND, a_refund("100.00", (11, 1, "100.00")))

    assert [] == moments([an_owned(heard((UPDATED, unpaid)))], (), ())
    for news in [(), (back,)]:
        facts = heard((UPDATED, unpaid), (PAID, later(ORDER)), *news)
        assert [PLACED_AT] == moments([an_owned(facts)], (), ())
    test = an_owned(heard((PAID, ORDER | {"test": True})))
    assert [] == moments([test], (), ())


def test_what_the_owner_takes_is_not_done_by_the_member():
    commands = [Debit("adjustment/1", day(1), 5), Redemption("redemption/1", day(2), 5)]

    assert [day(2), day(3)] == moments((), commands, [day(3)])


def test_a_program_without_it_waits_for_ever():
    assert patience(START, Program(expires_after_months=1), "UTC") is None
    lot = Credit("a", "a", START, 1)

    assert [lot] == lapsing([lot], [])
