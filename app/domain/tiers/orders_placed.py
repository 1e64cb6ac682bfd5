"""Tiers by the number of orders."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from app.domain.phrases import counted
from app.domain.settings import MOST, setting
from app.domain.tiers.base import Need
from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class OrdersPlaced(Need):
    """So many paid orders of which something counts and has not gone back.

    >>> need, tally = OrdersPlaced(orders=5), Tally(orders=2)
    >>> need.share(tally), need.missing_in_words(tally, "EUR")
    (Fraction(2, 5), 'place 3 orders more')
    """

    kind: ClassVar[str] = "orders"

    orders: int = setting("Orders", least=1, most=MOST)

    def share(self, tally: Tally) -> Fraction:
        """Return the part of the orders that was placed."""
        return Fraction(tally.orders, self.orders)

    def in_words(self, currency: str) -> str:  # noqa: ARG002
        """Return, for example, `5 orders`."""
        return counted(self.orders, "order")

    def reached_in_words(self, tally: Tally, currency: str) -> str:  # noqa: ARG002
        """Return, for example, `2 orders`."""
        return counted(tally.orders, "order")

    def missing_in_words(self, tally: Tally, currency: str) -> str:  # noqa: ARG002
        """Return, for example, `place 3 orders more`."""
        return f"place {counted(self.orders - tally.orders, 'order')} more"
