"""Shopify's topics: the table that says which body each has, and what it says to us."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from app.domain import events
from app.domain.events import Ignored, Translated
from app.domain.labels import LabelKind, all_compared
from app.domain.marks import phone_mark
from app.domain.orders import OrderFacts
from app.platforms.base import Message
from app.platforms.shopify import bodies
from app.platforms.shopify.marks import buyer_marks, card_mark, order_marks
from app.platforms.shopify.orders import (
    customer_id,
    dispute_facts,
    moment,
    order_facts,
    payment_facts,
    refund,
)

_STATUS_URL = re.compile(r"https://([a-z0-9-]+\.myshopify\.com)/", re.ASCII | re.I)


def _order(body: bodies.Order, message: Message) -> Translated:
    email = body.email or body.contact_email or (body.customer and body.customer.email)
    key = message.conceal(email) if email else None
    marks = message.concealed(order_marks(body))
    facts = order_facts(body, message.at, key, marks)
    buyer = body.customer
    at = moment(body.updated_at, body.processed_at, body.created_at, message.at)
    customer = None
    if buyer and customer_id(buyer):
        customer = _changed(buyer, message, at, facts.placed_at)
    return _about_order(facts, customer, _store_of(body.order_status_url))


def _store_of(url: str | None) -> str | None:
    """Return the store in an order's own address; one under its own name is no help."""
    found = _STATUS_URL.match(url or "")
    return found[1].lower() if found else None


def _refund(body: bodies.RefundCreated, message: Message) -> Translated:
    fact = refund(body, None, message.at)
    return _about_order(OrderFacts(str(body.order_id), refunds={fact.id: fact}))


def _payment(body: bodies.OrderTransactionCreated, message: Message) -> Translated:
    marks = message.concealed([card_mark(body.payment_details)])
    return _about_order(replace(payment_facts(body), marks=marks))


def _dispute(body: bodies.Dispute, message: Message) -> Translated:
    if body.order_id is None:
        return Translated(Ignored("the dispute names no order"))
    return _about_order(dispute_facts(str(body.order_id), body, message.at))


def _order_edited(body: bodies.OrderEdited, message: Message) -> Translated:  # noqa: ARG001
    reason = "an edit carries no totals; orders/updated brings the order as edited"
    return Translated(Ignored(reason), order_id=str(body.order_edit.order_id))


def _order_deleted(body: bodies.OrderDeleted, message: Message) -> Translated:
    _must_not_carry(body.line_items, "an order")
    return _about_order(OrderFacts(str(body.id), deleted_at=message.at))


def _about_order(
    facts: OrderFacts,
    customer: events.CustomerChanged | None = None,
    domain: str | None = None,
) -> Translated:
    return Translated(
        events.OrderChanged(facts, customer),
        order_id=facts.order_id,
        customer_id=customer.customer_id if customer else None,
        domain=domain,
    )


def _customer(body: bodies.Customer, message: Message) -> Translated:
    _must_not_carry(body.line_items, "an order")
    _must_not_carry(body.myshopify_domain, "a store")
    changed = _changed(body, message, message.at)
    if body.created_at:
        has_account = None if body.state is None else body.state == "enabled"
        joined_at = moment(body.created_at)
        changed = replace(changed, joined_at=joined_at, has_account=has_account)
    return Translated(changed, customer_id=str(body.id))


def _changed(
    body: bodies.Buyer,
    message: Message,
    at: datetime,
    ordered_at: datetime | None = None,
) -> events.CustomerChanged:
    """Only a proven address may claim what waits under it."""
    is_proven = body.email and body.verified_email is not False
    return events.CustomerChanged(
        customer_id=str(body.id),
        email_key=message.conceal(body.email) if body.email and is_proven else None,
        at=moment(body.updated_at, body.created_at, at),
        ordered_at=ordered_at,
        marks=message.concealed(buyer_marks(body)),
    )


def _email_consent(body: bodies.EmailConsentUpdated, message: Message) -> Translated:
    """Only who is subscribed by now did something; `pending` has yet to confirm it."""
    customer, consent = str(body.customer_id), body.email_marketing_consent
    if consent.state.lower() != "subscribed":
        reason = "only subscribing is reported; what it earned stays"
        return Translated(Ignored(reason), customer_id=customer)
    at = moment(consent.consent_updated_at, message.at)
    return Translated(events.MailSubscribed(customer, at), customer_id=customer)


def _customer_deleted(body: bodies.CustomerDeleted, message: Message) -> Translated:
    _must_not_carry(body.email, "a customer")
    event = events.CustomerDeleted(str(body.id), message.at)
    return Translated(event, customer_id=str(body.id))


def _customers_merged(body: bodies.CustomersMerged, message: Message) -> Translated:  # noqa: ARG001
    if body.status and body.status.lower() != "completed":
        return Translated(Ignored(f"the merge has not happened: {body.status}"))
    kept = _tail(body.admin_graphql_api_customer_kept_id)
    deleted = _tail(body.admin_graphql_api_customer_deleted_id)
    return Translated(events.CustomersMerged(kept, deleted), customer_id=deleted)


def _tail(gid: str) -> str:
    return gid.rpartition("/")[2]


def _tags(*, is_given: bool) -> Topic:
    def translate(body: bodies.CustomerTags, message: Message) -> Translated:  # noqa: ARG001
        at, tags = moment(body.occurred_at), all_compared(body.tags)
        return _labels(body.customer_id, LabelKind.TAG, tags, at, is_given=is_given)

    return _topic(bodies.CustomerTags, translate)


def _segment(*, is_given: bool) -> Topic:
    def translate(body: bodies.CustomerSegment, message: Message) -> Translated:
        segment = all_compared([_tail(body.segment_id)])
        whose, kind = body.customer_id, LabelKind.SEGMENT
        return _labels(whose, kind, segment, message.at, is_given=is_given)

    return _topic(bodies.CustomerSegment, translate)


def _labels(
    gid: str, kind: LabelKind, names: frozenset[str], at: datetime, *, is_given: bool
) -> Translated:
    customer = _tail(gid)
    event = events.LabelsChanged(customer, kind, names, is_given, at)
    told = event if names else Ignored(f"it names no {kind}")
    return Translated(told, customer_id=customer)


def _product(body: bodies.Product, message: Message) -> Translated:
    tags = body.tags.split(",") if isinstance(body.tags, str) else body.tags or ()
    found = tuple(tag.strip() for tag in tags if tag.strip())
    at = moment(body.updated_at, message.at)
    return Translated(events.ProductChanged(str(body.id), found, at))


def _collection(body: bodies.Collection, message: Message) -> Translated:  # noqa: ARG001
    return Translated(events.CollectionsChanged(message.at))


def _uninstalled(body: bodies.Shop, message: Message) -> Translated:
    return Translated(events.StoreUninstalled(message.at), domain=body.myshopify_domain)


def _scopes_updated(body: bodies.ScopesUpdated, message: Message) -> Translated:
    at = moment(body.updated_at, message.at)
    return Translated(events.StoreScopesChanged(tuple(body.current), at))


def _data_request(body: bodies.CustomersDataRequest, message: Message) -> Translated:
    id_, key, marks = _person(body.customer, message)
    event = events.CustomerDataRequested(
        str(body.data_request.id),
        message.at,
        id_,
        key,
        tuple(str(order_id) for order_id in body.orders_requested or ()),
        marks,
        names_phone=phone_mark(body.customer.phone) is not None,
    )
    return Translated(event, customer_id=event.customer_id, domain=body.shop_domain)


def _redact(body: bodies.CustomersRedact, message: Message) -> Translated:
    _must_not_carry(body.data_request, "a data request")
    id_, key, marks = _person(body.customer, message)
    event = events.CustomerRedacted(
        id_,
        key,
        tuple(str(order_id) for order_id in body.orders_to_redact or ()),
        marks,
        names_phone=phone_mark(body.customer.phone) is not None,
    )
    return Translated(event, customer_id=event.customer_id, domain=body.shop_domain)


def _person(
    body: bodies.Person, message: Message
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Return who a request is about: by phone where nothing better is told."""
    key = message.conceal(body.email) if body.email else None
    id_ = None if body.id is None else str(body.id)
    by_phone = None if id_ or key else phone_mark(body.phone)
    return id_, key, message.concealed([by_phone])


def _shop_redact(body: bodies.ShopRedact, message: Message) -> Translated:
    _must_not_carry(body.customer, "about one customer")
    return Translated(events.StoreRedacted(message.at), domain=body.shop_domain)


def _must_not_carry(field: msgspec.Raw | msgspec.UnsetType, what: str) -> None:
    """Refuse a body that belongs to another topic: topics are not signed."""
    if not isinstance(field, msgspec.UnsetType):
        raise ValueError(f"the body is {what}, which this topic never carries")


class Topic(NamedTuple):
    """How to read one topic's body, and how to say it."""

    decoder: msgspec.json.Decoder[Any]
    translate: Callable[[Any, Message], Translated]


def _topic(
    body: type[bodies.Body], translate: Callable[[Any, Message], Translated]
) -> Topic:
    return Topic(msgspec.json.Decoder(body, strict=True), translate)


_ORDER = _topic(bodies.Order, _order)
_CUSTOMER = _topic(bodies.Customer, _customer)
_DISPUTE = _topic(bodies.Dispute, _dispute)
_PRODUCT = _topic(bodies.Product, _product)
_COLLECTION = _topic(bodies.Collection, _collection)

TOPICS: dict[str, Topic] = {
    "orders/create": _ORDER,
    "orders/paid": _ORDER,
    "orders/updated": _ORDER,
    "orders/fulfilled": _ORDER,
    "orders/partially_fulfilled": _ORDER,
    "orders/cancelled": _ORDER,
    "orders/edited": _topic(bodies.OrderEdited, _order_edited),
    "orders/delete": _topic(bodies.OrderDeleted, _order_deleted),
    "refunds/create": _topic(bodies.RefundCreated, _refund),
    "order_transactions/create": _topic(bodies.OrderTransactionCreated, _payment),
    "disputes/create": _DISPUTE,
    "disputes/update": _DISPUTE,
    "customers/create": _CUSTOMER,
    "customers/update": _CUSTOMER,
    "customers/delete": _topic(bodies.CustomerDeleted, _customer_deleted),
    "customers/merge": _topic(bodies.CustomersMerged, _customers_merged),
    "customers_email_marketing_consent/update": _topic(
        bodies.EmailConsentUpdated, _email_consent
    ),
    "customer.tags_added": _tags(is_given=True),
    "customer.tags_removed": _tags(is_given=False),
    "customer.joined_segment": _segment(is_given=True),
    "customer.left_segment": _segment(is_given=False),
    "products/create": _PRODUCT,
    "products/update": _PRODUCT,
    "collections/create": _COLLECTION,
    "collections/update": _COLLECTION,
    "collections/delete": _COLLECTION,
    "app/uninstalled": _topic(bodies.Shop, _uninstalled),
    "app/scopes_update": _topic(bodies.ScopesUpdated, _scopes_updated),
    "customers/data_request": _topic(bodies.CustomersDataRequest, _data_request),
    "customers/redact": _topic(bodies.CustomersRedact, _redact),
    "shop/redact": _topic(bodies.ShopRedact, _shop_redact),
}
