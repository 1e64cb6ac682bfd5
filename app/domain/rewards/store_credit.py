"""Credit on the customer's account with the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.grants import Benefit, StoreCreditGift
from app.domain.languages.translator import Translator
from app.domain.money import to_minor
from app.domain.rewards.base import MONEY_IS_THEIRS, Reward
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class StoreCredit(Reward):
    """`amount` major units of the store's currency, to be spent like money.

    >>> StoreCredit(points_cost=500, amount=Decimal(5)).name("EUR")
    '€5.00 of store credit'
    """

    kind: ClassVar[str] = "store_credit"
    english: ClassVar[dict[str, str]] = {"name": "{amount:money} of store credit"}
    idle_settings: ClassVar[frozenset[str]] = frozenset(
        {"order_amount_min", "given_back", "unused_returns"}
    )
    idle_because: ClassVar[Mapping[str, str]] = MONEY_IS_THEIRS

    amount: Decimal = setting(
        "Credit", hint="in the store's currency", above=0, most=MOST
    )

    def _name(self, say: Translator) -> str:
        return say.of(self, "name", amount=say.money(self.amount))

    def _benefit(self, points: int, currency: str) -> Benefit:  # noqa: ARG002
        return StoreCreditGift(to_minor(self.amount, currency), currency)
