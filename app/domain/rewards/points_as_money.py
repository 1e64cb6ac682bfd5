"""Points as money: any amount that the member chooses, in steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import ClassVar

from app.domain.grants import Benefit, OrderDiscount
from app.domain.money import minor_units
from app.domain.reasons import because
from app.domain.rewards.base import NotOffered, Reward
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class PointsAsMoney(Reward):
    """Each step of points is worth `amount`; the price in points is the least to spend.

    >>> from app.domain.customer import Customer
    >>> from app.domain.rewards.asked import Asked
    >>> from datetime import datetime
    >>> slider = PointsAsMoney(points_cost=200, step=100, amount=Decimal(1))
    >>> asked = Asked(datetime(2026, 1, 1), "EUR", points=700)
    >>> slider.offer(Customer(available=750), asked).benefit
    OrderDiscount(amount_minor=700, currency='EUR')
    """

    kind: ClassVar[str] = "points_as_money"
    english: ClassVar[dict[str, str]] = {
        "name": "{amount:money} off for each {step:points}",
        "points_max": "at most {points_max:points} at once",
        "order_share_max": "for at most {order_share_max:percent} of an order",
    }

    step: int = setting("Points to a step", default=100, least=1, most=MOST)
    amount: Decimal = setting(
        "Worth of a step", hint="in the store's currency", above=0, most=MOST
    )
    points_max: int | None = setting(
        "Most points at once", default=None, least=1, most=MOST
    )
    order_share_max: int = setting(
        "At most so many percent of the order", default=100, least=1, most=100
    )

    @property
    def least_points(self) -> int:
        """The fewest points that get it, in whole steps."""
        return -(-self.points_cost // self.step) * self.step

    @property
    def limits(self) -> tuple[str, ...]:
        """What limits it, by the names of the sentences that say so, in order."""
        own = filter(self._is_limited_by, ("points_max", "order_share_max"))
        return (*own, *super().limits)

    @property
    def mistakes(self) -> dict[str, str]:
        """What of the settings can never hold together."""
        found = super().mistakes
        if self.points_max is not None and self.points_max < self.least_points:
            found["points_max"] = "must not be less than the least to spend"
        return found

    @property
    def is_alike_for_all(self) -> bool:
        """What it is worth is each member's to choose."""
        return False

    def _price(self, wished: int | None) -> int | NotOffered:
        points = self.least_points if wished is None else wished
        if points < self.least_points:
            return NotOffered(because("below_least", points=self.least_points))
        if self.points_max is not None and points > self.points_max:
            return NotOffered(because("above_most", points=self.points_max))
        if points % self.step:
            return NotOffered(because("not_in_steps", step=self.step))
        return points

    def _benefit(self, points: int, currency: str) -> Benefit:
        exact = self.amount * minor_units(currency) * points / self.step
        return OrderDiscount(int(exact.to_integral_value(ROUND_FLOOR)), currency)
