"""Tiers by the points that orders earned."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from app.domain.languages.translator import Translator
from app.domain.settings import MOST, setting
from app.domain.tiers.base import Need
from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class PointsEarned(Need):
    """So many points earned with orders, whether spent since or not.

    The limits of a day and of a member do not count against it, nor do gifts for it.

    >>> need, tally = PointsEarned(points=1000), Tally(points=400)
    >>> need.share(tally), need.missing_in_words(tally, Translator())
    (Fraction(2, 5), 'earn 600 points more')
    """

    kind: ClassVar[str] = "points"
    english: ClassVar[dict[str, str]] = {
        "in_words": "{points:points} earned",
        "missing": "earn {points:points} more",
    }

    points: int = setting("Points earned", least=1, most=MOST)

    def share(self, tally: Tally) -> Fraction:
        """Return the part of the points that was earned."""
        return Fraction(tally.points, self.points)

    def in_words(self, say: Translator) -> str:
        """Return, for example, `1,000 points earned`."""
        return say.of(self, "in_words", points=self.points)

    def reached_in_words(self, tally: Tally, say: Translator) -> str:
        """Return, for example, `400 points earned`."""
        return say.of(self, "in_words", points=tally.points)

    def missing_in_words(self, tally: Tally, say: Translator) -> str:
        """Return, for example, `earn 600 points more`."""
        return say.of(self, "missing", points=self.points - tally.points)
