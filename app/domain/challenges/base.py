"""What every step of a challenge is: how far somebody is, of how far they must get.

A new kind is one file with one subclass, and one line in the list of
`app/domain/challenges/__init__.py`. A saved step must load for ever: never change a
`kind`, and only add fields that have a default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from app.domain.engagement.kept import Kept
from app.domain.engagement.too_little import NOTHING_COUNTS
from app.domain.languages.translator import Translator
from app.domain.reasons import NO_REASON, Reason


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """One thing to do for a challenge; its fields are its settings."""

    family: ClassVar[str] = "step"
    kind: ClassVar[str]
    # What the kind says in English; a language says the same by the name of each.
    english: ClassVar[dict[str, str]] = {}

    @property
    def looks_at_products(self) -> bool:
        """Whether it matters which tags and collections products have."""
        return False

    @abstractmethod
    def target(self, currency: str) -> int:
        """How far one must get; money in minor units."""

    def of_order(self, kept: Kept) -> int:  # noqa: ARG002
        """How far one order brings, of which this was kept."""
        return 0

    def closed_to_order(self, whole: Kept) -> Reason:
        """Return why an order brings it no farther, no reason where it does."""
        return NO_REASON if self.of_order(whole) else NOTHING_COUNTS

    def of_action(self, action: str) -> int:  # noqa: ARG002
        """How far one accepted action brings."""
        return 0

    def so_far(self, done: int, say: Translator) -> str:
        """Return how far one is, for people."""
        return say("challenge.steps", done=done, target=self.target(say.currency))

    def titled(self, titles: Mapping[str, str]) -> Step:  # noqa: ARG002
        """Return the step, called as owners call what it asks for, by its name."""
        return self

    @abstractmethod
    def in_words(self, say: Translator) -> str:
        """Return the step as a shopper would be told to do it."""
