"""Redemptions about which something is to be done: taken by one worker at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from app.storage.waits import wait_s

# Longer than all calls of the store for one of them take.
LEASE_S = 120


@dataclass(frozen=True)
class DueRedemption:
    """A redemption that this process has to itself until its lease ends."""

    program_id: int
    redemption_id: str
    attempts: int
    lease_epoch: int


def claim(connection: Connection, now: datetime, limit: int) -> list[DueRedemption]:
    """Take redemptions that are due by `now`, of any programme, longest due first."""
    values = {"now": now, "limit": limit, "lease_s": LEASE_S}
    return [DueRedemption(*row) for row in connection.execute(_CLAIM, values)]


_CLAIM = text("""
    update redemption
    set lease_until = clock_timestamp() + make_interval(secs => :lease_s),
        lease_epoch = redemption.lease_epoch + 1, attempts = redemption.attempts + 1
    from (
        select program_id, redemption_id from redemption
        where due_at <= :now
          and (lease_until is null or lease_until < clock_timestamp())
        order by due_at
        limit :limit
        for update skip locked
    ) as due
    where redemption.program_id = due.program_id
      and redemption.redemption_id = due.redemption_id
    returning redemption.program_id, redemption.redemption_id, redemption.attempts,
              redemption.lease_epoch
""")


def begin(connection: Connection, due: DueRedemption) -> bool:
    """Keep that the store is asked from now on; False where somebody else has it now.

    Whatever becomes of the answer, it may be there from now on. The lease begins anew,
    since others of the same batch may have taken long.
    """
    values = _values(due) | {"lease_s": LEASE_S}
    return connection.execute(_BEGIN, values).rowcount == 1


_BEGIN = text("""
    update redemption
    set sent_at = coalesce(sent_at, clock_timestamp()),
        lease_until = clock_timestamp() + make_interval(secs => :lease_s)
    where program_id = :program_id and redemption_id = :redemption_id
      and lease_epoch = :lease_epoch and lease_until is not null
""")


def was_sent(connection: Connection, due: DueRedemption) -> bool:
    """Whether the store was ever asked about it, and may have made it."""
    found: bool = connection.execute(_WAS_SENT, _values(due)).scalar_one()
    return found


_WAS_SENT = text("""
    select sent_at is not null from redemption
    where program_id = :program_id and redemption_id = :redemption_id
""")


def holds(connection: Connection, due: DueRedemption) -> bool:
    """Lock the redemption and end the lease; False where somebody else has it now."""
    return connection.execute(_END_LEASE, _values(due)).rowcount == 1


_END_LEASE = text("""
    update redemption set lease_until = null
    where program_id = :program_id and redemption_id = :redemption_id
      and lease_epoch = :lease_epoch and lease_until is not null
""")


def postpone(
    connection: Connection, due: DueRedemption, note: str, least_s: float
) -> None:
    """Come back to it later, each time later: from `least_s` to an hour."""
    waits = {"note": note, "wait_s": wait_s(due.attempts, least_s)}
    connection.execute(_POSTPONE, _values(due) | waits)


_POSTPONE = text("""
    update redemption
    set lease_until = null, note = :note,
        due_at = clock_timestamp() + make_interval(secs => :wait_s)
    where program_id = :program_id and redemption_id = :redemption_id
      and lease_epoch = :lease_epoch and lease_until is not null
""")


def _values(due: DueRedemption) -> dict[str, object]:
    return {
        "program_id": due.program_id,
        "redemption_id": due.redemption_id,
        "lease_epoch": due.lease_epoch,
    }
