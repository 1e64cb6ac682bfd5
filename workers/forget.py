"""Forgets people and stores: who they are goes, and the anonymous ledger stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from app.domain import events
from app.domain.presence import Presence
from app.storage import (
    access,
    birthdays,
    data_requests,
    due_catalogues,
    labels,
    ledger,
    orders,
    personal,
    presences,
    redemptions,
    referrals,
    showings,
    stores,
)
from app.storage.tombstones import Named, named, order_name
from workers.archive import forget_past, past_folder
from workers.refer import pin_reasons
from workers.scene import Scene
from workers.signs import seen_after
from workers.whom import whom

_log = structlog.get_logger()


def uninstall_store(scene: Scene, event: events.StoreUninstalled) -> set[int]:
    """Keep that the owner took the app out: what opened the store is dropped.

    Everybody is forgotten now, if the redaction that follows was heard of before.
    """
    # When is told by a header, which may say anything; it was not after we heard of it.
    at = min(event.at, ledger.now(scene.connection))
    known = presences.note_left(scene.connection, scene.store, at)
    is_gone = known.left_at is not None
    access.drop(scene.connection, scene.store, None if is_gone else at)
    if is_gone:
        where = scene.connection, scene.store.program_id, scene.store.store_id
        showings.drop(*where)
        due_catalogues.leave(*where)
    return _forget_everybody(scene) if _is_redacted(scene, known) else set()


def redact_customer(
    scene: Scene, event: events.CustomerRedacted
) -> set[int] | events.Ignored:
    """Forget a shopper: who they are goes, the anonymous ledger stays.

    Who became part of them is the same person, whom nobody else will ask to forget.
    """
    who = whom(scene, event)
    if who.unclear or (who.missing and event.is_vague):
        told = str(who.unclear or who.missing)
        _log.warning("nobody forgotten", store_id=scene.store.store_id, why=told)
        return events.Ignored(told, is_doubtful=True)
    order_ids = {*event.order_ids, *(each.facts.order_id for each in who.orders)}
    people = _with_all(scene, who.customer_ids, who.email_keys)
    scene.bury({*people.customer_ids, *people.email_keys})
    scene.bury(map(order_name, order_ids))
    return _forget(scene, people.customer_ids, people.email_keys, order_ids)


def forget_again(
    scene: Scene, is_wanted: Callable[[str], bool], *, everybody: bool = False
) -> set[int]:
    """Forget whom a restored database has again; return who has less to earn by.

    `is_wanted` says of each customer's id, keyed address and order, as tombstones name
    it, whether it was forgotten. Where `everybody` is, the store had left.
    """
    if everybody:
        presences.note_left(scene.connection, scene.store, ledger.now(scene.connection))
        access.drop(scene.connection, scene.store)
        return _forget_everybody(scene)
    found = named(scene.connection, scene.store, is_wanted)
    people = _with_all(scene, found.customer_ids, found.email_keys)
    return _forget(scene, people.customer_ids, people.email_keys, found.order_ids)


def _with_all(scene: Scene, customer_ids: set[str], email_keys: set[str]) -> Named:
    """Return people with those who became part of them, and their addresses."""
    customer_ids = scene.people.with_merged(customer_ids)
    known = scene.people.customers(customer_ids).values()
    keys = {customer.email_key for customer in known if customer.email_key}
    return Named(customer_ids, keys | email_keys)


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
    """Whether everybody is to be forgotten; not while the store takes our tokens.

    Where it is not told that it left, its refusal of them will tell soon.
    """
    connection, store = scene.connection, scene.store
    if known.gone_by is None or presences.is_open(connection, store):
        return False
    return known.is_redacted(seen_after(connection, scene.keys, store, known.gone_by))


def _forget_everybody(scene: Scene) -> set[int]:
    """Forget everybody who is known, and whoever is named before the store is back.

    It is the store that left, so none of them is kept from it should it come back.
    """
    presences.note_forgotten(scene.connection, scene.store)
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
    told = [*customer_ids, *email_keys]
    data_requests.forget(scene.home, scene.store.domain, told, everybody=everybody)
    past = past_folder(scene.home, scene.store)
    forget_past(past, None if everybody else customer_ids | order_ids)
