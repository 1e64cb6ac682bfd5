"""One event, one function; the table at the foot says which.

A handler keeps what an event says and returns the members whose points it may change.
Orders and customers are taken together, since most messages are about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from app.domain import events
from app.storage import (
    access,
    actions,
    commands,
    due_catalogues,
    labels,
    orders,
    personal,
    referrals,
    showings,
)
from app.storage.products import Product, known_products, note_read, note_tags
from app.storage.tier_grants import accept_tier
from workers.data_request import request_data
from workers.engage import decide_action, report_action, subscribe, tell_birthday
from workers.forget import redact_customer, redact_store, uninstall_store
from workers.redeem import take_step
from workers.refer import claim_referral, decide_referral
from workers.scene import Scene


def change_customers(
    scene: Scene, changes: Iterable[events.CustomerChanged]
) -> set[int]:
    """Keep who customers are; points that wait under a proven address become theirs."""
    changes = _without_forgotten(scene, list(changes))
    scene.people.ensure_customers(change.customer_id for change in changes)
    _note_marks(scene, changes)
    proven = [
        (change.email_key, change.customer_id, change.at)
        for change in changes
        if change.email_key
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


def _without_forgotten(
    scene: Scene, changes: list[events.CustomerChanged]
) -> list[events.CustomerChanged]:
    """Return changes without customers and addresses that are to stay forgotten.

    Who orders or joins once their store has come back is somebody new. That the store
    changes a record brings nobody back: it is no deed of whom it is about.
    """
    scene.ask_after({name for each in changes for name in _names(each)})
    left = []
    for each in changes:
        if each.ordered_at:
            forgotten = scene.forgotten_buyers(_names(each), each.ordered_at)
        else:
            forgotten = scene.forgotten(_names(each), each.joined_at)
        if each.customer_id not in forgotten:
            is_known = each.email_key not in forgotten
            left.append(each if is_known else replace(each, email_key=None))
    return left


def _names(change: events.CustomerChanged) -> set[str]:
    return {name for name in (change.customer_id, change.email_key) if name}


def _note_marks(scene: Scene, changes: Iterable[events.CustomerChanged]) -> None:
    """Keep by what customers are known again, where anybody needs to know."""
    if scene.keeps_marks:
        referrals.note_marks(
            scene.connection,
            scene.store.program_id,
            scene.store.store_id,
            [(each.customer_id, each.marks, each.at) for each in changes],
        )


def _move(scene: Scene, source: int, target: int) -> set[int]:
    """Give everything of one member to another."""
    program_id = scene.store.program_id
    if source == target:
        return {target}
    moved = [
        move(scene.connection, program_id, source, target)
        for move in (
            orders.move_orders,
            actions.move_acts,
            labels.move,
            referrals.move,
        )
    ]
    moved.append(
        personal.move(scene.connection, scene.keys, program_id, source, target)
    )
    return {source, target} if any(moved) else {target}


def delete_customer(scene: Scene, event: events.CustomerDeleted) -> set[int]:
    """Keep that the store deleted a customer; the ledger stays as it is."""
    if scene.forgotten([event.customer_id]):
        return set()
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
    store = scene.store
    # What the store says of the kept one it may have from the other.
    showings.distrust(
        scene.connection, store.program_id, store.store_id, kept.member_id
    )
    return _move(scene, known[event.deleted_id].member_id, kept.member_id)


def change_product(scene: Scene, event: events.ProductChanged) -> set[int]:
    """Keep a product's tags, for programmes that look at them.

    Other tags may put it into other collections, of which the store tells nothing.
    """
    connection, store, told = scene.connection, scene.store, event.tags
    known = known_products(connection, store.program_id, [event.product_id])
    before = known.get((store.store_id, event.product_id), Product())
    note_tags(connection, store, event.product_id, told, event.at)
    if before.tags_at is None or set(before.tags) != set(told):
        due_catalogues.note_changed(connection, store, event.at)
    return set()


def change_collections(scene: Scene, event: events.CollectionsChanged) -> set[int]:
    """Have the products read again, since the store does not say which they are."""
    due_catalogues.note_changed(scene.connection, scene.store, event.at)
    return set()


def read_products(scene: Scene, event: events.ProductsRead) -> set[int]:
    """Keep what the store said of its products when it was asked."""
    note_read(scene.connection, scene.store, event.products, event.at)
    return set()


def change_scopes(scene: Scene, event: events.StoreScopesChanged) -> set[int]:
    """Keep what the owner lets us do, and have the store set up by it."""
    access.note_scopes(scene.connection, scene.store, event.scopes, event.at)
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
    commands.accept_adjustment(scene.connection, program_id, member_id, event)
    return {member_id}


def give_tier(scene: Scene, event: events.TierGiven) -> set[int] | events.Ignored:
    """Keep once that an owner gave a tier."""
    customer = scene.people.customers([event.customer_id]).get(event.customer_id)
    if customer is None:
        return events.Ignored("no such customer has been seen")
    member_id = scene.people.following(customer).member_id
    accept_tier(scene.connection, scene.store.program_id, member_id, event)
    return {member_id}


Handler = Callable[[Scene, Any], set[int] | events.Ignored]

HANDLERS: dict[type[Any], Handler] = {
    events.CustomerDeleted: delete_customer,
    events.CustomersMerged: merge_customers,
    events.ProductChanged: change_product,
    events.CollectionsChanged: change_collections,
    events.ProductsRead: read_products,
    events.StoreUninstalled: uninstall_store,
    events.StoreScopesChanged: change_scopes,
    events.CustomerDataRequested: request_data,
    events.CustomerRedacted: redact_customer,
    events.PointsAdjusted: adjust_points,
    events.RedemptionTaken: take_step,
    events.TierGiven: give_tier,
    events.ActionReported: report_action,
    events.MailSubscribed: subscribe,
    events.ActionDecided: decide_action,
    events.BirthdayTold: tell_birthday,
    events.StoreRedacted: redact_store,
    events.ReferralClaimed: claim_referral,
    events.ReferralDecided: decide_referral,
}
