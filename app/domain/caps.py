"""How much of the limits of a day and of a member is taken up, and what is free again.

Only what really went back is free: points that a member keeps, though the money went
back, stay taken up. Else who buys, spends and returns, over and over, would have more
than the limit in the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from app.domain.ledger import Credit
from app.domain.program import Limits, ReturnPolicy

_NO_LIMIT = 2**62


class TakenUp:
    """What the orders of one member took up so far, by day, and in all under None."""

    def __init__(self) -> None:
        """Begin with a member who has ordered nothing."""
        self._points = Counter[date | None]()
        self._freed: dict[date | None, list[tuple[datetime, int]]] = defaultdict(list)

    def room(self, limits: Limits, day: date, at: datetime) -> int:
        """Return the most points that an order of this day, at this time, may have.

        What goes back at the very time of the order is not free yet.
        """
        most = {day: limits.points_per_day_max, None: limits.points_per_member_max}
        rooms = (
            maximum - self._standing(of, at)
            for of, maximum in most.items()
            if maximum is not None
        )
        return max(0, min(rooms, default=_NO_LIMIT))

    def take(self, credit: Credit, day: date) -> None:
        """Have an order of this day take up its points, until they go back."""
        freed = list(_given_back(credit))
        for of in (day, None):
            self._points[of] += credit.points
            self._freed[of] += freed

    def _standing(self, of: date | None, at: datetime) -> int:
        freed = sum(points for freed_at, points in self._freed[of] if freed_at < at)
        return self._points[of] - freed


def _given_back(credit: Credit) -> Iterator[tuple[datetime, int]]:
    """Yield when points of a credit went back, for certain, and how many.

    Where a refund reaches no further than the balance, it takes pending points for
    certain; whether it finds others depends on what was spent.
    """
    for each in credit.reversals:
        at = max(credit.at, each.at)
        if credit.return_policy == ReturnPolicy.UNLIMITED or _is_pending(credit, at):
            yield at, each.points


def _is_pending(credit: Credit, at: datetime) -> bool:
    """Whether a credit is held still; at the same time its release comes first."""
    if not credit.is_held:
        return False
    return credit.releases_at is None or at < max(credit.at, credit.releases_at)
