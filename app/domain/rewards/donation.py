"""Points that become money for a cause."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.money import in_words, to_minor
from app.domain.rewards.base import IDLE_AT_ONCE, Handling, Reward
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class Donation(Reward):
    """The store gives `amount` major units of its currency to `cause`.

    >>> Donation(points_cost=300, cause="trees", amount=Decimal(1)).name("EUR")
    '1.00 EUR for trees'
    """

    kind: ClassVar[str] = "donation"
    handling: ClassVar[Handling] = Handling.AT_ONCE
    idle_settings: ClassVar[frozenset[str]] = IDLE_AT_ONCE

    cause: str = setting("For", least=1, most=100)
    amount: Decimal = setting(
        "Amount given", hint="in the store's currency", above=0, most=MOST
    )

    def _name(self, currency: str) -> str:
        return f"{in_words(to_minor(self.amount, currency), currency)} for {self.cause}"

    def _benefit(self, points: int, currency: str) -> None:
        """Nothing is made in the store: the owner gives what the totals say."""
