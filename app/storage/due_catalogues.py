"""Stores whose products are to be read: taken by one worker at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, text, update

from app.storage import tables
from app.storage.leases import DueStore, Queue
from app.storage.stores import Store

# Longer than it takes to go through the file of a large store.
LEASE_S = 600
DAILY_S = 86_400.0
# What changes within a minute is read once, and a store is read so often at most.
SOON_S = 60.0
AGAIN_S = 600.0


_queue = Queue(tables.catalogue, DueStore, LEASE_S)


def enter(connection: Connection, program_id: int, store_id: int) -> None:
    """Have an open store's products read now, and every day from now on."""
    connection.execute(_ENTER, {"p": program_id, "s": store_id})


_ENTER = text("""
    insert into catalogue (program_id, store_id, due_at)
    select program_id, store_id, clock_timestamp()
    from store_access
    where program_id = :p and store_id = :s and tokens is not null
    on conflict (program_id, store_id) do update
    set due_at = excluded.due_at, attempts = 0
""")


def note_changed(connection: Connection, store: Store, at: datetime) -> None:
    """Have products read again, soon and only once, where they changed since."""
    connection.execute(
        _NOTE_CHANGED,
        {
            "p": store.program_id,
            "s": store.store_id,
            "at": at,
            "soon_s": SOON_S,
            "again_s": AGAIN_S,
        },
    )


# A time that is yet to come would have them read for ever.
_NOTE_CHANGED = text("""
    update catalogue
    set changed_at = greatest(changed_at, least(:at, clock_timestamp())),
        due_at = least(due_at, greatest(
            clock_timestamp() + make_interval(secs => :soon_s),
            read_at + make_interval(secs => :again_s)
        ))
    where program_id = :p and store_id = :s and due_at is not null
      and (read_at is null or read_at <= :at)
""")


def claim(connection: Connection, limit: int) -> list[DueStore]:
    """Take stores whose time has come, of any programme."""
    return _queue.claim(connection, func.clock_timestamp(), limit)


def operation(connection: Connection, due: DueStore) -> str | None:
    """Return by what name the store makes its file, None where it was not asked."""
    name: str | None = connection.execute(_OPERATION, _values(due)).scalar()
    return name


_OPERATION = text("""
    select operation from catalogue
    where program_id = :program_id and store_id = :store_id
""")


def wait(connection: Connection, due: DueStore, operation: str, after_s: float) -> None:
    """Come back to the file that the store makes under this name."""
    values = _values(due) | {"operation": operation, "after_s": after_s}
    connection.execute(_WAIT, values)


_WAIT = text("""
    update catalogue
    set operation = :operation, lease_until = null, attempts = 0, note = null,
        due_at = clock_timestamp() + make_interval(secs => :after_s)
    where program_id = :program_id and store_id = :store_id
      and lease_epoch = :lease_epoch and due_at is not null
""")


def finish(connection: Connection, due: DueStore, as_of: datetime) -> None:
    """Keep that all is known as of a moment; come back daily, sooner after a change."""
    values = _values(due) | {
        "as_of": as_of,
        "soon_s": SOON_S,
        "again_s": AGAIN_S,
        "daily_s": DAILY_S,
    }
    connection.execute(_FINISH, values)


_FINISH = text("""
    update catalogue
    set operation = null, read_at = :as_of, lease_until = null, attempts = 0,
        note = null,
        due_at = case
            when changed_at >= :as_of then greatest(
                clock_timestamp() + make_interval(secs => :soon_s),
                cast(:as_of as timestamptz) + make_interval(secs => :again_s)
            )
            else clock_timestamp() + make_interval(secs => :daily_s)
        end
    where program_id = :program_id and store_id = :store_id
      and lease_epoch = :lease_epoch and due_at is not null
""")


def postpone(
    connection: Connection,
    due: DueStore,
    note: str,
    least_s: float,
    *,
    anew: bool = False,
) -> None:
    """Come back later, each time later, to the file at hand or to one made `anew`."""
    if anew:
        begun = update(tables.catalogue).where(_queue.is_held(due))
        connection.execute(begun.values(operation=None))
    _queue.postpone(connection, due, note, least_s)


def leave(connection: Connection, program_id: int, store_id: int) -> None:
    """Read a store's products no more, until it is entered again."""
    connection.execute(_LEAVE, {"p": program_id, "s": store_id})


_LEAVE = text("""
    update catalogue
    set due_at = null, operation = null, lease_until = null
    where program_id = :p and store_id = :s
""")


def _values(due: DueStore) -> dict[str, object]:
    return {
        "program_id": due.program_id,
        "store_id": due.store_id,
        "lease_epoch": due.lease_epoch,
    }
