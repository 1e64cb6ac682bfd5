"""Whoever may do anything in the database can change no row of the ledger unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Column, Connection, update

from app.domain.advance import KeptLot
from app.domain.chain import chained
from app.domain.ledger import Account, Kind, Movement
from app.storage import audit, ledger, standings, tables
from app.storage.database import Database
from app.storage.ledger import Book
from app.storage.members import lock_members, save_heads
from app.storage.statements import read_chain
from tests.builders.invariants import wrong
from tests.builders.line import TestLine
from tests.builders.shopify import a_refund, an_order
from workers.checkpoints import keep_checkpoint, kept_checkpoints
from workers.comparison import differing

# What a column is changed to, by its type: as little as can be.
LITTLE = {
    "BIGINT": "coalesce({0}, 0) + 1",
    "SMALLINT": "{0} + 2",
    "TEXT": "{0} || ' '",
    "DATETIME": "coalesce({0}, now()) + interval '1 microsecond'",
    "JSONB": "coalesce({0}, '{{}}') || '{{\"x\": 1}}'",
    "BLOB": "{0} || '\\x00'",
}


@pytest.fixture(scope="module")
def history(
    new_database_url: Callable[[], str],
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestLine]:
    """A line with a short ledger, which tests change only in what they undo."""
    database = Database(new_database_url())
    line = TestLine(database, redis_url, tmp_path_factory.mktemp("home"))
    line.settle(("orders/paid", an_order()))
    line.settle(("refunds/create", a_refund("30.00")))
    line.adjust(7001, 15)
    line.settle(("orders/paid", an_order(id=5002, name="#1002")))
    line.adjust(7001, -90)
    keep_checkpoint(database, line.store.program_id, line.home)
    yield line
    line.close()
    database.close()


@pytest.fixture
def tampered(history: TestLine) -> Iterator[Connection]:
    """A transaction of somebody whom no guard stops; it is undone."""
    with history.database.engine.connect() as connection:
        connection.exec_driver_sql("set session_replication_role = replica")
        for table, name in connection.exec_driver_sql(
            "select conrelid::regclass, conname from pg_constraint where contype = 'c'"
            " and connamespace = 'public'::regnamespace"
        ).all():
            connection.exec_driver_sql(f"alter table {table} drop constraint {name}")
        connection.exec_driver_sql("drop index ledger_effect")
        yield connection
        connection.rollback()


def _first_lie(history: TestLine, connection: Connection) -> audit.Lie | None:
    whose = history.store.program_id, history.member_id(7001)
    return audit.audit_member(connection, *whose) or audit.audit_strays(connection)


_COLUMNS = [
    column
    for table in (tables.ledger_transaction, tables.ledger_entry)
    for column in table.columns
]


@pytest.mark.parametrize("column", _COLUMNS, ids=str)
def test_the_smallest_change_of_any_row_is_found_where_it_is(
    history: TestLine, tampered: Connection, column: Column
):
    keys = ", ".join(key.name for key in column.table.primary_key)
    rows = tampered.exec_driver_sql(f"select {keys} from {column.table}")
    little = LITTLE[str(column.type)].format(column.name)
    if column.name == "sequence":
        little = "sequence + 100"

    for row in rows.all():
        undone = tampered.begin_nested()
        where = f"({keys}) = ({', '.join(map(str, row))})"
        tampered.exec_driver_sql(
            f"update {column.table} set {column.name} = {little} where {where}"
        )
        lie = _first_lie(history, tampered)
        violated = _violated(tampered) if lie is None else set()
        undone.rollback()

        if column.name == "line":
            # The number of a line is no part of what is hashed; their order is.
            assert lie or violated == {"entries-follow-effects"}
            continue
        assert lie is not None, (column, row)
        # A row that leaves its chain shows by what it leaves behind.
        alone = f"transaction {row.sequence}", "ledger_entry"
        assert lie.where in alone, (column, row, lie)
        if column.name not in keys.split(", "):
            assert lie.where == alone[0]


@pytest.mark.parametrize("table", ["ledger_transaction", "ledger_entry"])
def test_any_row_that_is_taken_out_is_missed(
    history: TestLine, tampered: Connection, table: str
):
    rows = tampered.exec_driver_sql(f"select ctid, sequence from {table}").all()
    for place, sequence in rows:
        undone = tampered.begin_nested()
        tampered.exec_driver_sql(f"delete from {table} where ctid = '{place}'")
        lie = _first_lie(history, tampered)
        undone.rollback()

        assert lie is not None
        found = f"transaction {sequence}" if table == "ledger_entry" else "ledger_entry"
        assert lie.where == found


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 3), (3, 5), (1, 5)])
@pytest.mark.parametrize("what", ["places", "content"])
def test_two_transactions_that_changed_places_are_found_at_the_first(
    history: TestLine, tampered: Connection, one: int, other: int, what: str
):
    if what == "places":
        for table in ("ledger_entry", "ledger_transaction"):
            for sequence, moved in ((one, -1), (other, one), (-1, other)):
                tampered.exec_driver_sql(
                    f"update {table} set sequence = {moved} where sequence = {sequence}"
                )
    else:
        content = (
            "effect_key, kind, cause, lot, points, reason, breakdown, effective_at"
        )
        theirs = ", ".join(f"theirs.{name}" for name in content.split(", "))
        tampered.exec_driver_sql(
            f"update ledger_transaction as ours set ({content}) = row({theirs})"
            " from ledger_transaction as theirs"
            f" where ours.sequence in ({one}, {other})"
            f" and theirs.sequence = {one + other} - ours.sequence"
        )

    lie = _first_lie(history, tampered)

    assert lie is not None
    assert lie.where == f"transaction {one}"


def test_a_copied_transaction_at_the_end_is_found(
    history: TestLine, tampered: Connection
):
    last = tampered.exec_driver_sql(
        "select max(sequence) from ledger_transaction"
    ).scalar_one()
    for table in (tables.ledger_transaction, tables.ledger_entry):
        names = ", ".join(set(table.columns.keys()) - {"sequence"})
        tampered.exec_driver_sql(
            f"insert into {table} (sequence, {names})"
            f" select {last + 1}, {names} from {table} where sequence = 3"
        )

    lie = _first_lie(history, tampered)

    assert lie is not None
    assert lie.where == f"transaction {last + 1}"


def test_points_from_nowhere_are_found_though_every_sum_and_hash_is_right(
    history: TestLine, tampered: Connection
):
    program_id, member_id = history.store.program_id, history.member_id(7001)
    head = lock_members(tampered, program_id, [member_id])[member_id]
    book, now = Book(head), history.clock()
    lot = f"order/{history.store.store_id}/9999"
    forged = Movement(
        Kind.EARN, lot, lot, Account.ISSUED, Account.AVAILABLE, 500, now, "a gift"
    )
    postings = ledger.post(book, program_id, [(forged, None)], {}, now)
    ledger.write(tampered, postings)
    save_heads(tampered, program_id, [book.head(head.settled_to, head.due_at)])
    kept = KeptLot(lot, None, 0, 500, 0, 0, None)
    standings.save_lots(tampered, program_id, [(member_id, kept)])

    assert _first_lie(history, tampered) is None
    [different] = differing(tampered, history.keys, program_id, [member_id], now)
    assert different.effects == ((forged.key, -500),)
    assert _violated(tampered) == {"earnings-have-orders"}


def test_a_chain_that_was_written_anew_is_found_against_the_seal_outside(
    history: TestLine, tampered: Connection
):
    member_id = history.member_id(7001)
    previous = b""
    for posting in read_chain(tampered, history.store.program_id, member_id):
        told = posting.transaction
        if told.sequence == 2:
            told = replace(told, reason="something else")
        rewritten = {"reason": told.reason, "previous_hash": previous}
        previous = chained(previous, told)
        tampered.execute(
            update(tables.ledger_transaction)
            .where(tables.ledger_transaction.c.sequence == told.sequence)
            .values(**rewritten, hash=previous)
        )
    tampered.execute(update(tables.member).values(last_hash=previous))

    assert _first_lie(history, tampered) is None
    [(_, sealed)] = kept_checkpoints(history.home)
    lie = audit.audit_checkpoint(tampered, sealed)
    assert lie is not None
    assert lie.what == f"transaction {told.sequence} is not the one that was sealed"


def _violated(connection: Connection) -> set[str]:
    return {each.invariant.name for each in wrong(connection)}
