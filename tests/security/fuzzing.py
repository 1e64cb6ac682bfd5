"""Spoils real bodies, mostly so that they stay JSON, and says what must hold still."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.domain.credits import MemberOrder, assess, credits
from app.domain.errors import UnreadableMessage
from app.domain.events import OrderChanged, Translated
from app.domain.fold import fold
from app.domain.money import MINOR_MAX
from app.domain.orders import OrderFacts
from app.domain.program import Program
from app.platforms.shopify.topics import TOPICS
from tests.app.platforms.said import BODIES, heard

# Chooses one of so many; whoever fuzzes decides how.
Choose = Callable[[int], int]

PROGRAM = Program(credit_after_days=30, expires_after_months=12)
LATER = datetime(2027, 11, 22, tzinfo=UTC)
NAMES = sorted(TOPICS)
_FOLDER = Path(__file__).parent.parent / "payloads"
_REAL = [json.loads(path.read_text()) for path in sorted(_FOLDER.glob("*.json"))]
SEEDS = [*_REAL, *BODIES.values()]
_ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**18),
    *(10**400, 0.1, -1.5, 1e308, "", " ", "0", "-0.005", "0.005", "1e999999", "NaN"),
    *("10.00", "99999999999999.99", "-100.00", "1_000", "\u0661", "\0", "\ud800"),
    *("JPY", "EUR", "BHD", "XXX", "eur", "paid", "refunded", "voided", "success"),
    *("2026-11-01T10:00:00-12:00", "0001-01-01T00:00:00+14:00", "9999-12-31"),
    *([], {}, [{}], [[]], {"shop_money": {"amount": "1.00", "currency_code": "JPY"}}),
]


def spoilt(body: Any, choose: Choose) -> bytes:
    """Return a body with up to four of its parts changed, gone, doubled or swapped."""
    body = deepcopy(body)
    for _ in range(1 + choose(4)):
        places = list(_places(body))
        if not places:
            break
        parent, key = places[choose(len(places))]
        other, other_key = places[choose(len(places))]
        action = choose(6)
        if action == 0:
            del parent[key]
        elif action == 1:
            parent[key] = deepcopy(other[other_key])
        elif action == 2:
            parent[key] = [parent[key], deepcopy(parent[key])]
        elif action == 3 and isinstance(parent[key], list):
            parent[key] = parent[key] + deepcopy(parent[key])
        else:
            parent[key] = deepcopy(_ODD[choose(len(_ODD))])
    return json.dumps(body).encode()


def _places(body: Any) -> Any:
    """Every place within a body: its parent, and the key there."""
    keys = body if isinstance(body, dict) else range(len(body))
    for key in list(keys):
        yield body, key
        if isinstance(body[key], dict | list):
            yield from _places(body[key])


def check(topic: str, raw: bytes) -> Translated | None:
    """Fail unless a body is unreadable, or all that it says can be worked with."""
    try:
        told = heard(topic, raw)
    except UnreadableMessage:
        return None
    assert told == heard(topic, raw)
    assert "\\x00" not in repr(told)
    if isinstance(told.event, OrderChanged):
        _check_order(told.event.facts)
    return told


def _check_order(facts: OrderFacts) -> None:
    assert facts.merged(facts) == facts
    for amount in _amounts(facts):
        assert type(amount) is int
        assert abs(amount) <= MINOR_MAX * 1000
    assessed = assess(MemberOrder(1, facts, PROGRAM, "Pacific/Auckland"))
    folded = fold(credits([assessed]), (), LATER)
    for movement in folded.movements:
        assert 0 < movement.points <= MINOR_MAX


def _amounts(facts: OrderFacts) -> list[int]:
    found = [each.amount_minor for each in facts.payments.values()]
    found += [each.amount_minor for each in facts.disputes.values()]
    for refund in facts.refunds.values():
        found += [refund.shipping_minor, refund.discrepancy_minor, refund.duties_minor]
    if facts.snapshot:
        lines = facts.snapshot.lines
        found += [facts.snapshot.total_minor, facts.snapshot.shipping_minor]
        found += [line.price_minor for line in lines]
        found += [line.discount_minor for line in lines]
    return found
