"""Tiers by the money that was spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import ClassVar

from app.domain.money import in_words, to_minor
from app.domain.settings import MOST, setting
from app.domain.tiers.base import Need
from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Spending(Need):
    """`amount` spent on what counts for points; `amounts` say what it is elsewhere.

    Money of several currencies goes together as their amounts stand to each other.

    >>> need, tally = Spending(amount=Decimal(500)), Tally(spent=(("EUR", 12000),))
    >>> need.share(tally), need.missing_in_words(tally, "EUR")
    (Fraction(6, 25), 'spend 380.00 EUR more')
    """

    kind: ClassVar[str] = "spending"

    amount: Decimal = setting("Spent", above=0, most=MOST)
    amounts: Mapping[str, Decimal] = setting(
        "Other amounts by currency", default_factory=dict, above=0, most=MOST
    )

    def share(self, tally: Tally) -> Fraction:
        """Return the part of the amount that was spent."""
        parts = (
            Fraction(minor, self._wanted(currency)) for currency, minor in tally.spent
        )
        return sum(parts, Fraction(0))

    def in_words(self, currency: str) -> str:
        """Return, for example, `500.00 EUR spent`."""
        return f"{in_words(self._wanted(currency), currency)} spent"

    def reached_in_words(self, tally: Tally, currency: str) -> str:
        """Return, for example, `120.00 EUR spent`."""
        spent = int(self.share(tally) * self._wanted(currency))
        return f"{in_words(spent, currency)} spent"

    def missing_in_words(self, tally: Tally, currency: str) -> str:
        """Return, for example, `spend 380.00 EUR more`."""
        missing = ceil((1 - self.share(tally)) * self._wanted(currency))
        return f"spend {in_words(missing, currency)} more"

    def _wanted(self, currency: str) -> int:
        return max(1, to_minor(self.amounts.get(currency, self.amount), currency))
