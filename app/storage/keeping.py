"""Keeps messages of one moment in one transaction, and none because of another less."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from app.storage import inbox
from app.storage.database import Database
from app.storage.inbox import Arrival
from app.storage.sealing import Keyring


def keep_each(
    database: Database, keys: Keyring, arrivals: list[Arrival]
) -> list[bool | Exception]:
    """Keep messages; return for each whether to ring for it, or why it was not kept.

    One ring is enough for all that are kept together.
    """
    try:
        _keep(database, keys, arrivals)
    except DBAPIError as error:
        if len(arrivals) == 1 or error.connection_invalidated:
            return [error] * len(arrivals)
        return [
            answer for each in arrivals for answer in keep_each(database, keys, [each])
        ]
    wanted = [each.is_known_topic for each in arrivals]
    first = wanted.index(True) if any(wanted) else None
    return [number == first for number in range(len(arrivals))]


def _keep(database: Database, keys: Keyring, arrivals: list[Arrival]) -> None:
    """Keep messages, trying once more where the connection turned out to be dead."""
    for is_last in (False, True):
        try:
            with database.receiver_cursor() as cursor:
                inbox.keep(cursor, keys, arrivals)
            break
        except DBAPIError as error:
            if is_last or not error.connection_invalidated:
                raise
