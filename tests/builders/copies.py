"""Copies members inside the database, for tables too large to be lived through.

A copy has all rows of its original under another member, customer and order ids. Only
the hashes are not its own, and settling does not look at those of the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

# The copy with number k of a customer has an id that is larger by k times this.
CUSTOMERS_APART = 1_000_000
_MEMBERS_APART = 1_000_000

_NAMES = (
    *("order_id", "lot", "cause", "key", "command_id", "redemption_id"),
    *("email_key", "phone_key", "code_key", "code"),
)
_CHANGED = {
    "member_id": f"member_id + copy * {_MEMBERS_APART}",
    "customer_id": f"(customer_id::bigint + copy * {CUSTOMERS_APART})::text",
} | {name: f"{name} || '-' || copy" for name in _NAMES}
_TABLES = """
    select relname, array_agg(attname::text order by attnum)
    from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not relispartition and attnum > 0 and not attisdropped
      and attgenerated = ''
    group by relname having 'member_id' = any(array_agg(attname))
"""


def copy_members(
    database: psycopg.Connection[Any], members: Sequence[int], copies: range
) -> int:
    """Make these copies of members; return how many rows were added.

    Copies obey no rule but those of their originals.
    """
    values = {"members": members, "first": copies[0], "last": copies[-1]}
    added = 0
    with database.transaction():
        database.execute("set local session_replication_role = replica")
        for table, columns in database.execute(_TABLES).fetchall():
            added += database.execute(_copying(table, columns), values).rowcount
    return added


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
