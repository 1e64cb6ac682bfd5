"""Points as money: any amount that the member chooses, in steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from typing import ClassVar

from app.domain.grants import Benefit, OrderDiscount
from app.domain.languages.translator import Translator
from app.domain.money import minor_units
from app.domain.reasons import because
from app.domain.rewards.base import NotOffered, Reward
from app.domain.rewards.terms import RewardTerms
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class PointsAsMoney(Reward):
    """Each step of points is worth `amount`; the price in points is the least to spend.

    >>> from app.domain.customer import Customer
    >>> from app.domain.rewards.base import Asked
    >>> from datetime import datetime
    >>> slider = PointsAsMoney(points_cost=200, step=100, amount=Decimal(1))
    >>> asked = Asked(datetime(2026, 1, 1), "EUR", points=700)
    >>> slider.offer(Customer(available=750), asked).benefit
    OrderDiscount(amount_minor=700, currency='EUR')
    """

    kind: ClassVar[str] = "points_as_money"
    english: ClassVar[dict[str, str]] = {
        "name": "{amount:money} off for each {step:points}",
        "at_once": "at most {points:points} at once",
        "share": "for at most {share:percent} of an order",
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

    def mistakes(self) -> dict[str, str]:
        """Return what can never hold together."""
        found = super().mistakes()
        if self.points_max is not None and self.points_max < self._least:
            found["points_max"] = "must not be less than the least to spend"
        return found

    @property
    def is_alike_for_all(self) -> bool:
        """What it is worth is each member's to choose."""
        return False

    @property
    def _least(self) -> int:
        """Return the least number of points that can be spent, in whole steps."""
        return -(-self.points_cost // self.step) * self.step

    def _price(self, wished: int | None) -> int | NotOffered:
        points = self._least if wished is None else wished
        if points < self._least:
            return NotOffered(because("below_least", points=self._least))
        if self.points_max is not None and points > self.points_max:
            return NotOffered(because("above_most", points=self.points_max))
        if points % self.step:
            return NotOffered(because("not_in_steps", step=self.step))
        return points

    def terms(self, currency: str) -> RewardTerms:
        """Return what a member has to know before points are spent on it."""
        return replace(super().terms(currency), order_share_max=self.order_share_max)

    def _limits(self, say: Translator) -> Iterator[str]:
        if self.points_max is not None:
            yield say.of(self, "at_once", points=self.points_max)
        if self.order_share_max < 100:
            yield say.of(self, "share", share=self.order_share_max)
        yield from super()._limits(say)

    def _name(self, say: Translator) -> str:
        return say.of(self, "name", amount=say.money(self.amount), step=self.step)

    def _benefit(self, points: int, currency: str) -> Benefit:
        exact = self.amount * minor_units(currency) * points / self.step
        return OrderDiscount(int(exact.to_integral_value(ROUND_FLOOR)), currency)

    def _least_order(self, benefit: Benefit | None) -> int:
        assert isinstance(benefit, OrderDiscount)
        return -(-benefit.amount_minor * 100 // self.order_share_max)
