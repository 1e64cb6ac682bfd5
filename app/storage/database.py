"""The connection to PostgreSQL, and transactions, each in the role that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Cursor
from psycopg.rows import namedtuple_row
from sqlalchemy import URL, Connection, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from app.storage.driver import open_connection, patient
from app.waiting import may_block

# The revision of the tables that this code expects, and all that came before it.
REVISION = "0001"
EARLIER: frozenset[str] = frozenset()

# What a login must be able to take, and all that it needs.
ROLES = (
    "tallymark_receiver",
    "tallymark_sweeper",
    "tallymark_app",
    "tallymark_auditor",
)

# One statement at the head of each transaction, since a pooler between us and the
# server gives every transaction another session. Its answer is one column, which is
# looked at for nothing.
_ENTER = """
    select concat(
        set_config('role', %(role)s, true),
        set_config('tallymark.program_id', %(program_id)s, true),
        set_config('lock_timeout', %(wait_ms)s, true),
        set_config('statement_timeout', %(work_ms)s, true),
        set_config('idle_in_transaction_session_timeout', %(idle_ms)s, true),
        set_config('timezone', 'UTC', true),
        set_config('jit', 'off', true)
    )
"""

# So long a server may take to let somebody in.
CONNECT_S = 2
# A process that freezes with rows locked is cut off before its leases end.
_IDLE_MS = 17_000


class Database:
    """A pool of connections, each giving up rather than hanging.

    `wait_s` is the longest wait for a connection or a lock, `work_s` for a statement.
    A `url` with `pooler=transaction` leads to a pooler in transaction mode.
    """

    def __init__(
        self, url: str, *, pool_size: int = 8, wait_s: float = 2, work_s: float = 30
    ) -> None:
        """Prepare a pool for `url`; nothing is opened before the first use."""
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.is_pooled = _is_pooled(self.url)
        self._work_s = work_s
        self._limits = {
            "wait_ms": str(int(wait_s * 1000)),
            "work_ms": str(int(work_s * 1000)),
            "idle_ms": str(_IDLE_MS),
        }
        # A statement prepared on one session is not there on the next one, so through
        # a pooler none is; else psycopg prepares what it has sent five times.
        prepared_after = None if self.is_pooled else 5
        self.engine = create_engine(
            self.url.difference_update_query(["pooler"]),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=wait_s,
            pool_use_lifo=True,
            connect_args={
                "connect_timeout": CONNECT_S,
                "tcp_user_timeout": 2000,
                # A machine that is gone says nothing to one who waits for its answer.
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "application_name": "tallymark",
                "prepare_threshold": prepared_after,
            },
        )
        event.listen(self.engine, "do_connect", open_connection)

    @contextmanager
    def program(
        self, program_id: int, *, work_s: float | None = None
    ) -> Iterator[Connection]:
        """Open a transaction that sees and writes the rows of one program only.

        `work_s` is the longest that a statement of it may take, where not the usual.
        """
        role = "tallymark_app"
        with self._entered(role, str(program_id), work_s=work_s) as connection:
            yield connection

    @contextmanager
    def receiver(self) -> Iterator[Connection]:
        """Open a transaction that keeps messages, and can read none."""
        with self._entered("tallymark_receiver") as connection:
            yield connection

    @contextmanager
    def sweeper(self) -> Iterator[Connection]:
        """Open a transaction that sees what waits and what is due in all programmes."""
        with self._entered("tallymark_sweeper") as connection:
            yield connection

    @contextmanager
    def auditor(self) -> Iterator[Connection]:
        """Open a transaction that reads everything and changes nothing."""
        with self._entered("tallymark_auditor") as connection:
            yield connection

    @contextmanager
    def _entered(
        self, role: str, program_id: str = "", work_s: float | None = None
    ) -> Iterator[Connection]:
        """Open a transaction in a role: committed at its end, rolled back on error."""
        may_block()
        entry = self._entry(role, program_id, work_s)
        longest_s = self._work_s if work_s is None else work_s
        with patient(longest_s), self.engine.begin() as connection:
            connection.exec_driver_sql(_ENTER, entry)
            yield connection

    def _entry(
        self, role: str, program_id: str, work_s: float | None = None
    ) -> dict[str, str]:
        entry = {"role": role, "program_id": program_id, **self._limits}
        if work_s is not None:
            entry["work_ms"] = str(int(work_s * 1000))
        return entry

    def program_rows(
        self, program_id: int, query: str, values: Mapping[str, object]
    ) -> list[Any]:
        """Return what a query finds in one programme, in one journey there and back.

        In a transaction so small, SQLAlchemy and the journeys that entering and leaving
        it take would be longer than all the rest.
        """
        entry = self._entry("tallymark_app", str(program_id))
        with self._driver() as driver:
            # What is sent before the answers are asked for is one transaction.
            driver.autocommit = True
            try:
                with driver.pipeline():
                    driver.execute(_ENTER, entry)
                    cursor = driver.cursor(row_factory=namedtuple_row)
                    cursor.execute(query, values)
                return cursor.fetchall()
            finally:
                if not driver.closed:
                    driver.autocommit = False

    @contextmanager
    def receiver_cursor(self) -> Iterator[Cursor[Any]]:
        """Open the same as `receiver`, without SQLAlchemy, for what every message does.

        In transactions as small as these its part would be larger than all the rest.
        """
        with self._driver() as driver:
            with driver.cursor(row_factory=namedtuple_row) as cursor:
                cursor.execute(_ENTER, self._entry("tallymark_receiver", ""))
                yield cursor
            driver.commit()

    @contextmanager
    def _driver(self) -> Iterator[psycopg.Connection[Any]]:
        """Open a connection of the driver, whose errors are told as all others are.

        What is not committed, the pool rolls back.
        """
        may_block()
        with self._asked() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            try:
                yield driver
            except psycopg.Error as error:
                is_gone = bool(driver.closed)
                if is_gone:
                    connection.invalidate(error)
                    # Whatever ended this one has most likely ended the others.
                    self.engine.dispose()
                raise DBAPIError(
                    None, None, error, connection_invalidated=is_gone
                ) from error

    def is_migrated(self) -> bool:
        """Whether the tables are those that this code expects, or of a later release.

        That one comes first to its tables, and this code runs on them until it is
        replaced, or once it is back.
        """
        with self._asked() as connection:
            if connection.execute(_HAS_REVISION).scalar() is None:
                return False
            # Without a role, a login may have no right to read anything.
            connection.exec_driver_sql(_ENTER, self._entry("tallymark_auditor", ""))
            revision = connection.execute(_REVISION).scalar()
            return revision is not None and revision not in EARLIER

    def ping(self) -> None:
        """Ask the database for nothing, to see that it answers."""
        with self._asked() as connection:
            connection.execute(text("select 1"))

    @contextmanager
    def _asked(self) -> Iterator[Connection]:
        """Open a connection, and wait for the server no longer than it may take."""
        with patient(self._work_s), self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


# By the catalogue, which needs no right in the schema: where that is closed to
# everybody, the roles have one and a login has none.
_HAS_REVISION = text("""
    select pg_class.oid from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = 'public' and relname = 'alembic_version'
""")
_REVISION = text("select version_num from alembic_version")


def _is_pooled(url: URL) -> bool:
    mode = url.query.get("pooler")
    if mode not in (None, "transaction"):
        raise ArgumentError(f"pooler can only be 'transaction', not {mode!r}")
    return mode is not None
