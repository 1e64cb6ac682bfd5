"""What every earning rule is: frozen settings, and one answer to one question.

A new kind is one file with one subclass that says how much, and one line in the list of
`app/domain/earning/__init__.py`. A saved rule must load for ever: never change a
`kind`, and only add fields that have a default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from app.domain.labels import NO_LABELS_THEN, LabelKind, LabelsThen
from app.domain.languages.translator import Translator
from app.domain.orders import Line


@dataclass(frozen=True)
class Part:
    """What counts of one line, or of what is no line, and the points it has so far."""

    line: Line | None
    amount_minor: int
    points: Decimal = Decimal(0)


@dataclass(frozen=True)
class Occasion:
    """When an order was placed, by the clock of the store's walls, and where.

    `order_number` is the how many-th paid order of its member, None where not known;
    `tier` the one that the member was in, None for none; `labels` what they
    were called.
    """

    at: datetime
    channel: str = ""
    order_number: int | None = None
    tier: str | None = None
    labels: LabelsThen = NO_LABELS_THEN


@dataclass(frozen=True)
class Eligible:
    """Everything a rule may look at: what counts of one order, in minor units.

    Parts add up to the amount, where they are told. `whole` is the order before
    anything went back, None where nothing did. `allotted` is how many points the order
    may have of which budget, None for as many as it can; of others it has none.
    """

    amount_minor: int
    currency: str
    parts: tuple[Part, ...] = ()
    occasion: Occasion | None = None
    whole: Eligible | None = None
    allotted: Mapping[str, int | None] = field(default_factory=dict)

    def of(self, parts: Iterable[Part]) -> Eligible:
        """Return the same order as if these parts were all of it."""
        parts = tuple(parts)
        amount = sum(part.amount_minor for part in parts)
        return replace(self, amount_minor=amount, parts=parts, whole=None)

    def after(self, whole: Eligible) -> Eligible:
        """Return what is left of `whole`, as such."""
        return replace(self, whole=whole)


@dataclass(frozen=True)
class Award:
    """Points before rounding, and why; true as a condition.

    `by_part` says how many came by which part, where that is told, and `shares` how
    many are of which budget; `untold` are the reasons that `reason` only counts.
    """

    points: Decimal
    reason: str
    by_part: tuple[Decimal, ...] = ()
    shares: tuple[tuple[str, Decimal], ...] = ()
    untold: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """An award is a yes."""
        return True


@dataclass(frozen=True)
class NoAward:
    """No points, and why; false as a condition.

    The reason `is_told` even where other rules gave something: so are campaigns', if
    only as a number where the order `is_outside` of a campaign's window. `untold` are
    the reasons that `reason` only counts.
    """

    reason: str
    is_told: bool = False
    is_outside: bool = False
    untold: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """No award is a no."""
        return False


@dataclass(frozen=True, kw_only=True)
class EarningRule(ABC):
    """A way to earn points; its fields are its settings.

    It is asked one question, `award`, once, of the whole order; only campaigns look at
    more than the amount. What it gives belongs to the parts as money was spent on them,
    unless its award says by which part the points came. All else that it tells follows
    from its settings: its words, and what has to be looked up before it can be asked.
    """

    family: ClassVar[str] = "earning"
    kind: ClassVar[str]
    # What the kind says in English; a language says the same by the name of each.
    english: ClassVar[dict[str, str]] = {}

    def award(self, eligible: Eligible) -> Award | NoAward:
        """Return the exact points for what counts, or the reason for none."""
        if eligible.amount_minor <= 0:
            return NoAward("nothing of the order counts for points")
        award = self._award(eligible)
        if isinstance(award, Award) and award.points <= 0:
            return NoAward("the rule gives no points for this amount")
        return award

    @property
    def looks_at_products(self) -> bool:
        """Whether it matters which tags and collections products have."""
        return False

    @property
    def looks_at_history(self) -> bool:
        """Whether it matters what else the member ordered, and what they are called."""
        return False

    @property
    def labels(self) -> frozenset[tuple[LabelKind, str]]:
        """The tags and segments of customers that it asks for."""
        return frozenset()

    def in_words(self, say: Translator) -> str:
        """Return the rule as it ends a sentence that begins with `You earn`."""
        return say.of(self, "in_words")

    @abstractmethod
    def _award(self, eligible: Eligible) -> Award | NoAward:
        """Say how many points `eligible`, which is more than nothing, is worth."""
