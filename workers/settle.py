"""Settles members: works out what their ledger should say, and posts the difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.domain.credits import Assessment, MemberOrder, assess, credits
from app.domain.fold import fold
from app.domain.ledger import Account, Credit, Debit, Redemption
from app.domain.money import in_words
from app.domain.orders import OrderFacts
from app.domain.program import Program
from app.storage import ledger, members, orders, standings, stores
from app.storage.orders import KeptOrder
from app.storage.stores import Product, ProgramHistory, Store


class Terms:
    """The programs and stores under which orders are settled."""

    def __init__(self, connection: Connection, program_id: int) -> None:
        """Look at one program."""
        self._connection = connection
        self._program_id = program_id
        self.history: ProgramHistory = stores.program_history(connection, program_id)
        self.stores: dict[int, Store] = stores.stores_of(connection, program_id)

    def applied(self, kept: Iterable[KeptOrder]) -> list[MemberOrder]:
        """Return orders with the terms pinned for them, or those of their day."""
        kept = list(kept)
        products = self._products(kept)
        return [self._order(each, products) for each in kept]

    def _order(
        self, kept: KeptOrder, products: Mapping[tuple[int, str], Product]
    ) -> MemberOrder:
        program = self._program(kept)
        return MemberOrder(
            store_id=kept.store_id,
            facts=_with_products(kept, products),
            program=program,
            timezone=self.stores[kept.store_id].timezone,
        )

    def _program(self, kept: KeptOrder) -> Program:
        if kept.pinned_version is not None:
            return self.history.version(kept.pinned_version)
        snapshot = kept.facts.snapshot
        return self.history.at(snapshot.processed_at) if snapshot else Program()

    def _products(self, kept: list[KeptOrder]) -> dict[tuple[int, str], Product]:
        """Return the products of orders whose terms exclude tags or collections."""
        wanted = {
            line.product_id
            for order in kept
            if order.facts.snapshot and _looks_at_products(self._program(order))
            for line in order.facts.snapshot.lines
            if line.product_id
        }
        if not wanted:
            return {}
        return stores.products(self._connection, self._program_id, wanted)


def _looks_at_products(program: Program) -> bool:
    counting = program.counting
    return bool(counting.excluded_tags or counting.excluded_collection_ids)


def _with_products(
    kept: KeptOrder, products: Mapping[tuple[int, str], Product]
) -> OrderFacts:
    """Return the facts with what is known of each line's product.

    Tags and collections are pinned with the first credit as `tag:` and `in:` words.
    """
    snapshot = kept.facts.snapshot
    if snapshot is None or not (products or kept.pinned_tags):
        return kept.facts
    lines = []
    for line in snapshot.lines:
        known = products.get((kept.store_id, line.product_id or ""), Product((), ()))
        if kept.pinned_tags is not None:
            known = _unpinned(kept.pinned_tags.get(line.product_id or "", []))
        lines.append(
            replace(line, tags=known.tags, collection_ids=known.collection_ids)
        )
    return replace(kept.facts, snapshot=replace(snapshot, lines=tuple(lines)))


def _pinned(order: MemberOrder) -> dict[str, list[str]]:
    assert order.facts.snapshot
    return {
        line.product_id: [f"tag:{tag}" for tag in line.tags]
        + [f"in:{collection_id}" for collection_id in line.collection_ids]
        for line in order.facts.snapshot.lines
        if line.product_id and (line.tags or line.collection_ids)
    }


def _unpinned(words: Iterable[str]) -> Product:
    words = list(words)
    return Product(
        tags=tuple(word[4:] for word in words if word.startswith("tag:")),
        collection_ids=tuple(word[3:] for word in words if word.startswith("in:")),
    )


def settle(
    connection: Connection, program_id: int, member_ids: Iterable[int], now: datetime
) -> int:
    """Bring the ledgers of these members to where they should be; return postings.

    Members are locked, lowest id first. Settling again changes nothing.
    """
    heads = members.lock_members(connection, program_id, member_ids)
    if not heads:
        return 0
    terms = Terms(connection, program_id)
    books = ledger.read_books(connection, program_id, heads)
    commands = ledger.commands_of(connection, program_id, heads)
    kept: dict[int, list[KeptOrder]] = defaultdict(list)
    for order in orders.orders_of(connection, program_id, heads):
        kept[order.member_id or 0].append(order)
    postings, settled, due = [], [], {}
    pins: dict[tuple[int, str], tuple[int, Mapping[str, list[str]]]] = {}
    for member_id, book in books.items():
        assessed = [assess(each) for each in terms.applied(kept[member_id])]
        given, taken = _commands(commands[member_id])
        target = fold(credits(assessed) + given, taken, now)
        changes = ledger.differences(book, target)
        posted = ledger.post(book, program_id, changes, _breakdowns(assessed), now)
        due[member_id] = target.due_at
        pins |= _new_pins(assessed, kept[member_id])
        if posted:
            postings += posted
            settled.append((book, target))
    ledger.write(connection, postings)
    standings.save_standings(connection, program_id, settled)
    members.save_heads(
        connection, program_id, [book.head for book in books.values()], due
    )
    orders.pin_terms(connection, program_id, pins)
    return len(postings)


def _commands(rows: Iterable[Any]) -> tuple[list[Credit], list[Debit | Redemption]]:
    """Return accepted commands as credits and as what takes points."""
    given: list[Credit] = []
    taken: list[Debit | Redemption] = []
    for row in rows:
        cause = f"{row.kind}/{row.command_id}"
        if row.kind == "redemption":
            taken.append(
                Redemption(
                    cause,
                    row.accepted_at,
                    row.points,
                    row.captured_at,
                    row.voided_at,
                    row.reason,
                )
            )
        elif row.points > 0:
            given.append(
                Credit(
                    lot=cause,
                    cause=cause,
                    at=row.accepted_at,
                    points=row.points,
                    source=Account.ADJUSTED,
                    reason=row.reason,
                )
            )
        else:
            taken.append(Debit(cause, row.accepted_at, -row.points, row.reason))
    return given, taken


def _new_pins(
    assessed: Iterable[Assessment], kept: Iterable[KeptOrder]
) -> dict[tuple[int, str], tuple[int, Mapping[str, list[str]]]]:
    """Return the terms to pin for orders that earn now and never did before."""
    pinned = {
        (order.store_id, order.facts.order_id)
        for order in kept
        if order.pinned_version is not None
    }
    return {
        key: (each.order.program.version, _pinned(each.order))
        for each in assessed
        if each.points
        and (key := (each.order.store_id, each.order.facts.order_id)) not in pinned
    }


def _breakdowns(assessed: Iterable[Assessment]) -> dict[str, dict[str, Any]]:
    """Return, by order, what its credit will say for ever: which rule, base and why."""
    return {each.order.lot: _breakdown(each) for each in assessed if each.points}


def _breakdown(each: Assessment) -> dict[str, Any]:
    assert each.count
    assert each.order.facts.snapshot
    currency = each.order.facts.snapshot.currency
    return {
        "program_version": each.order.program.version,
        "rules": [rule.kind for rule in each.order.program.earning],
        "currency": currency,
        "base": in_words(each.count.base_minor, currency),
        "why": each.award.reason,
        "lines": [
            {
                "line_id": counted.line.id,
                "net": in_words(counted.net_minor, currency),
                "excluded_because": counted.excluded_because,
            }
            for counted in each.count.lines
        ],
    }
