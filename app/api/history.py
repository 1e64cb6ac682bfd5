"""A member's recent points, in words for the shopper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.domain.actions.called import called
from app.domain.languages.translator import Translator
from app.domain.ledger import Account
from app.domain.orders import OrderFacts
from app.domain.redemptions import Redemption
from app.storage import orders, statements
from app.storage.order_numbers import order_numbers
from app.storage.stores import Store

# The shopper's own side of the ledger; points within it have not come or gone.
_HELD = {Account.PENDING, Account.AVAILABLE, Account.RESERVED, Account.OWED}
_READ, _SHOWN = 60, 10
# Whoever looks at an older order sees no points for it.
_READ_FOR_ORDER = 1000
_BY_ORDERS = {"earn", "reverse"}

# What is told of points by the kind of their entry, where their cause says nothing.
_KINDS = {"adjust", "redeem", "refund"}
# What begins the causes of points that are of no order, and of no action.
_BESIDE = {"stamps", "challenge", "gift", "referral", "tier-birthday", "tier"}


@dataclass
class Happening:
    """Points that came or went for one reason at one time."""

    kind: str
    points: int
    at: datetime
    text: str


@dataclass(frozen=True)
class Words:
    """A language, and what those `actions` are called that are offered now."""

    language: str
    actions: Mapping[str, str]


def recent(
    connection: Connection,
    program_id: int,
    member_id: int,
    last_sequence: int,
    words: Words,
) -> list[Happening]:
    """Return the newest happenings up to a transaction, latest first."""
    rows = statements.history(connection, program_id, member_id, _READ, last_sequence)
    found: dict[tuple[str, str], Happening] = {}
    for row in rows:
        points = _change(row)
        if points:
            key = (row.kind, row.cause)
            known = found.setdefault(
                key, Happening(row.kind, 0, row.effective_at, row.cause)
            )
            known.points += points
    shown = [each for each in found.values() if each.points][:_SHOWN]
    numbers = _order_numbers(connection, program_id, [each.text for each in shown])
    for each in shown:
        each.text = _text(each, numbers, words)
    return shown


def with_prizes(
    found: Iterable[Happening], wishes: Iterable[Redemption], say: Translator
) -> list[Happening]:
    """Return happenings with what was won and taken, which moved no points."""
    won = [
        Happening(
            "redeem",
            0,
            each.requested_at,
            each.reward.name(say.currency, say.language),
        )
        for each in wishes
        if each.prize and each.is_taken
    ]
    latest_first = sorted([*found, *won], key=lambda each: each.at, reverse=True)
    return latest_first[:_SHOWN]


@dataclass(frozen=True)
class Brought:
    """The points that an order brought, less what went back, and how it stands.

    - `unknown`: it has not arrived, or is of somebody else, or too old to tell;
    - `unpaid`: what it earns comes once it is paid;
    - `earned`: its member has points for it;
    - `returned`: they had, and all of them went back;
    - `none`: it earns nothing.

    Where it has no points that went back, `reason` says why it has none.
    """

    points: int
    state: str
    reason: str = ""


def of_order(
    connection: Connection, store: Store, member_id: int, order_id: str
) -> Brought:
    """Return what an order brought a member."""
    program_id = store.program_id
    rows = statements.history(connection, program_id, member_id, _READ_FOR_ORDER)
    changes = [
        _change(row)
        for row in rows
        if row.kind in _BY_ORDERS and _order_of(row.cause) == (store.store_id, order_id)
    ]
    points = sum(changes)
    if points:
        return Brought(points, "earned")
    kept = orders.find_order(connection, program_id, store.store_id, order_id)
    if kept is None or kept.member_id != member_id or kept.facts.order_id != order_id:
        return Brought(0, "unknown")
    if any(changes):
        return Brought(0, "returned")
    # One without a reason has earned, longer ago than was looked.
    if kept.unearned_because is None:
        return Brought(0, "unknown")
    return Brought(0, _without_points(kept.facts), kept.unearned_because)


def _without_points(facts: OrderFacts) -> str:
    """Return how an order stands for which nothing came."""
    if facts.snapshot is None:
        return "unknown"
    is_open = facts.paid_at is None and facts.snapshot.cancelled_at is None
    return "unpaid" if is_open else "none"


def _change(row: Any) -> int:
    source, target = row.effect_key.rpartition(":")[2].split(">")
    change = (target in _HELD) - (source in _HELD)
    return int(row.points) * change


def _order_of(cause: str) -> tuple[int, str] | None:
    """Return the store and order that a cause names, as `…@order/1/820` does."""
    name, _, rest = cause.rpartition("@")[2].partition("/")
    store_id, _, order_id = rest.partition("/")
    is_order = name == "order" and store_id.isdecimal() and order_id
    return (int(store_id), order_id) if is_order else None


def _order_numbers(
    connection: Connection, program_id: int, causes: Iterable[str]
) -> dict[tuple[int, str], str]:
    named = {order for cause in causes if (order := _order_of(cause))}
    return order_numbers(connection, program_id, named)


def _text(each: Happening, numbers: dict[tuple[int, str], str], words: Words) -> str:
    say = Translator("", words.language)
    order = _order_of(each.text)
    if order:
        return say("history.order", number=numbers.get(order, order[1]))
    what, _, rest = each.text.rpartition("@")[2].partition("/")
    if what == "action":
        action = rest.partition("/")[0]
        return words.actions.get(action) or called(action, words.language)
    if what in _BESIDE:
        return say(f"history.{what}")
    return say(f"history.{each.kind}") if each.kind in _KINDS else ""
