"""Whom a request of privacy is about, who may be named by an order or a phone alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from app.domain import events
from app.storage import orders, referrals
from app.storage.orders import KeptOrder
from workers.scene import Scene

NO_PHONES = (
    "it names a phone, and no phone numbers are kept here: "
    "ask again with the customer's id or mail address"
)
UNKNOWN_PHONE = "it names a phone by which nobody is known here"
SEVERAL = (
    "several customers come into question: ask again with the customer's id or "
    "mail address"
)
NAMES_NOBODY = "it names neither a customer nor a mail address nor a whole phone"
UNKNOWN = "nobody is known here by the id or mail address that it names"
FORGOTTEN = "who it names was forgotten here before"


@dataclass(frozen=True)
class Whom:
    """The customers and addresses that a request is about, and orders of nobody.

    `unclear` says why nobody was taken where several came into question, and `missing`
    why nobody was found.
    """

    customer_ids: set[str] = field(default_factory=set)
    email_keys: set[str] = field(default_factory=set)
    orders: tuple[KeptOrder, ...] = ()
    unclear: str | None = None
    missing: str | None = None


def whom(
    scene: Scene, event: events.CustomerDataRequested | events.CustomerRedacted
) -> Whom:
    """Return whom a request is about, by the best that it says of them.

    Who is forgotten cannot be brought back, and what is told of somebody not be taken
    back: so of several nobody is taken by guess.
    """
    named = [(scene.store.store_id, order_id) for order_id in event.order_ids]
    kept = orders.kept_orders(scene.connection, scene.store.program_id, named)
    if event.customer_id or event.email_key:
        return _by_name(scene, event, kept)
    addresses = {each.email_key for each in kept if each.email_key}
    by_orders = {each.customer_id for each in kept if each.customer_id}
    for address in addresses:
        by_orders |= set(scene.people.customers_by_email(address))
    by_orders, by_phone = _now(scene, by_orders), _by_phone(scene, event.marks)
    found = by_orders & by_phone or by_orders | by_phone
    if len(found) > 1 or (len(addresses) > 1 and not found):
        return Whom(unclear=SEVERAL)
    nobodys = _of_nobody(scene, event.marks, kept)
    is_found = found or nobodys or kept
    return Whom(found, addresses, nobodys, missing=None if is_found else _why(event))


def _by_name(
    scene: Scene,
    event: events.CustomerDataRequested | events.CustomerRedacted,
    kept: Iterable[KeptOrder],
) -> Whom:
    ids = {event.customer_id} if event.customer_id else set()
    keys = {event.email_key} if event.email_key else set()
    for key in keys:
        ids |= set(scene.people.customers_by_email(key))
    is_known = scene.people.customers(ids) or scene.people.known_owners(keys)
    nobodys = _of_nobody(scene, (), kept)
    missing = None if is_known or nobodys else UNKNOWN
    if missing and scene.forgotten(ids | keys):
        missing = FORGOTTEN
    return Whom(ids, keys, nobodys, missing=missing)


def _by_phone(scene: Scene, marks: Collection[str]) -> set[str]:
    store = scene.store
    here = scene.connection, store.program_id, store.store_id
    return _now(scene, referrals.known_by(*here, marks) if marks else ())


def _now(scene: Scene, customer_ids: Iterable[str]) -> set[str]:
    """Return who these customers are by now, none who is part of another."""
    known = scene.people.customers(customer_ids).values()
    return {scene.people.following(each).customer_id for each in known}


def _of_nobody(
    scene: Scene, marks: Collection[str], kept: Iterable[KeptOrder]
) -> tuple[KeptOrder, ...]:
    """Return the orders, of these and by these marks, that are nobody's."""
    program_id, store_id = scene.store.program_id, scene.store.store_id
    more: list[KeptOrder] = []
    if marks:
        here = scene.connection, program_id, store_id
        named = [(store_id, id_) for id_ in orders.of_nobody_with(*here, marks)]
        more = orders.kept_orders(scene.connection, program_id, named)
    found = {each.facts.order_id: each for each in (*kept, *more)}
    return tuple(
        each
        for each in found.values()
        if not (each.is_forgotten or each.customer_id or each.email_key)
    )


def _why(event: events.CustomerDataRequested | events.CustomerRedacted) -> str:
    if not event.names_phone:
        return NAMES_NOBODY
    return UNKNOWN_PHONE if event.marks else NO_PHONES
