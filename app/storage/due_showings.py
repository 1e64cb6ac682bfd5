"""Members who are to be shown anew in a store: taken by one worker at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from app.domain.tiers.standing import TierStanding
from app.storage import tables
from app.storage.leases import Leased, Queue
from app.storage.tier_standings import as_tier_standing

# Longer than all calls about what is taken at one time.
LEASE_S = 180


@dataclass(frozen=True)
class DueShowing(Leased):
    """A member of a store whom this process has to itself until the lease ends."""

    store_id: int
    member_id: int
    noted: int


_queue = Queue(tables.showing, DueShowing, LEASE_S)


def claim(connection: Connection, now: datetime, limit: int) -> list[DueShowing]:
    """Take members who are due by `now`, of any store, longest due first."""
    return _queue.claim(connection, now, limit)


def next_due(connection: Connection, until: datetime) -> datetime | None:
    """Return when somebody is due next, of any store, None if nobody is by then."""
    return _queue.next_due(connection, until)


class Said(msgspec.Struct, frozen=True):
    """What a store says under one key, and its digest."""

    value: str
    digest: str


@dataclass(frozen=True)
class MemberShown:
    """A member as a store is to show them, and what it says as far as we know."""

    member_id: int
    customer_id: str
    available: int
    tier: TierStanding | None
    written: Mapping[str, Said]
    tag: str | None


_written = msgspec.json.Decoder(dict[str, Said])


def members_shown(
    connection: Connection, program_id: int, store_id: int, member_ids: Iterable[int]
) -> dict[int, MemberShown]:
    """Return those of these members whom the store knows, as they are now."""
    values = {"p": program_id, "s": store_id, "members": sorted(member_ids)}
    rows = connection.execute(_MEMBERS, values).all()
    return {row.member_id: _as_member(row) for row in rows}


_MEMBERS = text("""
    select distinct on (member_id)
           member_id, customer_id, member.available, member.tier, member.tier_since,
           member.tier_until, cast(member.tier_told as text) as tier_told,
           cast(showing.written as text) as written, showing.tag
    from showing
    join member using (program_id, member_id)
    join customer using (program_id, store_id, member_id)
    where program_id = :p and store_id = :s
      and member_id = any(cast(:members as bigint[]))
      and customer.merged_into is null and customer.deleted_at is null
    order by member_id, customer_id
""")


def _as_member(row: Any) -> MemberShown:
    return MemberShown(
        row.member_id,
        row.customer_id,
        row.available,
        as_tier_standing(row),
        _written.decode(row.written),
        row.tag,
    )


@dataclass(frozen=True)
class Shown:
    """What a store says of a member under a version; a tag of None is not known."""

    version: int
    written: Mapping[str, Said]
    tag: str | None
    note: str | None = None


def keep(
    connection: Connection, due: DueShowing, shown: Shown, again_at: datetime | None
) -> bool:
    """Keep what a store says, and come back at `again_at`.

    It is due at once where anything was noted meanwhile, and its tag is read then.
    False, with nothing kept, where somebody else has it now.
    """
    values = _values(due) | {
        "noted": due.noted,
        "version": shown.version,
        "written": msgspec.json.encode(shown.written).decode(),
        "tag": shown.tag,
        "again_at": again_at,
        "note": shown.note,
    }
    return connection.execute(_KEEP, values).rowcount == 1


_KEEP = text("""
    update showing
    set written = cast(:written as json),
        tag = case when noted = :noted then cast(:tag as text) end,
        version = greatest(version, :version),
        attempts = 0, note = :note, lease_until = null,
        due_at = case when noted = :noted then cast(:again_at as timestamptz)
                      else clock_timestamp() end
    where program_id = :program_id and store_id = :store_id
      and member_id = :member_id and lease_epoch = :lease_epoch
      and lease_until is not null
""")


def postpone(
    connection: Connection, due: DueShowing, note: str, least_s: float
) -> None:
    """Come back later, each time later: from `least_s` to an hour."""
    _queue.postpone(connection, due, note, least_s)


def _values(due: DueShowing) -> dict[str, object]:
    return {
        "program_id": due.program_id,
        "store_id": due.store_id,
        "member_id": due.member_id,
        "lease_epoch": due.lease_epoch,
    }
