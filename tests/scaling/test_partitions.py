"""The large tables in hash partitions by programme: nothing in the line forbids it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from app.storage.database import Database
from app.storage.migrating import migrate
from tests.builders.line import DOMAIN, TestLine
from tests.builders.shopify import a_line, a_refund, an_order

LARGE = ("inbox", "ledger_transaction", "ledger_entry", "order_fact")
PARTITIONS = 4
_CREATED = r"create table {}\b(.*?)\n\)(?: with (\([^)]*\)))?;"
# PostgreSQL counts in partitioned tables by itself from 17 on, before by a sequence.
_COUNTS = "message_id bigint generated always as identity"
_COUNTS_TOO = "message_id bigint not null default nextval('inbox_message_id_seq')"
_COUNT_ALL = """
    grant usage on sequence inbox_message_id_seq to tallymark_receiver, tallymark_app
"""


def _partitioned(migration: str) -> str:
    """The same migration, with the large tables in partitions."""
    for table in LARGE:
        migration = re.sub(
            _CREATED.format(table),
            lambda found, table=table: _parts(table, found[1], found[2] or ""),
            migration,
            flags=re.DOTALL,
        )
    return migration.replace(_COUNTS, _COUNTS_TOO)


def _parts(table: str, columns: str, options: str) -> str:
    whole = f"create table {table}{columns}\n) partition by hash (program_id);"
    sequence = "create sequence inbox_message_id_seq;" if table == "inbox" else ""
    with_options = f" with {options}" if options else ""
    parts = [
        f"create table {table}_{part} partition of {table} for values"
        f" with (modulus {PARTITIONS}, remainder {part}){with_options};"
        for part in range(PARTITIONS)
    ]
    return "\n".join([sequence, whole, *parts])


@pytest.fixture
def partitioned(postgres_url: str) -> Iterator[Database]:
    """An empty database whose large tables are in partitions."""
    name = "partitioned"
    plain = make_url(postgres_url).set(drivername="postgresql", database="postgres")
    address = plain.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    made = Database(plain.set(database=name).render_as_string(hide_password=False))

    def rewrite(*asked: Any) -> tuple[str, Any]:
        _, _, statement, parameters, _, _ = asked
        return _partitioned(statement), parameters

    event.listen(made.engine, "before_cursor_execute", rewrite, retval=True)
    migrate(made)
    event.remove(made.engine, "before_cursor_execute", rewrite)
    with made.engine.begin() as connection:
        connection.execute(text(_COUNT_ALL))
    yield made
    made.close()


def _filled_partitions(database: Database, table: str) -> int:
    """How many partitions of a table have rows."""
    asked = f"select count(distinct tableoid) from {table}"
    with database.engine.begin() as connection:
        return int(connection.execute(text(asked)).scalar_one())


def test_the_line_runs_on_hash_partitions(
    partitioned: Database, redis_url: str, redis: Redis, tmp_path: Path
):
    line = TestLine(partitioned, redis_url, tmp_path)
    domains = [DOMAIN, *(f"store{number}.myshopify.com" for number in range(1, 8))]
    for domain in domains[1:]:
        line.add_store(domain)

    order = an_order(a_line("25.00", 4))
    refund = a_refund("25.00", (11, 1, "25.00"))
    for domain in domains:
        for topic, body in (("refunds/create", refund), ("orders/paid", order)) * 2:
            # Bodies of two stores are never alike, since their ids are not.
            told = body | {"told_by": domain}
            sent = line.deliver(topic, told, **{"X-Shopify-Shop-Domain": domain})
            assert 200 == sent.status_code
    line.worker.drain()

    for table in LARGE:
        assert 1 < _filled_partitions(partitioned, table)
    assert 75 == line.standing(7001).available
    assert {"settled"} == {row.state for row in line.inbox()}
    assert 75 * len(domains) == line.totals()["available"]
    line.rebuild()
    assert line.audit() is None
    assert 75 == line.standing(7001).available
