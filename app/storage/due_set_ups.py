"""Stores that are to be set up, or looked after: taken by one worker at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, text

from app.storage import tables
from app.storage.leases import DueStore, Queue

# Longer than all calls of one store take.
LEASE_S = 120
# Well before what renews a token ends, which it does after 90 days without use.
AGAIN_DAYS = 30
# What was refused may be possible once the owner has made room for it.
REFUSED_DAYS = 1


@dataclass(frozen=True)
class DueSetUp(DueStore):
    """A store that is to be set up, and since when."""

    due_at: datetime


_queue = Queue(tables.store_access, DueSetUp, LEASE_S)


def claim(connection: Connection, limit: int) -> list[DueSetUp]:
    """Take stores whose time has come, of any programme."""
    return _queue.claim(connection, func.clock_timestamp(), limit)


def note_versions(connection: Connection, now: datetime) -> int:
    """Have stores set up whose programme has a newer version; return how many.

    That is at once where one was made, and again when it comes into force. Those that
    gave no answer are asked when their time comes, and no sooner.
    """
    return connection.execute(_NOTE_VERSIONS, {"now": now}).rowcount


_NOTE_VERSIONS = text("""
    update store_access
    set due_at = clock_timestamp()
    from (
        select program_id, max(version) as newest,
               max(version) filter (
                   where effective_at is null or effective_at <= :now
               ) as in_force
        from program_version
        group by program_id
    ) as made
    where store_access.program_id = made.program_id
      and (perks_version < made.in_force or seen_version < made.newest)
      and attempts = 0 and due_at > clock_timestamp()
""")


def finish(
    connection: Connection,
    due: DueSetUp,
    versions: tuple[int, int],
    note: str | None,
    again_at: datetime | None,
) -> None:
    """Come back after a month, or by `again_at`; at once, if that was asked meanwhile.

    `versions` of the programme are the one that was in force, and the newest.
    """
    days = REFUSED_DAYS if note else AGAIN_DAYS
    values = _values(due) | {"note": note, "days": days, "due_at": due.due_at}
    values |= dict(zip(("in_force", "newest"), versions, strict=True))
    connection.execute(_FINISH, values | {"again_at": again_at})


_FINISH = text("""
    update store_access
    set lease_until = null, note = :note, attempts = 0,
        perks_version = :in_force, seen_version = :newest,
        due_at = case when due_at = :due_at
            then least(clock_timestamp() + make_interval(days => :days),
                       cast(:again_at as timestamptz)) else due_at end
    where program_id = :program_id and store_id = :store_id
      and lease_epoch = :lease_epoch
""")


def postpone(connection: Connection, due: DueSetUp, note: str, least_s: float) -> None:
    """Come back later, each time later: from `least_s` to an hour."""
    _queue.postpone(connection, due, note, least_s)


def _values(due: DueSetUp) -> dict[str, object]:
    return {
        "program_id": due.program_id,
        "store_id": due.store_id,
        "lease_epoch": due.lease_epoch,
    }
