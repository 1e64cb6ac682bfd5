"""Why something cannot be had: a code and its values, told in any language we have."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.domain.languages import ENGLISH, sentence

# Moments are written as in ISO 8601, so that all of it can be kept as JSON.
Value = int | str | tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """Why something cannot be had; true where there is a reason.

    It is known by its `code`, and its text is its sentence in `language`. What people
    or stores say has no code: their `own_words` are told as they are.
    """

    code: str = ""
    values: tuple[tuple[str, Value], ...] = ()
    own_words: str = ""
    language: str = ENGLISH

    def __bool__(self) -> bool:
        """No code and no words are no reason."""
        return bool(self.code or self.own_words)

    def __str__(self) -> str:
        """Say it in its language."""
        if not self.code:
            return self.own_words
        return sentence(self.language, self.code, dict(self.values))

    def told_in(self, language: str) -> Reason:
        """Return it in one of our languages."""
        return replace(self, language=language)


NO_REASON = Reason()


def because(code: str, **values: int | str | list[str]) -> Reason:
    """Return the reason of a code, with what belongs in its sentence.

    >>> str(because("too_few_points", points=1))
    '1 point too few'
    """
    told = {name: _kept(value) for name, value in values.items()}
    return Reason(code, tuple(sorted(told.items())))


def in_own_words(words: str) -> Reason:
    """Return what people or a store say as a reason; nothing said is none."""
    return Reason(own_words=words)


def _kept(value: int | str | list[str]) -> Value:
    return tuple(value) if isinstance(value, list) else value
