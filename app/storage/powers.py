"""What whoever logged in may do beside taking roles, none of which a process needs."""

from __future__ import annotations

from sqlalchemy import text

from app.storage.database import Database

_POWERS = text("""
    select case when rolsuper then array['a superuser'] else array_remove(array[
        case when rolbypassrls then 'a role that row-level security does not bind' end,
        case when rolcreaterole then 'a role that may make others' end,
        case when exists (
            select from pg_class
            where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
              and pg_has_role(session_user, relowner, 'member')
        ) then 'the owner of the tables' end
    ], null) end
    from pg_roles where rolname = session_user
""")


def powers(database: Database) -> tuple[str, ...]:
    """Return what the login is by which it may do more than each of our roles."""
    with database.auditor() as connection:
        return tuple(connection.execute(_POWERS).scalar_one())
