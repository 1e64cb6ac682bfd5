"""What ledgers must say: a pure fold over what the store sent, without any database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.domain.credits import MemberOrder, assess, credits
from app.domain.errors import UnreadableMessage
from app.domain.events import CustomerChanged, Event, Ignored, OrderChanged
from app.domain.fold import fold
from app.domain.ledger import Redemption
from app.domain.orders import OrderFacts
from app.domain.program import Program
from app.platforms.base import Message
from app.platforms.shopify import Shopify
from tests.faults.history import Webhook

# By the domain and the customer, the redemptions that were accepted.
Spent = Mapping[tuple[str, str], Iterable[Redemption]]
# Points by effect, for one member; whose they are is told by the effects alone.
Effects = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Terms:
    """The number that a store has got, and the programme that holds in it."""

    store_id: int
    program: Program


@dataclass
class _Heard:
    """All that one store said, merged."""

    orders: dict[str, OrderFacts] = field(default_factory=dict)
    claims: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        """Take in what one message said."""
        if isinstance(event, OrderChanged):
            facts = event.facts
            known = self.orders.get(facts.order_id)
            self.orders[facts.order_id] = known.merged(facts) if known else facts
        change = event.customer if isinstance(event, OrderChanged) else event
        if isinstance(change, CustomerChanged) and change.email_key:
            claim = (change.at, change.customer_id)
            first = self.claims.get(change.email_key, claim)
            self.claims[change.email_key] = min(first, claim)

    def owner(self, facts: OrderFacts) -> str | None:
        """The customer, or who first proved the guest's address, or the guest."""
        if facts.buyer is None:
            return None
        if facts.buyer.customer_id:
            return facts.buyer.customer_id
        _, claimant = self.claims.get(facts.buyer.email_key or "", (None, None))
        return claimant or facts.buyer.email_key


def fate(webhook: Webhook) -> tuple[str, Event | None]:
    """Return the state in which a message must end, and what it says if anything."""
    at = datetime.fromisoformat(webhook.triggered_at)
    message = Message(webhook.delivery_id, webhook.topic, webhook.body, at, _key)
    try:
        event = Shopify().translate(message).event
    except UnreadableMessage:
        return "quarantined", None
    if webhook.is_poison:
        return "quarantined", None
    return ("ignored" if isinstance(event, Ignored) else "settled"), event


def _key(email: str) -> str:
    return f"key of {email.casefold()}"


def expected(
    webhooks: Iterable[Webhook], terms: Mapping[str, Terms], spent: Spent
) -> list[Effects]:
    """Return what each member's ledger comes to once all of this is settled.

    What was `spent` was accepted when it was asked for, and is not decided again.
    """
    stores: dict[str, _Heard] = defaultdict(_Heard)
    for webhook in webhooks:
        _, event = fate(webhook)
        if event:
            stores[webhook.domain].hear(event)
    found = [
        _effects(orders, terms[domain], spent.get((domain, owner), []))
        for domain, heard in stores.items()
        for owner, orders in _by_owner(heard).items()
    ]
    return sorted((effects for effects in found if effects), key=sorted)


def _by_owner(heard: _Heard) -> dict[str, list[OrderFacts]]:
    owned: dict[str, list[OrderFacts]] = defaultdict(list)
    for facts in heard.orders.values():
        owner = heard.owner(facts)
        if owner:
            owned[owner].append(facts)
    return owned


def _effects(
    orders: Iterable[OrderFacts], terms: Terms, spent: Iterable[Redemption]
) -> Effects:
    assessed = [
        assess(MemberOrder(terms.store_id, facts, terms.program, "UTC"))
        for facts in orders
    ]
    points: dict[str, int] = defaultdict(int)
    for movement in fold(credits(assessed), spent, datetime.now(UTC)).movements:
        points[movement.key] += movement.points
    return frozenset((key, total) for key, total in points.items() if total)
