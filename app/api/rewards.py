"""What a member can have for their points, and what they have taken so far."""

from __future__ import annotations

from typing import Any

from app.api.redemptions_shown import shown
from app.storage.rewards_seen import RewardsSeen
from app.storage.stores import Store

# So many redemptions of a member are shown.
_SHOWN = 10


def told(seen: RewardsSeen, store: Store, secret_key: str) -> dict[str, Any]:
    """Return rewards, the next one, redemptions and what is about to end."""
    newest = seen.redemptions[::-1][:_SHOWN]
    return {
        "rewards": seen.offers,
        "next_reward": seen.next_reward,
        "redemptions": [shown(each, secret_key, store) for each in newest],
        "expiring": seen.expiring,
        "lapsing": seen.lapsing,
    }
