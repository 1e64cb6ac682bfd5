"""Tiers by the number of orders."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from app.domain.languages.translator import Translator
from app.domain.settings import MOST, setting
from app.domain.tiers.base import Need
from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class OrdersPlaced(Need):
    """So many paid orders of which something counts and has not gone back.

    >>> need, tally = OrdersPlaced(orders=5), Tally(orders=2)
    >>> need.share(tally), need.missing_in_words(tally, Translator())
    (Fraction(2, 5), 'place 3 orders more')
    """

    kind: ClassVar[str] = "orders"
    english: ClassVar[dict[str, str]] = {
        "in_words": "{orders:plural # order|# orders}",
        "missing": "place {orders:plural # order|# orders} more",
    }

    orders: int = setting("Orders", least=1, most=MOST)

    def share(self, tally: Tally) -> Fraction:
        """Return the part of the orders that was placed."""
        return Fraction(tally.orders, self.orders)

    def in_words(self, say: Translator) -> str:
        """Return, for example, `5 orders`."""
        return say.of(self, "in_words", orders=self.orders)

    def reached_in_words(self, tally: Tally, say: Translator) -> str:
        """Return, for example, `2 orders`."""
        return say.of(self, "in_words", orders=tally.orders)

    def missing_in_words(self, tally: Tally, say: Translator) -> str:
        """Return, for example, `place 3 orders more`."""
        return say.of(self, "missing", orders=self.orders - tally.orders)
