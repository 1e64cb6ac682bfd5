"""Small pieces of sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta


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


def quoted(names: Iterable[str]) -> str:
    """Return names of which any will do.

    >>> quoted({"press", "VIP"})
    '“VIP” or “press”'
    """
    return " or ".join(f"“{name}”" for name in sorted(names))


def day(at: datetime) -> str:
    """Return a day as people write it, with the time unless that is midnight.

    >>> day(datetime(2026, 12, 24)), day(datetime(2026, 12, 24, 18))
    ('24 December 2026', '24 December 2026 18:00')
    """
    time = "" if (at.hour, at.minute) == (0, 0) else f" {at:%H:%M}"
    return f"{at.day} {at:%B %Y}{time}"


def end(at: datetime) -> str:
    """Return the moment before which something holds, as the end of a day if it is one.

    >>> end(datetime(2026, 12, 2)), end(datetime(2026, 12, 24, 18))
    ('the end of 1 December 2026', '24 December 2026 18:00')
    """
    if (at.hour, at.minute) != (0, 0):
        return day(at)
    return f"the end of {day(at - timedelta(days=1))}"
