"""A product for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.grants import Benefit, ProductDiscount
from app.domain.rewards.base import Reward
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class FreeProduct(Reward):
    """One unit of a product, on an order that has it.

    >>> from app.domain.rewards.base import Offer
    >>> Offer.of(FreeProduct(points_cost=300, product_id="501"), 300, "EUR").benefit
    ProductDiscount(product_id='501')
    """

    kind: ClassVar[str] = "free_product"
    english: ClassVar[dict[str, str]] = {"name": "A product for free"}

    product_id: str = setting("Product", least=1, most=255)

    def _benefit(self, points: int, currency: str) -> Benefit:  # noqa: ARG002
        return ProductDiscount(self.product_id)
