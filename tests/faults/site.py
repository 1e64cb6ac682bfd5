"""A whole installation in a home of its own, each part a process that can be struck."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import psycopg
import requests
from redis import Redis
from rq import Worker
from sqlalchemy.engine import make_url

from app.domain.program import Program
from app.local.child import Child
from app.local.postgres import EmbeddedPostgres
from app.local.processes import end_sessions, is_zombie
from app.local.redis import EmbeddedRedis
from app.local.supervisor import GRACE_SECONDS, read_procfile
from app.sandbox_token import SANDBOX_CLIENT_ID, SANDBOX_DOMAIN
from app.storage import stores
from app.storage.database import ROLES, Database
from app.storage.migrating import migrate
from app.storage.stores import Store
from tests.builders.line import SECRET
from tests.builders.logins import as_login
from tests.builders.ports import own_port
from tests.faults import points
from tests.faults.cable import Cable
from tests.faults.store import PretendStore
from tests.faults.waiting import wait_until

ROOT = Path(__file__).parent.parent.parent
_PROGRAMS = str(Path(sys.executable).parent)


class Size(NamedTuple):
    """What a process takes, or the most that any of some takes of each."""

    memory_bytes: int
    open_files: int
    threads: int


# By part, what its largest process takes.
Sizes = dict[str, Size]


class Outage(NamedTuple):
    """When something was gone, in seconds of the store's own clock."""

    began_at: float
    ended_at: float

    def holds(self, at: float) -> bool:
        """Whether it was gone at a moment."""
        return self.began_at <= at < self.ended_at


class Site:
    """PostgreSQL, Redis, web, workers and clock; what dies is started again."""

    def __init__(
        self,
        home: Path,
        *,
        has_cable: bool = False,
        has_store: bool = False,
        clocks: dict[str, timedelta] | None = None,
        **environment: str,
    ) -> None:
        """Prepare a site.

        `has_cable` leads the parts to the database over a cable that can be spoiled,
        `has_store` has the sandbox store beside it, where rewards are made, and
        `clocks` says by how much the clock of a part is ahead.
        """
        self.home = home
        self.faults = home / "faults"
        self.logs = home / "part-logs"
        self.postgres = EmbeddedPostgres(home / "postgres", roles=ROLES)
        self.redis = EmbeddedRedis(home / "redis")
        self.starts: Counter[str] = Counter()
        # How often things were done to it that leave no trace of their own.
        self.done: Counter[str] = Counter()
        self.outages: list[Outage] = []
        self.cable: Cable | None = None
        self.store = PretendStore(home / "store") if has_store else None
        self._has_cable = has_cable
        self._clocks = clocks or {}
        self._given = environment
        self._parts: dict[str, Child] = {}
        self._kept_away: set[str] = set()
        self._is_over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Have everything running, and the tables made."""
        for folder in (self.faults, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.port = own_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.postgres.start()
        self.redis_url = self.redis.start()
        if self.store:
            self._given["SANDBOX_URL"] = self.store.start()
            self._given["SHOPIFY_API_KEY"] = SANDBOX_CLIENT_ID
        with self.database() as database:
            migrate(database)
        if self._has_cable:
            self.cable = Cable(self._socket())
            url = make_url(as_login(self.database_url))
            port = self.cable.start()
            over = url.set(host="127.0.0.1", port=port, query={})
            self._given["DATABASE_URL"] = over.render_as_string(hide_password=False)
        names = ("web", "clock", "worker.1", "worker.2")
        self._parts = {name: self._part(name, ROOT) for name in names}
        self._keeper.start()
        wait_until(self.is_ready, 60, self.tail)
        if self.store:
            self.store.let_in(self.url)

    def stop(self) -> None:
        """End everything."""
        self._is_over.set()
        self._keeper.join()
        leaders = [part.pid for part in self._parts.values() if part.pid]
        self.ended_when_asked = end_sessions(leaders, 10)
        for part in self._parts.values():
            part.close()
        if self.cable:
            self.cable.stop()
        if self.store:
            self.store.stop()
        self.redis.stop()
        self.postgres.stop()

    @property
    def database_url(self) -> str:
        """The database for its superuser, past any cable that can be cut."""
        url = self.postgres.url
        assert url
        plain = make_url(url).set(drivername="postgresql")
        return plain.render_as_string(hide_password=False)

    @property
    def environment(self) -> dict[str, str]:
        """What the parts are told; also for commands."""
        return {
            **os.environ,
            "PATH": os.pathsep.join([_PROGRAMS, os.environ.get("PATH", "")]),
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": as_login(self.database_url),
            "REDIS_URL": self.redis_url,
            "SHOPIFY_API_SECRET": SECRET,
            "TALLYMARK_HOME": str(self.home),
            "TALLYMARK_SECRET_KEY": "secret",
            "PORT": str(self.port),
            points.FOLDER: str(self.faults),
            **self._given,
        }

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The database, opened anew: what is kept open does not outlive a crash."""
        opened = Database(self.database_url, pool_size=2, wait_s=60)
        yield opened
        opened.close()

    def _ahead_s(self, name: str) -> float:
        return self._clocks.get(name, timedelta()).total_seconds()

    def _socket(self) -> Path:
        place = make_url(self.database_url).query
        return Path(str(place["host"]), f".s.PGSQL.{place['port']}")

    def _part(self, name: str, code: Path) -> Child:
        """The Procfile's own, but that it can be struck at exact points."""
        role, _, _ = name.partition(".")
        command = read_procfile(code / "Procfile")[role]
        if role == "web":
            command = _replaced(command, "app.main:", "tests.faults.points:")
        else:
            launcher = f"{shlex.quote(sys.executable)} -m tests.faults.points"
            command = _replaced(command, "python -m workers", launcher)
        places = {
            "PYTHONPATH": os.pathsep.join([str(code), str(ROOT)]),
            points.AHEAD: str(self._ahead_s(name)),
        }
        return Child(
            ["sh", "-c", f"cd {shlex.quote(str(code))} && exec {command}"],
            self.environment | places,
            partial(self._say, name),
        )

    def exchange(self, name: str, code: Path = ROOT) -> bool:
        """Have a web or worker process of other code take the place of one.

        The new one is at work before the old one is asked to end; False if that one
        had to be killed.
        """
        before, after = self._parts[name], self._part(name, code)
        after.keep_running()
        self.wait_until(lambda: self._is_up(name, after), 60)
        self._parts[name] = after
        self.starts[name] += 1
        has_ended = end_sessions([before.pid] if before.pid else [], GRACE_SECONDS)
        before.close()
        return has_ended

    def _is_up(self, name: str, part: Child) -> bool:
        if not name.startswith("web"):
            with self.redis_client() as client:
                return part.pid in {each.pid for each in Worker.all(client)}
        return any(
            each.status == psutil.CONN_LISTEN
            for process in psutil.Process(part.pid).children(recursive=True)
            for each in process.net_connections("tcp")
        )

    def is_ready(self) -> bool:
        """Whether web, database and Redis answer."""
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def pids(self, name: str) -> list[int]:
        """The living processes of the parts whose name begins so, each leader first."""
        found: list[psutil.Process] = []
        for part, child in self._parts.items():
            with suppress(psutil.Error):
                if part.startswith(name) and child.pid:
                    leader = psutil.Process(child.pid)
                    found += [leader, *leader.children(recursive=True)]
        return [each.pid for each in found if not is_zombie(each)]

    def kill(self, name: str, choose: Callable[[list[int]], list[int]]) -> None:
        """`kill -9` some of a part's processes, as soon as it has them all."""
        whole = 2 if name == "web" else 1
        self.wait_until(lambda: len(self.pids(name)) >= whole, 60)
        chosen = [psutil.Process(pid) for pid in choose(self.pids(name))]
        for process in chosen:
            process.kill()
        self.wait_until(lambda: all(map(is_zombie, chosen)), 10)

    def tell(self, pid: int, number: int) -> bool:
        """Send a signal; False if the process is gone already."""
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def add_store(self, domain: str, program: Program | None = None) -> Store:
        """Install a store, with terms that hold for all its past."""
        with self.database() as database:
            store = stores.install(database, "shopify", domain, "EUR", "UTC")
            if program:
                with database.program(store.program_id) as connection:
                    stores.save_program(connection, store.program_id, program, None)
        return store

    def give_terms(self, program: Program) -> Store:
        """Have terms in the sandbox store, which has let the app in."""
        with self.database() as database:
            with database.auditor() as connection:
                store = stores.find_store(connection, "shopify", SANDBOX_DOMAIN)
            assert store
            with database.program(store.program_id) as connection:
                stores.save_program(connection, store.program_id, program, None)
        return store

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What the database says, by a connection of its own."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def execute(self, statement: str, **values: Any) -> None:
        """Do something to the database behind the app's back."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(statement, values)  # type: ignore[arg-type]

    def let_leases_end(self) -> None:
        """Have the leases of the dead end now instead of in 20 seconds."""
        self.execute(
            "update inbox set lease_until = clock_timestamp() where message_id in ("
            " select message_id from inbox where state = 'waiting'"
            " and lease_until > clock_timestamp() for update skip locked)"
        )

    @contextmanager
    def redis_client(self) -> Iterator[Redis]:
        """A connection of one's own to Redis."""
        client = Redis.from_url(self.redis_url, socket_timeout=5)
        yield client
        client.close()

    def sizes(self) -> Sizes:
        """How much each part takes at this moment, as far as it lives."""
        found: dict[str, list[Size]] = {name: [] for name in self._parts}
        for name, sizes in found.items():
            for pid in self.pids(name):
                with suppress(psutil.Error):
                    process = psutil.Process(pid)
                    memory = process.memory_info().rss
                    size = Size(memory, process.num_fds(), process.num_threads())
                    sizes.append(size)
        return {
            name: Size(*map(max, zip(*sizes, strict=True)))
            for name, sizes in found.items()
            if sizes
        }

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Note that something is gone meanwhile, so that answers can be told apart."""
        began_at = time.time()
        yield
        self.outages.append(Outage(began_at, time.time()))

    @contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """Have these parts killed, and not started again before the end."""
        self._kept_away.update(names)
        for name in names:
            self.wait_until(lambda n=name: not self._killed(n), 60)  # type: ignore[misc]
        yield
        self._kept_away.clear()

    def _killed(self, name: str) -> list[int]:
        pids = self.pids(name)
        for pid in pids:
            self.tell(pid, signal.SIGKILL)
        return pids

    def swept(self) -> int:
        """How many messages the clock settled, to which no bell brought a worker."""
        log = self.logs / "clock.log"
        told = log.read_text(errors="replace") if log.exists() else ""
        return sum(map(int, re.findall(rf"^{points.SWEPT} (\d+)$", told, re.M)))

    def said(self, words: str) -> int:
        """How many lines of the parts' logs have these words."""
        texts = (path.read_text(errors="replace") for path in self.logs.iterdir())
        return sum(words in line for text in texts for line in text.splitlines())

    def tail(self) -> str:
        """The last that each part said."""
        return "\n".join(
            f"{path.name}: {line}"
            for path in sorted(self.logs.iterdir())
            for line in path.read_text(errors="replace").splitlines()[-5:]
        )

    def wait_until(self, is_true: Callable[[], bool], seconds: float) -> float:
        """Wait until something is true; return how long that took."""
        return wait_until(is_true, seconds, self.tail)

    def _keep(self) -> None:
        while not self._is_over.is_set():
            for name, part in self._parts.items():
                if not name.startswith(tuple(self._kept_away)):
                    self.starts[name] += part.keep_running()
            time.sleep(0.05)

    def _say(self, name: str, line: str) -> None:
        with (self.logs / f"{name}.log").open("a") as log:
            log.write(line + "\n")


def _replaced(command: str, real: str, watched: str) -> str:
    # Else nothing would ever be struck.
    assert real in command
    return command.replace(real, watched)
