"""One order shipped without charge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.grants import Benefit, ShippingDiscount
from app.domain.languages.translator import Translator
from app.domain.rewards.base import Reward


@dataclass(frozen=True, kw_only=True)
class FreeShipping(Reward):
    """The shipping of one order.

    >>> FreeShipping(points_cost=300).name("EUR")
    'Free shipping'
    """

    kind: ClassVar[str] = "free_shipping"
    english: ClassVar[dict[str, str]] = {"name": "Free shipping"}

    def _name(self, say: Translator) -> str:
        return say.of(self, "name")

    def _benefit(self, points: int, currency: str) -> Benefit:  # noqa: ARG002
        return ShippingDiscount()
