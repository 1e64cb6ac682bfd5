"""Servers that say nothing: whoever asks gives up in time, and soon finds others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from app.storage.database import Database
from tests.faults.cable import Cable

# Just enough for the two seconds that a connection may take, with the half of a second
# that a server has to say that it was too long.
WORK_S = 1.6
GIVEN_UP_S = WORK_S + 0.5
WHO = "select current_user as role"


@pytest.fixture
def cable(new_database_url: Callable[[], str]) -> Iterator[tuple[Cable, str]]:
    """A cable to a database, and the URL that leads through it."""
    url = make_url(new_database_url())
    cable = Cable(Path(str(url.query["host"]), f".s.PGSQL.{url.query['port']}"))
    through = url.set(host="127.0.0.1", port=cable.start(), query={})
    yield cable, through.render_as_string(hide_password=False)
    cable.is_silent = False
    cable.stop()


def _role(database: Database) -> str:
    with database.program(1) as connection:
        return str(connection.exec_driver_sql(WHO).scalar_one())


def _row(database: Database) -> str:
    [row] = database.program_rows(1, WHO, {})
    return str(row.role)


def _kept(database: Database) -> str:
    with database.receiver_cursor() as cursor:
        row = cursor.execute(WHO).fetchone()
    return "tallymark_app" if row else ""


@pytest.mark.parametrize("ask", [_role, _row, _kept])
def test_a_server_that_falls_silent_is_given_up_and_asked_again(
    cable: tuple[Cable, str], ask: Callable[[Database], str]
):
    line, url = cable
    database = Database(url, pool_size=1, work_s=WORK_S)
    assert "tallymark_app" == ask(database)

    line.is_silent = True
    began = time.monotonic()
    with pytest.raises(DBAPIError, match="did not answer in time"):
        ask(database)
    took = time.monotonic() - began
    line.is_silent = False

    assert GIVEN_UP_S <= took < GIVEN_UP_S + 2
    # The connection is gone with what the server may still have said on it.
    assert "tallymark_app" == ask(Database(url, pool_size=1))
    database.close()


def test_nobody_begins_to_connect_who_has_no_time_left(cable: tuple[Cable, str]):
    line, url = cable
    line.is_silent = True
    database = Database(url, pool_size=1, work_s=1)

    began = time.monotonic()
    with pytest.raises(OperationalError, match="no connection in time"):
        _role(database)

    assert time.monotonic() - began < 1
    database.close()
