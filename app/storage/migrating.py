"""Brings the tables up to this version of the code, as their owner.

Apart from the connection, since Alembic takes more memory than all of our own code, and
only who migrates needs it.
"""

from __future__ import annotations

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg.errors import InsufficientPrivilege, LockNotAvailable
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.domain.errors import MigratedThroughPooler, TallymarkError
from app.storage.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"

# As often, a second apart, a migration tries to get its locks.
_MIGRATION_TRIES = 120


class TablesBusy(TallymarkError):
    """The tables are in use by something long: end it, and migrate again."""


class MayNotMigrate(TallymarkError):
    """The tables are not those of this version, and this login may not change them."""

    def __init__(self, reason: str) -> None:
        """Say what the server refused."""
        super().__init__(
            f"the tables are to be made or changed, and this login may not do that "
            f"({reason}): run `tallymark migrate` with the URL of their owner in "
            f"MIGRATION_DATABASE_URL"
        )


def migrate(database: Database) -> None:
    """Make the tables, or change them to those that this code expects.

    Tables of a later release are left as they are. Where there is something to do it
    raises MayNotMigrate for a login that does not own them, and MigratedThroughPooler
    if the URL leads to a pooler, since migrating needs one session from end to end.
    """
    if database.is_migrated():
        return
    if database.is_pooled:
        raise MigratedThroughPooler
    upgrade(alembic_config(database))


def make_roles(database: Database) -> None:
    """Make the roles of this server, for tables that a backup brings back."""
    statements = (_MIGRATIONS / "sql" / "make_roles.sql").read_text()
    with database.engine.begin() as connection:
        connection.exec_driver_sql(statements.replace("%", "%%"))


def alembic_config(database: Database) -> Config:
    """Return where Alembic finds the migrations, and the database."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = database.engine
    return config


def upgrade(config: Config, revision: str = "head") -> None:
    """Run migrations; raises TablesBusy where something long is in their way.

    Raises MayNotMigrate where the login lacks a right.

    Each try waits only briefly for its locks, since everybody else waits behind it.
    """
    for _ in range(_MIGRATION_TRIES):
        try:
            command.upgrade(config, revision)
            return
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
        except ProgrammingError as error:
            if not isinstance(error.orig, InsufficientPrivilege):
                raise
            raise MayNotMigrate(str(error.orig).splitlines()[0]) from error
        time.sleep(1)
    raise TablesBusy
