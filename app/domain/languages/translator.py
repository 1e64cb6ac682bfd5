"""Tells shoppers of a programme, in a language and with a store's money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any, ClassVar, Protocol

from app.domain.languages import ENGLISH, LANGUAGES, sentence
from app.domain.languages.language import shapes_of
from app.domain.money import Money, in_digits, to_major, to_minor


class Kind(Protocol):
    """A kind of rule, reward or step, which brings its English sentences with it.

    A language has them by the family, the kind and their own name, with points between;
    what all of a family say, by the family and the name.
    """

    family: ClassVar[str]
    kind: ClassVar[str]
    english: ClassVar[dict[str, str]]


@dataclass(frozen=True)
class Translator:
    """Says what a code means in `language`; money is of `currency`.

    >>> Translator("EUR", "de")("while_they_last")
    'solange der Vorrat reicht'
    """

    currency: str = ""
    language: str = ENGLISH

    def __call__(self, code: str, /, **values: Any) -> str:
        """Return the sentence of a code, with what belongs in it."""
        return sentence(self.language, code, values)

    def of(self, kind: Kind, name: str, /, **values: Any) -> str:
        """Return a sentence of a kind or of its family, by its name.

        What belongs in it and is not told is what the kind has under that name.
        """
        own = kind.english.get(name)
        code = f"{kind.family}.{kind.kind}.{name}" if own else f"{kind.family}.{name}"
        english = own or LANGUAGES[ENGLISH].sentences[code]
        for each, shape in shapes_of(english):
            if each not in values:
                values[each] = self._told(getattr(kind, each), shape)
        return sentence(self.language, code, values, own)

    def _told(self, value: Any, shape: str) -> Any:
        """Return a setting as it stands in a sentence."""
        if isinstance(value, frozenset):
            return sorted(value)
        return self.money(value) if shape == "money" else value

    def one_of(self, ways: Iterable[str]) -> str:
        """Return ways of which any will do, which may have commas of their own."""
        return reduce(lambda one, other: self("or", one=one, other=other), ways)

    def money(self, amount: Decimal | int) -> Money:
        """Return major units as the nearest amount that can be paid."""
        return self.minor(to_minor(amount, self.currency))

    def minor(self, minor: int) -> Money:
        """Return minor units as money."""
        return in_digits(to_major(minor, self.currency), self.currency)


def upper(words: str) -> str:
    """Return words as they begin a sentence."""
    return words[:1].upper() + words[1:]
