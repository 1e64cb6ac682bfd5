"""Transactions, through a pooler too: nothing is left on a session that others get."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from app.domain.errors import MigratedThroughPooler
from app.storage.database import EARLIER, REVISION, Database
from app.storage.migrating import alembic_config, migrate, upgrade
from tests.builders.logins import as_login
from tests.builders.next_migration import NEXT, config_with_next


def _with_pooler(url: str, mode: str = "transaction") -> str:
    pooled = make_url(url).update_query_dict({"pooler": mode})
    return pooled.render_as_string(hide_password=False)


def _prepared_after_many(url: str) -> int:
    """How many statements a session has prepared after asking the same ten times."""
    database = Database(url, pool_size=1)
    for _ in range(10):
        with database.auditor() as connection:
            connection.execute(text("select 1"))
    with database.engine.begin() as connection:
        found = connection.execute(text("select count(*) from pg_prepared_statements"))
        count = int(found.scalar_one())
    database.close()
    return count


def test_through_a_pooler_nothing_is_prepared(new_database_url: Callable[[], str]):
    url = new_database_url()

    assert 0 < _prepared_after_many(url)
    assert 0 == _prepared_after_many(_with_pooler(url))


WHO = "select current_user as role, current_setting('tallymark.program_id') as program"


@pytest.mark.parametrize("is_pooled", [False, True])
def test_rows_are_read_in_a_programme_alone_and_nothing_of_it_stays(
    new_database_url: Callable[[], str], is_pooled: bool
):
    url = new_database_url()
    database = Database(_with_pooler(url) if is_pooled else url, pool_size=1)

    for program_id in range(1, 9):
        [row] = database.program_rows(program_id, WHO, {})
        assert ("tallymark_app", str(program_id)) == (row.role, row.program)
        with database.engine.begin() as connection:
            after = connection.exec_driver_sql(WHO).one()
        assert "tallymark_app" != after.role
        assert "" == after.program

    with pytest.raises(DBAPIError, match="division by zero"):
        database.program_rows(1, "select 1 / %(zero)s", {"zero": 0})
    with pytest.raises(DBAPIError, match="permission denied"):
        database.program_rows(1, "delete from ledger_entry", {})
    with database.program(2) as connection:
        assert "2" == connection.exec_driver_sql(WHO).one().program
    database.close()


def test_another_mode_of_a_pooler_is_refused():
    with pytest.raises(ArgumentError, match="pooler can only be 'transaction'"):
        Database(_with_pooler("postgresql://localhost/nothing", "statement"))


def test_a_pooler_is_no_way_to_migrate(new_database_url: Callable[[], str]):
    migrated = make_url(new_database_url())
    plain = migrated.set(drivername="postgresql").render_as_string(hide_password=False)
    empty = f"{migrated.database}_empty"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"create database {empty}")
    database = Database(_with_pooler(migrated.set(database=empty).render_as_string()))

    with pytest.raises(MigratedThroughPooler):
        migrate(database)
    database.close()

    # Where nothing is to be done, nothing is refused.
    database = Database(_with_pooler(plain))
    migrate(database)
    database.close()


def test_the_last_migration_makes_the_tables_that_the_code_expects(database: Database):
    script = ScriptDirectory.from_config(alembic_config(database))

    assert script.get_current_head() == REVISION
    assert {each.revision for each in script.walk_revisions()} == {REVISION, *EARLIER}
    assert database.is_migrated()


def test_tables_of_a_later_release_are_good_and_left_alone(
    database: Database, tmp_path: Path
):
    """A release that is still running while the next one begins, or is brought back."""
    config, _ = config_with_next(database, tmp_path, "select 1")
    upgrade(config, NEXT)

    assert database.is_migrated()
    migrate(database)


def test_a_login_finds_the_tables_in_a_schema_that_is_closed_to_everybody(
    new_database_url: Callable[[], str],
):
    """What its roles may do there is granted to each of them."""
    url = new_database_url()
    owner = Database(url)
    with owner.engine.begin() as connection:
        connection.exec_driver_sql("revoke all on schema public from public")
    owner.close()
    database = Database(as_login(url), pool_size=1)

    assert database.is_migrated()
    database.close()


def test_tables_of_an_earlier_release_are_not_good(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.storage.database.EARLIER", frozenset({REVISION}))

    assert not database.is_migrated()
