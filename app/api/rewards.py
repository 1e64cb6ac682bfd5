"""What a member can have for their points, and what they have taken so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from app.api.redemptions_shown import shown
from app.domain.engagement.progress import ActionShown
from app.domain.languages.translator import Translator
from app.domain.offers import Offered
from app.domain.prizes import Waiting
from app.storage.rewards_seen import RewardsSeen
from app.storage.stores import Store

# So many redemptions of a member are shown.
_SHOWN = 10


Told = TypeVar("Told", Offered, Waiting, ActionShown)


def in_language(some: Iterable[Told], say: Translator) -> list[Told]:
    """Return what can be had, or why it cannot be, in a language."""
    return [each.told(say) for each in some]


def told(
    seen: RewardsSeen, store: Store, secret_key: str, language: str
) -> dict[str, Any]:
    """Return rewards, the next one, redemptions and what is about to end."""
    say = Translator(store.currency, language)
    goals = [seen.next_reward] if seen.next_reward else []
    newest = seen.redemptions[::-1][:_SHOWN]
    return {
        "rewards": in_language(seen.offers, say),
        "next_reward": next(iter(in_language(goals, say)), None),
        "redemptions": [shown(each, secret_key, store, language) for each in newest],
        "expiring": seen.expiring,
        "lapsing": seen.lapsing,
    }
