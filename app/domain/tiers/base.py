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

from app.domain.tiers.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Need(ABC):
    """Something that a tier asks for, measured within the window of its programme."""

    kind: ClassVar[str]

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
    def in_words(self, currency: str) -> str:
        """Return the need as it follows a tier's name: `500.00 EUR spent`."""

    @abstractmethod
    def reached_in_words(self, tally: Tally, currency: str) -> str:
        """Return what a tally is of it: `120.00 EUR spent`."""

    @abstractmethod
    def missing_in_words(self, tally: Tally, currency: str) -> str:
        """Return what is still to be done: `spend 380.00 EUR more`."""
