"""What a member did, and which of their points lapse because they did nothing.

Placing an order that is paid, taking a reward and an accepted action are activity,
whatever became of them since. What comes by itself is none: a refund, a birthday, a
friend's order, what the owner gives or takes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import itemgetter

from app.domain.credits import MemberOrder
from app.domain.expiry import Patience
from app.domain.ledger import Credit, Debit, Lapse, Redemption

# From when until when nothing had been done for too long, both ends included.
Silence = tuple[datetime, datetime]

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


def moments(
    orders: Iterable[MemberOrder],
    commands: Iterable[Debit | Redemption],
    acted: Iterable[datetime],
) -> list[datetime]:
    """Return when a member did something, oldest first; `acted` is when they acted."""
    placed = (
        each.facts.snapshot.processed_at
        for each in orders
        if each.is_paid and each.facts.snapshot
    )
    taken = (each.at for each in commands if isinstance(each, Redemption))
    return sorted({*placed, *taken, *acted})


def lapsing(credits: Iterable[Credit], active: Sequence[datetime]) -> list[Credit]:
    """Return credits with their lapse; `active` is when their member was, in order.

    A lot lapses at the first moment at which it can be spent and its patience has ended
    since all that was done before, and since it came. What is done at that very moment
    comes too late.

    >>> new_year = datetime(2026, 1, 1, tzinfo=UTC)
    >>> credit = Credit("a", "a", new_year, 100, patience=Patience(new_year, 12))
    >>> def lapses(*active):
    ...     [found] = lapsing([credit], active)
    ...     return found.lapse.at.date().isoformat()
    >>> lapses()
    '2027-01-01'
    >>> lapses(new_year, datetime(2026, 12, 31, tzinfo=UTC))
    '2027-12-31'
    >>> lapses(new_year, datetime(2027, 1, 1, tzinfo=UTC))
    '2027-01-01'
    """
    silences: dict[Patience, list[Silence]] = {}
    found = []
    for credit in credits:
        if credit.patience:
            terms = replace(credit.patience, since=_BEGINNING)
            if terms not in silences:
                silences[terms] = _silences(terms, active)
            credit = replace(credit, lapse=_lapse(credit, silences[terms]))
        found.append(credit)
    return found


def _silences(terms: Patience, active: Iterable[datetime]) -> list[Silence]:
    """Return the times in which nothing had been done for too long; the last is open.

    Months differ in length: the last day of one may end before what came earlier.
    """
    found, begin = [], _BEGINNING
    for at in active:
        if begin <= at:
            found.append((begin, at))
        begin = max(begin, terms.ends(at))
    return [*found, (begin, _END)]


def _lapse(credit: Credit, silences: Sequence[Silence]) -> Lapse | None:
    """Return when a lot ends by itself; never while nobody knows when it is released.

    It is there by then, and its own time counts as something done, for it alone.
    """
    assert credit.patience
    times = [credit.at, credit.patience.ends(credit.patience.since)]
    if credit.is_held:
        if credit.releases_at is None:
            return None
        times.append(credit.releases_at)
    soonest = max(times).astimezone(UTC)
    begin, _ = silences[bisect_left(silences, soonest, key=itemgetter(1))]
    return Lapse(max(soonest, begin), credit.patience.months)
