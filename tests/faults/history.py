"""A store's history, dealt from a seed: what its shoppers did, as true messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from tests.builders.shopify import a_line, a_refund, an_order

_OPENED_AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
# A message overtakes others that were sent up to so many orders before it.
_SHUFFLED_OVER = 12
# Of every hundred orders.
_SHOPPERS = 20


@dataclass(frozen=True)
class Webhook:
    """One delivery as the store sends it.

    A forged one has a signature of nobody's; what is poison can never be settled.
    """

    delivery_id: str
    domain: str
    topic: str
    body: bytes
    triggered_at: str
    is_forged: bool = False
    is_poison: bool = False


@dataclass(frozen=True)
class Sale:
    """One order and what became of it."""

    number: int
    buyer: int
    is_guest: bool
    lines: tuple[dict[str, Any], ...]

    @property
    def at(self) -> datetime:
        """When it was placed."""
        return _OPENED_AT + timedelta(minutes=self.number)

    def order(self, minutes: int, **more: Any) -> dict[str, Any]:
        """The order as the store shows it so many minutes later."""
        email = f"shopper{self.buyer}@example.com"
        customer = {"id": 100 + self.buyer, "email": email, "verified_email": True}
        times = {"created_at": stamp(self.at), "processed_at": stamp(self.at)}
        return an_order(
            *self.lines,
            id=10_000 + self.number,
            name=f"#{self.number}",
            email=email,
            customer=None if self.is_guest else customer,
            updated_at=stamp(self.at + timedelta(minutes=minutes)),
            **{**times, **more},
        )

    def refund(self, units: int) -> dict[str, Any]:
        """So many units of the first line given back, None for the whole order."""
        given_back = [(self.lines[0], units)] if units else self._everything()
        lines = [
            (line["id"], count, str(Decimal(line["price"]) * count))
            for line, count in given_back
        ]
        amount = sum(Decimal(subtotal) for _, _, subtotal in lines)
        at = stamp(self.at + timedelta(days=2))
        return a_refund(
            str(amount),
            *lines,
            id=50_000 + self.number,
            order_id=10_000 + self.number,
            created_at=at,
            processed_at=at,
        )

    def _everything(self) -> list[tuple[dict[str, Any], int]]:
        return [(line, line["quantity"]) for line in self.lines]


def deal(seed: int, domain: str, sales: int, first: int = 0) -> list[Webhook]:
    """Return the messages of so many orders, as shuffled and repeated as ever.

    Among them are refunds before their order, cancellations, guests who join later,
    the same delivery twice, and the same news under another delivery. Orders are
    numbered from `first`; every hundred have shoppers of their own.
    """
    chance = Random(f"{seed}/{domain}/{first}")
    sent: list[tuple[float, Webhook]] = []
    for number in range(first, first + sales):
        for topic, body in _story(chance, number):
            place = number + chance.uniform(0, _SHUFFLED_OVER)
            told = webhook(chance, domain, topic, body, number)
            sent.append((place, told))
            if chance.random() < 0.10:
                sent.append((place + chance.uniform(0, _SHUFFLED_OVER), told))
            if chance.random() < 0.05:
                again = replace(told, delivery_id=_uuid(chance))
                sent.append((place + chance.uniform(0, _SHUFFLED_OVER), again))
    return [told for _, told in sorted(sent, key=lambda each: each[0])]


def buyers(first: int, sales: int) -> range:
    """Return the customers of so many orders, of which whole hundreds are dealt."""
    return range(100 + _first_buyer(first), 100 + _first_buyer(first + sales))


def _first_buyer(number: int) -> int:
    return number // 100 * _SHOPPERS


def _story(chance: Random, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    lines = tuple(
        a_line(f"{chance.randint(100, 9999) / 100:.2f}", chance.randint(1, 3), id=line)
        for line in range(1, chance.randint(2, 4))
    )
    buyer = _first_buyer(number) + chance.randrange(_SHOPPERS)
    sale = Sale(number, buyer, chance.random() < 0.15, lines)
    if chance.random() < 0.5:
        yield "orders/create", sale.order(0, financial_status="pending")
    yield "orders/paid", sale.order(1)
    fate = chance.random()
    if fate < 0.25:
        yield from _given_back(sale, 1, "partially_refunded", None)
    elif fate < 0.35:
        yield from _given_back(sale, 0, "refunded", stamp(sale.at))
    if sale.is_guest and chance.random() < 0.7:
        yield "customers/create", _customer(sale)


def _given_back(
    sale: Sale, units: int, status: str, cancelled_at: str | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    refund = sale.refund(units)
    shown = sale.order(3000, refunds=[refund], financial_status=status)
    topic = "orders/cancelled" if cancelled_at else "orders/updated"
    yield topic, shown | {"cancelled_at": cancelled_at}
    yield "refunds/create", refund


def _customer(sale: Sale) -> dict[str, Any]:
    return {
        "id": 100 + sale.buyer,
        "email": f"shopper{sale.buyer}@example.com",
        "verified_email": True,
        "updated_at": stamp(sale.at + timedelta(minutes=5)),
    }


def webhook(
    chance: Random, domain: str, topic: str, body: Any, number: int = 0
) -> Webhook:
    """Return one delivery of a body, or of bytes as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = stamp(_OPENED_AT + timedelta(minutes=number))
    return Webhook(_uuid(chance), domain, topic, raw, at)


def stamp(moment: datetime) -> str:
    """Return a moment as Shopify writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def _uuid(chance: Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))
