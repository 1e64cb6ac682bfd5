"""What every measure of a tier is: frozen settings, and how much of it is reached.

A new measure is one file with one subclass, and one line in the list of
`app/domain/tiers/__init__.py`. A saved one must load for ever: never change a `kind`,
and only add fields that have a default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from app.domain.languages.translator import Translator
from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Need(ABC):
    """Something that a tier asks for, measured within the window of its programme."""

    family: ClassVar[str] = "tier"
    kind: ClassVar[str]
    # What the kind says in English; a language says the same by the name of each.
    english: ClassVar[dict[str, str]] = {}

    @property
    def counts_actions(self) -> bool:
        """Whether it asks for what members do beside ordering."""
        return False

    def is_met(self, tally: Tally) -> bool:
        """Whether nothing is missing."""
        return self.share(tally) >= 1

    @abstractmethod
    def share(self, tally: Tally) -> Fraction:
        """Return how much of it a tally is: 0 for nothing, from 1 on it is met.

        It must not be less for more.
        """

    @abstractmethod
    def in_words(self, say: Translator) -> str:
        """Return the need as it follows a tier's name: `€500.00 spent`."""

    @abstractmethod
    def reached_in_words(self, tally: Tally, say: Translator) -> str:
        """Return what a tally is of it: `€120.00 spent`."""

    @abstractmethod
    def missing_in_words(self, tally: Tally, say: Translator) -> str:
        """Return what is still to be done: `spend €380.00 more`."""
