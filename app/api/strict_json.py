"""Reads JSON that strangers send more strictly than the standard library does."""

from __future__ import annotations

from typing import Any

import msgspec
from flask.json.provider import DefaultJSONProvider


class StrictJSON(DefaultJSONProvider):
    """Refuses NaN, infinities, lone surrogates, numbers out of range and deep nesting.

    Of a name that comes twice the last counts; nobody else reads the same bytes.
    """

    sort_keys = False

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Read a document; raises ValueError, which Flask answers with 400."""
        try:
            return msgspec.json.decode(s)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(f"the JSON cannot be read: {error}") from error
