"""Small pieces of sentences."""

from __future__ import annotations

from collections.abc import Iterable


def counted(number: int, what: str) -> str:
    """Return, for example, `1 point` or `1,200 points`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def listed(words: Iterable[str]) -> str:
    """Return words as they are listed in a sentence, with `and` before the last.

    >>> listed(["red", "green", "blue"])
    'red, green and blue'
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
