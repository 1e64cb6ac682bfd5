"""The numbers that people know orders by."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text


def order_numbers(
    connection: Connection, program_id: int, named: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], str]:
    """Return the numbers that people know orders by, by store and order id."""
    pairs = sorted(set(named))
    if not pairs:
        return {}
    store_ids, order_ids = zip(*pairs, strict=True)
    values = {"p": program_id, "stores": list(store_ids), "orders": list(order_ids)}
    found = connection.execute(_NUMBERS, values)
    return {(row.store_id, row.order_id): row.number for row in found if row.number}


_NUMBERS = text("""
    select order_fact.store_id, order_fact.order_id,
           facts #>> '{snapshot,number}' as number
    from unnest(cast(:stores as bigint[]), cast(:orders as text[]))
         as wanted (store_id, order_id)
    join order_fact on order_fact.program_id = :p
                   and order_fact.store_id = wanted.store_id
                   and order_fact.order_id = wanted.order_id
""")
