"""Orders of which a store is to be asked by which selling plans lines were bought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, text

from app.domain.orders import OrderFacts
from app.storage import tables
from app.storage.leases import Leased, Queue
from app.storage.stores import ProgramHistory, Store

# Longer than all calls about what is taken at one time.
LEASE_S = 600


@dataclass(frozen=True)
class DuePlans(Leased):
    """An order that this process has to itself until the lease ends."""

    store_id: int
    order_id: str


_queue = Queue(tables.plan_reading, DuePlans, LEASE_S)


def note(
    connection: Connection,
    store: Store,
    history: ProgramHistory,
    orders: Iterable[OrderFacts],
) -> None:
    """Have an open store asked for the plans of orders that may earn a tier by them.

    Where no version names a plan nothing is done, and the database is not asked.
    """
    if not history.names_plans:
        return
    wanted = [each.order_id for each in orders if _may_earn_a_tier(history, each)]
    if wanted:
        values = {"p": store.program_id, "s": store.store_id, "ids": sorted(wanted)}
        connection.execute(_NOTE, values)


def _may_earn_a_tier(history: ProgramHistory, order: OrderFacts) -> bool:
    if not order.lacks_plans:
        return False
    assert order.snapshot
    assert order.paid_at
    # A line is a membership from then on.
    return history.names_plans_since(max(order.snapshot.processed_at, order.paid_at))


_NOTE = text("""
    insert into plan_reading (program_id, store_id, order_id, due_at)
    select store_access.program_id, store_access.store_id, wanted.order_id,
           clock_timestamp()
    from store_access, unnest(cast(:ids as text[])) as wanted (order_id)
    where program_id = :p and store_id = :s and tokens is not null
    on conflict do nothing
""")


def claim(connection: Connection, limit: int) -> list[DuePlans]:
    """Take orders whose time has come, of any store."""
    return _queue.claim(connection, func.clock_timestamp(), limit)


def finish(connection: Connection, due: Iterable[DuePlans]) -> None:
    """Ask about these orders no more, except where somebody else has one now."""
    for each in due:
        connection.execute(delete(tables.plan_reading).where(_queue.is_held(each)))


def postpone(
    connection: Connection, due: Iterable[DuePlans], note: str, least_s: float
) -> None:
    """Come back to orders later, each time later: from `least_s` to an hour."""
    for each in due:
        _queue.postpone(connection, each, note, least_s)
