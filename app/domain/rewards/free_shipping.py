"""One order shipped without charge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.grants import Benefit, ShippingDiscount
from app.domain.rewards.base import Reward


@dataclass(frozen=True, kw_only=True)
class FreeShipping(Reward):
    """The shipping of one order.

    >>> from app.domain.rewards.base import Offer
    >>> Offer.of(FreeShipping(points_cost=300), 300, "EUR").benefit
    ShippingDiscount()
    """

    kind: ClassVar[str] = "free_shipping"
    english: ClassVar[dict[str, str]] = {"name": "Free shipping"}

    def _benefit(self, points: int, currency: str) -> Benefit:  # noqa: ARG002
        return ShippingDiscount()
