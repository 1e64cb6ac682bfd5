"""What settings that cannot be read may have been meant to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice, product
from typing import Any

from app.domain.settings import MOST, Setting, Sort

# Enough for four that cannot be read, each with its ends; none are worth the time.
_MOST_GUESSES = 100


def guesses(unread: Sequence[Setting]) -> Iterator[dict[str, Any]]:
    """Yield values for all of these settings, the ends of what each can be."""
    names = [each.name for each in unread]
    ends = [_ends(each) for each in unread]
    for values in islice(product(*ends), _MOST_GUESSES):
        yield dict(zip(names, values, strict=True))


def _ends(each: Setting) -> list[Any]:
    """Return the default of a setting, and the least and most that it can be."""
    found = [] if each.is_required else [each.default]
    least = each.about.least or 0
    most = MOST if each.about.most is None else each.about.most
    match each.sort:
        case Sort.CHOICE:
            found += each.of
        case Sort.SWITCH:
            found += [False, True]
        case Sort.NUMBER:
            found += [least, most]
        case Sort.AMOUNT:
            found += [Decimal(max(least, each.about.above or 0)), Decimal(most)]
        case Sort.MOMENT:
            found += [datetime.min, datetime.max]  # noqa: DTZ901
        case Sort.TEXT:
            found += ["", "x"]
    return found or [each.default]
