"""What every earning rule is: frozen settings, and one answer to one question.

A new kind is one file with one subclass that says how much, and one line in the list of
`app/domain/earning/__init__.py`. A saved rule must load for ever: never change a
`kind`, and only add fields that have a default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True)
class Eligible:
    """Everything a rule may look at: what counts of one order, in minor units."""

    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Award:
    """Points before rounding, and why; true as a condition."""

    points: Decimal
    reason: str

    def __bool__(self) -> bool:
        """An award is a yes."""
        return True


@dataclass(frozen=True)
class NoAward:
    """No points, and why; false as a condition."""

    reason: str

    def __bool__(self) -> bool:
        """No award is a no."""
        return False


@dataclass(frozen=True, kw_only=True)
class EarningRule(ABC):
    """A way to earn points; its fields are its settings."""

    kind: ClassVar[str]

    def award(self, eligible: Eligible) -> Award | NoAward:
        """Return the exact points for what counts, or the reason for none."""
        if eligible.amount_minor <= 0:
            return NoAward("nothing of the order counts for points")
        award = self._award(eligible)
        if isinstance(award, Award) and award.points <= 0:
            return NoAward("the rule gives no points for this amount")
        return award

    @abstractmethod
    def _award(self, eligible: Eligible) -> Award | NoAward:
        """Say how many points `eligible`, which is more than nothing, is worth."""

    @abstractmethod
    def in_words(self, currency: str) -> str:
        """Return the rule as a shopper would be told it."""
