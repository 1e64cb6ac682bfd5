"""What whoever logged in may do beside taking our roles, which no process needs."""

from __future__ import annotations

from sqlalchemy import text

from app.storage.database import Database

# Of every role that the login may take, since one `set role` makes it that.
_POWERS = text("""
    select case when bool_or(rolsuper) then array['a superuser']
    else array_remove(array[
        case when bool_or(rolbypassrls)
            then 'a role that row-level security does not bind' end,
        case when bool_or(rolcreaterole) then 'a role that may make others' end,
        case when bool_or(rolreplication)
            then 'a role that may copy the whole server' end,
        case when exists (
            select from pg_namespace
            where nspname = 'public' and pg_has_role(session_user, nspowner, 'member')
        ) or exists (
            select from pg_database
            where datname = current_database()
              and pg_has_role(session_user, datdba, 'member')
        ) then 'the owner of the database or its schema' end,
        case when exists (
            select from pg_class
            where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
              and pg_has_role(session_user, relowner, 'member')
        ) then 'the owner of the tables' end
    ], null) end
    from pg_roles where pg_has_role(session_user, oid, 'member')
""")


def powers(database: Database) -> tuple[str, ...]:
    """Return what the login is, or may become, that may do more than our roles."""
    with database.auditor() as connection:
        return tuple(connection.execute(_POWERS).scalar_one())
