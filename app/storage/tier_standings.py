"""Where members stand among tiers: a projection of facts, kept with each member."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from app.domain.tiers.standing import TierStanding
from app.domain.tiers.tally import NOTHING, Tally
from app.storage import rows, tables


class _Told(msgspec.Struct):
    """What is told of a tier: why, what counts now, and what will at its end."""

    reason: str
    tally: Tally = NOTHING
    tally_then: Tally = NOTHING


_told = msgspec.json.Decoder(_Told)


def as_tier_standing(row: Any) -> TierStanding | None:
    """Return where a member stands, None for one who never met a program with tiers."""
    if row.tier_told is None:
        return None
    told = _told.decode(row.tier_told)
    return TierStanding(
        row.tier,
        row.tier_since,
        row.tier_until,
        told.reason,
        told.tally,
        told.tally_then,
    )


def save_tier_standings(
    connection: Connection,
    program_id: int,
    standings: Mapping[int, TierStanding | None],
) -> None:
    """Keep where members stand among tiers."""
    changed = [
        {
            "program_id": program_id,
            "member_id": member_id,
            "tier": standing and standing.tier,
            "tier_since": standing and standing.since,
            "tier_until": standing and standing.until,
            "tier_told": standing
            and _Told(standing.reason, standing.tally, standing.tally_then),
        }
        for member_id, standing in sorted(standings.items())
    ]
    rows.change(connection, tables.member, changed)


def have_settled(connection: Connection, program_id: int, at: datetime | None) -> None:
    """Have every member of a programme looked at, at a moment or now if it is past.

    What is just past is that moment still: by it, and not after it, all is as it was.
    """
    connection.execute(_HAVE_SETTLED, {"p": program_id, "at": at})


# Locked lowest id first, as settling does, so that the two never wait for each other.
_HAVE_SETTLED = text("""
    with everybody as (
        select member_id from member
        where program_id = :p
        order by member_id
        for no key update
    )
    update member
    set due_at = least(
        member.due_at,
        case when :at > clock_timestamp() - interval '1 minute'
             then cast(:at as timestamptz) else clock_timestamp() end
    )
    from everybody
    where member.program_id = :p and member.member_id = everybody.member_id
""")


def find_tier(
    connection: Connection, program_id: int, member_id: int
) -> TierStanding | None:
    """Return where one member stands."""
    values = {"p": program_id, "m": member_id}
    row = connection.execute(_FIND, values).one_or_none()
    return as_tier_standing(row) if row else None


_FIND = text("""
    select tier, tier_since, tier_until, cast(tier_told as text) as tier_told
    from member
    where program_id = :p and member_id = :m
""")
