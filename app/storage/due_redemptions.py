"""Redemptions about which something is to be done: taken by one worker at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from app.storage import tables
from app.storage.leases import Leased, Queue

_redemption = tables.redemption

# Longer than any call of the store takes.
LEASE_S = 60


@dataclass(frozen=True)
class DueRedemption(Leased):
    """A redemption that this process has to itself until its lease ends."""

    redemption_id: str


_queue = Queue(_redemption, DueRedemption, LEASE_S)


def claim(connection: Connection, now: datetime, limit: int) -> list[DueRedemption]:
    """Take redemptions that are due by `now`, of any programme, longest due first."""
    return _queue.claim(connection, now, limit)


def holds(connection: Connection, due: DueRedemption) -> bool:
    """Lock the redemption and end the lease; False where somebody else has it now."""
    ended = update(_redemption).where(_queue.is_held(due)).values(lease_until=None)
    return connection.execute(ended).rowcount == 1


def postpone(
    connection: Connection, due: DueRedemption, note: str, least_s: float
) -> None:
    """Come back to it later, each time later: from `least_s` to an hour."""
    _queue.postpone(connection, due, note, least_s)
