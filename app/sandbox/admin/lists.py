"""How the Admin API pages, bounds and counts what it lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.sandbox.admin.words import Answer

_BOUND = re.compile(r"(\w+):(>=|<=)'([^']+)'")


def page(
    things: Sequence[Any],
    told: Callable[[Any], Answer],
    first: int | None,
    after: str | None,
) -> Answer:
    """Return so many things after a cursor, and whether there are more."""
    begins = int(after or 0)
    ends = len(things) if first is None else begins + first
    page = {"hasNextPage": ends < len(things), "endCursor": str(ends)}
    return {"pageInfo": page, **told_twice([told(e) for e in things[begins:ends]])}


def pages(
    things: Sequence[Any], told: Callable[[Any], Answer]
) -> Callable[..., Answer]:
    """Return what answers a field that is a list in pages."""
    return lambda _info, first=None, after=None: page(things, told, first, after)


def told_twice(nodes: list[Answer]) -> Answer:
    """Write a list in both ways that it may be asked for."""
    return {"nodes": nodes, "edges": [{"node": node} for node in nodes]}


def counted(found: int, limit: int | None) -> Answer:
    """Say how many there are, up to a limit."""
    if limit is not None and found >= limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": found, "precision": "EXACT"}


def is_within(query: str, times: Mapping[str, str]) -> bool:
    """Whether times lie within the bounds that a query sets them, by their names."""
    for name, sign, bound in _BOUND.findall(query):
        at, limit = (datetime.fromisoformat(each) for each in (times[name], bound))
        if at < limit if sign == ">=" else at > limit:
            return False
    return True
