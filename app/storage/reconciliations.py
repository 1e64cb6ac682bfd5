"""Looks at stores' own lists: what was found in them, and how far they reached."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select

from app.storage import tables
from app.storage.stores import Store

_kept = tables.reconciliation


@dataclass(frozen=True)
class Reconciliation:
    """A look at the orders and customers that changed from `since` to `until`.

    `unknown` is how many orders no message had told, `outdated` of how many the last
    change was not told; `customers_missed` of how many customers something was not.
    `segments_missed` is how many joins and leaves of segments no message had told.
    `looked_for` is how many known customers were asked after, and `gone` how many of
    them had been merged or deleted. `deleted` is how many orders the store has no
    more, and `disputes` how many disputes were not told as they are.
    """

    since: datetime
    until: datetime
    looked_at: int = 0
    unknown: int = 0
    outdated: int = 0
    customers: int = 0
    customers_missed: int = 0
    looked_for: int = 0
    gone: int = 0
    deleted: int = 0
    disputes: int = 0
    segments_missed: int = 0

    @property
    def missed(self) -> int:
        """Return of how many orders something was missed."""
        return self.unknown + self.outdated

    @property
    def is_anything_missed(self) -> bool:
        """Whether messages did not tell all."""
        found = self.missed, self.customers_missed, self.gone
        return any((*found, self.deleted, self.disputes, self.segments_missed))


def keep(connection: Connection, store: Store, found: Reconciliation) -> None:
    """Keep what was found in a store."""
    where = {"program_id": store.program_id, "store_id": store.store_id}
    connection.execute(insert(_kept).values(**where, **asdict(found)))


def latest(connection: Connection, store: Store, limit: int) -> list[Reconciliation]:
    """Return what the last looks at a store found, the newest first."""
    names = list(Reconciliation.__dataclass_fields__)
    found = connection.execute(
        select(*(_kept.c[name] for name in names))
        .where(*_of(store))
        .order_by(_kept.c.finished_at.desc())
        .limit(limit)
    )
    return [Reconciliation(**row._mapping) for row in found]


def reached(connection: Connection, store: Store) -> datetime | None:
    """Return up to when a store's orders were looked at, None where never.

    Each look that is kept begins where those before it end, so it left out nothing.
    """
    until: datetime | None = connection.execute(
        select(func.max(_kept.c.until)).where(*_of(store))
    ).scalar()
    return until


def _of(store: Store) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _kept.c.program_id == store.program_id, _kept.c.store_id == store.store_id
