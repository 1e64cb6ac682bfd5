"""Finds what a lost message would have told: a store's own list, against the facts.

What is missing is read from the store, and goes through the inbox like any message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.domain.orders import OrderFacts
from app.jobs import Bell
from app.platforms.base import AccessDenied, Listed, PastOrders, StoreAway
from app.storage import (
    access,
    due_plans,
    inbox,
    ledger,
    orders,
    reconciliations,
    stores,
)
from app.storage.database import Database
from app.storage.reconciliations import Reconciliation
from app.storage.sealing import Keyring
from app.storage.stores import Store
from workers.arrivals import arrival_of
from workers.compare_customers import ComparingCustomers
from workers.compare_disputes import ComparingDisputes
from workers.deleted_orders import WEEKS, FindingDeleted
from workers.leaving import Leaving

RECONCILED_EVERY = timedelta(days=1)
# A change shows late in a list, and its message may be on its way still.
OVERLAP = timedelta(hours=1)
MESSAGES_TAKE = timedelta(minutes=5)

PastsOf = Callable[[Store], PastOrders | None]

_log = structlog.get_logger()


@dataclass(frozen=True)
class Reconciling:
    """Looks at the lists of stores; what it finds, workers settle."""

    database: Database
    keys: Keyring
    pasts_of: PastsOf
    customers: ComparingCustomers
    disputes: ComparingDisputes
    bell: Bell | None = None
    clock: Callable[[Connection], datetime] = ledger.now

    def reconcile(
        self, store: Store, past: PastOrders, since: datetime, until: datetime
    ) -> Reconciliation:
        """Look at what changed in a time, have it told again, and keep what was found.

        Raises StoreAway; what was found until then is on its way already.
        """
        steps = self.steps(store, past, since, until)
        *_, found = Reconciliation(since, until), *steps
        night = until.toordinal()
        # Segments and disputes are read whole each night, so none is missed for good.
        gone = self.deleted.steps(store, past, found, [night % WEEKS])
        found = _as_far_as_allowed(store, found, gone)
        moves = self.customers.segments_nightly(store, found)
        found = _as_far_as_allowed(store, found, moves, but_for=StoreAway)
        people = self.customers.nightly(store, found, night)
        found = _as_far_as_allowed(store, found, people)
        disputes = self.disputes.steps(store, found)
        found = _as_far_as_allowed(store, found, disputes, but_for=StoreAway)
        self.keep(store, found)
        return found

    @property
    def deleted(self) -> FindingDeleted:
        """Return what finds orders that are gone."""
        return FindingDeleted(self.database, self.keys, self.bell)

    def keep(self, store: Store, found: Reconciliation) -> None:
        """Keep what was found in a store, and how far the look reached."""
        with self.database.program(store.program_id) as connection:
            reconciliations.keep(connection, store, found)
            access.note_open(connection, store)

    def unseen_from(self, store: Store) -> datetime:
        """Return when a look at a store that is kept must begin, at the latest.

        The next one begins where it ends, so what it leaves out before, all leave out.
        """
        return _unseen_from(store, self._reached(store))

    def steps(
        self,
        store: Store,
        past: PastOrders,
        since: datetime,
        until: datetime,
        *,
        only_look: bool = False,
    ) -> Iterator[Reconciliation]:
        """Yield what was found so far, after every few orders."""
        found = Reconciliation(since, until)
        for listed in past.changed(since, until):
            known = self._known(store, listed)
            missed = [each for each in listed if _is_missed(each, known)]
            unknown = sum(each.order_id not in known for each in missed)
            found = replace(
                found,
                looked_at=found.looked_at + len(listed),
                unknown=found.unknown + unknown,
                outdated=found.outdated + len(missed) - unknown,
            )
            if not only_look:
                self._tell(store, past, missed)
                # What was missed comes with its plans.
                anew = {each.order_id for each in missed}
                self._note_plans(store, [known[id_] for id_ in known.keys() - anew])
            yield found

    def daily(self) -> None:
        """Look at each store whose last look was a day ago; one that is away waits.

        Of one that has left without a word, that is told in its place; so is what was
        doubted of those that are away. Whatever goes wrong with one, the next has its
        turn.
        """
        leaving = Leaving(self.database, self.keys, self.bell)
        with self.database.auditor() as connection:
            now = self.clock(connection)
            installed = [
                each
                for each in stores.all_stores(connection)
                if each.uninstalled_at is None
            ]
        leaving.remind(now)
        for store in installed:
            try:
                self._look_if_due(store, now, leaving)
            except Exception as error:
                name = type(error).__name__
                _log.error("store not compared", store_id=store.store_id, error=name)

    def _look_if_due(self, store: Store, now: datetime, leaving: Leaving) -> None:
        since = self._since(store, now)
        past = self.pasts_of(store) if since else None
        if since is None or past is None:
            return
        try:
            found = self.reconcile(store, past, since, now - MESSAGES_TAKE)
        except StoreAway as error:
            store_id = store.store_id
            _log.warning("store not compared", store_id=store_id, why=str(error))
            leaving.look(store)
            return
        if found.is_anything_missed:
            _log.warning(
                "messages were missed",
                store_id=store.store_id,
                unknown=found.unknown,
                outdated=found.outdated,
                customers=found.customers_missed,
                segments=found.segments_missed,
                gone=found.gone,
                deleted=found.deleted,
                disputes=found.disputes,
            )

    def _since(self, store: Store, now: datetime) -> datetime | None:
        """Return from when on to look at a store, None where it is not its time."""
        reached = self._reached(store)
        is_fresh = reached and now - MESSAGES_TAKE - reached < RECONCILED_EVERY
        return None if is_fresh else _unseen_from(store, reached)

    def _reached(self, store: Store) -> datetime | None:
        with self.database.program(store.program_id) as connection:
            return reconciliations.reached(connection, store)

    def _known(self, store: Store, listed: Iterable[Listed]) -> dict[str, OrderFacts]:
        named = [(store.store_id, each.order_id) for each in listed]
        with self.database.program(store.program_id) as connection:
            found = orders.facts_of(connection, store.program_id, named)
        return {order_id: facts for (_, order_id), facts in found.items()}

    def _note_plans(self, store: Store, known: Iterable[OrderFacts]) -> None:
        """Have plans read that nobody asked for when their orders were heard of."""
        with self.database.program(store.program_id) as connection:
            history = stores.program_history(connection, store.program_id)
            due_plans.note(connection, store, history, known)

    def _tell(self, store: Store, past: PastOrders, missed: Iterable[Listed]) -> None:
        """Have the inbox keep what the store says of orders."""
        for each in missed:
            told = past.read(each.order_id)
            if told is None:
                continue
            with self.database.receiver_cursor() as cursor:
                arrival = arrival_of(store, each.order_id, told)
                inbox.keep(cursor, self.keys, [arrival])
            if self.bell:
                self.bell.ring()


def _unseen_from(store: Store, reached: datetime | None) -> datetime:
    return (reached or store.installed_at) - OVERLAP


def _as_far_as_allowed(
    store: Store,
    found: Reconciliation,
    steps: Iterator[Reconciliation],
    but_for: type[StoreAway] = AccessDenied,
) -> Reconciliation:
    """Return what was found by now, in a store that may not let us look there."""
    try:
        for step in steps:
            found = step
    except but_for as error:
        _log.warning("not all compared", store_id=store.store_id, why=str(error))
    return found


def _is_missed(listed: Listed, known: dict[str, OrderFacts]) -> bool:
    """Whether the newest that is known of an order is older than its last change."""
    facts = known.get(listed.order_id)
    snapshot = facts.snapshot if facts else None
    return snapshot is None or snapshot.updated_at < listed.updated_at
