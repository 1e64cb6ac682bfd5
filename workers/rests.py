"""Stores that gave no answer, and until when they are left alone."""

from __future__ import annotations

from datetime import datetime, timedelta


class Rests:
    """Remembers for one process which stores rest, so that they delay no others."""

    def __init__(self) -> None:
        self._until: dict[int, datetime] = {}

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
