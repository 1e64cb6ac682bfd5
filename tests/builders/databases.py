"""Empty databases for tests, used again where a test left the tables as they are."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from sqlalchemy.engine import URL, make_url

from app.local.postgres import LOGIN
from app.storage.database import Database
from app.storage.migrating import migrate

# Deleted rows stay in a database for a while, and slow it down.
_USES_MAX = 40


class Databases:
    """Makes migrated, empty databases on one server."""

    def __init__(self, url: str) -> None:
        """Migrate the server's own database, of which all others are copies."""
        self._base = make_url(url)
        template = Database(url)
        migrate(template)
        template.close()
        self.engine = template.engine
        self._plain = self._base.set(drivername="postgresql")
        with self._connect("postgres") as connection:
            # What these servers hold need not outlive a power cut.
            for name in ("current_user", LOGIN):
                connection.execute(f"alter role {name} set synchronous_commit = off")
        with self._connect(self._base.database) as connection:
            self._shape = _shape_of(connection)
        self._free: list[URL] = []
        self._uses: dict[URL, int] = {}

    def make(self) -> str:
        """Return the URL of one that nobody has used, nor will."""
        return self._create().render_as_string(hide_password=False)

    def take(self) -> URL:
        """Return one that is empty, perhaps used before."""
        url = self._free.pop() if self._free else self._create()
        self._uses[url] = self._uses.get(url, 0) + 1
        return url

    def give_back(self, url: URL) -> None:
        """Empty one for others, unless more than its rows was changed."""
        if self._uses[url] < _USES_MAX and self._is_emptied(url):
            self._free.append(url)

    def _create(self) -> URL:
        name = f"test_{uuid4().hex}"
        with self._connect("postgres") as connection:
            connection.execute(
                f'create database {name} template "{self._base.database}"'
            )
        return self._base.set(database=name)

    def _is_emptied(self, url: URL) -> bool:
        with self._connect(url.database) as connection:
            connection.execute(_END_OTHERS)
            if _shape_of(connection) != self._shape:
                return False
            connection.execute("set session_replication_role = replica")
            connection.execute(_EMPTY)
        return True

    def _connect(self, database: str | None) -> psycopg.Connection[tuple[object, ...]]:
        url = self._plain.set(database=database)
        address = url.render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True)


def _shape_of(connection: psycopg.Connection[tuple[object, ...]]) -> object:
    """Return what changes whenever anything but rows is changed, or was analyzed."""
    return connection.execute(_SHAPE).fetchall()


_END_OTHERS = """
    select pg_terminate_backend(pid, 2000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""

# Each change of a catalogue's row is a new row, written by another transaction.
_SHAPE = """
    select 'tables', md5(string_agg(oid || ' ' || xmin, ',' order by oid))
    from pg_class where oid >= 16384
    union all
    select 'columns', md5(string_agg(xmin::text, ',' order by attrelid, attnum))
    from pg_attribute where attrelid >= 16384
    union all
    select 'constraints', md5(string_agg(oid || ' ' || xmin, ',' order by oid))
    from pg_constraint where oid >= 16384
    union all
    select 'triggers', md5(string_agg(oid || ' ' || xmin, ',' order by oid))
    from pg_trigger where oid >= 16384
    union all
    select 'policies', md5(string_agg(oid || ' ' || xmin, ',' order by oid))
    from pg_policy where oid >= 16384
    union all
    select 'functions', md5(string_agg(oid || ' ' || xmin, ',' order by oid))
    from pg_proc where oid >= 16384
    union all
    select 'statistics', count(*)::text from pg_statistic where starelid >= 16384
    union all
    select 'revision', version_num from alembic_version
"""

_EMPTY = """
    do $$
    declare
        here record;
        has_any boolean;
    begin
        for here in
            select oid::regclass as named, relkind from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'S')
                  and relname <> 'alembic_version'
        loop
            if here.relkind = 'S' then
                perform setval(here.named, seqstart, false)
                from pg_sequence where seqrelid = here.named::oid;
            else
                execute format('select exists (select from %s)', here.named)
                into has_any;
                if has_any then
                    execute format('delete from %s', here.named);
                end if;
            end if;
        end loop;
    end $$
"""
