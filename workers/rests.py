"""Stores that gave no answer, and until when they are left alone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta


class Rests:
    """Remembers for one process which stores rest, so that they delay no others."""

    def __init__(self) -> None:
        self._until: dict[int, datetime] = {}
        self._lost: Counter[int] = Counter()

    def begin(self, store_id: int, now: datetime, wait_s: float) -> None:
        """Leave a store alone for so long."""
        self._until[store_id] = now + timedelta(seconds=wait_s)

    def left_s(self, store_id: int, now: datetime) -> float:
        """Return for how long a store rests still, nothing where it does not."""
        until = self._until.get(store_id)
        if until and now < until:
            return (until - now).total_seconds()
        self._until.pop(store_id, None)
        return 0.0

    def resting(self, now: datetime) -> set[int]:
        """Return the stores that rest."""
        return {
            store_id for store_id in list(self._until) if self.left_s(store_id, now)
        }

    def lose(self, store_id: int, now: datetime, wait_s: float) -> None:
        """Note that an answer was lost; from the second in a row on the store rests.

        One alone may be the fault of that call: then only what it was about waits.
        """
        self._lost[store_id] += 1
        if self._lost[store_id] > 1:
            self.begin(store_id, now, wait_s)

    def hear(self, store_id: int) -> None:
        """Note that a store has answered."""
        self._lost.pop(store_id, None)
