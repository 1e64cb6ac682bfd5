"""Several web and worker processes on one database, by way of PgBouncer."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.local.account import account_for
from app.local.postgres import EmbeddedPostgres
from app.storage.database import Database
from tests.builders.ports import own_port
from tests.faults.web import wait_until
from tests.scaling import fleet as fleets
from tests.scaling.conftest import program
from tests.scaling.fleet import Fleet
from tests.scaling.traffic import Traffic

pytestmark = [pytest.mark.scaling, pytest.mark.timeout(600)]

SERVER_CONNECTIONS = 5
SETTINGS = """
[databases]
tallymark = host={host} port=5432 dbname=tallymark user=tallymark

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
admin_users = tallymark
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 500
"""


@pytest.fixture
def direct_url(tmp_path: Path) -> Iterator[str]:
    """The URL of a PostgreSQL of its own, with the store in it."""
    server = EmbeddedPostgres(tmp_path / "postgres")
    url = fleets.plain(server.start())
    fleets.prepare(url, tmp_path / "home")
    yield url
    server.stop()


@pytest.fixture
def pooler_port(direct_url: str, tmp_path: Path) -> Iterator[int]:
    """The port of a PgBouncer that has few connections for all its clients."""
    path = program("pgbouncer", "apt-get install pgbouncer")
    port = own_port()
    host = make_url(direct_url).query["host"]
    folder = tmp_path / "pooler"
    folder.mkdir()
    settings = folder / "pgbouncer.ini"
    settings.write_text(SETTINGS.format(host=host, port=port, size=SERVER_CONNECTIONS))
    account = account_for(folder)
    account.adopt(folder)
    process = account.spawn([path, settings], folder / "pgbouncer.log")
    wait_until(lambda: _answers(_url(port)), folder)
    yield port
    process.terminate()
    process.wait(10)


def _url(port: int, database: str = "tallymark") -> str:
    return f"postgresql://tallymark@127.0.0.1:{port}/{database}"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _shown(port: int, what: str) -> list[tuple[object, ...]]:
    """What PgBouncer says of itself."""
    with psycopg.connect(_url(port, "pgbouncer"), autocommit=True) as connection:
        # Its console speaks the simple protocol only.
        found = connection.pgconn.exec_(f"show {what}".encode())
    return [
        tuple(found.get_value(row, column) for column in range(found.nfields))
        for row in range(found.ntuples)
    ]


def test_a_fleet_behind_a_pooler_settles_everything_once(
    direct_url: str, pooler_port: int, new_fleet: Callable[..., Fleet]
):
    fleet = new_fleet(f"{_url(pooler_port)}?pooler=transaction", webs=3, workers=3)
    traffic = Traffic(fleet.ports)

    traffic.send(orders=400)
    clients = [row for row in _shown(pooler_port, "clients") if row[2] == b"tallymark"]
    servers = _shown(pooler_port, "servers")

    fleets.judge(fleet, traffic, direct_url)
    assert [] == fleet.deaths()
    assert len(servers) <= SERVER_CONNECTIONS < len(clients)
    print(f"{len(clients)} clients on {len(servers)} connections")


def test_without_the_setting_prepared_statements_collide(pooler_port: int):
    path = program("pgbouncer", "apt-get install pgbouncer")
    told = subprocess.run([path, "--version"], capture_output=True, text=True)
    found = re.search(r"PgBouncer (\d+)\.(\d+)", told.stdout)
    assert found
    if (int(found[1]), int(found[2])) >= (1, 21):
        pytest.skip("PgBouncer knows prepared statements from 1.21 on")
    one, other = Database(_url(pooler_port)), Database(_url(pooler_port))

    # The other gets the session that the first one has left its statements on.
    _ask_often(one)
    with pytest.raises(DBAPIError, match="prepared statement"):
        _ask_often(other)
    one.close()
    other.close()


def _ask_often(database: Database) -> None:
    for _ in range(10):
        with database.auditor() as connection:
            connection.execute(text("select 1"))
