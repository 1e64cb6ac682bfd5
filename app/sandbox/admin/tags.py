"""What the Admin API answers about tags of customers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from app.sandbox import customer_bodies, segments
from app.sandbox.admin.words import Answer, Call, number_of
from app.sandbox.customers import Customer
from app.sandbox.label_desk import LONGEST_TAG
from app.sandbox.outbox import Outbox


def nodes(call: Call, ids: list[str]) -> list[Answer | None]:
    """Find customers by their ids; nothing else is asked for in this way."""
    found = [call.rows.customer(number_of("Customer", id_)) for id_ in ids]
    return [
        {"__typename": "Customer", "id": id_, "tags": sorted(each.tags)}
        if each
        else None
        for id_, each in zip(ids, found, strict=True)
    ]


def add(call: Call, id: str, tags: list[str], outbox: Outbox) -> Answer:
    """Give a customer those of the tags that they have not."""
    if max(map(len, tags), default=0) > LONGEST_TAG:
        words = f"Tag is too long (maximum is {LONGEST_TAG} characters)"
        return {"node": None, "userErrors": [{"field": ["tags"], "message": words}]}
    customer = call.rows.customer(number_of("Customer", id))
    known = {tag.lower() for tag in customer.tags} if customer else set()
    new = [tag for tag in tags if tag.lower() not in known]
    return _change(call, customer, (new, []), outbox)


def remove(call: Call, id: str, tags: list[str], outbox: Outbox) -> Answer:
    """Take those of the tags from a customer that they have."""
    customer = call.rows.customer(number_of("Customer", id))
    wanted = {tag.lower() for tag in tags}
    had = customer.tags if customer else ()
    gone = [tag for tag in had if tag.lower() in wanted]
    return _change(call, customer, ([], gone), outbox)


def _change(
    call: Call,
    customer: Customer | None,
    change: tuple[list[str], list[str]],
    outbox: Outbox,
) -> Answer:
    if customer is None:
        words = "Customer does not exist"
        return {"node": None, "userErrors": [{"field": ["id"], "message": words}]}
    new, gone = change
    left = tuple(tag for tag in customer.tags if tag not in gone)
    after = replace(customer, tags=(*left, *new), updated_at=call.at)
    call.rows.save_customer(after)
    at = call.now.astimezone(UTC).isoformat(timespec="milliseconds")
    told = [("added", new), ("removed", gone)]
    messages = [
        (f"customer.tags_{what}", customer_bodies.tags_body(after, tags, at))
        for what, tags in told
        if tags
    ]
    outbox.put(call.rows, [*messages, *segments.moves(call.rows, customer, after)])
    return {"node": nodes(call, [_gid(after)])[0], "userErrors": []}


def _gid(customer: Customer) -> str:
    return f"gid://shopify/Customer/{customer.id}"
