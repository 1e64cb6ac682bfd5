"""A service of the shop, for a voucher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.rewards.base import Handling, Reward
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Service(Reward):
    """A voucher that is taken in once, at the counter.

    >>> from app.domain.languages.translator import Translator
    >>> from app.domain.rewards.words import name_of
    >>> name_of(Service(points_cost=300, service="A repair"), Translator("EUR"))
    'A repair'
    """

    kind: ClassVar[str] = "service"
    english: ClassVar[dict[str, str]] = {"name": "{service}"}
    handling: ClassVar[Handling] = Handling.COUNTER
    idle_settings: ClassVar[frozenset[str]] = frozenset(
        {"order_amount_min", "given_back"}
    )

    service: str = setting("Service", least=1, most=100)

    def _benefit(self, points: int, currency: str) -> None:
        """The voucher is our own, not the store's."""
