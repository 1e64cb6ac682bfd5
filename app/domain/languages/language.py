"""What a language has: a sentence for each code, and shapes for what stands in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime
from string import Formatter
from typing import Any, ClassVar


class Language(ABC):
    """Says reasons: `{at:day}` in a sentence is the value `at`, shaped as a day."""

    sentences: ClassVar[Mapping[str, str]]

    def sentence(self, code: str, values: Mapping[str, Any]) -> str:
        """Return the sentence of a code with its values."""
        return _Shaping(self).vformat(self.sentences[code], (), values)

    @abstractmethod
    def number(self, value: int) -> str:
        """Return a whole number as people write it."""

    @abstractmethod
    def points(self, value: int) -> str:
        """Return so many points."""

    @abstractmethod
    def orders(self, value: int) -> str:
        """Return so many paid orders, as they stand in their sentence."""

    @abstractmethod
    def times(self, value: int) -> str:
        """Return how often."""

    @abstractmethod
    def days(self, value: int) -> str:
        """Return so many days."""

    @abstractmethod
    def day(self, at: datetime) -> str:
        """Return a day, with the time unless that is midnight."""

    @abstractmethod
    def end(self, at: datetime) -> str:
        """Return the moment before which something holds."""

    @abstractmethod
    def listed(self, names: Iterable[str]) -> str:
        """Return all of some names."""

    @abstractmethod
    def quoted(self, names: Iterable[str]) -> str:
        """Return names of which any will do."""


class _Shaping(Formatter):
    """Puts values into a sentence, each in the shape that stands beside its name."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a value in a shape of the language."""
        if format_spec in ("day", "end"):
            value = datetime.fromisoformat(value)
        shaped: str = getattr(self._language, format_spec)(value)
        return shaped
