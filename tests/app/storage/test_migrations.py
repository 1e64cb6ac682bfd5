"""No migration holds others up: squawk finds nothing in what it sends to the server."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url

from app.storage.database import Database
from app.storage.migrating import MayNotMigrate, alembic_config, migrate, upgrade
from tests.builders.expansion import EXPANDED, config_with_expansion
from tests.builders.logins import as_login
from tests.builders.next_migration import NEXT, config_with_next, undo

_SQUAWK = Path(sys.executable).with_name("squawk")
_OLDEST = "14.0"
_NOT_ASKED = (
    # Ids and points are bigint; other integers count versions, attempts and the like.
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    # To validate a constraint, or build an index concurrently, takes long and holds up
    # nobody; what would hold others up, the other rules forbid.
    "require-statement-timeout",
)


@pytest.fixture
def unmade(new_database_url: Callable[[], str]) -> Iterator[Database]:
    """A database without any table."""
    made = make_url(new_database_url())
    plain = made.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"create database {made.database}_unmade")
    unmade = made.set(database=f"{made.database}_unmade")
    database = Database(unmade.render_as_string(hide_password=False))
    yield database
    database.close()


@contextmanager
def _recorded(database: Database) -> Iterator[list[str]]:
    """Record what is sent to the server, with where transactions begin and end.

    Except Alembic's own table, of which we are not asked.
    """
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        plain = re.sub(r"%\(\w+\)s", "null", statement).replace("%%", "%")
        if "alembic_version" not in plain:
            sent.append(f"{plain};")

    def begin(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        if not driver.autocommit:
            sent.append("begin;")

    def commit(_connection: Connection) -> None:
        if sent.count("begin;") > sent.count("commit;"):
            sent.append("commit;")

    listened = {"before_cursor_execute": note, "begin": begin, "commit": commit}
    for name, listener in listened.items():
        event.listen(database.engine, name, listener)
    yield sent
    for name, listener in listened.items():
        event.remove(database.engine, name, listener)


def _found(database: Database, config: Config, revision: str) -> list[str]:
    """What squawk says of all that a migration sends, by the names of its rules."""
    with _recorded(database) as sent:
        upgrade(config, revision)
    options = ["--reporter=gcc", f"--pg-version={_OLDEST}"]
    options += [f"--exclude={rule}" for rule in _NOT_ASKED]
    done = subprocess.run(
        [_SQUAWK, *options],
        input="\n".join(sent),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr or done.returncode, done.stderr
    told = re.findall(r"^stdin:.*", done.stdout, re.MULTILINE)
    assert bool(told) == bool(done.returncode), done.stdout + done.stderr
    return told


def test_squawk_finds_nothing_in_any_migration(unmade: Database):
    config = alembic_config(unmade)
    revisions = ScriptDirectory.from_config(config).walk_revisions()

    for each in reversed([*revisions]):
        assert [] == _found(unmade, config, each.revision)
    assert unmade.is_migrated()


def test_a_login_that_may_not_migrate_is_told_who_may(unmade: Database):
    database = Database(as_login(unmade.url.render_as_string(hide_password=False)))

    with pytest.raises(MayNotMigrate, match=r"permission .* MIGRATION_DATABASE_URL"):
        migrate(database)
    assert not database.is_migrated()

    migrate(unmade)
    # There is nothing to do now, so anybody may ask for it.
    migrate(database)
    assert database.is_migrated()
    database.close()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("create index inbox_topic on inbox (topic)", "require-concurrent-index"),
        ("alter table inbox alter topic set not null", "adding-not-nullable-field"),
        ("alter table ledger_entry alter line type int", "changing-column-type"),
        ("alter table member add check (changes >= 0)", "constraint-missing-not-valid"),
        ("alter table inbox drop column topic", "ban-drop-column"),
        (
            "alter table inbox add spare text default gen_random_uuid()::text",
            "adding-field-with-default",
        ),
    ],
)
def test_what_would_hold_others_up_is_found(
    database: Database, tmp_path: Path, change: str, rule: str
):
    config, _ = config_with_next(database, tmp_path, change)

    assert rule in "\n".join(_found(database, config, NEXT))


def test_what_holds_nobody_up_is_let_pass(database: Database, tmp_path: Path):
    change = "alter table inbox add column if not exists spare text"
    config, _ = config_with_next(database, tmp_path, change)

    assert [] == _found(database, config, NEXT)


def test_an_expansion_holds_nobody_up_is_let_pass_and_goes_back(
    database: Database, tmp_path: Path
):
    config, head = config_with_expansion(database, tmp_path)

    assert [] == _found(database, config, EXPANDED)
    assert [(True, True)] == _shape(database)
    undo(config, head)
    assert [] == _shape(database)


def test_an_index_is_whole_though_somebody_reads_for_long(
    database: Database, tmp_path: Path
):
    """Waited for with a limit, the reader would leave half an index behind."""
    config, _ = config_with_expansion(database, tmp_path)
    with ThreadPoolExecutor(1) as other, database.engine.connect() as reader:
        reader.execute(text("set transaction isolation level repeatable read"))
        reader.execute(text("select from store"))
        migrating = other.submit(upgrade, config, EXPANDED)
        time.sleep(1)
        assert not migrating.done(), "the reader was in nobody's way"
        reader.commit()
        migrating.result(30)

    assert [(True, True)] == _shape(database)


def _shape(database: Database) -> list[tuple[bool, bool]]:
    """Whether the index is whole, and the check holds for all; nothing without them."""
    with database.engine.connect() as connection:
        found = connection.execute(text(_SHAPE)).all()
    return [(row.indisvalid, row.convalidated) for row in found]


_SHAPE = """
    select indisvalid, convalidated from pg_index, pg_constraint
    where indexrelid = to_regclass('inbox_shift') and conname = 'inbox_shift_counts'
"""
