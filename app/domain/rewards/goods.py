"""Goods and experiences that people of the store give by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from app.domain.languages.translator import Translator
from app.domain.phrases import day
from app.domain.reasons import Reason, because
from app.domain.rewards.base import Asked, Handling, Reward
from app.domain.rewards.slot import Slot, SlotLeft
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Goods(Reward):
    """Something that staff hand over, send or book once they have agreed to it.

    Where it has slots, a member chooses one of them, and a place in it is theirs from
    the moment they ask until it is refused or cancelled.

    >>> mug = Goods(points_cost=300, description="A mug")
    >>> mug.name("EUR"), mug.limits_in_words(Translator("EUR"))
    ('A mug', ', once the store has agreed to it')
    """

    kind: ClassVar[str] = "goods"
    english: ClassVar[dict[str, str]] = {
        "name": "A reward from the store",
        "agreed": "once the store has agreed to it",
        "date": (
            "on a date to choose, to be cancelled until "
            "{hours:plural # hour|# hours} before"
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
    def details(self) -> str:
        """Return what shoppers read below the name, nothing where that says all."""
        return self.description if self.title else ""

    @property
    def depends_on_others(self) -> bool:
        """Whether time or other members may end it for a member who did nothing."""
        return bool(self.slots) or super().depends_on_others

    def mistakes(self) -> dict[str, str]:
        """Return what can never hold together."""
        found, begins = super().mistakes(), [slot.starts_at for slot in self.slots]
        twice = next((at for at in begins if begins.count(at) > 1), None)
        if twice:
            found["slots"] = f"two begin {day(twice)}: make one of them"
        return found

    def slots_left(self, asked: Asked) -> tuple[SlotLeft, ...]:
        """Return the slots that can be chosen, the earliest first."""
        left = (
            SlotLeft(slot.starts_at, _places_left(slot, asked))
            for slot in sorted(self.slots, key=lambda slot: slot.starts_at)
        )
        return tuple(
            each for each in left if each.places_left > 0 and asked.at < each.starts_at
        )

    def slot_refusal(self, asked: Asked) -> Reason | None:
        """Return why the slot that was asked for cannot be had, or None."""
        if not self.slots:
            return super().slot_refusal(asked)
        if asked.slot is None:
            is_any = bool(self.slots_left(asked))
            return because("no_date_chosen" if is_any else "no_date_left")
        at = asked.slot.isoformat()
        slot = next((one for one in self.slots if one.starts_at == asked.slot), None)
        if slot is None:
            return because("not_its_date", at=at)
        if slot.starts_at <= asked.at:
            return because("date_is_over", at=at)
        return None if _places_left(slot, asked) > 0 else because("date_is_full", at=at)

    def cancel_until(self, begins_at: datetime) -> datetime:
        """Return until when a member can cancel what begins then."""
        return begins_at - timedelta(hours=self.cancel_hours)

    def _limits(self, say: Translator) -> Iterator[str]:
        yield from super()._limits(say)
        yield say.of(self, "agreed")
        if self.slots:
            yield say.of(self, "date", hours=self.cancel_hours)

    def _name(self, say: Translator) -> str:
        return self.description or say.of(self, "name")

    def _benefit(self, points: int, currency: str) -> None:
        """Nothing is made in the store."""


def _places_left(slot: Slot, asked: Asked) -> int:
    return slot.places - asked.places_taken.get(slot.starts_at, 0)
