"""Looks at stores' own lists: what was found in them, and how far they reached."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from app.storage import tables
from app.storage.stores import Store

_kept = tables.reconciliation


@dataclass(frozen=True)
class Reconciliation:
    """A look at the orders and customers that changed from `since` to `until`.

    `unknown` is how many orders no message had told, `outdated` of how many the last
    change was not told; `customers_missed` of how many customers something was not.
    `looked_for` is how many known customers were asked after, and `gone` how many of
    them had been merged or deleted.
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

    @property
    def missed(self) -> int:
        """Return of how many orders something was missed."""
        return self.unknown + self.outdated

    @property
    def is_anything_missed(self) -> bool:
        """Whether messages did not tell all."""
        return bool(self.missed or self.customers_missed or self.gone)


def keep(connection: Connection, store: Store, found: Reconciliation) -> None:
    """Keep what was found in a store."""
    where = {"program_id": store.program_id, "store_id": store.store_id}
    connection.execute(insert(_kept).values(**where, **asdict(found)))


def reached(connection: Connection, store: Store) -> datetime | None:
    """Return up to when a store's orders were looked at, None where never."""
    of_store = (
        _kept.c.program_id == store.program_id,
        _kept.c.store_id == store.store_id,
    )
    until: datetime | None = connection.execute(
        select(func.max(_kept.c.until)).where(*of_store)
    ).scalar()
    return until
