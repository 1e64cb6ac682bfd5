"""What holds for a reward once it is taken, to be known before points are spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.money import Money, in_digits, to_major, to_minor
from app.domain.rewards.base import Reward


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


def terms_of(reward: Reward, currency: str) -> RewardTerms:
    """Return what a member has to know before points are spent on a reward."""
    limits = reward.limits
    least = 0
    if "order_amount_min" in limits:
        least = to_minor(reward.order_amount_min, currency)
    return RewardTerms(
        order_amount_min=in_digits(to_major(least, currency), currency)
        if least
        else None,
        order_share_max=reward.order_share_max,
        valid_days=reward.valid_days if "valid_days" in limits else None,
        ends_at=reward.ends_at,
        unused_returns="unused_returns" not in limits,
    )
