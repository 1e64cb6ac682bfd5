"""What a language has: a sentence for each code, and shapes for what stands in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from string import Formatter
from typing import Any, ClassVar, NamedTuple

from app.domain.money import Money

# Any leap year knows every day there is.
_LEAP_YEAR = 2024
# What is told of a moment; moments come as in ISO 8601, too.
_OF_MOMENTS = frozenset({"day", "end"})
# More sentences than there are: each is taken apart once.
_SENTENCES_MOST = 4096


class Language(ABC):
    """Says sentences: `{at:day}` in one is the value `at`, shaped as a day.

    A shape is a method that takes the value. `{days:plural # day|# days}` is the form
    that goes with a number, which stands for its `#`; what has no shape is a text.
    """

    # What it calls itself.
    name: ClassVar[str]
    sentences: ClassVar[Mapping[str, str]]
    # Forms of a word as in a sentence, and what stands around and within numbers.
    point_forms: ClassVar[str]
    time_forms: ClassVar[str]
    last_day: ClassVar[str]
    days_of_week: ClassVar[Sequence[str]]
    percents: ClassVar[str]
    thousands: ClassVar[str]
    decimal_point: ClassVar[str]
    conjunction: ClassVar[str]
    disjunction: ClassVar[str]
    quotes: ClassVar[tuple[str, str]]

    def say(self, sentence: str, values: Mapping[str, Any]) -> str:
        """Return a sentence with its values."""
        said = []
        for piece in _pieces(sentence):
            said.append(piece.text)
            if piece.name is not None:
                said.append(self._shaped(values[piece.name], piece))
        return "".join(said)

    def _shaped(self, value: Any, piece: _Piece) -> str:
        if not piece.shape:
            assert isinstance(value, str), f"{piece.name} needs a shape"
            return value
        if piece.shape == "plural":
            return self.plural(value, piece.forms)
        if piece.shape in _OF_MOMENTS and isinstance(value, str):
            value = datetime.fromisoformat(value)
        shaped: str = getattr(self, piece.shape)(value)
        return shaped

    def form(self, value: int | Decimal) -> int:
        """Return which of a word's forms goes with a number, from 0 on.

        So it is where there is one for 1, and one for all else.
        """
        return int(value != 1)

    def number(self, value: int | Decimal) -> str:
        """Return a number as people write it, without needless zeros."""
        whole, _, digits = f"{value:f}".partition(".")
        return self.digits(f"{whole}.{digits.rstrip('0')}".rstrip("."))

    def digits(self, written: str) -> str:
        """Return a plain number, such as `1200.50`, with all its digits."""
        marks = str.maketrans(",.", self.thousands + self.decimal_point)
        return f"{Decimal(written):,f}".translate(marks)

    def points(self, value: int | Decimal) -> str:
        """Return so many points."""
        return self.plural(value, self.point_forms)

    def times(self, value: int) -> str:
        """Return how often."""
        return self.plural(value, self.time_forms)

    @abstractmethod
    def money(self, value: Money) -> str:
        """Return an amount of money, with the sign of its currency or its code."""

    def percent(self, value: int) -> str:
        """Return so many percent."""
        return self.percents.replace("#", self.number(value))

    @abstractmethod
    def ordinal(self, value: int) -> str:
        """Return the how many-th."""

    @abstractmethod
    def day(self, at: datetime) -> str:
        """Return a day, with the time unless that is midnight."""

    def end(self, at: datetime) -> str:
        """Return the moment before which something holds, or its last day."""
        if (at.hour, at.minute) != (0, 0):
            return self.day(at)
        return self.last_day.replace("#", self.day(at - timedelta(days=1)))

    @abstractmethod
    def day_of_year(self, on: date) -> str:
        """Return a day of any year, told of one of a leap year."""

    def weekdays(self, days: Iterable[int]) -> str:
        """Return on which days of each week; Monday is 0."""
        return self.listed(self.days_of_week[each] for each in days)

    def yearly(self, value: str) -> str:
        """Return a day of any year, as `12-31` is; past its month, the last of it."""
        month, day = map(int, value.split("-"))
        last = monthrange(_LEAP_YEAR, month)[1]
        return self.day_of_year(date(_LEAP_YEAR, month, min(day, last)))

    def listed(self, words: Iterable[str]) -> str:
        """Return all of some words."""
        return _joined(words, self.conjunction)

    def either(self, words: Iterable[str]) -> str:
        """Return words of which any will do."""
        return _joined(words, self.disjunction)

    def quoted(self, names: Iterable[str]) -> str:
        """Return names of which any will do."""
        begin, end = self.quotes
        return self.either(f"{begin}{name}{end}" for name in sorted(names))

    def plural(self, value: int | Decimal, forms: str) -> str:
        """Return the form that goes with a number, which stands for its `#`."""
        form = forms.split("|")[self.form(value)]
        return form.replace("#", self.number(value))


def shapes_of(sentence: str) -> list[tuple[str, str]]:
    """Return the values that stand in a sentence, by name, each with its shape."""
    return [(piece.name, piece.shape) for piece in _pieces(sentence) if piece.name]


def _joined(words: Iterable[str], last_but_one: str) -> str:
    *most, last = words
    return f"{', '.join(most)} {last_but_one} {last}" if most else last


class _Piece(NamedTuple):
    """What stands before a value in a sentence, and how the value is shaped."""

    text: str
    name: str | None
    shape: str
    forms: str


@lru_cache(_SENTENCES_MOST)
def _pieces(sentence: str) -> tuple[_Piece, ...]:
    found = Formatter().parse(sentence)
    return tuple(
        _Piece(text, name, *(spec or "").partition(" ")[::2])
        for text, name, spec, _ in found
    )
