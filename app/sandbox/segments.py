"""Segments that apps made: all customers who carry a tag; nothing else is asked."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import cast

from app.sandbox import customer_bodies
from app.sandbox.bodies import SHOP_ID
from app.sandbox.customers import Customer
from app.sandbox.outbox import Message
from app.sandbox.store_data import Rows

_KEPT = "customer segments"
_QUERY = re.compile(r"customer_tags CONTAINS '([^'\\]+)'")


@dataclass(frozen=True)
class Segment:
    """Those customers who carry the tag that its query names."""

    id: int
    name: str
    query: str

    def has(self, customer: Customer) -> bool:
        """Whether a customer is in it."""
        tag = tag_in(self.query)
        return tag is not None and tag.lower() in map(str.lower, customer.tags)


def tag_in(query: str) -> str | None:
    """Return the tag that a query asks for, None where it cannot be read."""
    found = _QUERY.fullmatch(query.strip())
    return found[1] if found else None


def everything(rows: Rows) -> list[Segment]:
    """Return all of them, oldest first."""
    kept = cast(list[dict[str, str]], rows.setting(_KEPT, []))
    return [Segment(int(each["id"]), each["name"], each["query"]) for each in kept]


def save(rows: Rows, segment: Segment) -> None:
    """Keep a segment, new or changed."""
    kept = {each.id: each for each in everything(rows)} | {segment.id: segment}
    rows.save_setting(_KEPT, [asdict(each) for each in kept.values()])


def moves(rows: Rows, before: Customer, after: Customer) -> list[Message]:
    """Tell which segments a change of tags brought a customer into, or out of."""
    return [
        (
            f"customer.{'joined' if each.has(after) else 'left'}_segment",
            customer_bodies.segment_body(SHOP_ID, after, each.id),
        )
        for each in everything(rows)
        if each.has(before) != each.has(after)
    ]
