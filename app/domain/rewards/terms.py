"""What holds for a reward once it is taken, to be known before points are spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.money import Money


@dataclass(frozen=True)
class RewardTerms:
    """The smallest order, and until when; true as a condition where there is any.

    `order_share_max` is the most of an order in percent, `valid_days` how long it can
    be used, `ends_at` the moment by the clock of the store's walls from which it is
    offered no more. Without `unused_returns`, points do not come back for one that ends
    unused.
    """

    order_amount_min: Money | None = None
    order_share_max: int | None = None
    valid_days: int | None = None
    ends_at: datetime | None = None
    unused_returns: bool = True

    def __bool__(self) -> bool:
        """Whether there is anything to be told."""
        return self != RewardTerms()
