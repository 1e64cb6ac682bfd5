"""A migration that comes after those that there are, for tests of what one does."""

from __future__ import annotations

import os
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from app.storage.database import Database
from app.storage.migrating import alembic_config

NEXT = "next"


def config_with_next(
    database: Database, folder: Path, change: str, change_back: str = "select 1"
) -> tuple[Config, str]:
    """Write a migration of two statements into a folder; return the last before it."""
    config = alembic_config(database)
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    assert head
    config.set_main_option("path_separator", "os")
    places = os.pathsep.join([scripts.versions, str(folder)])
    config.set_main_option("version_locations", places)
    (folder / "next.py").write_text(_NEXT.format(head, change, change_back))
    return config, head


_NEXT = '''"""One change more."""

from alembic import op

revision = "next"
down_revision = {!r}


def upgrade() -> None:
    op.execute({!r})


def downgrade() -> None:
    op.execute({!r})
'''
