"""Tiers by the money that was spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import ClassVar

from app.domain.languages.translator import Translator
from app.domain.money import to_minor
from app.domain.settings import MOST, setting
from app.domain.tiers.base import Need
from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Spending(Need):
    """`amount` spent on what counts for points; `amounts` say what it is elsewhere.

    Money of several currencies goes together as their amounts stand to each other.

    >>> need, tally = Spending(amount=Decimal(500)), Tally(spent=(("EUR", 12000),))
    >>> need.share(tally), need.missing_in_words(tally, Translator("EUR"))
    (Fraction(6, 25), 'spend €380.00 more')
    """

    kind: ClassVar[str] = "spending"
    english: ClassVar[dict[str, str]] = {
        "in_words": "{amount:money} spent",
        "missing": "spend {amount:money} more",
    }

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

    def in_words(self, say: Translator) -> str:
        """Return, for example, `€500.00 spent`."""
        return self._in_words(say, self._wanted(say.currency))

    def reached_in_words(self, tally: Tally, say: Translator) -> str:
        """Return, for example, `€120.00 spent`."""
        return self._in_words(say, int(self.share(tally) * self._wanted(say.currency)))

    def missing_in_words(self, tally: Tally, say: Translator) -> str:
        """Return, for example, `spend €380.00 more`."""
        missing = ceil((1 - self.share(tally)) * self._wanted(say.currency))
        return say.of(self, "missing", amount=say.minor(missing))

    def _in_words(self, say: Translator, minor: int) -> str:
        return say.of(self, "in_words", amount=say.minor(minor))

    def _wanted(self, currency: str) -> int:
        return max(1, to_minor(self.amounts.get(currency, self.amount), currency))
