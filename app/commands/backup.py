"""Commands that keep a copy of everything, and that bring it back."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from app.commands.context import borrowed, opened
from app.commands.restored import take_note
from app.config import Settings, read_settings
from app.domain.errors import TallymarkError
from app.local.binaries import postgres_client
from app.storage import audit
from app.storage.database import Database
from app.storage.migrating import make_roles, migrate
from app.storage.redactions import file_of, merge
from workers.checkpoints import kept_checkpoints

_DUMP = "database.dump"
_KEYS = ("secret_key", "encryption_key")


class BackupFailed(TallymarkError):
    """The copy could not be made, or not be brought back."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Copy everything to FOLDER, which must be new: database, seals and keys.

    It sees one moment, and may be made while everything runs. Redis needs no copy.
    """
    with opened() as (settings, database), _one_moment(database) as connection:
        # No sooner, or what was refused would leave a folder in the way of the next.
        try:
            folder.mkdir(parents=True, mode=0o700)
        except FileExistsError as error:
            raise click.ClickException(f"{folder} is there already") from error
        try:
            _copy(connection, database, settings, folder)
        except BaseException:
            # What lacks something looks like a copy, and stands in the way of the next.
            shutil.rmtree(folder, ignore_errors=True)
            raise
    click.echo(
        f"everything is in {folder}; keep the keys in it elsewhere than the dump"
    )


def _copy(
    connection: Connection, database: Database, settings: Settings, folder: Path
) -> None:
    snapshot = connection.exec_driver_sql("select pg_export_snapshot()").scalar()
    sealed = audit.seals(connection)
    # The auditor reads all programmes, whoever logs in; row-level security is
    # forced upon the owner of the tables too, and would have pg_dump refuse.
    _run(
        database,
        "pg_dump",
        "--format=custom",
        f"--snapshot={snapshot}",
        "--role=tallymark_auditor",
        "--enable-row-security",
        "--no-owner",
        f"--file={folder / _DUMP}",
    )
    _copy_home(settings.home, folder, sealed)


@contextmanager
def _one_moment(database: Database) -> Iterator[Connection]:
    """Open a transaction that sees the same moment until its end."""
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.begin() as connection:
        connection.exec_driver_sql("set local role tallymark_auditor")
        yield connection


def _copy_home(home: Path, folder: Path, sealed: set[tuple[int, int]]) -> None:
    """Copy the keys, and the files of those seals that the dump has."""
    for name in _KEYS:
        if (home / name).exists():
            shutil.copy2(home / name, folder / name)
    (folder / "checkpoints").mkdir()
    for path, kept in kept_checkpoints(home):
        if (kept.program_id, kept.number) in sealed:
            shutil.copy2(path, folder / "checkpoints" / path.name)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Bring back what `backup` copied to FOLDER, into an empty database.

    What TALLYMARK_HOME/checkpoints has of later seals and redactions is taken note of,
    as by `tallymark restored`.
    """
    with borrowed() as settings:
        assert settings.migrating_url
        database = Database(settings.migrating_url, pool_size=2)
        try:
            _restore(database, settings, folder)
            # The key is the restored one by now, unless the environment has it.
            settings = replace(settings, **_keys_now())
            _merge_record(settings, file_of(folder))
            take_note(database, settings)
        finally:
            database.close()
    click.echo("everything is back; `tallymark verify` proves it")


def _merge_record(settings: Settings, record: Path) -> None:
    """Add the redactions of the folder to those of the home, which may be newer."""
    try:
        if record.exists():
            merge(settings.home, settings.secret_key, record)
    except OSError as error:
        raise BackupFailed(
            f"the database is back, but {record} could not be added to "
            f"{file_of(settings.home)} ({error.strerror}), so who is forgotten there "
            "is not forgotten yet. See to both files, add the lines of the one to the "
            "other, and run `tallymark restored` before the processes start"
        ) from error


def _keys_now() -> dict[str, Any]:
    now = read_settings()
    return {"secret_key": now.secret_key, "sealing_secrets": now.sealing_secrets}


def _restore(database: Database, settings: Settings, folder: Path) -> None:
    with database.engine.connect() as connection:
        if connection.exec_driver_sql("select to_regclass('program')").scalar():
            raise BackupFailed("the database is not empty: restore into a new one")
    make_roles(database)
    dump = str(folder / _DUMP)
    _run(database, "pg_restore", "--no-owner", "--single-transaction", dump)
    # One record of redactions is there already, maybe a newer one.
    left_out = [_DUMP, file_of(folder).name]
    home = settings.home
    shutil.copytree(folder, home, dirs_exist_ok=True, ignore=lambda *_: left_out)
    migrate(database)


def _run(database: Database, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on the database; its password is in no argument."""
    with database.engine.connect() as connection:
        version = connection.exec_driver_sql("show server_version_num").scalar_one()
    address = database.url.set(drivername="postgresql", password=None)
    done = subprocess.run(
        [
            postgres_client(program, int(version) // 10_000),
            f"--dbname={address.render_as_string()}",
            *arguments,
        ],
        env={**os.environ, "PGPASSWORD": database.url.password or ""},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()}")
