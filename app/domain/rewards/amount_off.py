"""A fixed amount off one order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.grants import Benefit, OrderDiscount
from app.domain.money import to_minor
from app.domain.rewards.base import Reward
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class AmountOff(Reward):
    """`amount` major units of the store's currency off an order.

    >>> from app.domain.rewards.base import Offer
    >>> Offer.of(AmountOff(points_cost=500, amount=Decimal("2.5")), 500, "EUR").benefit
    OrderDiscount(amount_minor=250, currency='EUR')
    """

    kind: ClassVar[str] = "amount_off"
    english: ClassVar[dict[str, str]] = {"name": "{amount:money} off"}

    amount: Decimal = setting(
        "Amount off", hint="in the store's currency", above=0, most=MOST
    )

    def _benefit(self, points: int, currency: str) -> Benefit:  # noqa: ARG002
        return OrderDiscount(to_minor(self.amount, currency), currency)
