"""Points on each anniversary of the day on which a member joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.base import ActionRule, Most


@dataclass(frozen=True, kw_only=True)
class Anniversary(ActionRule):
    """Every year, from the first anniversary on.

    >>> from app.domain.languages.translator import Translator
    >>> Anniversary(points=100).in_words(Translator())
    '100 points for each year since you joined'
    >>> Anniversary().most
    Most(a_day=None, a_year=1, ever=None)
    """

    kind: ClassVar[str] = "anniversary"
    english: ClassVar[dict[str, str]] = {
        "name": "Anniversary of joining",
        "deed": "each year since you joined",
    }

    @property
    def most(self) -> Most:
        """How often one member may earn by it."""
        return Most(a_year=1)
