"""Several times the points for a while, or for some products."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.earning.base import Award, Eligible, NoAward
from app.domain.earning.campaign import Campaign
from app.domain.languages.translator import Translator
from app.domain.money import in_words
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Multiplier(Campaign):
    """`times` the points that the other rules give for what meets the conditions.

    >>> from datetime import datetime
    >>> from app.domain.earning import Occasion, Part
    >>> friday = Occasion(datetime(2026, 11, 6, 18))
    >>> part = Part(None, 1050, points=Decimal("10.5"))
    >>> award = Multiplier(times=Decimal(3)).award(
    ...     Eligible(1050, "EUR", (part,), friday)
    ... )
    >>> str(award.points), award.reason
    ('21.0', '3 times the points for 10.50 EUR')
    """

    kind: ClassVar[str] = "multiplier"
    english: ClassVar[dict[str, str]] = {
        "in_words": "{times:number} times the points{conditions}"
    }

    times: Decimal = setting("Times the points", above=1, most=100)

    def _extra(self, met: Eligible) -> Award | NoAward:
        extra = tuple(part.points * (self.times - 1) for part in met.parts)
        amount = in_words(met.amount_minor, met.currency)
        reason = f"{self.gift} for {amount}"
        if met.occasion and self.conditions.tiers:
            reason += f" as {met.occasion.tier}"
        return Award(sum(extra, Decimal(0)), reason, extra)

    def in_words(self, say: Translator) -> str:
        """Return, for example, `2 times the points on Fridays`."""
        conditions = self.conditions.in_words(say)
        return say.of(self, "in_words", conditions=conditions)

    @property
    def gift(self) -> str:
        """Return, for example, `2 times the points`."""
        return f"{self.times.normalize():f} times the points"
