"""A step: so much spent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.challenges.base import Step
from app.domain.engagement.kept import Kept
from app.domain.engagement.products import Products
from app.domain.money import in_words, to_minor
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class SpendStep(Step):
    """Money that counts for points, over all orders together.

    >>> step = SpendStep(amount=Decimal(100))
    >>> step.in_words("EUR"), step.so_far(2550, "EUR")
    ('Spend 100.00 EUR', '25.50 of 100.00 EUR')
    """

    kind: ClassVar[str] = "spend"

    amount: Decimal = setting(
        "Amount", default=Decimal(100), above=0, most=MOST, hint="in major units"
    )
    products: Products = setting("Only on", default=Products())

    @property
    def looks_at_products(self) -> bool:
        """Whether it matters which tags and collections products have."""
        return self.products.are_looked_at

    def target(self, currency: str) -> int:
        """How much is asked for, in minor units."""
        return max(1, to_minor(self.amount, currency))

    def of_order(self, kept: Kept) -> int:
        """How much was spent with it and not given back."""
        return kept.amount_minor(self.products)

    def so_far(self, done: int, currency: str) -> str:
        """Return how far one is, for people."""
        spent = in_words(done, currency).partition(" ")[0]
        return f"{spent} of {in_words(self.target(currency), currency)}"

    def in_words(self, currency: str) -> str:
        """Return the step as a shopper would be told to do it."""
        words = f"Spend {in_words(self.target(currency), currency)}"
        if self.products.are_some:
            words += f" on items{self.products.in_words()}"
        return words
