"""Goods and experiences that people of the store give by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.phrases import day
from app.domain.rewards.base import Handling, Reward
from app.domain.rewards.slot import Slot
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Goods(Reward):
    """Something that staff hand over, send or book once they have agreed to it.

    Where it has slots, a member chooses one of them, and a place in it is theirs from
    the moment they ask until it is refused or cancelled.

    >>> from app.domain.languages.translator import Translator
    >>> from app.domain.rewards.words import limits_in_words, name_of
    >>> mug, say = Goods(points_cost=300, description="A mug"), Translator("EUR")
    >>> name_of(mug, say), limits_in_words(mug, say)
    ('A mug', ', once the store has agreed to it')
    """

    kind: ClassVar[str] = "goods"
    english: ClassVar[dict[str, str]] = {
        "name": "A reward from the store",
        "agreed": "once the store has agreed to it",
        "slots": (
            "on a date to choose, to be cancelled until "
            "{cancel_hours:plural # hour|# hours} before"
        ),
    }
    handling: ClassVar[Handling] = Handling.STAFF
    idle_settings: ClassVar[frozenset[str]] = frozenset(
        {"order_amount_min", "given_back", "valid_days"}
    )

    description: str = setting(
        "What it is", default="", hint="what shoppers read below the name", most=500
    )
    slots: tuple[Slot, ...] = setting(
        "Dates to choose from", default=(), hint="none for things that have no date"
    )
    cancel_hours: int = setting(
        "Hours before its date until which a member can cancel",
        default=24,
        least=0,
        most=8760,
    )

    @property
    def called(self) -> str:
        """What the owner calls it, nothing where its kind says enough."""
        return self.title or self.description

    @property
    def details(self) -> str:
        """What shoppers read below the name, nothing where that says all."""
        return self.description if self.title else ""

    @property
    def limits(self) -> tuple[str, ...]:
        """What limits it, by the names of the sentences that say so, in order."""
        own = ("agreed", "slots") if self.slots else ("agreed",)
        return (*super().limits, *own)

    @property
    def mistakes(self) -> dict[str, str]:
        """What of the settings can never hold together."""
        found, begins = super().mistakes, [slot.starts_at for slot in self.slots]
        twice = next((at for at in begins if begins.count(at) > 1), None)
        if twice:
            found["slots"] = f"two begin {day(twice)}: make one of them"
        return found

    def _benefit(self, points: int, currency: str) -> None:
        """Nothing is made in the store."""
