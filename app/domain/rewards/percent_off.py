"""A percentage off one order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.grants import Benefit, PercentDiscount
from app.domain.rewards.base import Reward
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class PercentOff(Reward):
    """`percent` of an order's goods off.

    >>> from app.domain.rewards.base import Offer
    >>> Offer.of(PercentOff(points_cost=500, percent=10), 500, "EUR").benefit
    PercentDiscount(percent=10)
    """

    kind: ClassVar[str] = "percent_off"
    english: ClassVar[dict[str, str]] = {"name": "{percent:percent} off"}

    percent: int = setting("Percent off", least=1, most=100)

    def _benefit(self, points: int, currency: str) -> Benefit:  # noqa: ARG002
        return PercentDiscount(self.percent)
