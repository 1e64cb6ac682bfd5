"""Finds orders that a store has no more, of which no message told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from app.jobs import Bell
from app.platforms.base import AccessDenied, PastOrders
from app.storage import inbox, orders
from app.storage.database import Database
from app.storage.reconciliations import Reconciliation
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.arrivals import arrival_of

# An app is shown the orders of sixty days, unless it has leave for all: of one that is
# older and not shown, nothing can be told. Those of so many weeks are looked for, of
# another week each night.
WEEKS = 7
SHOWN = timedelta(days=60)
_WEEK = timedelta(days=7)
# What is known of so many weeks is read at one go, which looks through all orders.
_AT_ONCE = 52
_READ_S = 120
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def weeks_since(since: datetime, until: datetime) -> range:
    """Return the weeks of a long look that are not among those of each night."""
    return range(WEEKS, -((since - until) // _WEEK))


@dataclass(frozen=True)
class FindingDeleted:
    """Looks for the orders that are known here in the store's own list."""

    database: Database
    keys: Keyring
    bell: Bell | None = None

    def steps(
        self,
        store: Store,
        past: PastOrders,
        found: Reconciliation,
        weeks: Sequence[int] = range(WEEKS),
        *,
        only_look: bool = False,
    ) -> Iterator[Reconciliation]:
        """Yield what was found so far, of orders placed so many weeks ago.

        It asks for the list of each week of which any order is known, and for each
        order that is not in it. Raises StoreAway; AccessDenied where the weeks are
        older than what the store shows.
        """
        for first in range(0, len(weeks), _AT_ONCE):
            some = weeks[first : first + _AT_ONCE]
            if max(some) >= WEEKS:
                _must_show_older(past, found.until)
            known = self._known(store, found.until, some)
            for week in some:
                gone = _gone(past, found.until, week, known[week])
                if gone and week >= WEEKS:
                    # Leave may have ended amid the look, and hidden what was there.
                    _must_show_older(past, found.until)
                if not only_look:
                    self._tell(store, past, found, gone)
                found = replace(found, deleted=found.deleted + len(gone))
                yield found

    def _known(
        self, store: Store, until: datetime, weeks: Iterable[int]
    ) -> Mapping[int, set[str]]:
        """Return the orders that are known here, by the week they were placed in."""
        wanted = set(weeks)
        between = until - (max(wanted) + 1) * _WEEK, until - min(wanted) * _WEEK
        here = store.program_id, store.store_id
        with self.database.program(store.program_id, work_s=_READ_S) as connection:
            placed = orders.placed(connection, *here, *between)
        known: dict[int, set[str]] = defaultdict(set)
        for order_id, at in placed.items():
            known[min((until - at) // _WEEK, max(wanted))].add(order_id)
        return known

    def _tell(
        self, store: Store, past: PastOrders, found: Reconciliation, gone: list[str]
    ) -> None:
        """Have the inbox keep that orders were deleted."""
        told = [
            arrival_of(store, f"{id_}/deleted", past.deletion_told(id_, found.until))
            for id_ in gone
        ]
        if told:
            with self.database.receiver_cursor() as cursor:
                inbox.keep(cursor, self.keys, told)
            if self.bell:
                self.bell.ring()


def _gone(
    past: PastOrders, until: datetime, week: int, known: Iterable[str]
) -> list[str]:
    """Return which orders of a week are gone: a deletion is never taken back.

    So who is not in the list, which may lag behind, is asked for by its id as well.
    """
    known = set(known)
    if not known:
        return []
    between = until - (week + 1) * _WEEK, until - week * _WEEK
    there = {each.order_id for some in past.placed(*between) for each in some}
    return [id_ for id_ in sorted(known - there) if past.read(id_) is None]


def _must_show_older(past: PastOrders, until: datetime) -> None:
    """Raise AccessDenied unless the store shows any order that is older than that."""
    if not any(past.placed(_BEGINNING, until - SHOWN)):
        days = SHOWN.days
        raise AccessDenied(f"the store shows no order of more than {days} days")
