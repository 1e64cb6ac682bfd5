"""Commands: what was asked for and accepted, and is never decided again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.domain.events import PointsAdjusted
from app.storage import tables
from app.storage.rows import among


def commands_of(
    connection: Connection, program_id: int, member_ids: Iterable[int]
) -> dict[int, list[Any]]:
    """Return the accepted commands of members, by member."""
    command = tables.command
    found: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(
        select(command).where(
            command.c.program_id == program_id,
            among(command.c.member_id, member_ids),
        )
    ):
        found[row.member_id].append(row)
    return found


def is_accepted(connection: Connection, program_id: int, command_id: str) -> bool:
    """Whether there is such a command, whatever became of it."""
    command = tables.command
    found = select(command.c.command_id).where(
        command.c.program_id == program_id, command.c.command_id == command_id
    )
    return connection.execute(found).first() is not None


def accept_adjustment(
    connection: Connection, program_id: int, member_id: int, event: PointsAdjusted
) -> None:
    """Keep an adjustment, once for each command id."""
    connection.execute(
        upsert(tables.command)
        .values(
            program_id=program_id,
            command_id=event.command_id,
            member_id=member_id,
            kind="adjustment",
            points=event.points,
            accepted_at=event.at,
            reason=event.reason,
        )
        .on_conflict_do_nothing()
    )
