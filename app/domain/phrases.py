"""Small pieces of sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
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


# More ids than these are only counted.
_IDS_MOST = 5


def which(
    product_ids: Collection[str], collection_ids: Collection[str], tags: Iterable[str]
) -> str:
    """Return which products are meant, after a word for them; nothing for none.

    Products and collections are known here by the ids that the owner gave, and by how
    many there are where that would be a long list.

    >>> which({"502", "501"}, set(), ["tea"])
    'tagged “tea” or with ids 501 and 502'
    >>> which(set(), set("1234567"), [])
    'of 7 collections that we chose'
    """
    return " or ".join(_which(product_ids, collection_ids, sorted(tags)))


def _which(
    product_ids: Collection[str], collection_ids: Collection[str], tags: list[str]
) -> Iterator[str]:
    if tags:
        yield f"tagged {listed(f'“{tag}”' for tag in tags)}"
    if len(collection_ids) > _IDS_MOST:
        yield f"of {len(collection_ids):,} collections that we chose"
    elif collection_ids:
        yield f"of collection{_ids(collection_ids)}"
    if len(product_ids) > _IDS_MOST:
        yield f"among {len(product_ids):,} that we chose"
    elif product_ids:
        yield f"with id{_ids(product_ids)}"


def _ids(ids: Collection[str]) -> str:
    return f"{'s' * (len(ids) > 1)} {listed(sorted(ids))}"


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
