"""Where a member stands: the points there are, by what they can do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Standing:
    """A member's points; `owed` is what later credits pay first.

    `lifetime_earned` is what was ever earned, less what was reversed.
    """

    available: int = 0
    pending: int = 0
    reserved: int = 0
    owed: int = 0
    lifetime_earned: int = 0
