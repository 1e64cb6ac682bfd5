"""Points for coming to an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.reported import Reported


@dataclass(frozen=True, kw_only=True)
class Event(Reported):
    """An event that the member came to; its key is one visit.

    >>> from app.domain.languages.translator import Translator
    >>> visit = Event(points=20)
    >>> visit.action, visit.in_words(Translator())
    ('event', '20 points for coming to an event')
    """

    kind: ClassVar[str] = "event"
    english: ClassVar[dict[str, str]] = {
        "name": "Come to an event",
        "deed": "coming to an event",
    }
