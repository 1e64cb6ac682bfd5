"""Points for filling in a survey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.reported import Reported


@dataclass(frozen=True, kw_only=True)
class Survey(Reported):
    """A survey that was filled in; its key is the survey's own id.

    >>> Survey(points=20).in_words()
    '20 points for filling in a survey'
    """

    kind: ClassVar[str] = "survey"

    def _name(self) -> str:
        return "Fill in a survey"

    def _deed(self) -> str:
        return "filling in a survey"
