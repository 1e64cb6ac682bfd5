"""Finds what lost messages would have told of disputes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from app.domain.orders import OrderFacts
from app.jobs import Bell
from app.platforms.base import ListedDispute, PastDisputes
from app.storage import inbox, orders
from app.storage.database import Database
from app.storage.reconciliations import Reconciliation
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.arrivals import arrival_of

# Banks have decided by then. A list does not say which disputes changed, so all of them
# are read.
BEGUN_WITHIN = timedelta(days=180)

DisputesOf = Callable[[Store], PastDisputes | None]


@dataclass(frozen=True)
class ComparingDisputes:
    """Compares a store's disputes with what is known of the orders here."""

    database: Database
    keys: Keyring
    disputes_of: DisputesOf
    bell: Bell | None = None

    def steps(
        self, store: Store, found: Reconciliation, *, only_look: bool = False
    ) -> Iterator[Reconciliation]:
        """Yield what was found so far; raises StoreAway."""
        past = self.disputes_of(store)
        if past is None:
            return
        for listed in past.begun(found.until - BEGUN_WITHIN, found.until):
            missed = self._missed(store, listed)
            if missed and not only_look:
                self._tell(store, missed)
            found = replace(found, disputes=found.disputes + len(missed))
            yield found

    def _missed(
        self, store: Store, listed: Sequence[ListedDispute]
    ) -> list[ListedDispute]:
        """Return which were not told as they are, of orders that are known."""
        named = [(store.store_id, each.order_id) for each in listed]
        with self.database.program(store.program_id) as connection:
            known = orders.facts_of(connection, store.program_id, named)
        return [
            each
            for each in listed
            if (facts := known.get((store.store_id, each.order_id)))
            and _is_missed(each, facts)
        ]

    def _tell(self, store: Store, missed: Sequence[ListedDispute]) -> None:
        """Have the inbox keep how disputes are, each once a status."""
        told = [
            arrival_of(store, f"dispute/{each.dispute_id}/{each.status}", each.told)
            for each in missed
        ]
        with self.database.receiver_cursor() as cursor:
            inbox.keep(cursor, self.keys, told)
        if self.bell:
            self.bell.ring()


def _is_missed(listed: ListedDispute, facts: OrderFacts) -> bool:
    """Whether a dispute is not known, or has moved farther than is known."""
    known = facts.disputes.get(listed.dispute_id)
    return known is None or known.newer(replace(known, status=listed.status)) != known
