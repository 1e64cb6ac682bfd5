"""Rows that are due, each taken by one worker at a time until its lease ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    func,
    select,
    update,
)

_LONGEST_S = 3600.0


@dataclass(frozen=True)
class Leased:
    """A row that this process has to itself; each sort adds its keys, and what else."""

    program_id: int
    attempts: int
    lease_epoch: int


@dataclass(frozen=True)
class DueStore(Leased):
    """A store that this process has to itself until its lease ends."""

    store_id: int


Due = TypeVar("Due", bound=Leased)


@dataclass(frozen=True)
class Queue(Generic[Due]):
    """The rows of a table that are due, and what one is known by once it is taken."""

    table: Table
    kind: type[Due]
    lease_s: float

    def claim(
        self,
        connection: Connection,
        until: datetime | ColumnElement[Any],
        limit: int,
        *only: ColumnElement[bool],
    ) -> list[Due]:
        """Take rows that are due by a moment, of any programme, longest due first.

        Only those are taken of which all that is said of them holds.
        """
        column, keys = self.table.c, list(self.table.primary_key)
        now = func.clock_timestamp()
        # As a subquery it may be asked once for each row of the table, by a plan for a
        # small one, and skips what it took before: it would take all that is due.
        due = (
            select(*keys)
            .where(self._is_free(until), *only)
            .order_by(column.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        taken = connection.execute(
            update(self.table)
            .where(*(key == due.c[key.name] for key in keys))
            .values(
                lease_until=now + timedelta(seconds=self.lease_s),
                lease_epoch=column.lease_epoch + 1,
                attempts=column.attempts + 1,
            )
            .returning(*(column[each.name] for each in fields(self.kind)))
        )
        return [self.kind(**row._mapping) for row in taken]

    def next_due(self, connection: Connection, until: datetime) -> datetime | None:
        """Return the moment at which a row is due next, None if none is by `until`."""
        first = select(func.min(self.table.c.due_at)).where(self._is_free(until))
        found: datetime | None = connection.execute(first).scalar_one()
        return found

    def _is_free(self, until: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether a row is due by a moment, and nobody has it."""
        column = self.table.c
        leased_until, now = column.lease_until, func.clock_timestamp()
        is_left = leased_until.is_(None) | (leased_until < now)
        return and_(column.due_at <= until, is_left)

    def let_go(self, connection: Connection, some: Iterable[Due]) -> None:
        """Leave rows to others as if they had never been taken."""
        attempts = self.table.c.attempts - 1
        for due in some:
            left = update(self.table).where(self.is_held(due))
            connection.execute(left.values(lease_until=None, attempts=attempts))

    def is_held(self, due: Due) -> ColumnElement[bool]:
        """Whether a row is leased still by whoever took it."""
        known, column = asdict(due), self.table.c
        whose = (key == known[key.name] for key in self.table.primary_key)
        is_same = column.lease_epoch == due.lease_epoch
        return and_(*whose, is_same, column.lease_until.is_not(None))

    def postpone(
        self, connection: Connection, due: Due, note: str, least_s: float
    ) -> None:
        """Come back later, each time later: from `least_s` to an hour.

        What is not due any more, by what happened meanwhile, stays so.
        """
        wait = timedelta(seconds=_wait_s(due.attempts, least_s))
        again_at = func.clock_timestamp() + wait
        connection.execute(
            update(self.table)
            .where(self.is_held(due))
            .values(
                lease_until=None,
                note=note,
                due_at=case((self.table.c.due_at.is_not(None), again_at)),
            )
        )


def _wait_s(attempts: int, least_s: float) -> float:
    return min(_LONGEST_S, max(least_s, 2.0 ** min(attempts, 12)))
