"""What a store's messages come to: translated, merged, and worked out in points."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

from app.domain.credits import MemberOrder, assess, credits
from app.domain.eligible import Count, count
from app.domain.events import OrderChanged
from app.domain.ledger import Credit
from app.domain.orders import OrderFacts
from app.domain.program import Counting, Program
from app.platforms.base import Message
from app.platforms.shopify import Shopify

RECEIVED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLACED_AT = datetime(2026, 11, 1, 10, tzinfo=UTC)
PAID = "orders/paid"
UPDATED = "orders/updated"
REFUND = "refunds/create"

Told = tuple[str, dict[str, Any]]


def facts_of(topic: str, body: Any) -> OrderFacts:
    """The facts that one message states."""
    raw = json.dumps(body).encode()
    message = Message("1", topic, raw, RECEIVED_AT, lambda email: f"key of {email}")
    event = Shopify().translate(message).event
    assert isinstance(event, OrderChanged)
    return event.facts


def heard(*messages: Told) -> OrderFacts:
    """All that these messages say of one order."""
    return reduce(OrderFacts.merged, (facts_of(*message) for message in messages))


def counted(*messages: Told, counting: Counting | None = None) -> Count:
    """What counts of the order that these messages are about."""
    return count(heard(*messages), counting or Counting())


def left_minor(*messages: Told, counting: Counting | None = None) -> int:
    """The money of the order that counts still, after all that went back."""
    found = counted(*messages, counting=counting)
    return found.returns[-1].remaining_minor if found.returns else found.base_minor


def credit_of(*messages: Told, program: Program | None = None) -> Credit | None:
    """The credit that the order is, None where it earned nothing."""
    found = credits([assess(an_owned(heard(*messages), program))])
    return found[0] if found else None


def points_left(*messages: Told, program: Program | None = None) -> int:
    """The points that the order comes to in the end."""
    credit = credit_of(*messages, program=program)
    return credit.points - sum(r.points for r in credit.reversals) if credit else 0


def an_owned(
    facts: OrderFacts, program: Program | None = None, timezone: str = "UTC"
) -> MemberOrder:
    """An order under a programme's terms."""
    return MemberOrder(1, facts, program or Program(), timezone)


def days(number: float) -> timedelta:
    """So many days."""
    return timedelta(days=number)
