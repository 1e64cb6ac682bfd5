"""Points that become money for a cause."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.rewards.base import IDLE_AT_ONCE, Handling, Reward
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class Donation(Reward):
    """The store gives `amount` major units of its currency to `cause`.

    >>> from app.domain.languages.translator import Translator
    >>> from app.domain.rewards.words import name_of
    >>> trees = Donation(points_cost=300, cause="trees", amount=Decimal(1))
    >>> name_of(trees, Translator("EUR"))
    '€1.00 for trees'
    """

    kind: ClassVar[str] = "donation"
    english: ClassVar[dict[str, str]] = {"name": "{amount:money} for {cause}"}
    handling: ClassVar[Handling] = Handling.AT_ONCE
    idle_settings: ClassVar[frozenset[str]] = IDLE_AT_ONCE

    cause: str = setting("For", least=1, most=100)
    amount: Decimal = setting(
        "Amount given", hint="in the store's currency", above=0, most=MOST
    )

    def _benefit(self, points: int, currency: str) -> None:
        """Nothing is made in the store: the owner gives what the totals say."""
