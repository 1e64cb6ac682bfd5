"""Whose turn it is: a few rewards of each store, several stores beside each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from app.storage import due_redemptions
from app.storage.database import Database
from app.storage.due_redemptions import DueRedemption
from workers.rests import Rests

# So many of one store are taken at a time; what is left of them after so long waits for
# the next turn of the store.
TURN, TURN_S = 4, 10.0
# So many of one store are taken at once, by all processes together; processes that
# choose at the same moment may take a turn more.
AT_ONCE = 8
# For so many stores does a process wait at once. One more lane begins where those that
# go on have not come to their end within so long.
LANES, PATIENCE_S = 4, 1.0


@dataclass
class _Pass:
    """What was looked at in one pass, in which nothing is looked at twice."""

    looked_at: set[tuple[int, str]] = field(default_factory=set)
    errors: list[BaseException] = field(default_factory=list)


class Turns:
    """Has what is due done, so that no store keeps the rewards of others waiting.

    Stores take turns in a lane. The last lane is closed to those whose last turn took
    long, so that they never have all of them.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[Connection], datetime],
        rests: Rests,
        take: Callable[[DueRedemption], None],
    ) -> None:
        """Have `take` do what is due of one redemption; it raises nothing."""
        self._database, self._clock = database, clock
        self._rests, self._take = rests, take
        self._slow: set[int] = set()
        # Lanes choose one after another, each by what those before have taken.
        self._choosing = threading.Lock()

    def work(self) -> int:
        """Do what is due; return how many redemptions were looked at."""
        now_done = _Pass()
        lanes: list[threading.Thread] = []
        while True:
            if len(lanes) < LANES:
                told = now_done, len(lanes) == LANES - 1
                lane = threading.Thread(target=self._run, args=told, daemon=True)
                lane.start()
                lanes.append(lane)
            until = time.monotonic() + PATIENCE_S
            for lane in lanes:
                lane.join(max(0.0, until - time.monotonic()))
            lanes = [lane for lane in lanes if lane.is_alive()]
            if not lanes:
                break
        for error in now_done.errors:
            raise error
        return len(now_done.looked_at)

    def _run(self, this: _Pass, is_last: bool) -> None:
        try:
            self._lane(this, is_last=is_last)
        except BaseException as error:  # Whatever ends a lane is told to who began it.
            this.errors.append(error)

    def _lane(self, this: _Pass, *, is_last: bool) -> None:
        """Give each store a turn, and again, until nothing is due.

        A store whose time was over, or of which all was looked at, has no more turns.
        """
        had: set[int] = set()
        out = set(self._slow) if is_last else set()
        while True:
            claimed, now = self._claimed(had | out)
            if not claimed and not had:
                return
            if not claimed:
                had = set()
                continue
            store_id = claimed[0].store_id
            had.add(store_id)
            if not self._turn(this, store_id, claimed, now):
                out.add(store_id)

    def _claimed(self, left_out: set[int]) -> tuple[list[DueRedemption], datetime]:
        with self._choosing, self._database.sweeper() as connection:
            now = self._clock(connection)
            left_out = left_out | self._rests.resting(now)
            return due_redemptions.claim(connection, now, TURN, AT_ONCE, left_out), now

    def _turn(
        self, this: _Pass, store_id: int, claimed: list[DueRedemption], now: datetime
    ) -> bool:
        """Do some of a store; False where it is to have no other turn for now."""
        left = {(due.program_id, due.redemption_id): due for due in claimed}
        news = [key for key in left if key not in this.looked_at]
        began, is_over = time.monotonic(), not news
        for key in news:
            this.looked_at.add(key)
            self._take(left.pop(key))
            is_over = time.monotonic() - began >= TURN_S
            if is_over or self._rests.left_s(store_id, now):
                break
        if left:
            with self._database.sweeper() as connection:
                due_redemptions.let_go(connection, left.values())
        if is_over and news:
            self._slow.add(store_id)
        else:
            self._slow.discard(store_id)
        return not is_over
