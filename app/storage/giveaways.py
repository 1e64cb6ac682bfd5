"""Giveaways: the seeds that were promised, and the draws that were held."""

from __future__ import annotations

import hmac
from dataclasses import asdict

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from app.domain.giveaway import Draw, commitment, draw
from app.domain.redemptions import State
from app.storage import tables

_giveaway, _redemption = tables.giveaway, tables.redemption


def promise(
    connection: Connection, secret_key: str, program_id: int, reward_id: str
) -> str:
    """Return what binds us to the seed of the next draw, from now on at the latest."""
    number = _held(connection, program_id, reward_id) + 1
    promised = commitment(_seed(secret_key, program_id, reward_id, number))
    known = _promised(connection, program_id, reward_id, number)
    if not known:
        connection.execute(
            insert(_giveaway).values(
                program_id=program_id,
                reward_id=reward_id,
                number=number,
                commitment=promised,
            )
        )
    return promised


def hold(
    connection: Connection,
    secret_key: str,
    program_id: int,
    reward_id: str,
    winners: int,
) -> Draw | None:
    """Draw among all entries since the last draw; None where no seed was promised.

    Where there are no entries nothing is drawn, and the promise stands.
    """
    number = _held(connection, program_id, reward_id) + 1
    if not _promised(connection, program_id, reward_id, number):
        return None
    seed = _seed(secret_key, program_id, reward_id, number)
    entries = _entries(connection, program_id, reward_id)
    held = draw(reward_id, seed, entries, winners)
    if entries:
        connection.execute(
            update(_giveaway)
            .where(*_of(program_id, reward_id), _giveaway.c.number == number)
            .values(drawn_at=func.clock_timestamp(), document=asdict(held))
        )
    return held


def _seed(secret_key: str, program_id: int, reward_id: str, number: int) -> str:
    """Return the seed of a draw, which follows from a secret, so that none is kept."""
    told = f"giveaway/{program_id}/{reward_id}/{number}".encode()
    return hmac.digest(secret_key.encode(), told, "sha256").hex()


def _of(program_id: int, reward_id: str) -> tuple[ColumnElement[bool], ...]:
    return _giveaway.c.program_id == program_id, _giveaway.c.reward_id == reward_id


def _held(connection: Connection, program_id: int, reward_id: str) -> int:
    """Return how many draws there were."""
    held: int = connection.execute(
        select(func.count())
        .where(*_of(program_id, reward_id))
        .where(_giveaway.c.drawn_at.is_not(None))
    ).scalar_one()
    return held


def _promised(
    connection: Connection, program_id: int, reward_id: str, number: int
) -> bool:
    found = connection.execute(
        select(_giveaway.c.number)
        .where(*_of(program_id, reward_id), _giveaway.c.number == number)
        .with_for_update()
    )
    return found.first() is not None


def _entries(connection: Connection, program_id: int, reward_id: str) -> list[str]:
    last = (
        select(func.max(_giveaway.c.drawn_at))
        .where(*_of(program_id, reward_id))
        .scalar_subquery()
    )
    found = connection.execute(
        select(_redemption.c.redemption_id)
        .where(_redemption.c.program_id == program_id)
        .where(_redemption.c.reward_id == reward_id)
        .where(_redemption.c.state == State.USED)
        .where((_redemption.c.requested_at > last) | last.is_(None))
    )
    return list(found.scalars())
