"""A reward as shoppers read it: its name, and what limits it."""

from __future__ import annotations

from app.domain.languages.translator import Translator
from app.domain.rewards.base import Reward


def name_of(reward: Reward, say: Translator) -> str:
    """Return what the owner calls a reward, or what its kind says of its settings."""
    return reward.called or say.of(reward, "name")


def limits_in_words(reward: Reward, say: Translator) -> str:
    """Return what limits a reward, as it ends a sentence that begins with its name."""
    return "".join(f", {say.of(reward, each)}" for each in reward.limits)
