"""One event, one function; the table at the foot says which.

A handler keeps what an event says and returns the members whose points it may change.
Orders and customers are taken together, since most messages are about them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.domain import events
from app.domain.orders import OrderFacts
from app.storage import inbox, ledger, members, orders, stores
from app.storage.members import Customer, Identities
from app.storage.stores import Store
from workers.data_request import write_data_request

# Shopify redacts a store so long after it was uninstalled.
REDACTED_AFTER = timedelta(hours=48)


@dataclass
class Erased:
    """Whose messages are to lose their bodies."""

    customer_ids: set[str] = field(default_factory=set)
    order_ids: set[str] = field(default_factory=set)
    everything: bool = False

    def is_anything(self) -> bool:
        """Whether there is anything to erase."""
        return bool(self.customer_ids or self.order_ids or self.everything)


@dataclass(frozen=True)
class Scene:
    """Where an event happened, and what a handler needs to keep it."""

    connection: Connection
    store: Store
    people: Identities
    secret_key: str
    folder: Path
    erased: Erased = field(default_factory=Erased)

    @classmethod
    def of(
        cls, connection: Connection, store: Store, secret_key: str, folder: Path
    ) -> Scene:
        """Set the scene in one store."""
        people = Identities(connection, store.program_id, store.store_id)
        return cls(connection, store, people, secret_key, folder)

    def key(self, person: str) -> str:
        """Return the keyed hash under which a forgotten id or address is remembered."""
        named = f"{self.store.store_id}:{person}".encode()
        return hmac.new(self.secret_key.encode(), named, hashlib.sha256).hexdigest()

    def forgotten(self, people: Iterable[str]) -> set[str]:
        """Return which of these customer ids and addresses are to stay forgotten."""
        keys = {self.key(person): person for person in people}
        store = self.store
        found = members.buried(self.connection, store.program_id, store.store_id, keys)
        again = {keys[key] for key in found}
        self.erased.customer_ids.update(again)
        return again

    def erase(self) -> None:
        """Empty the bodies that name the forgotten, once messages know their ids."""
        if self.erased.is_anything():
            inbox.erase_bodies(
                self.connection,
                self.store.program_id,
                self.store.store_id,
                customer_ids=self.erased.customer_ids,
                order_ids=self.erased.order_ids,
                everything=self.erased.everything,
            )


def change_orders(scene: Scene, changes: Iterable[events.OrderChanged]) -> set[int]:
    """Merge what is new about orders, and see whose they are."""
    changes = list(changes)
    if not changes:
        return set()
    forgotten = scene.forgotten(_people(changes))
    touched = change_customers(
        scene, [change.customer for change in changes if change.customer]
    )
    facts = [_without_person(change.facts, forgotten) for change in changes]
    scene.erased.order_ids.update(
        change.facts.order_id
        for change, kept in zip(changes, facts, strict=True)
        if kept is not change.facts
    )
    store = scene.store
    kept = orders.merge_orders(
        scene.connection, store.program_id, store.store_id, facts
    )
    return touched | _give(scene, kept.values())


def _people(changes: Iterable[events.OrderChanged]) -> set[str]:
    snapshots = [change.facts.snapshot for change in changes if change.facts.snapshot]
    named = {snapshot.customer_id for snapshot in snapshots}
    named |= {snapshot.email_key for snapshot in snapshots}
    return {person for person in named if person}


def _without_person(facts: OrderFacts, forgotten: set[str]) -> OrderFacts:
    snapshot = facts.snapshot
    if snapshot is None or not {snapshot.customer_id, snapshot.email_key} & forgotten:
        return facts
    return replace(facts, snapshot=replace(snapshot, customer_id=None, email_key=None))


def _give(scene: Scene, kept: Iterable[orders.KeptOrder]) -> set[int]:
    """Give each order to its member, and return everybody whose points that changes."""
    kept = [order for order in kept if order.facts.snapshot]
    snapshots = [order.facts.snapshot for order in kept if order.facts.snapshot]
    customers = scene.people.ensure_customers(
        snapshot.customer_id for snapshot in snapshots if snapshot.customer_id
    )
    addresses = [
        snapshot.email_key
        for snapshot in snapshots
        if snapshot.email_key and not snapshot.customer_id
    ]
    holders = scene.people.customers_by_email(addresses)
    waiting = [address for address in addresses if address not in holders]
    guests = scene.people.ensure_guests(waiting)
    owners: dict[tuple[int, str], int | None] = {}
    touched: set[int] = set()
    for order in kept:
        assert order.facts.snapshot
        owner = _owner(scene, order.facts.snapshot, customers, holders, guests)
        # Once an order is somebody's it stays theirs when its person is forgotten.
        if owner is not None and owner != order.member_id:
            owners[order.store_id, order.facts.order_id] = owner
        touched |= {one for one in (owner, order.member_id) if one is not None}
    orders.give_orders(scene.connection, scene.store.program_id, owners)
    _note_currency(scene, kept)
    return touched


def _owner(
    scene: Scene,
    snapshot: Any,
    customers: dict[str, Customer],
    holders: dict[str, Customer],
    guests: dict[str, int],
) -> int | None:
    if snapshot.customer_id:
        return scene.people.following(customers[snapshot.customer_id]).member_id
    if snapshot.email_key in holders:
        return holders[snapshot.email_key].member_id
    return guests.get(snapshot.email_key)


def _note_currency(scene: Scene, kept: Iterable[orders.KeptOrder]) -> None:
    seen = {order.facts.snapshot.currency for order in kept if order.facts.snapshot}
    for currency in sorted(seen - {scene.store.currency}):
        stores.note_currency(scene.connection, scene.store, currency)


def change_customers(
    scene: Scene, changes: Iterable[events.CustomerChanged]
) -> set[int]:
    """Keep who customers are; points that wait under a proven address become theirs."""
    changes = list(changes)
    forgotten = scene.forgotten(change.customer_id for change in changes)
    latest: dict[str, events.CustomerChanged] = {}
    for change in sorted(changes, key=lambda change: change.at):
        if change.customer_id not in forgotten:
            latest[change.customer_id] = change
    known = scene.people.ensure_customers(latest)
    proven = {id_: change for id_, change in latest.items() if change.email_key}
    scene.people.note_emails(
        (id_, change.email_key, change.at) for id_, change in proven.items()
    )
    addresses = [change.email_key for change in proven.values() if change.email_key]
    guests = scene.people.guests(addresses)
    touched: set[int] = set()
    for id_, change in sorted(proven.items()):
        guest = guests.get(change.email_key or "")
        if guest is not None:
            touched |= _move(scene, guest, scene.people.following(known[id_]).member_id)
    return touched


def _move(scene: Scene, source: int, target: int) -> set[int]:
    """Give everything of one member to another."""
    program_id = scene.store.program_id
    if source != target and orders.move_orders(
        scene.connection, program_id, source, target
    ):
        return {source, target}
    return {target}


def delete_customer(scene: Scene, event: events.CustomerDeleted) -> set[int]:
    """Keep that the store deleted a customer; the ledger stays as it is."""
    scene.people.ensure_customers([event.customer_id])
    scene.people.note_deleted(event.customer_id, event.at)
    return set()


def merge_customers(scene: Scene, event: events.CustomersMerged) -> set[int]:
    """Make one member of two customers: the kept one has all orders and points."""
    if scene.forgotten([event.kept_id, event.deleted_id]):
        return set()
    known = scene.people.ensure_customers([event.kept_id, event.deleted_id])
    kept = scene.people.following(known[event.kept_id])
    if kept.customer_id == event.deleted_id:
        return set()
    scene.people.note_merged(event.deleted_id, event.kept_id)
    return _move(scene, known[event.deleted_id].member_id, kept.member_id)


def change_product(scene: Scene, event: events.ProductChanged) -> set[int]:
    """Keep a product's tags, for programs that exclude some."""
    stores.note_product_tags(
        scene.connection, scene.store, event.product_id, event.tags, event.at
    )
    return set()


def uninstall_store(scene: Scene, event: events.StoreUninstalled) -> set[int]:
    """Keep that the owner took the app out."""
    stores.note_uninstalled(scene.connection, scene.store, event.at)
    return set()


def adjust_points(scene: Scene, event: events.PointsAdjusted) -> set[int]:
    """Keep an owner's adjustment once; it is never decided again."""
    customer = scene.people.customers([event.customer_id]).get(event.customer_id)
    if customer is None:
        return set()
    member_id = scene.people.following(customer).member_id
    program_id = scene.store.program_id
    ledger.accept_adjustment(scene.connection, program_id, member_id, event)
    return {member_id}


def request_data(scene: Scene, event: events.CustomerDataRequested) -> set[int]:
    """Write all that is kept of a shopper to a file for the owner."""
    write_data_request(scene.connection, scene.store, scene.people, event, scene.folder)
    return set()


def redact_customer(scene: Scene, event: events.CustomerRedacted) -> set[int]:
    """Forget a shopper: who they are goes, the anonymous ledger stays."""
    customer_ids = {event.customer_id} if event.customer_id else set()
    if event.email_key:
        holder = scene.people.customers_by_email([event.email_key]).get(event.email_key)
        customer_ids |= {holder.customer_id} if holder else set()
    emails = [event.email_key] if event.email_key else []
    _forget(scene, sorted(customer_ids), emails, event.order_ids)
    return set()


def redact_store(
    scene: Scene, event: events.StoreRedacted
) -> set[int] | events.Ignored:
    """Forget everybody of a store, unless the owner has installed it again since."""
    store = scene.store
    if store.install_count > 1 and store.installed_at > event.at - REDACTED_AFTER:
        return events.Ignored("the store was installed again before it was redacted")
    customer_ids = [customer.customer_id for customer in scene.people.everybody()]
    _forget(scene, customer_ids, scene.people.all_guests(), (), everybody=True)
    return set()


def _forget(
    scene: Scene,
    customer_ids: list[str],
    email_keys: list[str],
    order_ids: Iterable[str],
    *,
    everybody: bool = False,
) -> None:
    program_id, store_id = scene.store.program_id, scene.store.store_id
    keys = [scene.key(person) for person in [*customer_ids, *email_keys]]
    members.bury(scene.connection, program_id, store_id, keys)
    orders.forget_people(
        scene.connection,
        program_id,
        store_id,
        customer_ids=customer_ids,
        order_ids=order_ids,
        everybody=everybody,
    )
    scene.erased.customer_ids.update(customer_ids)
    scene.erased.order_ids.update(order_ids)
    scene.erased.everything |= everybody
    scene.people.forget(customer_ids, email_keys)


Handler = Callable[[Scene, Any], set[int] | events.Ignored]

HANDLERS: dict[type[Any], Handler] = {
    events.CustomerDeleted: delete_customer,
    events.CustomersMerged: merge_customers,
    events.ProductChanged: change_product,
    events.StoreUninstalled: uninstall_store,
    events.CustomerDataRequested: request_data,
    events.CustomerRedacted: redact_customer,
    events.PointsAdjusted: adjust_points,
    events.StoreRedacted: redact_store,
}
