"""A temporary home: servers of its own, one store, and the Procfile's processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
import requests
from redis import Redis
from rq import Worker
from sqlalchemy.engine import make_url

from app.config import read_settings
from app.local.supervisor import read_procfile
from app.servers import Servers
from tests.benchmarks.inbox import Inbox
from tests.benchmarks.program import Program
from tests.builders.line import DOMAIN, SECRET
from tests.builders.ports import own_port

ROOT = Path(__file__).parent.parent.parent
_PROGRAMS = Path(sys.executable).parent
# On the disk of the checkout: a folder for temporary files may lie in memory.
_HOMES = ROOT / "build" / "benchmarks"
_OURS = "app.main:create_server"


class Home:
    """Servers and a store; programmes are started one by one, as a benchmark needs."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        """Start the servers under `folder`, and add the store."""
        self.folder = folder
        self._stack = stack
        mine = {"TALLYMARK_HOME": str(folder), "SHOPIFY_API_SECRET": SECRET}
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if not name.endswith("DATABASE_URL")
            and name not in ("REDIS_URL", "PORT", "WEB_CONCURRENCY")
        } | {**mine, "PATH": f"{_PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"}
        servers = Servers(read_settings(self._environment))
        stack.callback(servers.stop)
        self.settings = servers.start()
        assert self.settings.redis_url
        self._environment |= {
            "DATABASE_URL": self.settings.database_url or "",
            "REDIS_URL": self.settings.redis_url,
        }
        self.redis = stack.enter_context(Redis.from_url(self.settings.redis_url))
        self.tallymark("migrate")
        self.tallymark(
            "store", "add", DOMAIN, "--platform", "shopify", "--currency", "USD"
        )
        self.database = self.connect()
        self.inbox = Inbox(self.database)

    def tallymark(self, *arguments: str) -> None:
        """Run a command of the app against this home."""
        command = [str(_PROGRAMS / "tallymark"), *arguments]
        owners = {"MIGRATION_DATABASE_URL": self.database_url()}
        environment = self._environment | owners
        subprocess.run(command, env=environment, check=True, capture_output=True)

    def database_url(self, name: str | None = None) -> str:
        """A database of this home's server for its superuser; without one the app's."""
        url = make_url(self.settings.migrating_url or "").set(drivername="postgresql")
        return (url.set(database=name) if name else url).render_as_string(
            hide_password=False
        )

    def connect(self, name: str | None = None) -> psycopg.Connection[Any]:
        """A connection to a database, closed with the home."""
        connection = psycopg.connect(self.database_url(name), autocommit=True)
        return self._stack.enter_context(connection)

    def create_database(self, name: str) -> str:
        """Make an empty database and return its URL."""
        self.database.execute(f'create database "{name}"')
        return self.database_url(name)

    def web(self, factory: str = _OURS, **environment: str) -> Program:
        """The Procfile's server, for our app or another; returned when it answers."""
        command = _procfile("web")
        assert command.endswith(_OURS)
        command = command.removesuffix(_OURS) + factory
        port = own_port()
        server = self._start(command, environment | {"PORT": str(port)})
        server.port = port
        server.wait_until(lambda: _answers(port))
        return server

    def worker(self, command: str = "", **environment: str) -> Program:
        """The Procfile's worker or another; returned when it listens for the bell."""
        before = Worker.count(connection=self.redis)
        worker = self._start(command or _procfile("worker"), environment)
        worker.wait_until(lambda: Worker.count(connection=self.redis) > before)
        return worker

    def clock(self) -> Program:
        """The Procfile's clock."""
        return self._start(_procfile("clock"), {})

    def _start(self, command: str, environment: dict[str, str]) -> Program:
        program = Program(
            command, self._environment | environment, self.folder / "programs.log"
        )
        self._stack.callback(program.stop)
        return program


@contextmanager
def temporary_home() -> Iterator[Home]:
    """A home that is gone afterwards, with everything that was started in it."""
    _HOMES.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=_HOMES))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Home(folder, stack)


def _procfile(name: str) -> str:
    return read_procfile(ROOT / "Procfile")[name]


def _answers(port: int) -> bool:
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
    except requests.ConnectionError:
        return False
    # A bare server has no such page, and is ready as soon as it says so.
    return answer.status_code in (200, 404)


def wait_until_idle(inbox: Inbox, seconds: float = 600) -> float:
    """Wait until nothing waits in an inbox; return when that was."""
    deadline = time.time() + seconds
    while inbox.waits():
        assert time.time() < deadline, "the inbox is not drained"
        time.sleep(0.02)
    return time.time()
