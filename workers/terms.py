"""The terms under which orders are settled: a programme, its stores, its products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from sqlalchemy import Connection

from app.domain.climbing import BEGINNING, Era
from app.domain.credits import Assessment, MemberOrder
from app.domain.engagement.missed import Missed
from app.domain.labels import LabelKind
from app.domain.orders import OrderFacts
from app.domain.program import Program
from app.domain.referral_terms import ReferralTerms
from app.storage import stores
from app.storage.orders import KeptOrder
from app.storage.products import Product, known_products
from app.storage.sealing import Keyring
from app.storage.stores import ProgramHistory, Store


class Terms:
    """The programmes and stores under which orders are settled."""

    def __init__(self, connection: Connection, program_id: int, keys: Keyring) -> None:
        """Look at one programme; `keys` open what its members said of themselves."""
        self._connection = connection
        self.program_id = program_id
        self.keys = keys
        self.history: ProgramHistory = stores.program_history(connection, program_id)
        self.stores: dict[int, Store] = stores.stores_of(connection, program_id)

    @property
    def look_at_history(self) -> bool:
        """Whether an order may change more of its member's points than its own."""
        return self.history.points_lapse or any(
            program.looks_at_history for _, program in self.history.versions
        )

    @property
    def have_tiers(self) -> bool:
        """Whether any version has tiers."""
        return any(program.tiers for _, program in self.history.versions)

    @property
    def programs(self) -> list[Program]:
        """All versions of the programme, oldest first."""
        return [program for _, program in self.history.versions]

    @property
    def labels(self) -> frozenset[tuple[LabelKind, str]]:
        """The tags and segments of customers that points depend on, in any version."""
        return self.history.labels

    @property
    def currency(self) -> str:
        """The currency in which a member's money is told: that of the first store."""
        return self._first.currency if self._first else ""

    @property
    def timezone(self) -> str:
        """The time zone of what comes of no store: that of the first store."""
        return self._first.timezone if self._first else "UTC"

    @property
    def place(self) -> tuple[str, str]:
        """That currency and that time zone."""
        return self.currency, self.timezone

    @property
    def _first(self) -> Store | None:
        return self.stores[min(self.stores)] if self.stores else None

    @cached_property
    def eras(self) -> list[Era]:
        """The versions of the programme by the time from which each is in force."""
        begins = {since or BEGINNING for since, _ in self.history.versions}
        return [Era(begin, self.history.at(begin)) for begin in sorted(begins)]

    @property
    def has_engagement(self) -> bool:
        """Whether points are given for more than the orders themselves."""
        return any(program.has_engagement for _, program in self.history.versions)

    @cached_property
    def budgets(self) -> list[str]:
        """The names of all budgets that any version has, in their order."""
        names = (each.budgets for _, each in self.history.versions)
        return sorted({name for each in names for name in each})

    @cached_property
    def have_referrals(self) -> bool:
        """Whether members may ever have been paid for bringing friends.

        Where not, nobody's marks are made or kept: who has ordered before is told by
        the orders themselves once friends are brought, and marks come with the next
        message about somebody.
        """
        return self.history.brings_friends

    def referral_terms(self, version: int) -> ReferralTerms:
        """Return what a version of the programme says of bringing friends."""
        terms = self.history.version(version).referral
        assert terms
        return terms

    def applied(self, kept: Iterable[KeptOrder]) -> list[MemberOrder]:
        """Return orders with the terms pinned for them, or those of their day."""
        kept = list(kept)
        products = self._products(kept)
        return [self._order(each, products) for each in kept]

    def _order(
        self, kept: KeptOrder, products: Mapping[tuple[int, str], Product]
    ) -> MemberOrder:
        program = self._program(kept)
        looks = program.looks_at_products
        return MemberOrder(
            store_id=kept.store_id,
            facts=_with_products(kept, products) if looks else kept.facts,
            program=program,
            timezone=self.stores[kept.store_id].timezone,
        )

    def _program(self, kept: KeptOrder) -> Program:
        if kept.pinned_version is not None:
            return self.history.version(kept.pinned_version)
        snapshot = kept.facts.snapshot
        return self.history.at(snapshot.processed_at) if snapshot else Program()

    def _products(self, kept: list[KeptOrder]) -> dict[tuple[int, str], Product]:
        """Return what is known of products that the terms of orders look at.

        Those that are pinned are not asked about.
        """
        wanted = {
            product_id
            for order in kept
            if self._program(order).looks_at_products
            for product_id in _product_ids(order.facts)
            if product_id not in (order.pinned_tags or {})
        }
        if not wanted:
            return {}
        return known_products(self._connection, self.program_id, wanted)


def _with_products(
    kept: KeptOrder, products: Mapping[tuple[int, str], Product]
) -> OrderFacts:
    """Return the facts with what is known of each product that counts by now.

    Its tags and collections are pinned with the first credit that it is in, as `tag:`
    and `in:` words; what an edit adds later has none until then.
    """
    counted, pinned = kept.facts.counted_snapshot, kept.pinned_tags or {}
    if counted is None:
        return kept.facts
    lines = []
    for line in counted.lines:
        product_id = line.product_id or ""
        known = products.get((kept.store_id, product_id), Product())
        if product_id in pinned:
            known = _unpinned(pinned[product_id])
        lines.append(
            replace(line, tags=known.tags, collection_ids=known.collection_ids)
        )
    return kept.facts.with_counted_lines(lines)


def _product_ids(facts: OrderFacts) -> set[str]:
    """Return the products of an order, as far as they count by now."""
    counted = facts.counted_snapshot
    lines = counted.lines if counted else ()
    return {line.product_id for line in lines if line.product_id}


def _with_pins(kept: KeptOrder, assessed: Assessment) -> KeptOrder:
    """Return an order with all that it earns by pinned, if it earns anything."""
    if not assessed.points:
        return kept
    news = _to_pin(assessed.order, kept.pinned_tags or {})
    if kept.pinned_version is not None and not news:
        return kept
    return replace(
        kept,
        pinned_version=assessed.order.program.version,
        pinned_tags={**(kept.pinned_tags or {}), **news},
    )


def with_outcome(
    kept: KeptOrder,
    assessed: Assessment,
    reason: str | None,
    missed: tuple[Missed, ...],
) -> KeptOrder:
    """Return an order with what came of it: its terms pinned, or why nothing came.

    With it are kept the surprises that did not follow.
    """
    order = _with_pins(kept, assessed)
    if (reason, missed) == (order.unearned_because, order.missed):
        return order
    return replace(order, unearned_because=reason, missed=missed)


def _to_pin(
    order: MemberOrder, pinned: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """Return what is to be pinned of products, also of those that have no tags now."""
    counted = order.facts.counted_snapshot
    if counted is None or not order.program.looks_at_products:
        return {}
    return {
        line.product_id: [f"tag:{tag}" for tag in line.tags]
        + [f"in:{collection_id}" for collection_id in line.collection_ids]
        for line in counted.lines
        if line.product_id and line.product_id not in pinned
    }


def _unpinned(words: Iterable[str]) -> Product:
    words = list(words)
    return Product(
        tags=tuple(word[4:] for word in words if word.startswith("tag:")),
        collection_ids=tuple(word[3:] for word in words if word.startswith("in:")),
    )
