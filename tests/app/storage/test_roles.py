"""What each role may do, what a stolen copy tells, and who needs to be no owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, select, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.storage import migrating, tables
from app.storage.database import ROLES, Database
from app.storage.powers import powers
from app.storage.sealing import CannotUnseal, Keyring
from tests.builders.line import TestLine
from tests.builders.logins import as_login
from tests.builders.shopify import a_refund, an_order
from workers.checkpoints import kept_checkpoints

OTHER = "other.myshopify.com"
REFUSED = "permission denied|must be owner"


@pytest.fixture(scope="module")
def two(
    new_database_url: Callable[[], str],
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestLine]:
    """A line with two programmes, each with a member and an order; nothing changes."""
    database = Database(new_database_url())
    line = TestLine(database, redis_url, tmp_path_factory.mktemp("home"))
    line.settle(("orders/paid", an_order()))
    line.add_store(OTHER)
    line.deliver("orders/paid", an_order(id=6001), **{"X-Shopify-Shop-Domain": OTHER})
    line.worker.drain()
    yield line
    line.close()
    database.close()


def _other_program(line: TestLine) -> int:
    return line.store.program_id + 1


def test_a_query_without_a_where_sees_one_program_only(two: TestLine):
    with two.database.auditor() as connection:
        everything = {
            table.name: set(connection.execute(select(table.c.program_id)).scalars())
            for table in tables.metadata.sorted_tables
        }
    with two.in_program() as connection:
        for table in tables.metadata.sorted_tables:
            seen = set(connection.execute(select(table.c.program_id)).scalars())
            assert seen <= {two.store.program_id}, table.name

    both = {name for name, programs in everything.items() if len(programs) == 2}
    assert {"inbox", "member", "customer", "order_fact", "ledger_entry"} <= both


def test_without_a_program_nothing_is_seen(two: TestLine):
    with two.database.engine.begin() as connection:
        connection.exec_driver_sql("set local role tallymark_app")
        for table in tables.metadata.sorted_tables:
            assert connection.execute(select(table)).all() == [], table.name


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=str)
def test_no_row_can_be_added_to_another_program(two: TestLine, table: Table):
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        two.in_program() as connection,
    ):
        connection.exec_driver_sql(
            f"insert into {table} (program_id) values ({_other_program(two)})"
        )


@pytest.mark.parametrize("table", ["inbox", "member", "customer", "order_fact", "lot"])
def test_no_row_can_be_moved_to_another_program(two: TestLine, table: str):
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        two.in_program() as connection,
    ):
        connection.exec_driver_sql(
            f"update {table} set program_id = {_other_program(two)}"
        )


def test_rows_of_another_program_cannot_be_changed(two: TestLine):
    with two.in_program() as connection:
        changed = connection.execute(
            update(tables.member)
            .where(tables.member.c.program_id == _other_program(two))
            .values(due_at=None)
        )

    assert changed.rowcount == 0


@pytest.mark.parametrize("role", ["receiver", "sweeper"])
def test_who_carries_messages_cannot_read_them(two: TestLine, role: str):
    for column in ("body", "*"):
        with (
            pytest.raises(ProgrammingError, match=REFUSED),
            getattr(two.database, role)() as connection,
        ):
            connection.exec_driver_sql(f"select {column} from inbox")


@pytest.mark.parametrize(
    "table", ["customer", "address", "order_fact", "ledger_transaction", "ledger_entry"]
)
@pytest.mark.parametrize("role", ["receiver", "sweeper"])
def test_who_carries_messages_sees_neither_people_nor_points(
    two: TestLine, role: str, table: str
):
    with (
        pytest.raises(ProgrammingError, match=REFUSED),
        getattr(two.database, role)() as connection,
    ):
        connection.exec_driver_sql(f"select 1 from {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "update {} set program_id = program_id",
        "delete from {}",
        "truncate {} cascade",
        "drop table {} cascade",
        "alter table {} disable trigger all",
        "alter table {} disable row level security",
        "drop policy own_program on {}",
        "alter policy own_program on {} using (true)",
        "create policy more on {} using (true)",
        "create trigger late after insert on {} execute function refuse_change()",
    ],
)
@pytest.mark.parametrize("table", tables.APPEND_ONLY)
def test_what_is_only_added_to_cannot_be_changed_by_the_app(
    two: TestLine, table: str, statement: str
):
    with (
        pytest.raises(ProgrammingError, match=REFUSED),
        two.in_program() as connection,
    ):
        connection.exec_driver_sql(statement.format(table))


# A transaction after the last one of a member, which comes without entries.
_NEXT = """
    insert into ledger_transaction (
        program_id, member_id, sequence, effect_key, kind, cause, lot, points,
        effective_at, recorded_at, reason, previous_hash, hash
    )
    select program_id, member_id, sequence + 1, 'next', kind, cause, lot, points,
        effective_at, recorded_at, reason, hash, hash
    from ledger_transaction order by member_id, sequence desc limit 1
    returning member_id, sequence
"""


def _add_entries(connection: Connection, entries: str) -> None:
    """Add a transaction with these entries, each with its line, account and amount."""
    member_id, sequence = connection.exec_driver_sql(_NEXT).one()
    connection.exec_driver_sql(
        "insert into ledger_entry (program_id, member_id, sequence, line, account,"
        " amount, balance_after, account_version)"
        f" select current_program(), {member_id}, {sequence}, line, account, amount,"
        f" 0, 9 from (values {entries}) as news (line, account, amount)"
    )


@pytest.mark.parametrize(
    "entries",
    ["(1, 'issued', -5)", "(1, 'issued', -5), (2, 'available', 4)"],
    ids=["one entry", "entries that do not sum to zero"],
)
def test_half_a_transaction_is_refused(two: TestLine, entries: str):
    with (
        pytest.raises(ProgrammingError, match="two entries, and they sum to zero"),
        two.in_program() as connection,
    ):
        _add_entries(connection, entries)


def test_two_entries_that_are_not_its_first_and_second_are_refused(two: TestLine):
    with (
        pytest.raises(IntegrityError, match="ledger_entry_line_check"),
        two.in_program() as connection,
    ):
        _add_entries(connection, "(1, 'issued', -5), (3, 'available', 5)")


def test_a_connection_carries_nothing_into_its_next_transaction(two: TestLine):
    database = Database(two.settings.database_url or "", pool_size=1)
    with database.program(two.store.program_id) as connection:
        inside = _who_and_where(connection)
    with database.engine.connect() as connection:
        outside = _who_and_where(connection)
    with database.auditor() as connection:
        auditor = _who_and_where(connection)
    database.close()

    assert inside[1:] == ("tallymark_app", str(two.store.program_id))
    assert outside == (inside[0], "tallymark", "")
    assert auditor == (inside[0], "tallymark_auditor", "")


def test_the_roles_of_the_code_are_those_of_the_tables():
    made = Path(migrating.__file__).parent / "migrations" / "sql" / "make_roles.sql"

    assert set(ROLES) == set(re.findall("'(tallymark_[a-z]+)'", made.read_text()))


def _who_and_where(connection: Connection) -> tuple[int, str, str]:
    row = connection.exec_driver_sql(
        "select pg_backend_pid(), current_user,"
        " current_setting('tallymark.program_id', true)"
    ).one()
    return row[0], row[1], row[2] or ""


def test_a_login_that_owns_nothing_runs_the_whole_line(
    new_database_url: Callable[[], str], redis_url: str, tmp_path: Path
):
    database = Database(as_login(new_database_url()))
    line = TestLine(database, redis_url, tmp_path)

    line.settle(("orders/paid", an_order()), ("refunds/create", a_refund("30.00")))
    line.adjust(7001, 15)
    line.settle(("customers/redact", {"customer": {"id": 7001}}))
    clock = line.a_clock(line.home)
    clock.tick(1e9)
    clock.wait()
    clock.inspection.wait()

    assert () == powers(database)
    assert line.client.get("/readyz?deep=1").status_code == 200
    assert line.ask("standing", "7001").status_code == 200
    assert line.totals()["available"] == 85
    assert len(list(kept_checkpoints(line.home))) == 1
    assert (line.audit(), line.violations()) == (None, [])
    with (
        pytest.raises(ProgrammingError, match=REFUSED),
        database.engine.begin() as connection,
    ):
        connection.exec_driver_sql("delete from ledger_entry")
    database.close()


def test_a_stolen_copy_names_nobody(line: TestLine):
    canary = {"note": "canary-of-a-note", "email": "canary@example.com"}
    line.settle(("orders/paid", an_order(**canary)), ("orders/paid", b"{canary-of"))

    with line.database.engine.connect() as connection:
        for table in (*tables.metadata.tables, "alembic_version"):
            stolen = connection.exec_driver_sql(f"select {table}::text from {table}")
            bodies = connection.exec_driver_sql("select body from inbox").scalars()
            told = " ".join(stolen.scalars()).encode() + b"".join(map(bytes, bodies))
            for secret in (b"canary", b"ada@", b"hush", b"sealing"):
                assert secret not in told, table


def test_a_body_moved_to_another_message_does_not_open(line: TestLine):
    line.settle(("orders/paid", an_order()), ("orders/paid", an_order(id=5002)))
    one, other = line.inbox()
    with line.as_superuser() as connection:
        connection.execute(
            update(tables.inbox)
            .where(tables.inbox.c.message_id == one.message_id)
            .values(body=other.body, state="waiting", finished_at=None)
        )

    line.worker.drain()

    moved, _ = line.inbox()
    assert (moved.state, moved.note) == ("waiting", "CannotUnseal")
    with pytest.raises(CannotUnseal):
        line.opened(moved)


def test_the_key_before_opens_what_it_sealed_and_no_other_does():
    old, new = Keyring(["old"]), Keyring(["new", "old"])
    sealed = old.seal(b"body", "here")

    assert new.unseal(sealed, "here") == b"body"
    assert new.seal(b"body", "here").startswith(new.head)
    for keys, place in ((Keyring(["new"]), "here"), (new, "there")):
        with pytest.raises(CannotUnseal):
            keys.unseal(sealed, place)
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(CannotUnseal):
        new.unseal(changed, "here")


def test_no_nonce_is_used_twice():
    keys = Keyring(["key"])
    nonces = {keys.seal(b"", "")[9:21] for _ in range(1_000_000)}

    assert len(nonces) == 1_000_000
