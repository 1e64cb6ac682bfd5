"""Dates that goods and experiences can be had at, each with so many places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.reasons import Reason, because
from app.domain.rewards.asked import Asked
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A moment, by the clock of the store's walls, which names it for ever."""

    starts_at: datetime = setting("Begins")
    places: int = setting("Places", default=1, least=1, most=MOST)


@dataclass(frozen=True)
class SlotLeft:
    """A slot that can still be chosen, and how many places it has left."""

    starts_at: datetime
    places_left: int


def slots_left(slots: Sequence[Slot], asked: Asked) -> tuple[SlotLeft, ...]:
    """Return the slots that can be chosen, the earliest first."""
    left = (
        SlotLeft(slot.starts_at, _places_left(slot, asked))
        for slot in sorted(slots, key=lambda slot: slot.starts_at)
    )
    return tuple(
        each for each in left if each.places_left > 0 and asked.at < each.starts_at
    )


def slot_refusal(slots: Sequence[Slot], asked: Asked) -> Reason | None:
    """Return why the slot that was asked for, or none, cannot be had; None if it can.

    What has no slots is had without one.
    """
    if not slots:
        return because("no_dates") if asked.slot else None
    if asked.slot is None:
        is_any = bool(slots_left(slots, asked))
        return because("no_date_chosen" if is_any else "no_date_left")
    at = asked.slot.isoformat()
    slot = next((one for one in slots if one.starts_at == asked.slot), None)
    if slot is None:
        return because("not_its_date", at=at)
    if slot.starts_at <= asked.at:
        return because("date_is_over", at=at)
    return None if _places_left(slot, asked) > 0 else because("date_is_full", at=at)


def _places_left(slot: Slot, asked: Asked) -> int:
    return slot.places - asked.places_taken.get(slot.starts_at, 0)
