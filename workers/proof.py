"""Proves of members what SQL cannot say: hashes and folds, recomputed from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.storage import members
from app.storage.audit import Lie, audit_member
from app.storage.database import Database
from app.storage.invariants import ROWS_MAX, Finding, Invariant
from app.storage.sealing import Keyring
from workers.comparison import batches, differences

# Each takes some milliseconds of a core, which the clock's chores need too; where there
# are more, each has a turn in as few days as that takes.
MEMBERS_A_DAY = 50_000

RECOMPUTES = Invariant(
    "ledgers-recompute",
    "All hashes, balances and standings are what the rows of the ledger come to.",
)
FOLLOWS = Invariant(
    "effects-follow-facts",
    "The ledger says what all that is known of a member comes to.",
)

_log = structlog.get_logger()


def lie_of(database: Database, program_id: int, member_id: int) -> Lie | None:
    """Return the first lie in a member's ledger, which nothing changes meanwhile."""
    with database.program(program_id) as connection:
        members.lock_members(connection, program_id, [member_id])
        return audit_member(connection, program_id, member_id)


def whose_turn(
    connection: Connection, today: datetime, most: int = MEMBERS_A_DAY
) -> list[tuple[int, int]]:
    """Return programme and id of those whose turn it is: about `most`, or everybody."""
    shares = max(1, -(-members.count_members(connection) // most))
    return members.all_members(connection, shares, today.toordinal() % shares)


def proven(
    database: Database, keys: Keyring, whose: Iterable[tuple[int, int]]
) -> tuple[Finding, Finding]:
    """Return whose ledgers do not recompute, and whose do not follow from the facts.

    Who cannot be looked at now, such as one who is locked for long, is left out.
    """
    lies: list[tuple[object, ...]] = []
    different: list[tuple[object, ...]] = []
    for program_id, member_ids in batches(whose):
        try:
            found = list(_lies(database, program_id, member_ids))
            lies += [(lie.program_id, lie.member_id, lie.where) for lie in found]
            # What lies is no ground to reckon on.
            sound = set(member_ids) - {lie.member_id for lie in found}
            differing = differences(database, keys, program_id, sorted(sound))
        except Exception as error:
            if _is_away(error):
                raise
            # What somebody tampered with may fail in any way, and hides nobody else.
            kind, count = type(error).__name__, len(member_ids)
            _log.warning("members not looked at", members=count, error=kind)
            continue
        different += [
            (each.program_id, each.member_id)
            for each in differing
            if not each.is_of_terms
        ]
    return (
        Finding(RECOMPUTES, tuple(lies[:ROWS_MAX])),
        Finding(FOLLOWS, tuple(different[:ROWS_MAX])),
    )


def _is_away(error: Exception) -> bool:
    """Whether the database said nothing, so that nobody else can be looked at."""
    said = getattr(getattr(error, "orig", None), "sqlstate", None)
    return isinstance(error, SQLAlchemyError) and said is None


def _lies(database: Database, program_id: int, member_ids: list[int]) -> Iterator[Lie]:
    for member_id in member_ids:
        lie = lie_of(database, program_id, member_id)
        if lie:
            yield lie
