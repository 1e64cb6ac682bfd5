"""Points for money spent: a rate for each whole unit of the store's currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.earning.base import Award, EarningRule, Eligible, NoAward
from app.domain.languages.translator import Translator
from app.domain.money import in_words, to_major
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class PurchasePoints(EarningRule):
    """`rate` points for each 1.00 of what counts; `rates` override it by currency.

    >>> award = PurchasePoints(rate=Decimal("2.5")).award(Eligible(1050, "EUR"))
    >>> str(award.points), award.reason
    ('26.25', '10.50 EUR at 2.5 points per 1 EUR')
    """

    kind: ClassVar[str] = "purchase"
    english: ClassVar[dict[str, str]] = {
        "in_words": "{rate:points} for each {unit:money} you spend"
    }

    rate: Decimal = setting(
        "Points for each 1.00 spent", default=Decimal(1), above=0, most=MOST
    )
    rates: Mapping[str, Decimal] = setting(
        "Other rates by currency", default_factory=dict, above=0, most=MOST
    )

    def _award(self, eligible: Eligible) -> Award | NoAward:
        rate = self.rates.get(eligible.currency, self.rate)
        amount = in_words(eligible.amount_minor, eligible.currency)
        return Award(
            points=to_major(eligible.amount_minor, eligible.currency) * rate,
            reason=f"{amount} at {_points(rate)} per 1 {eligible.currency}",
        )

    def in_words(self, say: Translator) -> str:
        """Return, for example, `1 point for each €1.00 you spend`."""
        rate = self.rates.get(say.currency, self.rate)
        return say.of(self, "in_words", rate=rate, unit=say.money(1))


def _points(rate: Decimal) -> str:
    return f"{rate.normalize():f} {'point' if rate == 1 else 'points'}"
