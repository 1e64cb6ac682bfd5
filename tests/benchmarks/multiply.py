"""Multiplies members inside the database, for ledgers too large to be earned."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.builders.copies import copy_members

_COPIES_AT_ONCE = 100


def multiply(database: psycopg.Connection[Any], customer: range, copies: int) -> None:
    """Make so many copies of the members who are these customers."""
    members = _members(database, customer)
    for first in range(1, copies + 1, _COPIES_AT_ONCE):
        part = range(first, min(copies, first + _COPIES_AT_ONCE - 1) + 1)
        copy_members(database, members, part)
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
