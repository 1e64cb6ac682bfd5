"""The connection to PostgreSQL, and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """A pool of connections, each giving up rather than hanging.

    Webhooks must be answered within five seconds, so no wait is longer than two.
    """

    def __init__(self, url: str, *, pool_size: int = 8, wait_s: float = 2) -> None:
        """Prepare a pool for `url`; nothing is opened before the first use."""
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        wait_ms = int(wait_s * 1000)
        self.engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=wait_s,
            pool_use_lifo=True,
            connect_args={
                "connect_timeout": 2,
                "tcp_user_timeout": 5000,
                "application_name": "tallymark",
                "options": f"-c lock_timeout={wait_ms} -c TimeZone=UTC -c jit=off",
            },
        )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction: committed at the end, rolled back on any error."""
        with self.engine.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the tables up to this version of the code."""
        command.upgrade(self._alembic(), "head")

    def is_migrated(self) -> bool:
        """Whether the tables are those that this code expects."""
        head = ScriptDirectory.from_config(self._alembic()).get_current_head()
        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head

    def ping(self) -> None:
        """Ask the database for nothing, to see that it answers."""
        with self.engine.connect() as connection:
            connection.execute(text("select 1"))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _alembic(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["engine"] = self.engine
        return config
