"""Points for coming to an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.reported import Reported


@dataclass(frozen=True, kw_only=True)
class Event(Reported):
    """An event that the member came to; its key is one visit.

    >>> Event(points=20).action, Event(points=20).in_words()
    ('event', '20 points for coming to an event')
    """

    kind: ClassVar[str] = "event"

    def _name(self) -> str:
        return "Come to an event"

    def _deed(self) -> str:
        return "coming to an event"
