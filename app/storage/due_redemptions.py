"""Redemptions about which something is to be done: taken by one worker at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from app.storage import tables
from app.storage.leases import Leased, Queue

_redemption = tables.redemption

# Longer than all calls of the store for one of them take.
LEASE_S = 120


@dataclass(frozen=True)
class DueRedemption(Leased):
    """A redemption that this process has to itself until its lease ends."""

    redemption_id: str


_queue = Queue(_redemption, DueRedemption, LEASE_S)


def claim(connection: Connection, now: datetime, limit: int) -> list[DueRedemption]:
    """Take redemptions that are due by `now`, of any programme, longest due first."""
    return _queue.claim(connection, now, limit)


def begin(connection: Connection, due: DueRedemption) -> bool:
    """Keep that the store is asked from now on; False where somebody else has it now.

    Whatever becomes of the answer, it may be there from now on. The lease begins anew,
    since others of the same batch may have taken long.
    """
    now = func.clock_timestamp()
    begun = (
        update(_redemption)
        .where(_queue.is_held(due))
        .values(
            sent_at=func.coalesce(_redemption.c.sent_at, now),
            lease_until=now + timedelta(seconds=LEASE_S),
        )
    )
    return connection.execute(begun).rowcount == 1


def was_sent(connection: Connection, due: DueRedemption) -> bool:
    """Whether the store was ever asked about it, and may have made it."""
    found: bool = connection.execute(
        select(_redemption.c.sent_at.is_not(None))
        .where(_redemption.c.program_id == due.program_id)
        .where(_redemption.c.redemption_id == due.redemption_id)
    ).scalar_one()
    return found


def holds(connection: Connection, due: DueRedemption) -> bool:
    """Lock the redemption and end the lease; False where somebody else has it now."""
    ended = update(_redemption).where(_queue.is_held(due)).values(lease_until=None)
    return connection.execute(ended).rowcount == 1


def postpone(
    connection: Connection, due: DueRedemption, note: str, least_s: float
) -> None:
    """Come back to it later, each time later: from `least_s` to an hour."""
    _queue.postpone(connection, due, note, least_s)
