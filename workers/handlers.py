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
from app.storage.members import Identities
from app.storage.stores import Store
from workers.data_request import forget_data_requests, write_data_request

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
    touched = change_customers(
        scene, [change.customer for change in changes if change.customer]
    )
    forgotten = scene.forgotten(_buyers(changes))
    facts = [_without_forgotten(change.facts, forgotten) for change in changes]
    store = scene.store
    kept = orders.merge_orders(
        scene.connection, store.program_id, store.store_id, facts
    )
    scene.erased.order_ids.update(id_ for id_ in kept if kept[id_].is_forgotten)
    scene.erased.order_ids.update(
        change.facts.order_id
        for change, left in zip(changes, facts, strict=True)
        if left is not change.facts
    )
    return touched | _give(scene, kept.values())


def _buyers(changes: Iterable[events.OrderChanged]) -> set[str]:
    buyers = [change.facts.buyer for change in changes if change.facts.buyer]
    named = {buyer.customer_id for buyer in buyers}
    named |= {buyer.email_key for buyer in buyers}
    return {person for person in named if person}


def _without_forgotten(facts: OrderFacts, forgotten: set[str]) -> OrderFacts:
    """Take out who is to stay forgotten; a new customer keeps no forgotten address."""
    buyer = facts.buyer
    if buyer is None or not {buyer.customer_id, buyer.email_key} & forgotten:
        return facts
    if buyer.customer_id and buyer.customer_id not in forgotten:
        return replace(facts, buyer=replace(buyer, email_key=None))
    return replace(facts, buyer=None)


def _give(scene: Scene, kept: Iterable[orders.KeptOrder]) -> set[int]:
    """Give each order to its member, and return everybody whose points that changes."""
    kept = list(kept)
    buyers = [order.facts.buyer for order in kept if order.facts.buyer]
    customers = scene.people.ensure_customers(
        buyer.customer_id for buyer in buyers if buyer.customer_id
    )
    addresses = scene.people.owners(
        buyer.email_key for buyer in buyers if buyer.email_key and not buyer.customer_id
    )
    owners: dict[tuple[int, str], orders.Owner] = {}
    touched: set[int] = set()
    for order in kept:
        buyer = order.facts.buyer
        if buyer and buyer.customer_id:
            customer = scene.people.following(customers[buyer.customer_id])
            owner = orders.Owner(customer.member_id, buyer.customer_id, None)
        elif buyer and buyer.email_key:
            owner = orders.Owner(addresses[buyer.email_key], None, buyer.email_key)
        else:
            # Nobody's, or of somebody who is forgotten, whose it stays.
            touched |= {order.member_id} if order.member_id is not None else set()
            continue
        owners[order.store_id, order.facts.order_id] = owner
        touched |= {
            one for one in (owner.member_id, order.member_id) if one is not None
        }
    orders.give_orders(scene.connection, scene.store.program_id, owners)
    _note_currency(scene, kept)
    return touched


def _note_currency(scene: Scene, kept: Iterable[orders.KeptOrder]) -> None:
    seen = {order.facts.snapshot.currency for order in kept if order.facts.snapshot}
    for currency in sorted(seen - {scene.store.currency}):
        stores.note_currency(scene.connection, scene.store, currency)


def change_customers(
    scene: Scene, changes: Iterable[events.CustomerChanged]
) -> set[int]:
    """Keep who customers are; points that wait under a proven address become theirs."""
    changes = list(changes)
    forgotten = scene.forgotten(
        {change.customer_id for change in changes}
        | {change.email_key for change in changes if change.email_key}
    )
    changes = [change for change in changes if change.customer_id not in forgotten]
    scene.people.ensure_customers(change.customer_id for change in changes)
    proven = [
        (change.email_key, change.customer_id, change.at)
        for change in changes
        if change.email_key and change.email_key not in forgotten
    ]
    latest = {
        by: (by, key, at) for key, by, at in sorted(proven, key=lambda one: one[2])
    }
    scene.people.note_emails(latest.values())
    changed = scene.people.claim(proven)
    return orders.give_guest_orders(
        scene.connection,
        scene.store.program_id,
        scene.store.store_id,
        scene.people.owners(changed),
    )


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


def adjust_points(
    scene: Scene, event: events.PointsAdjusted
) -> set[int] | events.Ignored:
    """Keep an owner's adjustment once; it is never decided again."""
    customer = scene.people.customers([event.customer_id]).get(event.customer_id)
    if customer is None:
        return events.Ignored("no such customer has been seen")
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
        customer_ids |= set(scene.people.customers_by_email(event.email_key))
    known = scene.people.customers(customer_ids).values()
    emails = {customer.email_key for customer in known} | {event.email_key}
    _forget(scene, customer_ids, {key for key in emails if key}, event.order_ids)
    return set()


def redact_store(
    scene: Scene, event: events.StoreRedacted
) -> set[int] | events.Ignored:
    """Forget everybody of a store, unless the owner has installed it again since."""
    store = scene.store
    if store.install_count > 1 and store.installed_at > event.at - REDACTED_AFTER:
        return events.Ignored("the store was installed again before it was redacted")
    customer_ids = {customer.customer_id for customer in scene.people.everybody()}
    _forget(scene, customer_ids, set(scene.people.all_addresses()), (), everybody=True)
    return set()


def _forget(
    scene: Scene,
    customer_ids: set[str],
    email_keys: set[str],
    order_ids: Iterable[str],
    *,
    everybody: bool = False,
) -> None:
    program_id, store_id = scene.store.program_id, scene.store.store_id
    keys = [scene.key(person) for person in customer_ids | email_keys]
    members.bury(scene.connection, program_id, store_id, keys)
    forgotten = orders.forget_people(
        scene.connection,
        program_id,
        store_id,
        customer_ids=customer_ids,
        email_keys=email_keys,
        order_ids=order_ids,
        everybody=everybody,
    )
    scene.people.forget(customer_ids, email_keys)
    forget_data_requests(scene.folder, scene.store, customer_ids, everybody=everybody)
    scene.erased.customer_ids.update(customer_ids)
    scene.erased.order_ids.update(order_ids, forgotten)
    scene.erased.everything |= everybody


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
