"""A member who is told news one by one, and settled the short way where that answers.

Keeps what `workers/settle.py` keeps in tables, and asks `advance` under the same terms.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from app.domain.advance import KeptLot, Whereabouts, advance, kept_lot
from app.domain.fold import Fold, fold
from app.domain.ledger import Account, Credit, Debit, Kind, Movement, Redemption


class Told:
    """Credits and commands as they are known, and what they were settled to."""

    def __init__(self) -> None:
        """Know nothing."""
        self.credits: dict[str, Credit] = {}
        self.commands: dict[str, Debit | Redemption] = {}
        self.lots: dict[str, KeptLot] = {}
        self.posted: Counter[str] = Counter()
        self.whereabouts = Whereabouts(None, None, 0)
        self.ways: Counter[str] = Counter()
        self._earned: set[str] = set()
        self._effects: set[str] = set()

    def hear(self, credits: list[Credit], now: datetime) -> None:
        """Learn how credits are now, and settle."""
        changes = [(credit, self.lots.get(credit.lot)) for credit in credits]
        self.credits |= {credit.lot: credit for credit in credits}
        if not self._short_way(changes, now):
            self.settle(now)

    def settle(self, now: datetime) -> Fold:
        """Fold the whole history."""
        self.ways["whole"] += 1
        end = self.whole(now)
        self.posted = sums(end.movements)
        self._remember(end.movements)
        self.lots = {
            lot.name: kept_lot(lot, self.credits[lot.name]) for lot in end.lots
        }
        self.whereabouts = Whereabouts(end.settled_to, end.due_at, end.owed)
        return end

    def whole(self, now: datetime) -> Fold:
        """What the whole history comes to."""
        return fold(self.credits.values(), self.commands.values(), now)

    def _short_way(
        self, changes: list[tuple[Credit, KeptLot | None]], now: datetime
    ) -> bool:
        if any(kept is None and each.lot in self._earned for each, kept in changes):
            return False
        found = advance(self.whereabouts, changes, now)
        if found is None:
            return False
        again = {each.key for each in found.movements if each.kind == Kind.REVERSE}
        if again & self._effects:
            return False
        self.ways["short"] += 1
        self.posted += sums(found.movements)
        self._remember(found.movements)
        self.lots |= {lot.name: lot for lot in found.lots}
        self.whereabouts = Whereabouts(found.settled_to, found.due_at, 0)
        return True

    def _remember(self, movements: tuple[Movement, ...]) -> None:
        self._effects |= {each.key for each in movements}
        self._earned |= {each.lot for each in movements if each.kind == Kind.EARN}


def sums(movements: tuple[Movement, ...]) -> Counter[str]:
    """The points of each effect; those that came to nothing are left out."""
    found: Counter[str] = Counter()
    for each in movements:
        found[each.key] += each.points
    return +found


def owed_in(posted: Counter[str]) -> int:
    """What is owed after these effects."""
    owed = 0
    for key, points in posted.items():
        source, target = key.rpartition(":")[2].split(">")
        owed += points * ((source == Account.OWED) - (target == Account.OWED))
    return owed
