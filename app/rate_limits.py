"""How often somebody may do something, counted in each web process for itself.

No server of ours is asked for it, so a limit holds where Redis is gone, and counting
takes no longer than what it saves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from cachetools import TTLCache

WINDOW_S = 60
# Who came longest ago is forgotten first, so that strangers cannot fill the memory.
_KNOWN = 20_000


class RateLimit:
    """Counts by whoever asks, in windows that begin with the first time."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Let everybody do something `most` times in a window of `WINDOW_S`."""
        self.most = most
        self._counts: TTLCache[Hashable, list[int]] = TTLCache(
            _KNOWN, WINDOW_S, timer=clock
        )
        self._lock = Lock()

    def count(self, who: Hashable) -> int:
        """Count one more time; return how many times it now was."""
        with self._lock:
            counted = self._counts.get(who)
            if counted is None:
                counted = self._counts[who] = [0]
            counted[0] += 1
            return counted[0]

    def takes(self, who: Hashable) -> bool:
        """Count one more time, and say whether it is within the limit."""
        return self.count(who) <= self.most

    def is_reached(self, who: Hashable) -> bool:
        """Say whether there is no time left, without counting."""
        with self._lock:
            counted = self._counts.get(who)
        return counted is not None and counted[0] >= self.most


@dataclass(frozen=True)
class RateLimits:
    """The limits of the doors, in a minute and in one process.

    `refusals` by an address, `questions` of a signed-in shopper, `estimates` of a
    store's guests together, and `codes` that are wrong, by the page they are tried on.
    """

    refusals: RateLimit = field(default_factory=partial(RateLimit, 60))
    questions: RateLimit = field(default_factory=partial(RateLimit, 600))
    estimates: RateLimit = field(default_factory=partial(RateLimit, 6_000))
    codes: RateLimit = field(default_factory=partial(RateLimit, 30))
