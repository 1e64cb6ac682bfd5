"""How points that come to a fraction become a whole number."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum


class Rounding(StrEnum):
    """How the points of a whole order become a whole number, once.

    >>> Rounding.DOWN.of(Decimal("7.5"))
    Decimal('7')
    """

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"

    def of(self, exact: Decimal) -> Decimal:
        """Return the whole number that this makes of points."""
        return exact.to_integral_value(rounding=_ROUNDING[self])


_ROUNDING = {
    Rounding.DOWN: ROUND_FLOOR,
    Rounding.NEAREST: ROUND_HALF_UP,
    Rounding.UP: ROUND_CEILING,
}
_NO_NOISE = Context(prec=24)


def exactly(points: Decimal) -> Decimal:
    """Return points without what thirds, which have no end, lack at their last digits.

    >>> exactly(Decimal(1) / 3 * 3)
    Decimal('1.00000000000000000000000')
    """
    return _NO_NOISE.plus(points)
