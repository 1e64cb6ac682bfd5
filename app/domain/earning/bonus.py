"""Some points more for an order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from app.domain.earning.base import Award, Eligible, NoAward
from app.domain.earning.campaign import Campaign
from app.domain.languages.translator import Translator
from app.domain.phrases import counted
from app.domain.settings import MOST, setting


class PartlyReturned(StrEnum):
    """What becomes of a bonus when some of what it was for goes back."""

    PROPORTIONAL = "proportional"
    KEEP = "keep"
    ALL_OR_NOTHING = "all_or_nothing"


@dataclass(frozen=True, kw_only=True)
class Bonus(Campaign):
    """`points` for an order, once, whatever its size; gone when all of it goes back.

    >>> from datetime import datetime
    >>> from app.domain.earning import Occasion, Part
    >>> friday = Occasion(datetime(2026, 11, 6, 18))
    >>> whole = Eligible(8000, "EUR", (Part(None, 8000),), friday)
    >>> left = Eligible(2000, "EUR", (Part(None, 2000),), friday).after(whole)
    >>> [str(Bonus(points=30).award(each).points) for each in (whole, left)]
    ['30', '7.5']
    """

    kind: ClassVar[str] = "bonus"
    english: ClassVar[dict[str, str]] = {
        "in_words": "{points:points} more{conditions}",
        "with_order": "{points:points} more with an order{conditions}",
        "keep": " (you keep all of them if you return only a part of it)",
        "all_or_nothing": " (all of them go back if you return any of it)",
    }

    points: int = setting("Points", least=1, most=MOST)
    partly_returned: PartlyReturned = setting(
        "When a part of the order goes back", default=PartlyReturned.PROPORTIONAL
    )

    def _extra(self, met: Eligible) -> Award | NoAward:
        if met.amount_minor <= 0:
            return NoAward("all that the bonus was for went back")
        whole = met.whole.amount_minor if met.whole else met.amount_minor
        points = Decimal(self.points)
        if self.partly_returned is PartlyReturned.PROPORTIONAL:
            points = points * met.amount_minor / whole
        elif self.partly_returned is PartlyReturned.ALL_OR_NOTHING:
            points *= met.amount_minor == whole
        return Award(points, self.gift)

    def in_words(self, say: Translator) -> str:
        """Return, for example, `50 points more with an order from €100.00 on`."""
        is_numbered = self.conditions.numbers_orders
        conditions = self.conditions.in_words(say, of_an_order=not is_numbered)
        name = "in_words" if is_numbered else "with_order"
        return say.of(self, name, conditions=conditions) + self._returned(say)

    def _returned(self, say: Translator) -> str:
        if self.partly_returned is PartlyReturned.PROPORTIONAL:
            return ""
        return say.of(self, self.partly_returned)

    @property
    def gift(self) -> str:
        """Return, for example, `a bonus of 50 points`."""
        return f"a bonus of {counted(self.points, 'point')}"
