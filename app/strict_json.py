"""Reads JSON that strangers send more strictly than the standard library does."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from flask.json.provider import DefaultJSONProvider

# Deeper than anything that a page or a tool has to say.
LEVELS_MAX = 64


class StrictJSON(DefaultJSONProvider):
    """Has Flask read what is sent by `read_json`, and answer 400 where that fails."""

    sort_keys = False

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Read a document; raises ValueError."""
        return read_json(s)


def read_json(text: str | bytes) -> Any:
    """Read a document; raises ValueError, which says why it is not taken.

    Refused are NaN and infinities, lone surrogates, numbers out of range, a name twice
    in one object, and more than LEVELS_MAX levels.
    """
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"the JSON cannot be read: {error}") from error
    if _levels(document) > LEVELS_MAX:
        raise ValueError(f"the JSON has more than {LEVELS_MAX} levels")
    # msgspec keeps the last of two names without a word.
    json.loads(text, object_pairs_hook=_each_once)
    return document


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raises ValueError for a name that comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice}” comes twice in one object: put both together")
    return found


def _levels(document: Any) -> int:
    """Return how deep objects and lists lie in each other."""
    count, level = 0, [document]
    while level := [each for each in level if isinstance(each, dict | list)]:
        count += 1
        level = [
            child
            for each in level
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return count
