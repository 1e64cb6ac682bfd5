"""A fixed amount off one order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.grants import Benefit, OrderDiscount
from app.domain.languages.translator import Translator
from app.domain.money import to_minor
from app.domain.rewards.base import Reward
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class AmountOff(Reward):
    """`amount` major units of the store's currency off an order.

    >>> AmountOff(points_cost=500, amount=Decimal("2.5")).name("EUR")
    '€2.50 off'
    """

    kind: ClassVar[str] = "amount_off"
    english: ClassVar[dict[str, str]] = {"name": "{amount:money} off"}

    amount: Decimal = setting(
        "Amount off", hint="in the store's currency", above=0, most=MOST
    )

    def _name(self, say: Translator) -> str:
        return say.of(self, "name", amount=say.money(self.amount))

    def _benefit(self, points: int, currency: str) -> Benefit:  # noqa: ARG002
        return OrderDiscount(to_minor(self.amount, currency), currency)
