"""The kinds of rewards: one file a kind, listed here."""

from app.domain.rewards.amount_off import AmountOff
from app.domain.rewards.base import Reward
from app.domain.rewards.free_shipping import FreeShipping

REWARDS: tuple[type[Reward], ...] = (AmountOff, FreeShipping)

__all__ = ["REWARDS", "AmountOff", "FreeShipping", "Reward"]
