"""Tiers by a score of all that a member does."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import ClassVar

from app.domain.languages.translator import Translator
from app.domain.money import minor_units
from app.domain.settings import MOST, setting
from app.domain.tiers.base import Need
from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Engagement(Need):
    """A score: so much for each order, each 1.00 spent, each point, each action.

    Actions count that earned points by the programme of their day: what was refused, or
    waits, or is more than its limits allow, does not; nor do days that come by
    themselves.

    >>> need, tally = Engagement(score=100), Tally(orders=3, spent=(("EUR", 4000),))
    >>> need.share(tally), need.missing_in_words(tally, Translator())
    (Fraction(7, 10), 'raise your score by 30')
    """

    kind: ClassVar[str] = "engagement"
    english: ClassVar[dict[str, str]] = {
        "in_words": "a score of {score:number}",
        "counted": "a score of {score:number} ({parts:listed})",
        "missing": "raise your score by {score:number}",
        "per_order": "{score:number} for each order",
        "per_amount": "{score:number} for each {unit:money} spent",
        "per_point": "{score:number} for each point earned",
        "per_action": "{score:number} for each action that earned",
    }

    score: int = setting("Score", least=1, most=MOST)
    per_order: Decimal = setting("For each order", default=Decimal(10), most=MOST)
    per_amount: Decimal = setting("For each 1.00 spent", default=Decimal(1), most=MOST)
    per_point: Decimal = setting("For each point earned", default=Decimal(0), most=MOST)
    per_action: Decimal = setting(
        "For each action that earned", default=Decimal(0), most=MOST
    )

    @property
    def counts_actions(self) -> bool:
        """Whether it asks for what members do beside ordering."""
        return self.per_action > 0

    def share(self, tally: Tally) -> Fraction:
        """Return the part of the score that was reached."""
        return self._of(tally) / self.score

    def in_words(self, say: Translator) -> str:
        """Return, for example, `a score of 300 (10 for each order)`."""
        parts = {
            "per_order": self.per_order,
            "per_amount": self.per_amount,
            "per_point": self.per_point,
            "per_action": self.per_action,
        }
        told = [
            say.of(self, name, score=score, unit=say.money(1))
            for name, score in parts.items()
            if score
        ]
        if not told:
            return say.of(self, "in_words", score=self.score)
        return say.of(self, "counted", score=self.score, parts=told)

    def reached_in_words(self, tally: Tally, say: Translator) -> str:
        """Return, for example, `a score of 120`."""
        return say.of(self, "in_words", score=int(self._of(tally)))

    def missing_in_words(self, tally: Tally, say: Translator) -> str:
        """Return, for example, `raise your score by 180`."""
        return say.of(self, "missing", score=ceil(self.score - self._of(tally)))

    def _of(self, tally: Tally) -> Fraction:
        spent = sum(
            (Fraction(minor, minor_units(currency)) for currency, minor in tally.spent),
            Fraction(0),
        )
        return (
            tally.orders * Fraction(self.per_order)
            + spent * Fraction(self.per_amount)
            + tally.points * Fraction(self.per_point)
            + tally.actions * Fraction(self.per_action)
        )
