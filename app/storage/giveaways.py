"""Giveaways: the seeds that were promised, and the draws that were held."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, text, update

from app.domain.errors import PromiseNotKept
from app.domain.giveaway import Published, commitment, draw, read
from app.domain.redemptions import State
from app.storage import tables

_giveaway, _redemption = tables.giveaway, tables.redemption


def promised(connection: Connection, program_id: int, reward_id: str) -> str | None:
    """Return what binds us to the seed of the next draw, None where nothing does."""
    found = _promise(connection, program_id, reward_id)
    return found[1] if found else None


def promise(
    connection: Connection, secret_key: str, program_id: int, reward_id: str
) -> str:
    """Return what binds us to the seed of the next draw, from now on at the latest."""
    if known := promised(connection, program_id, reward_id):
        return known
    number = len(held(connection, program_id, reward_id)) + 1
    new = commitment(_seed(secret_key, program_id, reward_id, number))
    connection.execute(
        insert(_giveaway).values(
            program_id=program_id, reward_id=reward_id, number=number, commitment=new
        )
    )
    return new


def hold(
    connection: Connection,
    secret_key: str,
    program_id: int,
    reward_id: str,
    winners: int,
) -> Published | None:
    """Draw among all entries of no draw yet; None where no seed was promised.

    Where there are no entries nothing is drawn, and the promise stands. Raises
    PromiseNotKept where the seed is no longer the one that was promised.
    """
    found = _promise(connection, program_id, reward_id)
    if found is None:
        return None
    number, told, committed_at = found
    seed = _seed(secret_key, program_id, reward_id, number)
    if commitment(seed) != told:
        raise PromiseNotKept
    entries = _entries(connection, program_id, reward_id)
    drawn_at = connection.execute(select(func.clock_timestamp())).scalar_one()
    result = Published(draw(reward_id, seed, entries, winners), committed_at, drawn_at)
    if entries:
        connection.execute(
            update(_giveaway)
            .where(*_of(program_id, reward_id), _giveaway.c.number == number)
            .values(drawn_at=drawn_at, document=result.document())
        )
    return result


def held(connection: Connection, program_id: int, reward_id: str) -> list[Published]:
    """Return the draws that were held, the first one first."""
    found = connection.execute(
        select(_giveaway.c.document)
        .where(*_of(program_id, reward_id), _giveaway.c.drawn_at.is_not(None))
        .order_by(_giveaway.c.number)
    )
    return [read(document) for document in found.scalars()]


def draws_held(connection: Connection, program_id: int) -> dict[str, list[str]]:
    """Return the commitments of the draws that were held, by reward, the last first."""
    found = connection.execute(
        select(_giveaway.c.reward_id, _giveaway.c.commitment)
        .where(_giveaway.c.program_id == program_id, _giveaway.c.drawn_at.is_not(None))
        .order_by(_giveaway.c.reward_id, _giveaway.c.number.desc())
    )
    draws: dict[str, list[str]] = {}
    for row in found:
        draws.setdefault(row.reward_id, []).append(row.commitment)
    return draws


def held_by(connection: Connection, program_id: int, promised: str) -> Published | None:
    """Return the draw by the seed of this commitment; None where none was held."""
    document = connection.execute(
        select(_giveaway.c.document)
        .where(_giveaway.c.program_id == program_id, _giveaway.c.commitment == promised)
        .where(_giveaway.c.drawn_at.is_not(None))
    ).scalar()
    return read(document) if document else None


def promises(
    connection: Connection, program_id: int
) -> dict[str, tuple[str, datetime]]:
    """Return the promises that stand, each with when it was given, by reward."""
    found = connection.execute(
        select(
            _giveaway.c.reward_id, _giveaway.c.commitment, _giveaway.c.committed_at
        ).where(_giveaway.c.program_id == program_id, _giveaway.c.drawn_at.is_(None))
    )
    return {row.reward_id: (row.commitment, row.committed_at) for row in found}


def entered(
    connection: Connection, program_id: int, reward_ids: Collection[str]
) -> dict[str, int]:
    """Return how many entries are in no draw yet, by reward."""
    values = {"p": program_id, "rewards": list(reward_ids), "used": State.USED}
    found = connection.execute(_ENTERED, values)
    return {row.reward_id: row.entries for row in found}


def entries_of(
    connection: Connection, program_id: int, member_id: int
) -> dict[str, dict[str, datetime]]:
    """Return when a member asked for their entries, by reward, oldest first."""
    wanted = ("reward_id", "redemption_id", "requested_at")
    found = connection.execute(
        select(*(_redemption.c[name] for name in wanted))
        .where(
            _redemption.c.program_id == program_id,
            _redemption.c.member_id == member_id,
            _redemption.c.reward["kind"].as_string() == "giveaway_entry",
            _redemption.c.state == State.USED,
        )
        .order_by(_redemption.c.requested_at, _redemption.c.redemption_id)
    )
    entries: dict[str, dict[str, datetime]] = {}
    for row in found:
        entries.setdefault(row.reward_id, {})[row.redemption_id] = row.requested_at
    return entries


def who_entered(
    connection: Connection, program_id: int, entries: Collection[str]
) -> dict[str, int]:
    """Return the member of each entry."""
    found = connection.execute(
        select(_redemption.c.redemption_id, _redemption.c.member_id)
        .where(_redemption.c.program_id == program_id)
        .where(_redemption.c.redemption_id.in_(entries))
    )
    return {row.redemption_id: row.member_id for row in found}


def _seed(secret_key: str, program_id: int, reward_id: str, number: int) -> str:
    """Return the seed of a draw, which follows from a secret, so that none is kept."""
    told = f"giveaway/{program_id}/{reward_id}/{number}".encode()
    return hmac.digest(secret_key.encode(), told, "sha256").hex()


def _of(program_id: int, reward_id: str) -> tuple[ColumnElement[bool], ...]:
    return _giveaway.c.program_id == program_id, _giveaway.c.reward_id == reward_id


def _promise(
    connection: Connection, program_id: int, reward_id: str
) -> tuple[int, str, datetime] | None:
    """Return the number, the hash and the time of the promise that stands."""
    found = connection.execute(
        select(_giveaway.c.number, _giveaway.c.commitment, _giveaway.c.committed_at)
        .where(*_of(program_id, reward_id), _giveaway.c.drawn_at.is_(None))
        .with_for_update()
    ).first()
    return tuple(found) if found else None


def _entries(connection: Connection, program_id: int, reward_id: str) -> list[str]:
    # By what was drawn and not by time: an entry asked for just before a draw may be
    # granted only after it.
    values = {"p": program_id, "r": reward_id, "used": State.USED}
    return list(connection.execute(_ENTRIES, values).scalars())


_ENTRIES = text("""
    select redemption_id from redemption
    where program_id = :p and reward_id = :r and state = :used
      and redemption_id not in (
        select json_array_elements_text(document -> 'entries') from giveaway
        where program_id = :p and reward_id = :r and drawn_at is not null)
""")
_ENTERED = text("""
    select reward_id, count(*) as entries from redemption
    where program_id = :p and reward_id = any(cast(:rewards as text[]))
      and state = :used
      and redemption_id not in (
        select json_array_elements_text(document -> 'entries') from giveaway
        where program_id = :p and drawn_at is not null)
    group by reward_id
""")
