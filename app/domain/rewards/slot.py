"""Dates that goods and experiences can be had at, each with so many places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
