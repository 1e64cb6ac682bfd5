"""What points are worth to the store: the value of 100, and how many are ever spent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.domain.settings import MOST, setting

# A hundred points have the value, and a hundred percent would be spent.
_PER = 100 * 100


@dataclass(frozen=True, kw_only=True)
class Valuation:
    """Expected cost = points / 100 x value of 100 points x percent spent / 100.

    The share that members are expected to spend is part of it since a point that nobody
    spends costs nothing: IFRS 15, paragraph B42, has such options estimated by the
    discount that they bring, adjusted for the likelihood that they are exercised.
    """

    per_100_points: Decimal | None = setting(
        "What 100 points are worth",
        default=None,
        hint="in the store's currency",
        above=0,
        most=MOST,
    )
    spent_percent: Decimal = setting(
        "Percent of points that members are expected to spend",
        default=Decimal(100),
        above=0,
        most=100,
    )

    def cost(self, points: int) -> Decimal | None:
        """Return what points are expected to cost, None where they have no value.

        >>> Valuation(per_100_points=Decimal(5), spent_percent=Decimal(80)).cost(1000)
        Decimal('40')
        """
        if self.per_100_points is None:
            return None
        return points * self.per_100_points * self.spent_percent / _PER

    def points_for(self, cost: Decimal) -> int | None:
        """Return the most points that are expected to cost no more than this.

        >>> Valuation(per_100_points=Decimal(5)).points_for(Decimal("0.99"))
        19
        """
        if self.per_100_points is None:
            return None
        return int(cost * _PER // (self.per_100_points * self.spent_percent))
