"""How a long run of calls keeps within what a store allows, and leaves some to others.

Shopify counts by points: those of a call must be there before it, and they come back by
the second, https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

# What Shopify gives back each second on its smallest plan, where it does not say.
RESTORE_RATE = 100.0
# This part of what a store allows is left to calls for which somebody waits.
LEFT_TO_OTHERS = 0.25
# So long one call is waited for in all, before it is said to have no answer.
MOST_S = 120.0


class ThrottleStatus(msgspec.Struct, rename="camel"):
    """What a store says is left."""

    currently_available: float = 0.0
    maximum_available: float = 0.0
    restore_rate: float = RESTORE_RATE


class Cost(msgspec.Struct, rename="camel"):
    """What a store says that a call needs."""

    requested_query_cost: float = 0.0
    throttle_status: ThrottleStatus = msgspec.field(default_factory=ThrottleStatus)

    def wait_s(self) -> float:
        """Return how long it takes until the store can afford the same again."""
        status = self.throttle_status
        lacking = self.requested_query_cost - status.currently_available
        return max(1.0, lacking / max(status.restore_rate, 1.0))


class Pace:
    """Waits where a store has little left, and where it asks to be left alone."""

    def __init__(
        self,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with a store of which nothing is known yet."""
        self._pause, self._clock = pause, clock
        self._needed: dict[str, float] = {}
        self._status, self._at = ThrottleStatus(), 0.0

    def note(self, document: str, cost: Cost) -> None:
        """Remember what a document needs, and what the store has left."""
        self._needed[document] = cost.requested_query_cost
        self._status, self._at = cost.throttle_status, self._clock()

    def before(self, document: str) -> None:
        """Wait until the store has what a call needs, and some for others."""
        status = self._status
        spare = status.maximum_available * LEFT_TO_OTHERS
        rate = max(status.restore_rate, 1.0)
        left = status.currently_available + (self._clock() - self._at) * rate
        lacking = self._needed.get(document, 0.0) + spare - left
        if lacking > 0:
            self._pause(min(lacking / rate, MOST_S))

    def waits(self, wait_s: float, waited_s: float) -> bool:
        """Wait as a store asks for, unless it has been too long already."""
        if waited_s + wait_s > MOST_S:
            return False
        self._pause(wait_s)
        return True
