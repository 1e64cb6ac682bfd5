"""Members: where each one's ledger ends, and when time will next move points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from app.domain.book import Moment
from app.domain.ledger import Account
from app.domain.tiers.standing import TierStanding
from app.storage import rows, tables
from app.storage.rows import among
from app.storage.tier_standings import as_tier_standing, save_tier_standings

_member = tables.member


@dataclass(frozen=True)
class Head:
    """Where a member's ledger ends: the chain, the accounts, the time it speaks of.

    `balances` has what each account holds, and how many entries it has. Of what
    happened until `settled_to`, nothing is left to do; at `due_at` time alone will next
    move points, or change the tier that the member is in.
    """

    member_id: int
    last_sequence: int = 0
    last_hash: bytes = b""
    balances: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    settled_to: Moment | None = None
    due_at: datetime | None = None
    tier: TierStanding | None = None


def lock_members(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, Head]:
    """Lock members, lowest id first, and return where their ledgers end.

    Nothing locks any of them before: who had one might wait here for another's.
    """
    rows = connection.execute(
        _LOCK, {"p": program_id, "ids": sorted(set(member_ids))}
    ).all()
    return {row.member_id: _as_head(row) for row in rows}


_ACCOUNTS = [str(account) for account in Account]

# Rows that name a member are added before: they lock its key, which stays as it is.
_LOCK = text(f"""
    select member_id, last_sequence, last_hash, versions, due_at, settled_to,
           settled_rank, tier, tier_since, tier_until,
           cast(tier_told as text) as tier_told, {", ".join(_ACCOUNTS)}
    from member
    where program_id = :p and member_id = any(:ids)
    order by member_id
    for no key update
""")  # noqa: S608 - the names of our own columns


def _as_head(row: Any) -> Head:
    versions = row.versions + [0] * (len(_ACCOUNTS) - len(row.versions))
    return Head(
        row.member_id,
        row.last_sequence,
        bytes(row.last_hash),
        {
            account: (balance, version)
            for account, balance, version in zip(
                _ACCOUNTS, row[-len(_ACCOUNTS) :], versions, strict=True
            )
            if version
        },
        row.settled_to and (row.settled_to, row.settled_rank),
        row.due_at,
        as_tier_standing(row),
    )


def save_heads(connection: Connection, program_id: int, heads: Iterable[Head]) -> None:
    """Keep where the ledgers of members end."""
    changed = [
        {
            "program_id": program_id,
            "member_id": head.member_id,
            "last_sequence": head.last_sequence,
            "last_hash": head.last_hash,
            **{name: head.balances.get(name, (0, 0))[0] for name in _ACCOUNTS},
            "versions": [head.balances.get(name, (0, 0))[1] for name in _ACCOUNTS],
            "settled_to": head.settled_to and head.settled_to[0],
            "settled_rank": head.settled_to and head.settled_to[1],
            "due_at": head.due_at,
        }
        for head in heads
    ]
    rows.change(connection, _member, changed)


def note_change(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> None:
    """Note that something members see has changed besides the ledger.

    They are locked by then.
    """
    connection.execute(
        update(_member)
        .where(_member.c.program_id == program_id)
        .where(among(_member.c.member_id, member_ids))
        .values(changes=_member.c.changes + 1)
    )


def save_tiers(connection: Connection, program_id: int, heads: Iterable[Head]) -> None:
    """Keep where members stand among tiers."""
    standings = {head.member_id: head.tier for head in heads}
    save_tier_standings(connection, program_id, standings)


def due_members(
    connection: Connection, now: datetime, limit: int
) -> list[tuple[int, int]]:
    """Return programme and id of members for whom time has come, longest due first."""
    found = connection.execute(
        select(_member.c.program_id, _member.c.member_id)
        .where(_member.c.due_at <= now)
        .order_by(_member.c.due_at)
        .limit(limit)
    )
    return [(row.program_id, row.member_id) for row in found]


def postpone_due(connection: Connection, program_id: int, member_id: int) -> None:
    """Look at a member again in a while, since settling failed."""
    connection.execute(
        update(_member)
        .where(_member.c.program_id == program_id, _member.c.member_id == member_id)
        .values(due_at=func.clock_timestamp() + text("interval '5 minutes'"))
    )


def members_of(connection: Connection, program_id: int) -> list[int]:
    """Return every member of a programme."""
    query = select(_member.c.member_id).where(_member.c.program_id == program_id)
    return list(connection.execute(query.order_by(_member.c.member_id)).scalars())


def all_members(
    connection: Connection, shares: int = 1, turn: int = 0
) -> list[tuple[int, int]]:
    """Return programme and id of every member, or of those in one of equal shares.

    A member is always in the same of so many shares, which are numbered from 0.
    """
    found = connection.execute(
        select(_member.c.program_id, _member.c.member_id)
        .where(_member.c.member_id % shares == turn)
        .order_by(_member.c.program_id, _member.c.member_id)
    )
    return [(row.program_id, row.member_id) for row in found]


def count_members(connection: Connection) -> int:
    """Return how many members all programmes have."""
    return connection.execute(select(func.count()).select_from(_member)).scalar_one()
