"""Finds orders that a store has no more, of which no message told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from app.jobs import Bell
from app.platforms.base import PastOrders
from app.storage import inbox, orders
from app.storage.database import Database
from app.storage.reconciliations import Reconciliation
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.arrivals import arrival_of

# An app is shown the orders of sixty days: of one that is older and not shown, nothing
# can be told. Those of so many weeks are looked for, of another week each night.
WEEKS = 7
_WEEK = timedelta(days=7)


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
        weeks: Iterable[int] = range(WEEKS),
        *,
        only_look: bool = False,
    ) -> Iterator[Reconciliation]:
        """Yield what was found so far, of orders placed so many weeks ago.

        Raises StoreAway.
        """
        for week in weeks:
            gone = self._gone(store, past, found, week)
            if not only_look:
                self._tell(store, past, found, gone)
            found = replace(found, deleted=found.deleted + len(gone))
            yield found

    def _gone(
        self, store: Store, past: PastOrders, found: Reconciliation, week: int
    ) -> list[str]:
        """Return which orders of a week are gone: a deletion is never taken back.

        So who is not in the list, which may lag behind, is asked for by its id as well.
        """
        until = found.until - week * _WEEK
        between = until - _WEEK, until
        with self.database.program(store.program_id) as connection:
            here = store.program_id, store.store_id
            known = orders.placed(connection, *here, *between)
        if not known:
            return []
        there = {each.order_id for some in past.placed(*between) for each in some}
        return [id_ for id_ in sorted(known - there) if past.read(id_) is None]

    def _tell(
        self, store: Store, past: PastOrders, found: Reconciliation, gone: list[str]
    ) -> None:
        """Have the inbox keep that orders were deleted."""
        told = [
            arrival_of(
                self.keys, store, f"{id_}/deleted", past.deletion_told(id_, found.until)
            )
            for id_ in gone
        ]
        if told:
            with self.database.receiver_cursor() as cursor:
                inbox.keep(cursor, told)
            if self.bell:
                self.bell.ring()
