"""A step: so many orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.challenges.base import Step
from app.domain.engagement.kept import Kept
from app.domain.engagement.products import Products
from app.domain.languages.translator import Translator
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class OrdersStep(Step):
    """Orders of which something that is meant was kept.

    >>> step = OrdersStep(orders=3)
    >>> step.in_words(Translator()), step.so_far(1, Translator())
    ('Place 3 orders', '1 of 3')
    """

    kind: ClassVar[str] = "orders"
    english: ClassVar[dict[str, str]] = {
        "in_words": "Place {orders:plural # order|# orders}",
        "with": "Place {orders:plural # order|# orders} with items {which}",
    }

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

    def in_words(self, say: Translator) -> str:
        """Return the step as a shopper would be told to do it."""
        if not self.products.are_some:
            return say.of(self, "in_words", orders=self.orders)
        which = self.products.in_words(say)
        return say.of(self, "with", orders=self.orders, which=which)
