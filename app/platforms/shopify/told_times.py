"""When a store said something, by what it signed: the times in a body."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec


class _Dated(msgspec.Struct):
    created_at: object = None
    updated_at: object = None
    occurred_at: object = msgspec.field(default=None, name="occurredAt")


_BODY = msgspec.json.Decoder(_Dated)


def told_at(body: bytes) -> datetime | None:
    """Return the latest time that Shopify itself wrote into a body, None without one.

    The message is no older than that, whenever its headers say that it was sent; when
    an order is said to have been placed is not among them, for a store may choose that.

    >>> told_at(b'{"created_at": "2026-11-01T10:00:00Z", "updated_at": "never"}')
    datetime.datetime(2026, 11, 1, 10, 0, tzinfo=datetime.timezone.utc)
    >>> told_at(b'{"id": 1}'), told_at(b"[]"), told_at(b"{")
    (None, None, None)
    """
    try:
        dated = _BODY.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return None
    told = dated.created_at, dated.updated_at, dated.occurred_at
    return max((time for time in map(_time, told) if time), default=None)


def _time(told: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
