"""One event, one function; the table at the foot says which.

A handler keeps what an event says and returns the members whose points it may change.
Orders and customers are taken together, since most messages are about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from app.domain import events
from app.domain.presence import Presence
from app.platforms.shopify.set_up import COMPLIANCE
from app.storage import (
    access,
    actions,
    birthdays,
    commands,
    due_catalogues,
    labels,
    orders,
    personal,
    presences,
    redemptions,
    referrals,
    showings,
    stores,
)
from app.storage.products import Product, known_products, note_read, note_tags
from app.storage.tier_grants import accept_tier
from workers.archive import forget_past, past_folder
from workers.data_request import (
    DATA_REQUESTS,
    forget_data_requests,
    write_data_request,
)
from workers.engage import decide_action, report_action, tell_birthday
from workers.redeem import take_step
from workers.refer import claim_referral, decide_referral, pin_reasons
from workers.scene import Scene

# What a store without the app sends all the same.
_FAREWELLS = COMPLIANCE | {"app/uninstalled"}


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
    _note_marks(scene, changes)
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


def uninstall_store(scene: Scene, event: events.StoreUninstalled) -> set[int]:
    """Keep that the owner took the app out: what opened the store is dropped.

    Everybody is forgotten now, if the redaction that follows was heard of before.
    """
    known = presences.note_left(scene.connection, scene.store, event.at)
    is_gone = known.left_at is not None
    access.drop(scene.connection, scene.store, None if is_gone else event.at)
    if is_gone:
        where = scene.connection, scene.store.program_id, scene.store.store_id
        showings.drop(*where)
        due_catalogues.leave(*where)
    return _forget_everybody(scene) if _is_redacted(scene, known) else set()


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


def request_data(scene: Scene, event: events.CustomerDataRequested) -> set[int]:
    """Write all that is kept of a shopper to a file for the owner."""
    write_data_request(scene, event)
    return set()


def redact_customer(
    scene: Scene, event: events.CustomerRedacted
) -> set[int] | events.Ignored:
    """Forget a shopper: who they are goes, the anonymous ledger stays.

    Who became part of them is the same person, whom nobody else will ask to forget.
    """
    customer_ids = {event.customer_id} if event.customer_id else set()
    if event.email_key:
        customer_ids |= set(scene.people.customers_by_email(event.email_key))
    order_ids = {*event.order_ids}
    if event.marks:
        here = scene.connection, scene.store.program_id, scene.store.store_id
        customer_ids = _known_by(scene, event.marks)
        if len(customer_ids) > 1:
            # Who is forgotten cannot be brought back, so nobody is by guess.
            told = "it names a phone that several customers have"
            return events.Ignored(told, is_doubtful=True)
        order_ids |= orders.of_nobody_with(*here, event.marks)
    customer_ids = scene.people.with_merged(customer_ids)
    known = scene.people.customers(customer_ids).values()
    emails = {customer.email_key for customer in known} | {event.email_key}
    keys = {key for key in emails if key}
    return _forget(scene, customer_ids, keys, order_ids)


def _known_by(scene: Scene, marks: Iterable[str]) -> set[str]:
    """Return the customers who are known by marks, none who is part of another."""
    here = scene.connection, scene.store.program_id, scene.store.store_id
    known = scene.people.customers(referrals.known_by(*here, marks)).values()
    return {scene.people.following(each).customer_id for each in known}


def redact_store(
    scene: Scene, event: events.StoreRedacted
) -> set[int] | events.Ignored:
    """Forget everybody of a store, if it was without the app for two days by then."""
    known = presences.note_redaction(scene.connection, scene.store, event.at)
    if not _is_redacted(scene, known):
        return events.Ignored("as far as is known, the store came back within two days")
    left_at = known.left_at or known.gone_by
    assert left_at
    presences.note_left(scene.connection, scene.store, left_at)
    access.drop(scene.connection, scene.store)
    return _forget_everybody(scene)


def _is_redacted(scene: Scene, known: Presence) -> bool:
    if known.gone_by is None:
        return False
    here = scene.connection, scene.store
    return known.is_redacted(presences.seen_after(*here, known.gone_by, _FAREWELLS))


def _forget_everybody(scene: Scene) -> set[int]:
    customer_ids = {customer.customer_id for customer in scene.people.everybody()}
    email_keys = set(scene.people.all_addresses())
    return _forget(scene, customer_ids, email_keys, (), everybody=True)


def _forget(
    scene: Scene,
    customer_ids: set[str],
    email_keys: set[str],
    order_ids: Iterable[str],
    *,
    everybody: bool = False,
) -> set[int]:
    """Forget people; return the members of whom less is known to earn by."""
    program_id, store_id = scene.store.program_id, scene.store.store_id
    known = scene.people.customers(customer_ids).values()
    members = {scene.people.following(customer).member_id for customer in known}
    pin_reasons(scene, members)
    scene.bury(customer_ids | email_keys)
    known = scene.people.customers(customer_ids).values()
    theirs = {scene.people.following(customer).member_id for customer in known}
    birthdays.keep_earned(scene.connection, program_id, store_id, theirs)
    born = personal.forget(scene.connection, program_id, theirs)
    asked_for = stores.program_history(scene.connection, program_id).labels
    labels.forget(scene.connection, program_id, store_id, customer_ids, asked_for)
    forgotten = orders.forget_people(
        scene.connection,
        program_id,
        store_id,
        customer_ids=customer_ids,
        email_keys=email_keys,
        order_ids=order_ids,
        everybody=everybody,
    )
    redemptions.forget(scene.connection, program_id, store_id, customer_ids)
    own = {customer.member_id for customer in known}
    showings.drop(scene.connection, program_id, store_id, own)
    referrals.forget(scene.connection, program_id, store_id, customer_ids)
    scene.people.forget(customer_ids, email_keys)
    order_ids = {*order_ids, *forgotten}
    _forget_files(scene, customer_ids, email_keys, order_ids, everybody=everybody)
    scene.erased.customer_ids.update(customer_ids)
    scene.erased.order_ids.update(order_ids)
    scene.erased.asked_for.update(customer_ids, order_ids)
    scene.erased.everything |= everybody
    return born


def _forget_files(
    scene: Scene,
    customer_ids: set[str],
    email_keys: set[str],
    order_ids: set[str],
    *,
    everybody: bool,
) -> None:
    """Remove the files that name people."""
    folder = scene.home / DATA_REQUESTS
    told = customer_ids | email_keys
    forget_data_requests(folder, scene.store, told, everybody=everybody)
    past = past_folder(scene.home, scene.store)
    forget_past(past, None if everybody else customer_ids | order_ids)


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
    events.ActionDecided: decide_action,
    events.BirthdayTold: tell_birthday,
    events.StoreRedacted: redact_store,
    events.ReferralClaimed: claim_referral,
    events.ReferralDecided: decide_referral,
}
