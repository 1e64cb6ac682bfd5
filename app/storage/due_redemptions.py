"""Redemptions about which something is to be done: taken by one worker at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from app.domain.redemptions import State
from app.storage import tables
from app.storage.leases import Leased, Queue

_redemption = tables.redemption
_other = tables.redemption.alias("other").c

_AT_STORE = (State.GRANTING, State.ENDING)
# Longer than all calls of the store for one of them take.
LEASE_S = 120


@dataclass(frozen=True)
class DueRedemption(Leased):
    """A redemption that this process has to itself until its lease ends."""

    redemption_id: str
    store_id: int


_queue = Queue(_redemption, DueRedemption, LEASE_S)


def claim(
    connection: Connection,
    now: datetime,
    limit: int,
    at_once: int,
    left_out: Collection[int] = (),
) -> list[DueRedemption]:
    """Take redemptions of one store that are due by `now`, longest due first.

    It is the store that has waited longest, of those that are not left out and of which
    fewer than `at_once` are taken already.
    """
    moment, is_due = func.clock_timestamp(), _other.due_at <= now
    at_work = (
        select(_other.store_id)
        .where(is_due, _other.lease_until >= moment)
        .group_by(_other.store_id)
        .having(func.count() >= at_once)
    )
    its_turn = (
        select(_other.store_id)
        .where(is_due, _other.lease_until.is_(None) | (_other.lease_until < moment))
        .where(_other.store_id.not_in([*left_out]), _other.store_id.not_in(at_work))
        .order_by(_other.due_at)
        .limit(1)
        .scalar_subquery()
    )
    return _queue.claim(connection, now, limit, _redemption.c.store_id == its_turn)


def let_go(connection: Connection, some: Iterable[DueRedemption]) -> None:
    """Leave redemptions to others as if they had never been taken."""
    _queue.let_go(connection, some)


def begin(connection: Connection, due: DueRedemption) -> bool:
    """Keep that the store is asked from now on; False where somebody else has it now.

    Whatever becomes of the answer, it may be there from now on. The lease begins anew,
    since others of the same batch may have taken long.
    """
    now = func.clock_timestamp()
    begun = (
        update(_redemption)
        .where(_queue.is_held(due))
        .values(
            sent_at=func.coalesce(_redemption.c.sent_at, now),
            shut_at=None,
            lease_until=now + timedelta(seconds=LEASE_S),
        )
    )
    return connection.execute(begun).rowcount == 1


def was_sent(connection: Connection, due: DueRedemption) -> bool:
    """Whether the store was ever asked about it, and may have made it."""
    found: bool = connection.execute(
        select(_redemption.c.sent_at.is_not(None))
        .where(_redemption.c.program_id == due.program_id)
        .where(_redemption.c.redemption_id == due.redemption_id)
    ).scalar_one()
    return found


def holds(connection: Connection, due: DueRedemption) -> bool:
    """Lock the redemption and end the lease; False where somebody else has it now."""
    ended = update(_redemption).where(_queue.is_held(due)).values(lease_until=None)
    return connection.execute(ended).rowcount == 1


def postpone(
    connection: Connection,
    due: DueRedemption,
    note: str,
    least_s: float,
    *,
    is_shut: bool = False,
) -> None:
    """Come back to it later, each time later: from `least_s` to an hour.

    Of a store that is shut it is kept that nothing is on its way there.
    """
    if is_shut:
        refused = update(_redemption).where(_queue.is_held(due))
        connection.execute(refused.values(shut_at=func.clock_timestamp()))
    _queue.postpone(connection, due, note, least_s)


def take_from_store(
    connection: Connection, program_id: int, redemption_id: str
) -> bool:
    """Have no worker go on with what a shut store was asked for, to the end of this.

    False where the store can be asked, as far as is known, or is being asked. What a
    member has is taken only where it was tried to end it.
    """
    column = _redemption.c
    taken = (
        update(_redemption)
        .where(column.program_id == program_id, column.redemption_id == redemption_id)
        .where(column.shut_at.is_not(None))
        .where((column.state != State.GRANTED) | (column.attempts > 0))
        .where(
            column.lease_until.is_(None) | (column.lease_until < func.clock_timestamp())
        )
        .values(lease_until=None)
    )
    return connection.execute(taken).rowcount == 1


def shut(connection: Connection, program_id: int) -> dict[str, str]:
    """Return about what a programme's stores refuse to be asked, with their words.

    What a member has is asked about once it was tried to end it at its date.
    """
    column = _redemption.c
    is_at_its_end = (column.state == State.GRANTED) & (column.attempts > 0)
    found = connection.execute(
        select(column.redemption_id, column.note)
        .where(column.program_id == program_id, column.shut_at.is_not(None))
        .where(column.state.in_(_AT_STORE) | is_at_its_end)
        .order_by(column.requested_at)
    )
    return {row.redemption_id: row.note for row in found}
