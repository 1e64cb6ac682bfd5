"""A step: so much spent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.challenges.base import Step
from app.domain.engagement.kept import Kept
from app.domain.engagement.products import Products
from app.domain.languages.translator import Translator
from app.domain.money import to_minor
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class SpendStep(Step):
    """Money that counts for points, over all orders together.

    >>> step, say = SpendStep(amount=Decimal(100)), Translator("EUR")
    >>> step.in_words(say), step.so_far(2550, say)
    ('Spend €100.00', '€25.50 of €100.00')
    """

    kind: ClassVar[str] = "spend"
    english: ClassVar[dict[str, str]] = {
        "in_words": "Spend {amount:money}",
        "with": "Spend {amount:money} on items {which}",
        "so_far": "{done:money} of {target:money}",
    }

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

    def so_far(self, done: int, say: Translator) -> str:
        """Return how far one is, for people."""
        target = say.minor(self.target(say.currency))
        return say.of(self, "so_far", done=say.minor(done), target=target)

    def in_words(self, say: Translator) -> str:
        """Return the step as a shopper would be told to do it."""
        amount = say.minor(self.target(say.currency))
        if not self.products.are_some:
            return say.of(self, "in_words", amount=amount)
        return say.of(self, "with", amount=amount, which=self.products.in_words(say))
