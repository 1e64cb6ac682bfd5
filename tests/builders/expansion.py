"""What a later release may do to a large table while everybody works on it.

A column, a check and an index of the inbox, as docs/operations.md has it: what takes a
lock that writers wait for is one migration, what may last long is another.
"""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config

from app.storage.database import Database
from tests.builders.next_migration import config_with

EXPANDED = "indexed"

# Each for a moment alone with the table.
BRIEF = (
    "alter table inbox add column shift bigint",
    "alter table inbox add constraint inbox_shift_counts check (shift > 0) not valid",
)
# Beside readers and writers. They wait for whoever reads already; a try that broke off
# leaves half an index.
LASTING = (
    "drop index concurrently if exists inbox_shift",
    "create index concurrently if not exists inbox_shift on inbox (shift, received_at)",
)
# Beside others too, and whoever reads is in nobody's way.
CHECKED = "alter table inbox validate constraint inbox_shift_counts"

_ADDED = f'''"""A column, and a check of what is new."""

from alembic import op

revision = "added"
down_revision = "{{head}}"


def upgrade() -> None:
    for statement in {BRIEF!r}:
        op.execute(statement)


def downgrade() -> None:
    op.execute("alter table inbox drop column shift")
'''

_INDEXED = f'''"""The check of all there is, and an index; may be run again."""

from alembic import op

revision = "{EXPANDED}"
down_revision = "added"


def upgrade() -> None:
    _beside_others({LASTING!r})
    op.execute({CHECKED!r})


def downgrade() -> None:
    _beside_others({LASTING[:1]!r})


def _beside_others(statements) -> None:
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        for statement in statements:
            op.execute(statement)
        op.execute("set lock_timeout = '150ms'")
'''


def config_with_expansion(database: Database, folder: Path) -> tuple[Config, str]:
    """Write both migrations into a folder; return the last before them."""
    return config_with(database, folder, added=_ADDED, indexed=_INDEXED)
