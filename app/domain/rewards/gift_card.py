"""A gift card of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.grants import Benefit, GiftCardGift
from app.domain.money import to_minor
from app.domain.rewards.base import MONEY_IS_THEIRS, Reward
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class GiftCard(Reward):
    """`amount` major units of the store's currency, to be spent like money.

    >>> from app.domain.rewards.base import Offer
    >>> Offer.of(GiftCard(points_cost=500, amount=Decimal(5)), 500, "EUR").benefit
    GiftCardGift(amount_minor=500, currency='EUR')
    """

    kind: ClassVar[str] = "gift_card"
    english: ClassVar[dict[str, str]] = {"name": "{amount:money} gift card"}
    idle_settings: ClassVar[frozenset[str]] = frozenset(
        {"order_amount_min", "given_back"}
    )
    idle_because: ClassVar[Mapping[str, str]] = MONEY_IS_THEIRS

    amount: Decimal = setting(
        "Worth", hint="in the store's currency", above=0, most=MOST
    )

    def _benefit(self, points: int, currency: str) -> Benefit:  # noqa: ARG002
        return GiftCardGift(to_minor(self.amount, currency), currency)
