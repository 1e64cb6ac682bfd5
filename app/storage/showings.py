"""What stores' own pages show of members: noted here when it may have changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

# What changes again within this time is written once.
SOON = timedelta(seconds=1)
# So many members of a store are entered by one statement.
PAGE = 5000


def note(
    connection: Connection, program_id: int, member_ids: Iterable[int], now: datetime
) -> None:
    """Have members shown anew in all stores that are open, soon and only once.

    An earlier time stays, so that what changes all the time is shown all the same.
    Where a store did not answer, no change makes us ask it sooner.
    """
    members = sorted(set(member_ids))
    if members:
        values = {"p": program_id, "members": members, "soon": now + SOON}
        connection.execute(_NOTE, values)


# Customers are looked for only where some store is open. Their order is that in which
# everybody locks these rows.
_NOTE = text("""
    insert into showing as kept (program_id, store_id, member_id, due_at)
    select distinct customer.program_id, customer.store_id, customer.member_id,
           cast(:soon as timestamptz)
    from customer join store_access using (program_id, store_id)
    where exists (
              select from store_access where program_id = :p and tokens is not null
          )
      and customer.program_id = :p
      and customer.member_id = any(cast(:members as bigint[]))
      and store_access.tokens is not null
      and customer.merged_into is null and customer.deleted_at is null
    order by customer.store_id, customer.member_id
    on conflict (program_id, store_id, member_id) do update
    set noted = kept.noted + 1,
        due_at = case when kept.lease_until is null then excluded.due_at
                      else kept.due_at end
    where kept.due_at is null or kept.lease_until is not null
       or kept.attempts = 0 and kept.due_at > excluded.due_at
""")


def enter_store(connection: Connection, program_id: int, store_id: int) -> int:
    """Enter members of a store who were there before it was open; return how many.

    They are shown one after the other, as after a change of the programme.
    """
    values = {"p": program_id, "s": store_id, "limit": PAGE}
    return connection.execute(_ENTER_STORE, values).rowcount


_ENTER_STORE = text("""
    insert into showing (program_id, store_id, member_id)
    select distinct program_id, store_id, member_id
    from customer
    where program_id = :p and store_id = :s
      and merged_into is null and deleted_at is null
      and not exists (
          select from showing
          where showing.program_id = :p and showing.store_id = :s
            and showing.member_id = customer.member_id
      )
    limit :limit
    on conflict do nothing
""")


def note_versions(connection: Connection, now: datetime, limit: int) -> int:
    """Have members shown anew who were last shown under an older version; how many."""
    values = {"now": now, "limit": limit}
    return connection.execute(_NOTE_VERSIONS, values).rowcount


_NOTE_VERSIONS = text("""
    with in_force as (
        select program_id, max(version) as version
        from program_version
        where effective_at is null or effective_at <= :now
        group by program_id
    ), behind as (
        select showing.program_id, store_id, member_id, in_force.version
        from in_force join showing on showing.program_id = in_force.program_id
                                  and showing.version < in_force.version
        limit :limit
        for update of showing skip locked
    )
    update showing
    set version = behind.version, noted = noted + 1,
        due_at = case when attempts = 0 then least(due_at, :now) else due_at end
    from behind
    where showing.program_id = behind.program_id
      and showing.store_id = behind.store_id
      and showing.member_id = behind.member_id
""")


def distrust(
    connection: Connection, program_id: int, store_id: int, member_id: int
) -> None:
    """Trust nothing that is known of what a store shows; whoever is at it stops."""
    values = {"p": program_id, "s": store_id, "m": member_id}
    connection.execute(_DISTRUST, values)


_DISTRUST = text("""
    update showing
    set written = '{}', tag = null, lease_until = null, lease_epoch = lease_epoch + 1,
        due_at = least(due_at, clock_timestamp())
    where program_id = :p and store_id = :s and member_id = :m
""")


def doubt_tags(
    connection: Connection, program_id: int, store_id: int, member_ids: Iterable[int]
) -> None:
    """Have the tags read again that we gave these members in a store."""
    values = {"p": program_id, "s": store_id, "members": sorted(member_ids)}
    connection.execute(_DOUBT_TAGS, values | {"soon_s": SOON.total_seconds()})


# Their order is that in which everybody locks these rows.
_DOUBT_TAGS = text("""
    update showing
    set tag = null, noted = noted + 1,
        due_at = case when attempts > 0 then due_at else
            least(due_at, clock_timestamp() + make_interval(secs => :soon_s)) end
    where (program_id, store_id, member_id) in (
        select program_id, store_id, member_id from showing
        where program_id = :p and store_id = :s
          and member_id = any(cast(:members as bigint[]))
        order by member_id
        for update
    )
""")


def drop(
    connection: Connection,
    program_id: int,
    store_id: int,
    member_ids: Iterable[int] | None = None,
) -> None:
    """Show these members in a store no more, or none at all."""
    members = None if member_ids is None else sorted(member_ids)
    connection.execute(_DROP, {"p": program_id, "s": store_id, "members": members})


_DROP = text("""
    delete from showing
    where program_id = :p and store_id = :s
      and coalesce(member_id = any(cast(:members as bigint[])), true)
""")
