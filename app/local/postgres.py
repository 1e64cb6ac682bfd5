"""A PostgreSQL of our own in a folder of our own, as durable as a real one."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import psutil
import psycopg
from filelock import FileLock
from psycopg import sql

from app.local.account import Account, account_for
from app.local.binaries import (
    PostgresBinaries,
    postgres_candidates,
    postgres_for,
    postgres_in,
)
from app.local.errors import ServerDidNotStart, ServerDidNotStop
from app.local.processes import (
    POLL_SECONDS,
    end,
    in_sessions,
    kill,
    noted_in,
    working_in,
)
from app.local.sockets import prepare, release, socket_folder

NAME = "tallymark"
LOGIN = "tallymark_login"
PORT = "5432"
PROGRAMS = frozenset({"postgres", "postmaster"})
START_SECONDS = 120.0
STOP_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
}


class EmbeddedPostgres:
    """The PostgreSQL of one folder, whoever started it.

    Its superuser is for setting up alone. What runs has a login of its own, which may
    take each of `roles`, owns nothing, and without a role may do nothing.
    """

    def __init__(
        self,
        folder: Path,
        *,
        roles: Sequence[str] = (),
        binaries: Path | None = None,
        account: Account | None = None,
    ) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._pid_file = self._data / "postmaster.pid"
        self._log = self._folder / "postgres.log"
        self._lock = FileLock(self._folder / "start.lock")
        self._roles = roles
        self._binaries = binaries
        self._account = account
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str | None:
        """SQLAlchemy's URL of the running server for its superuser, else None."""
        return self._url_of(NAME)

    @property
    def login_url(self) -> str | None:
        """The same for what runs, where there are roles that it may take."""
        return self._url_of(LOGIN)

    def _url_of(self, user: str) -> str | None:
        host = self._host()
        if self._postmaster() is None or host is None:
            return None
        place = f"host={quote(host, safe='')}&port={PORT}"
        return f"postgresql+psycopg://{user}@/{NAME}?{place}"

    def start(self) -> str:
        """Have the server running, with its database and login; return `url`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            # One that is shutting down does not answer; then another is needed.
            if not self._answers(None):
                self._child = self._launch()
                if not self._answers(self._child):
                    raise ServerDidNotStart("PostgreSQL", self._log)
            self._create_what_is_missing()
            url = self.url
        if url is None:
            raise ServerDidNotStart("PostgreSQL", self._log)
        return url

    def stop(self) -> None:
        """Shut the server down in order, if it runs."""
        if not self._folder.exists():
            return
        with self._lock:
            host, postmaster = self._host(), self._postmaster()
            if postmaster is None:
                return
            end([postmaster], signal.SIGINT, STOP_SECONDS)
            self._end_leftovers()
            if host is not None:
                release(Path(host))

    def kill(self) -> None:
        """End every process of the server at once, as a power cut would."""
        postmaster = self._postmaster()
        backends = working_in(self._data, PROGRAMS)
        # The postmaster first: it would answer a backend's death with a new one.
        kill([postmaster, *backends] if postmaster else backends)
        kill(working_in(self._data, PROGRAMS))
        if self._child is not None:
            self._child.wait()

    def _postmaster(self) -> psutil.Process | None:
        return noted_in(self._pid_file, self._data, PROGRAMS)

    def _host(self) -> str | None:
        """The socket folder that the server itself noted in its pid file."""
        try:
            lines = self._pid_file.read_text().splitlines()
        except OSError:
            return None
        return lines[4] if len(lines) > 4 and lines[4] else None

    def _connect(
        self, host: str, database: str
    ) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=host,
            port=PORT,
            user=NAME,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _accepts(self, host: str) -> bool:
        try:
            self._connect(host, "postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _answers(self, child: subprocess.Popen[bytes] | None) -> bool:
        """Wait until the server takes connections; False once it is not running."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            postmaster, host = self._postmaster(), self._host()
            if postmaster is None and (child is None or child.poll() is not None):
                return False
            if postmaster and host and self._accepts(host):
                return True
            time.sleep(POLL_SECONDS)
        raise ServerDidNotStart("PostgreSQL", self._log)

    def _launch(self) -> subprocess.Popen[bytes]:
        self._end_leftovers()
        account = self._account or account_for(self._data)
        binaries = self._choose_binaries()
        account.check_reach(self._folder, binaries.folder / "postgres")
        if not self._data.exists():
            self._create_data(binaries, account)
        account.adopt(self._data)
        # Whatever process they name is not a server of ours, or it would be running.
        self._pid_file.unlink(missing_ok=True)
        host = socket_folder(self._folder, f".s.PGSQL.{PORT}.lock")
        prepare(host, account.owner)
        quoted = str(host).replace('"', '""')
        settings = {**SETTINGS, "unix_socket_directories": f'"{quoted}"'}
        command: list[str | Path] = [binaries.folder / "postgres", "-D", self._data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return account.spawn(command, self._log)

    def _choose_binaries(self) -> PostgresBinaries:
        if self._binaries is None:
            return postgres_for(self._data, postgres_candidates())
        given = postgres_in(self._binaries)
        return postgres_for(self._data, [given] if given else [])

    def _end_leftovers(self) -> None:
        # Backends of a killed postmaster hold its memory and would forbid a new one.
        left = end(working_in(self._data, PROGRAMS), signal.SIGQUIT, 5)
        if left:
            raise ServerDidNotStop(self._folder, [each.pid for each in left])

    def _create_data(self, binaries: PostgresBinaries, account: Account) -> None:
        """Run initdb beside the data folder, so that half of one never counts."""
        # The initdb of a killed start works on, and would fill again what is emptied.
        orphans = {each.pid for each in working_in(self._folder, {"initdb", "unshare"})}
        kill(in_sessions(orphans))
        for leftover in self._folder.glob("initdb-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix="initdb-", dir=self._folder))
        account.adopt(fresh)
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        initdb = account.spawn(
            [
                *(binaries.folder / "initdb", "-D", fresh, f"--username={NAME}"),
                *("--auth=trust", "--encoding=UTF8", f"--locale={locale}"),
                "--data-checksums",
            ],
            self._log,
        )
        if initdb.wait() != 0:
            raise ServerDidNotStart("PostgreSQL", self._log)
        fresh.rename(self._data)
        # The new name must outlive a power cut as surely as the rows to come.
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _create_what_is_missing(self) -> None:
        with self._connect(self._host() or "", "postgres") as connection:
            found = connection.execute(
                "SELECT FROM pg_database WHERE datname = %s", [NAME]
            )
            if found.fetchone() is None:
                connection.execute(_named("CREATE DATABASE {}", NAME))
            self._create_login(connection)

    def _create_login(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """Make the login, and the roles that it may take, in a server of any age."""
        taken = {name for (name,) in connection.execute(_TAKEN_BY, [LOGIN])}
        missing = [role for role in self._roles if role not in taken]
        if not missing:
            return
        with connection.transaction():
            known = {name for (name,) in connection.execute(_ALL_ROLES)}
            for role in missing:
                if role not in known:
                    connection.execute(_named("CREATE ROLE {} NOLOGIN", role))
            if LOGIN not in known:
                connection.execute(_named("CREATE ROLE {} LOGIN NOINHERIT", LOGIN))
            for role in missing:
                connection.execute(_named("GRANT {} TO {}", role, LOGIN))


_ALL_ROLES = "SELECT rolname FROM pg_roles"
_TAKEN_BY = """
    SELECT taken.rolname FROM pg_auth_members
    JOIN pg_roles AS taken ON taken.oid = roleid
    JOIN pg_roles AS taker ON taker.oid = member
    WHERE taker.rolname = %s
"""


def _named(statement: LiteralString, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))
