"""A step: so many orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.challenges.base import Step
from app.domain.engagement.kept import Kept
from app.domain.engagement.products import Products
from app.domain.phrases import counted
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class OrdersStep(Step):
    """Orders of which something that is meant was kept.

    >>> step = OrdersStep(orders=3)
    >>> step.in_words("EUR"), step.so_far(1, "EUR")
    ('Place 3 orders', '1 of 3')
    """

    kind: ClassVar[str] = "orders"

    orders: int = setting("Orders", default=3, least=1, most=999)
    products: Products = setting("Only with", default=Products())

    @property
    def looks_at_products(self) -> bool:
        """Whether it matters which tags and collections products have."""
        return self.products.are_looked_at

    def target(self, currency: str) -> int:  # noqa: ARG002
        """How many orders are asked for."""
        return self.orders

    def of_order(self, kept: Kept) -> int:
        """One, if anything that is meant was kept of it."""
        return int(kept.amount_minor(self.products) > 0)

    def in_words(self, currency: str) -> str:  # noqa: ARG002
        """Return the step as a shopper would be told to do it."""
        words = f"Place {counted(self.orders, 'order')}"
        if self.products.are_some:
            words += f" with items{self.products.in_words()}"
        return words
