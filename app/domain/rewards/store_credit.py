"""Credit on the customer's account with the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.grants import Benefit, StoreCreditGift
from app.domain.money import to_minor
from app.domain.rewards.base import MONEY_IS_THEIRS, Reward
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class StoreCredit(Reward):
    """`amount` major units of the store's currency, to be spent like money.

    >>> from app.domain.rewards.base import Offer
    >>> Offer.of(StoreCredit(points_cost=500, amount=Decimal(5)), 500, "EUR").benefit
    StoreCreditGift(amount_minor=500, currency='EUR')
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

    def _benefit(self, points: int, currency: str) -> Benefit:  # noqa: ARG002
        return StoreCreditGift(to_minor(self.amount, currency), currency)
