"""A line on another database: one that was restored, or copied at a moment."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy.engine import URL, make_url

from app.storage.database import Database
from tests.builders.line import TestLine


def words(url: URL) -> str:
    """A URL with its password, as settings have it."""
    return url.render_as_string(hide_password=False)


def as_superuser(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    """A connection that may make databases, on the server of a URL."""
    address = words(url.set(drivername="postgresql", database="postgres"))
    return psycopg.connect(address, autocommit=True)


def new_database(url: str, *, like: str | None = None) -> str:
    """The URL of a database without a table, or with all that another has."""
    base, name = make_url(url), f"restored_{uuid4().hex}"
    told = f"create database {name}" + (f" template {like}" if like else "")
    with as_superuser(base) as connection:
        connection.execute(told.encode())
    return words(base.set(database=name))


def copied(line: TestLine) -> str:
    """The URL of a database with all that a line's has by now."""
    line.database.close()
    line.close()
    assert line.settings.database_url
    return new_database(line.settings.database_url, like=line.database.url.database)


def line_on(line: TestLine, url: str, home: Path) -> TestLine:
    """The same line on another database, with a home of its own."""
    other = TestLine.__new__(TestLine)
    other.__dict__ |= line.__dict__ | {"database": Database(url), "home": home}
    other.settings = line.settings_with(database_url=url, home=home)
    other._client = None
    other.worker = other.another_worker()
    return other


def with_record(line: TestLine, url: str, home: Path) -> TestLine:
    """A line on an older database, with the record of redactions of one that went on.

    Its clock has not looked at the record yet.
    """
    line.a_clock(line.home).redactions.work()
    shutil.copytree(line.home / "checkpoints", home / "checkpoints")
    return line_on(line, url, home)
