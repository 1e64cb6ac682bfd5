"""Points for filling in a survey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.reported import Reported


@dataclass(frozen=True, kw_only=True)
class Survey(Reported):
    """A survey that was filled in; its key is the survey's own id.

    >>> from app.domain.languages.translator import Translator
    >>> Survey(points=20).in_words(Translator())
    '20 points for filling in a survey'
    """

    kind: ClassVar[str] = "survey"
    english: ClassVar[dict[str, str]] = {
        "name": "Fill in a survey",
        "deed": "filling in a survey",
    }
