"""How long to leave alone what could not be done."""

from __future__ import annotations

_LONGEST_S = 3600.0


def wait_s(attempts: int, least_s: float) -> float:
    """Return how many seconds to wait, longer each time: from `least_s` to an hour."""
    return min(_LONGEST_S, max(least_s, 2.0 ** min(attempts, 12)))
