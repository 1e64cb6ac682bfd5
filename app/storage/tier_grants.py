"""Tiers that owners gave by hand: each accepted once, and never decided again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.domain.events import TierGiven
from app.domain.tiers.deeds import Held, Word, last_words
from app.storage import tables
from app.storage.rows import among

_grant = tables.tier_grant


def accept_tier(
    connection: Connection, program_id: int, member_id: int, event: TierGiven
) -> None:
    """Keep that a tier was given, once for each command id."""
    connection.execute(
        upsert(_grant)
        .values(
            program_id=program_id,
            command_id=event.command_id,
            member_id=member_id,
            tier=event.tier,
            since=event.since or event.at,
            until=event.until,
            accepted_at=event.at,
            reason=event.reason,
        )
        .on_conflict_do_nothing()
    )


def held_by(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[Held]]:
    """Return the tiers that members were given, by member."""
    words: dict[int, list[Word]] = defaultdict(list)
    found = connection.execute(
        select(_grant).where(
            _grant.c.program_id == program_id, among(_grant.c.member_id, member_ids)
        )
    )
    for row in found:
        held = Held(row.tier, row.since, row.until, row.reason)
        words[row.member_id].append(Word(row.accepted_at, row.command_id, held))
    return {member_id: last_words(theirs) for member_id, theirs in words.items()}
