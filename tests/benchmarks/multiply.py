"""Multiplies members inside the database, for ledgers too large to be earned.

A copy has all rows of its original under another member, customer and order ids. Only
the hashes are not its own, and settling does not look at those of the past.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

# The copy with number k of a customer has an id that is larger by k times this.
CUSTOMERS_APART = 1_000_000
_MEMBERS_APART = 1_000_000
_COPIES_AT_ONCE = 100

_CHANGED = {
    "member_id": f"member_id + copy * {_MEMBERS_APART}",
    "customer_id": f"(customer_id::bigint + copy * {CUSTOMERS_APART})::text",
    "order_id": "order_id || '-' || copy",
    "email_key": "email_key || '-' || copy",
}
_TABLES = """
    select relname, array_agg(attname::text order by attnum)
    from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not relispartition and attnum > 0 and not attisdropped
      and attgenerated = ''
    group by relname having 'member_id' = any(array_agg(attname))
"""


def multiply(database: psycopg.Connection[Any], customer: range, copies: int) -> None:
    """Make so many copies of the members who are these customers."""
    members = _members(database, customer)
    tables = database.execute(_TABLES).fetchall()
    for first in range(1, copies + 1, _COPIES_AT_ONCE):
        last = min(copies, first + _COPIES_AT_ONCE - 1)
        with database.transaction():
            # Copies obey no rule but those of their originals.
            database.execute("set local session_replication_role = replica")
            for table, columns in tables:
                values = {"members": members, "first": first, "last": last}
                database.execute(_copying(table, columns), values)
    database.execute("vacuum analyze")
    database.execute("checkpoint")


def entries(database: psycopg.Connection[Any]) -> int:
    """How many entries the ledger has."""
    row = database.execute("select count(*) from ledger_entry").fetchone()
    assert row
    return int(row[0])


def _members(database: psycopg.Connection[Any], customers: range) -> list[int]:
    query = (
        "select member_id from customer where right(customer_id, 9)::bigint >= %s"
        " and right(customer_id, 9)::bigint < %s"
    )
    rows = database.execute(query, [customers.start, customers.stop]).fetchall()
    assert len(rows) == len(customers)
    return [row[0] for row in rows]


def _copying(table: str, columns: list[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    values = [
        sql.SQL(_CHANGED[name]) if name in _CHANGED else sql.Identifier(name)
        for name in columns
    ]
    return sql.SQL(
        "insert into {table} ({names}) overriding system value select {values}"
        " from {table}, generate_series(%(first)s::bigint, %(last)s::bigint) as copy"
        " where member_id = any(%(members)s)"
    ).format(
        table=sql.Identifier(table), names=names, values=sql.SQL(", ").join(values)
    )
