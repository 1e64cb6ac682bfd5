"""Entries to a giveaway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.rewards.base import IDLE_AT_ONCE, Handling, Reward
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class GiveawayEntry(Reward):
    """One entry; each has the same chance in the draw.

    >>> from app.domain.languages.translator import Translator
    >>> from app.domain.rewards.words import name_of
    >>> name_of(GiveawayEntry(points_cost=50, prize="a spa"), Translator("EUR"))
    'An entry to win a spa'
    """

    kind: ClassVar[str] = "giveaway_entry"
    english: ClassVar[dict[str, str]] = {"name": "An entry to win {prize}"}
    handling: ClassVar[Handling] = Handling.AT_ONCE
    idle_settings: ClassVar[frozenset[str]] = IDLE_AT_ONCE

    prize: str = setting("Prize", least=1, most=100)

    def _benefit(self, points: int, currency: str) -> None:
        """Nothing is made in the store until somebody has won."""
