"""Where a member stands: the balance, and the way to the next reward."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.rewards import Reward


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


@dataclass(frozen=True)
class RewardProgress:
    """How far a balance is from a reward; `progress` runs from 0 to 1."""

    name: str
    points_cost: int
    points_needed: int
    progress: float


def reward_progress(
    rewards: Iterable[Reward], available: int, currency: str
) -> list[RewardProgress]:
    """Return the progress to each reward, cheapest first."""
    return [
        RewardProgress(
            name=reward.name(currency),
            points_cost=reward.points_cost,
            points_needed=max(0, reward.points_cost - available),
            progress=round(min(1, max(0, available) / reward.points_cost), 4),
        )
        for reward in sorted(rewards, key=lambda reward: reward.points_cost)
    ]


def next_reward(progress: Iterable[RewardProgress]) -> RewardProgress | None:
    """Return the cheapest reward still out of reach, None where all are in reach."""
    return next((each for each in progress if each.points_needed > 0), None)
