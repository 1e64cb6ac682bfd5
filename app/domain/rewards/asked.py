"""A wish for a reward, as a reward is asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Asked:
    """A wish for a reward, at `at` by the clock of the store's walls.

    `points` is how many the member wants to spend, where that is theirs to choose;
    what `is_won` costs none, whatever its price. `taken` is how many of the reward are
    out with all members, `slot` the date that the member chose, by the same clock, and
    `places_taken` how many have each date.
    """

    at: datetime
    currency: str
    points: int | None = None
    taken: int = 0
    slot: datetime | None = None
    places_taken: Mapping[datetime, int] = field(default_factory=dict)
    is_won: bool = False
