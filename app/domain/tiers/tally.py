"""What a member did, as tiers count it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """Money spent by currency in minor units, points earned with orders, and orders.

    `actions` are those that earned points.
    """

    spent: tuple[tuple[str, int], ...] = ()
    points: int = 0
    orders: int = 0
    actions: int = 0

    def plus(self, other: Tally) -> Tally:
        """Return the two together."""
        return self._with(other, 1)

    def minus(self, other: Tally) -> Tally:
        """Return what is left without the other."""
        return self._with(other, -1)

    def _with(self, other: Tally, sign: int) -> Tally:
        spent = dict(self.spent)
        for currency, minor in other.spent:
            spent[currency] = spent.get(currency, 0) + sign * minor
        return Tally(
            tuple(sorted((name, minor) for name, minor in spent.items() if minor)),
            self.points + sign * other.points,
            self.orders + sign * other.orders,
            self.actions + sign * other.actions,
        )


NOTHING = Tally()
