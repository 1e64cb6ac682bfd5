"""Bodies that make no sense, dealt from a seed; half of them signed by nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tests.builders.shopify import an_order
from tests.faults.history import Webhook, webhook

# From this number on orders are dealt here.
FIRST_ORDER = 900_000

_TOPICS = ("orders/create", "orders/paid", "refunds/create", "customers/update")


def deal_malformed(seed: int, domain: str, number: int) -> list[Webhook]:
    """Return so many deliveries, every second one forged."""
    chance = Random(f"malformed {seed}")
    found = []
    for place in range(number):
        body = chance.choice(_SPOILERS)(chance, _body(chance, place))
        told = webhook(chance, domain, chance.choice(_TOPICS), body)
        found.append(replace(told, is_forged=place % 2 == 1))
    return found


def _body(chance: Random, place: int) -> dict[str, Any]:
    customer = {"id": 900_000 + chance.randrange(50), "email": None}
    return an_order(id=FIRST_ORDER + place, email=None, customer=customer)


def _dumped(order: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps(order | changes).encode()


def _truncated(chance: Random, order: dict[str, Any]) -> bytes:
    whole = _dumped(order)
    return whole[: chance.randrange(len(whole))]


def _not_text(chance: Random, order: dict[str, Any]) -> bytes:
    whole = bytearray(_dumped(order))
    for _ in range(5):
        whole[chance.randrange(len(whole))] = chance.randrange(128, 256)
    return bytes(whole)


def _noise(chance: Random, order: dict[str, Any]) -> bytes:
    return chance.randbytes(chance.randrange(2000))


def _nested(chance: Random, order: dict[str, Any]) -> bytes:
    depth = chance.choice([100, 2_000, 50_000])
    return b'{"id": 1, "line_items": ' + b"[" * depth + b"]" * depth + b"}"


def _long_number(chance: Random, order: dict[str, Any]) -> bytes:
    return _dumped(order).replace(str(order["id"]).encode(), b"9" * 5000)


def _not_a_number(chance: Random, order: dict[str, Any]) -> bytes:
    word = chance.choice([b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0", b"1e-99"])
    return _dumped(order).replace(b'"100.00"', word)


def _zero_byte(chance: Random, order: dict[str, Any]) -> bytes:
    return _dumped(order, name="#\x001", id=f"5\x00{order['id']}")


def _half_a_character(chance: Random, order: dict[str, Any]) -> bytes:
    return _dumped(order, name="#\ud800", currency="\udfff")


def _twice_the_key(chance: Random, order: dict[str, Any]) -> bytes:
    return _dumped(order)[:-1] + b', "id": [], "line_items": null}'


def _wrong_type(chance: Random, order: dict[str, Any]) -> bytes:
    field = chance.choice(sorted(order))
    return _dumped(order, **{field: chance.choice([[], {}, "x", -1, True, None, 1.5])})


def _odd_amount(chance: Random, order: dict[str, Any]) -> bytes:
    amounts = ["-5.00", "1" + "0" * 18, "9" * 40, "0.001", "1e18", "", "12,50", "٣"]
    line = order["line_items"][0] | {"price": chance.choice(amounts)}
    return _dumped(order, line_items=[line], total_price=line["price"])


def _odd_currency(chance: Random, order: dict[str, Any]) -> bytes:
    return _dumped(order, currency=chance.choice(["XXX", "", "eur", "€", "E" * 300]))


def _odd_time(chance: Random, order: dict[str, Any]) -> bytes:
    times = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "yesterday", "", 0]
    field = chance.choice(["processed_at", "updated_at", "created_at"])
    return _dumped(order, **{field: chance.choice(times)})


def _odd_quantity(chance: Random, order: dict[str, Any]) -> bytes:
    counts = [-1, 0, 2**31, 2**63, 2**64, 10**30]
    line = order["line_items"][0] | {"quantity": chance.choice(counts)}
    return _dumped(order, line_items=[line])


_SPOILERS: list[Callable[[Random, dict[str, Any]], bytes]] = [
    _truncated,
    _not_text,
    _noise,
    _nested,
    _long_number,
    _not_a_number,
    _zero_byte,
    _half_a_character,
    _twice_the_key,
    _wrong_type,
    _odd_amount,
    _odd_currency,
    _odd_time,
    _odd_quantity,
]
