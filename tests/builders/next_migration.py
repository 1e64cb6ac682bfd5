"""A migration that comes after those that there are, for tests of what one does."""

from __future__ import annotations

import os
import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from app.storage.database import Database
from app.storage.migrating import alembic_config

NEXT = "next"


def config_with_next(
    database: Database, folder: Path, change: str, change_back: str = "select 1"
) -> tuple[Config, str]:
    """Write a migration of two statements into a folder; return the last before it."""
    source = _NEXT.format(change=change, change_back=change_back, head="{head}")
    return config_with(database, folder, next=source)


def config_with(database: Database, folder: Path, **sources: str) -> tuple[Config, str]:
    """Write migrations into a folder; return the last before them, their `{head}`."""
    config = alembic_config(database)
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    assert head
    config.set_main_option("path_separator", "os")
    places = os.pathsep.join([scripts.versions, str(folder)])
    config.set_main_option("version_locations", places)
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source.replace("{head}", head))
    return config, head


def undo(config: Config, revision: str) -> None:
    """Change the tables back, for all that comes after; they may be in use."""
    for _ in range(100):
        try:
            return command.downgrade(config, revision)
        except OperationalError:
            time.sleep(0.2)
    raise AssertionError("the tables are in use without end")


_NEXT = '''"""One change more."""

from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade() -> None:
    op.execute({change!r})


def downgrade() -> None:
    op.execute({change_back!r})
'''
