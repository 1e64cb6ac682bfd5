"""Finds what lost messages would have told of customers, segments too, and merges.

What is missing goes through the inbox, as the message that was lost would have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from app.domain.actions import Newsletter
from app.domain.labels import LabelKind, all_compared
from app.domain.tiers.tags import is_ours
from app.jobs import Bell
from app.platforms.base import Told
from app.platforms.past_customers import ListedCustomer, PastCustomers
from app.storage import actions, inbox, labels, ledger, orders
from app.storage.database import Database
from app.storage.identities import Customer
from app.storage.inbox import Arrival
from app.storage.reconciliations import Reconciliation
from app.storage.sealing import Keyring
from app.storage.stores import Store, program_history
from workers.arrivals import arrival_of
from workers.engage import joining_key, subscription_key
from workers.scene import Scene, conceal

# Known customers are all asked after within so many nights, a part of them each night.
NIGHTS = 7
_AT_ONCE = 250
# So many orders of somebody who is gone are looked at to see whose they are by now.
_ORDERS = 3
# What a programme calls a segment may be no segment's number at all.
_NUMBER = re.compile(r"[0-9]{1,20}")

CustomersOf = Callable[[Store], PastCustomers | None]


@dataclass(frozen=True)
class ComparingCustomers:
    """Compares a store's customers with what is known of them here."""

    database: Database
    keys: Keyring
    secret_key: str
    home: Path
    customers_of: CustomersOf
    bell: Bell | None = None

    def nightly(
        self, store: Store, found: Reconciliation, night: int
    ) -> Iterator[Reconciliation]:
        """Look at who changed, and whether some of all are there still."""
        past = self.customers_of(store)
        if past is None:
            return
        last = found
        for last in self.changed(store, past, found):
            yield last
        yield from self.gone(store, past, last, part=(night % NIGHTS, NIGHTS))

    def changed(
        self,
        store: Store,
        past: PastCustomers,
        found: Reconciliation,
        *,
        only_look: bool = False,
    ) -> Iterator[Reconciliation]:
        """Yield what was found so far of customers who changed; raises StoreAway."""
        for listed in past.changed(found.since, found.until):
            missed = self._missed(store, past, listed)
            if not only_look:
                self._tell(arrival for each in missed for arrival in each)
            found = replace(
                found,
                customers=found.customers + len(listed),
                customers_missed=found.customers_missed + len(missed),
            )
            yield found

    def segments_nightly(
        self, store: Store, found: Reconciliation
    ) -> Iterator[Reconciliation]:
        """Look at who is in the segments that points depend on; raises StoreAway."""
        if past := self.customers_of(store):
            yield from self.segments(store, past, found)

    def segments(
        self,
        store: Store,
        past: PastCustomers,
        found: Reconciliation,
        *,
        only_look: bool = False,
    ) -> Iterator[Reconciliation]:
        """Yield what was found so far of the segments that points depend on.

        Of one that the store has no more nothing is told. Raises StoreAway.
        """
        with self.database.program(store.program_id) as connection:
            history = program_history(connection, store.program_id)
        named = {
            name
            for kind, name in history.labels
            if kind is LabelKind.SEGMENT and _NUMBER.fullmatch(name)
        }
        for segment in sorted(past.segments(named)) if named else ():
            for told in self._moves(store, past, segment):
                if not only_look:
                    self._tell(told)
                missed = found.segments_missed + len(told)
                found = replace(found, segments_missed=missed)
                yield found

    def gone(
        self,
        store: Store,
        past: PastCustomers,
        found: Reconciliation,
        *,
        part: tuple[int, int] = (0, 1),
        only_look: bool = False,
    ) -> Iterator[Reconciliation]:
        """Yield what was found so far of known customers; raises StoreAway.

        A store does not list who was merged or deleted, so all are asked after, or one
        of so many parts of them.
        """
        after = ""
        while True:
            with self.database.program(store.program_id) as connection:
                people = self._scene(connection, store).people
                some = people.living(after, _AT_ONCE, *part)
            if not some:
                return
            after = some[-1].customer_id
            gone = past.gone([each.customer_id for each in some])
            told = [
                arrival
                for each in some
                if each.customer_id in gone
                for arrival in self._end_told(store, past, each, found.until)
            ]
            if not only_look:
                self._tell(told)
            found = replace(
                found,
                looked_for=found.looked_for + len(some),
                gone=found.gone + len(told),
            )
            yield found

    def tell_merge(
        self, store: Store, past: PastCustomers, kept_id: str, gone_id: str
    ) -> None:
        """Have it told that one customer became part of another."""
        with self.database.program(store.program_id) as connection:
            scene = self._scene(connection, store)
            told = past.merge_told(kept_id, gone_id, ledger.now(connection))
        self._tell([self._arrival(scene, told)])

    def known(self, store: Store) -> int:
        """Return how many customers there should be still."""
        with self.database.program(store.program_id) as connection:
            return self._scene(connection, store).people.count_living()

    def _missed(
        self, store: Store, past: PastCustomers, listed: Sequence[ListedCustomer]
    ) -> list[list[Arrival]]:
        """Return, for each customer of whom something was missed, what to tell."""
        with self.database.program(store.program_id) as connection:
            scene = self._scene(connection, store)
            forgotten = scene.forgotten(each.customer_id for each in listed)
            listed = [each for each in listed if each.customer_id not in forgotten]
            ids = [each.customer_id for each in listed]
            known = scene.people.customers(ids)
            here = store.program_id, store.store_id
            tags = labels.tags_of(connection, *here, ids)
            joining = {id_: joining_key(scene, id_) for id_ in ids}
            joined = actions.joined(connection, store.program_id, joining.values())
            subscribed = _subscriptions_missed(scene, listed)
        found = []
        for each in listed:
            id_ = each.customer_id
            told = list(_tags_told(past, each, tags.get(id_, set())))
            is_told = (joining[id_], each.has_account) in joined
            if not is_told or self._is_outdated(each, known.get(id_)):
                told.insert(0, past.change_told(each))
            if id_ in subscribed:
                told.append(past.subscription_told(each))
            if told:
                found.append([self._arrival(scene, one) for one in told])
        return found

    def _moves(
        self, store: Store, past: PastCustomers, segment: str
    ) -> Iterator[list[Arrival]]:
        """Yield the messages of a segment that were missed, a page at once.

        No list says when somebody came or left. It counts from the moment before the
        list is read: what messages tell meanwhile is later, so it holds.
        """
        with self.database.program(store.program_id) as connection:
            at = ledger.now(connection)
        here = store.program_id, store.store_id
        there: set[str] = set()
        for ids in past.members(segment):
            there.update(ids)
            with self.database.program(store.program_id) as connection:
                scene = self._scene(connection, store)
                known = labels.segment_of(connection, *here, segment, ids)
                forgotten = scene.forgotten(ids)
            joined = {
                id_: known.get(id_)
                for id_ in ids
                if id_ not in forgotten and not (id_ in known and known[id_][0])
            }
            yield self._moved(scene, past, (segment, at), joined, is_given=True)
        after = ""
        while True:
            with self.database.program(store.program_id) as connection:
                scene = self._scene(connection, store)
                held = labels.in_segment(connection, *here, segment, after, _AT_ONCE)
            if not held:
                return
            *_, after = held
            left = {id_: last for id_, last in held.items() if id_ not in there}
            yield self._moved(scene, past, (segment, at), left, is_given=False)

    def _moved(
        self,
        scene: Scene,
        past: PastCustomers,
        move: tuple[str, datetime],
        whose: Mapping[str, labels.LastTold | None],
        *,
        is_given: bool,
    ) -> list[Arrival]:
        """Return what tells that customers moved, alike until it is settled.

        What was told since the look began is newer than what the store listed.
        """
        segment, at = move
        found = []
        for id_, last in whose.items():
            if last and last[1] >= at:
                continue
            told = past.segment_told(id_, segment, at, is_given=is_given)
            since = last[1].astimezone(UTC).isoformat() if last else "never"
            arrival = self._arrival(scene, told)
            named = scene.key(f"{told.topic} {told.body.decode()} {since}")[:32]
            found.append(replace(arrival, delivery_id=f"reconciled/segment/{named}"))
        return found

    def _is_outdated(self, listed: ListedCustomer, known: Customer | None) -> bool:
        """Whether a customer is not known, or has an address that was not told."""
        if known is None or listed.email is None:
            return known is None
        is_older = known.email_at is None or known.email_at < listed.updated_at
        return is_older and known.email_key != conceal(self.secret_key, listed.email)

    def _end_told(
        self, store: Store, past: PastCustomers, customer: Customer, at: datetime
    ) -> Iterator[Arrival]:
        """Yield what became of somebody who is gone, as far as it can be known.

        The orders of who was merged are the other's, which may have been told before;
        who has orders is not deleted.
        """
        gone_id, here = customer.customer_id, (store.program_id, store.store_id)
        with self.database.program(store.program_id) as connection:
            scene = self._scene(connection, store)
            theirs = orders.some_of_customer(connection, *here, gone_id, _ORDERS)
            theirs = theirs or orders.passed_on(
                connection, *here, customer.member_id, _ORDERS
            )
        buyers = {past.buyer(order_id) for order_id in theirs} - {None, gone_id}
        if not theirs:
            yield self._arrival(scene, past.deletion_told(gone_id, at))
        elif len(buyers) == 1:
            [kept_id] = buyers
            assert kept_id
            yield self._arrival(scene, past.merge_told(kept_id, gone_id, at))

    def _scene(self, connection: Connection, store: Store) -> Scene:
        return Scene.of(connection, store, self.secret_key, self.keys, self.home)

    def _arrival(self, scene: Scene, told: Told) -> Arrival:
        """Return what the inbox keeps, under a name that is kept and names nobody."""
        key = scene.key(f"reconciled {told.topic} {told.body.decode()}")[:32]
        return arrival_of(scene.store, f"customer/{key}", told)

    def _tell(self, arrivals: Iterable[Arrival]) -> None:
        """Have the inbox keep what messages did not tell."""
        if told := list(arrivals):
            with self.database.receiver_cursor() as cursor:
                inbox.keep(cursor, self.keys, told)
            if self.bell:
                self.bell.ring()


def _subscriptions_missed(scene: Scene, listed: Iterable[ListedCustomer]) -> set[str]:
    """Return who subscribed to mail without that being known, where it may earn."""
    history = program_history(scene.connection, scene.store.program_id)
    keys = {
        subscription_key(scene, each.customer_id, each.subscribed_at): each.customer_id
        for each in listed
        if each.subscribed_at and history.at(each.subscribed_at).has_engagement
    }
    where = scene.connection, scene.store.program_id, Newsletter.kind
    known = actions.known_keys(*where, keys)
    return {id_ for key, id_ in keys.items() if key not in known}


def _tags_told(
    past: PastCustomers, listed: ListedCustomer, known: set[str]
) -> Iterator[Told]:
    """Yield the messages of tags that differ; ours follow from the rules."""
    there = {tag for tag in all_compared(listed.tags) if not is_ours(tag)}
    if new := there - known:
        yield past.tags_told(listed, new, is_given=True)
    if lost := known - there:
        yield past.tags_told(listed, lost, is_given=False)
