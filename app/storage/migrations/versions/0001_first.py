"""The first tables, the guard of those only ever added to, and who may do what."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Make everything."""
    for part in ("0001_tables", "0001_guards", "make_roles", "0001_roles"):
        statements = (_SQL / f"{part}.sql").read_text()
        op.get_bind().exec_driver_sql(statements.replace("%", "%%"))


def downgrade() -> None:
    """There is nothing before the first: restore a backup instead."""
    raise RuntimeError("there is no version before the first; restore a backup instead")
