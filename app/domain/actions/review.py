"""Points for writing a review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.reported import Reported


@dataclass(frozen=True, kw_only=True)
class Review(Reported):
    """A review of a product; its key is the review's own id.

    >>> from app.domain.languages.translator import Translator
    >>> Review(points=30, times_per_day_max=2).in_words(Translator())
    '30 points for writing a review, at most 2 times a day'
    """

    kind: ClassVar[str] = "review"
    english: ClassVar[dict[str, str]] = {
        "name": "Write a review",
        "deed": "writing a review",
    }
