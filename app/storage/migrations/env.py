"""Runs migrations on the engine that it is handed, one process at a time."""

from alembic import context
from sqlalchemy import text

from app.storage.tables import metadata

# Any number, the same for all: a second migrating process waits for the first.
_LOCK = 7_204_118

with context.config.attributes["engine"].connect() as connection:
    connection.execute(text("set lock_timeout = 0"))
    connection.execute(text(f"select pg_advisory_lock({_LOCK})"))
    # Whoever waits for a table's lock has everybody else wait behind: give up soon.
    connection.execute(text("set lock_timeout = '150ms'"))
    connection.commit()
    try:
        # Each lets go of its locks before the next begins, which may take longer.
        context.configure(
            connection=connection,
            target_metadata=metadata,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text(f"select pg_advisory_unlock({_LOCK})"))
        connection.execute(text("reset lock_timeout"))
        connection.commit()
