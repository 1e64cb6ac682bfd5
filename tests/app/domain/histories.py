"""Histories of a member, drawn at random, and a second reckoning of their movements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from app.domain.fold import fold
from app.domain.ledger import Account, Credit, Debit, Lapse, Redemption, Reversal
from app.domain.program import ReturnPolicy

START = datetime(2026, 1, 1, tzinfo=UTC)
LAST_HOUR = 12
MEMBER_ACCOUNTS = (Account.PENDING, Account.AVAILABLE, Account.RESERVED)
DEBT = "debt"


def hour(number: float) -> datetime:
    """The moment so many hours after the start."""
    return START + timedelta(hours=number)


def a_credit(lot: str, points: int, at: float = 0, **more) -> Credit:
    """Points given at an hour; `more` overrules."""
    return Credit(lot=lot, cause=lot, at=hour(at), points=points, **more)


def a_return(points: int, at: float, cause: str = "refund/1@a") -> tuple[Reversal, ...]:
    """The reversals of a credit that is taken back once."""
    return (Reversal(cause, hour(at), points),)


def settled(credits=(), commands=(), now: float = 99):
    """The fold at an hour, past all others by default."""
    return fold(credits, commands, hour(now))


HOURS = st.integers(0, LAST_HOUR).map(hour)
# Most is earned before most is spent, and mostly there is enough of it.
EARLY = st.one_of(st.integers(0, 3), st.integers(0, 3), st.integers(0, LAST_HOUR))
POINTS = st.integers(1, 10)


# All of what is left, or nothing of it, or some part.
_PART = st.one_of(
    st.just(lambda left: left),
    st.floats(0, 1).map(lambda share: lambda left: int(left * share)),
)


@st.composite
def drawn_credits(draw, policies=tuple(ReturnPolicy), size=4):
    """Some credits, each with its own lot and no more taken back than was given."""
    found = []
    for number in range(draw(st.integers(1, size))):
        points = draw(st.integers(1, 20))
        reversals, left = [], points
        for index, at in enumerate(sorted(draw(st.lists(HOURS, max_size=2)))):
            part = draw(_PART)(left)
            left -= part
            reversals.append(Reversal(f"refund/{index}@lot{number}", at, part))
        credit = Credit(
            lot=f"lot{number}",
            cause=f"lot{number}",
            at=hour(draw(EARLY)),
            points=points,
            is_held=draw(st.sampled_from([False, False, True])),
            releases_at=draw(st.none() | HOURS),
            expires_at=draw(st.none() | HOURS),
            reversals=tuple(reversals),
            return_policy=draw(st.sampled_from(policies)),
        )
        found.append(replace(credit, lapse=draw(_lapse(credit))))
    return found


def _lapse(credit):
    """When a lot may lapse: never before it could be spent."""
    if credit.is_held and credit.releases_at is None:
        return st.none()
    soonest = max(credit.at, credit.releases_at if credit.is_held else credit.at)
    lapses = HOURS.map(lambda at: Lapse(max(soonest, at), 1))
    return st.none() | lapses


@st.composite
def _returns(draw, cause, points):
    """Some returns of a redemption, in all no more than its points."""
    found, left = [], points
    for number in range(draw(st.integers(0, 3))):
        part = draw(_PART)(left)
        left -= part
        found.append(Reversal(f"refund/{number}@{cause}", draw(HOURS), part, "back"))
    return tuple(sorted(found, key=lambda each: each.at))


_ENDS = "captured_at", "captured_at", "voided_at"


@st.composite
def drawn_commands(draw, size=4):
    """Some debits and redemptions; each redemption is open, captured or voided.

    Of what was captured, some may have come back.
    """
    found = []
    for number in range(draw(st.integers(0, size))):
        at, points = draw(HOURS), draw(POINTS)
        if draw(st.booleans()):
            found.append(Debit(f"debit/{number}", at, points))
        else:
            end = draw(st.sampled_from([*_ENDS, None]))
            ends = {end: max(at, draw(HOURS))} if end else {}
            if end == "captured_at":
                ends["returns"] = draw(_returns(f"redemption/{number}", points))
            found.append(Redemption(f"redemption/{number}", at, points, **ends))
    return found


@st.composite
def entangled(draw):
    """Points that were spent, then lost their order, ended, and came back at last."""
    points = draw(st.integers(2, 12))
    ends_at, returned_at = draw(st.integers(2, 8)), draw(st.integers(2, 8))
    cause, spent = "redemption/late", max(1, draw(_PART)(points))
    late = a_credit(
        "late",
        points,
        reversals=a_return(max(1, draw(_PART)(points)), returned_at, "refund/1@late"),
        expires_at=hour(ends_at),
    )
    wish = Redemption(
        cause, hour(1), spent, captured_at=hour(1), returns=draw(_returns(cause, spent))
    )
    more = draw(st.just([]) | drawn_credits(size=1))
    return [late, *more], [wish, *draw(drawn_commands(size=1))]


class Reckoning:
    """What movements come to, added up one by one without the fold's own book."""

    def __init__(self, folded) -> None:
        """Start before the first movement."""
        self.dates = {lot.name: lot.expires_at for lot in folded.lots}
        self.lapses = {lot.name: lot.lapse.at for lot in folded.lots if lot.lapse}
        self.earned = {lot.name: lot.earned_at for lot in folded.lots}
        self.by_lot = defaultdict(int)
        self.totals = defaultdict(int)

    def take(self, movement) -> None:
        """Add one movement."""
        assert movement.points > 0
        for account, sign in ((movement.source, -1), (movement.target, 1)):
            self.by_lot[movement.lot, account] += sign * movement.points
            self.totals[account] += sign * movement.points

    @property
    def owed(self) -> int:
        """What is owed: the account says it negative."""
        return -self.totals[Account.OWED]

    def is_open(self, lot: str, at: datetime) -> bool:
        """Whether a lot may be spent."""
        ends = self.dates[lot], self.lapses.get(lot)
        return all(end is None or at < end for end in ends)

    def spendable(self, at: datetime) -> list[str]:
        """The lots that may be spent, the first to expire first."""
        lots = [
            lot
            for lot in self.dates
            if self.by_lot[lot, Account.AVAILABLE] > 0 and self.is_open(lot, at)
        ]
        never = datetime.max.replace(tzinfo=UTC)
        return sorted(
            lots, key=lambda lot: (self.dates[lot] or never, self.earned[lot], lot)
        )


def reckoned(folded, look=None) -> Reckoning:
    """All movements added up; `look` sees each before it is taken."""
    reckoning = Reckoning(folded)
    for movement in folded.movements:
        if look:
            look(reckoning, movement)
        reckoning.take(movement)
    return reckoning
