"""Where staff tag customers of the pretend store and put them into segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.sandbox import customer_bodies, segments
from app.sandbox.bodies import SHOP_ID
from app.sandbox.customer_desk import existing
from app.sandbox.customers import Customer
from app.sandbox.orders import RefusedError
from app.sandbox.outbox import Message, Outbox
from app.sandbox.store_data import StoreData

# In a real store, who is in a segment follows from its conditions.
SEGMENTS = {31: "Regulars", 32: "Neighbours"}

LONGEST_TAG = 40

Step = Callable[[Customer], tuple[Customer, Message]]


@dataclass(frozen=True)
class LabelDesk:
    """Every method is one action: one transaction, one set of messages."""

    data: StoreData
    outbox: Outbox
    wake: Callable[[], None]
    clock: Callable[[], datetime]

    def add_tags(self, customer_id: int, written: str) -> None:
        """Give a customer tags, as they are written with commas between."""

        def step(customer: Customer) -> tuple[Customer, Message]:
            known = _lower(customer.tags)
            new = [tag for tag in _tags(written) if tag.lower() not in known]
            if not new:
                raise RefusedError("The customer has these tags.")
            tagged = replace(customer, tags=(*customer.tags, *new))
            return tagged, self._told("added", customer, new)

        self._act(customer_id, step)

    def remove_tags(self, customer_id: int, written: str) -> None:
        """Take tags from a customer."""

        def step(customer: Customer) -> tuple[Customer, Message]:
            wanted = _lower(_tags(written))
            gone = [tag for tag in customer.tags if tag.lower() in wanted]
            if not gone:
                raise RefusedError("The customer has none of these tags.")
            left = tuple(tag for tag in customer.tags if tag not in gone)
            return replace(customer, tags=left), self._told("removed", customer, gone)

        self._act(customer_id, step)

    def join(self, customer_id: int, segment: int) -> None:
        """Put a customer into a segment."""

        def step(customer: Customer) -> tuple[Customer, Message]:
            if segment not in SEGMENTS or segment in customer.segments:
                raise RefusedError("The customer cannot join this segment.")
            joined = replace(customer, segments=(*customer.segments, segment))
            return joined, _moved("joined", customer, segment)

        self._act(customer_id, step)

    def leave(self, customer_id: int, segment: int) -> None:
        """Take a customer out of a segment."""

        def step(customer: Customer) -> tuple[Customer, Message]:
            if segment not in customer.segments:
                raise RefusedError("The customer is not in this segment.")
            left = tuple(each for each in customer.segments if each != segment)
            return replace(customer, segments=left), _moved("left", customer, segment)

        self._act(customer_id, step)

    def _act(self, customer_id: int, step: Step) -> None:
        with self.data.transaction() as rows:
            before = existing(rows, customer_id)
            after, message = step(before)
            at = self.clock().astimezone(UTC).replace(microsecond=0).isoformat()
            after = replace(after, updated_at=at)
            rows.save_customer(after)
            self.outbox.put(rows, [message, *segments.moves(rows, before, after)])
        self.wake()

    def _told(self, what: str, customer: Customer, tags: list[str]) -> Message:
        at = self.clock().astimezone(UTC).isoformat(timespec="milliseconds")
        return f"customer.tags_{what}", customer_bodies.tags_body(customer, tags, at)


def _moved(what: str, customer: Customer, segment: int) -> Message:
    body = customer_bodies.segment_body(SHOP_ID, customer, segment)
    return f"customer.{what}_segment", body


def _tags(written: str) -> list[str]:
    tags = list(dict.fromkeys(filter(None, map(str.strip, written.split(",")))))
    if not tags or max(map(len, tags)) > LONGEST_TAG:
        raise RefusedError("Please write tags with commas between.")
    return tags


def _lower(tags: tuple[str, ...] | list[str]) -> set[str]:
    return {tag.lower() for tag in tags}
