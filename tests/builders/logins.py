"""The login of what runs, beside the superuser of whoever arranges a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.engine import make_url

from app.local.postgres import LOGIN, NAME
from app.storage.database import ROLES

Ask = Callable[[str], list[Any]]

_LOGINS = """
    select distinct usename from pg_stat_activity
    where datname = current_database() and application_name = 'tallymark'
"""
_CAN = f"""
    select
        array[rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
              rolinherit],
        array(select roleid::regrole::text from pg_auth_members
              where member = pg_roles.oid and not admin_option),
        (select count(*) from pg_shdepend where refclassid = 'pg_authid'::regclass
         and refobjid = pg_roles.oid and deptype = 'o')
    from pg_roles where rolname = '{LOGIN}'
"""


def as_login(url: str) -> str:
    """The same database for what runs; a URL that is not the superuser's stays."""
    found = make_url(url)
    if found.username != NAME:
        return url
    return found.set(username=LOGIN).render_as_string(hide_password=False)


@dataclass(frozen=True)
class Login:
    """What the server says of a login: its powers, the roles it may take, what is its.

    `refused` are the statements that the server did not let it do.
    """

    powers: tuple[bool, ...]
    roles: frozenset[str]
    owned: int
    refused: tuple[str, ...]


# Each is more than any process needs.
FORBIDDEN = (
    f"set role {NAME}",
    f"set session authorization {NAME}",
    f"grant {NAME} to {LOGIN}",
    f"alter role {LOGIN} superuser",
    "select from member",
    "select from inbox",
    "delete from ledger_entry",
    "truncate inbox",
    "alter table member disable row level security",
)
PLAIN = Login((False,) * 6, frozenset(ROLES), 0, FORBIDDEN)


def connected(ask: Ask) -> set[str]:
    """Who has logged in of all that runs, as the superuser sees it."""
    return {name for (name,) in ask(_LOGINS)}


def login_at(url: str, ask: Ask) -> Login:
    """What whoever logs in at a URL is and can do; `ask` is the superuser's."""
    [(powers, roles, owned)] = ask(_CAN)
    with psycopg.connect(url, autocommit=True) as connection:
        assert (LOGIN,) == connection.execute("select session_user").fetchone()
        refused = tuple(each for each in FORBIDDEN if _is_refused(connection, each))
    return Login(tuple(powers), frozenset(roles), owned, refused)


def _is_refused(connection: psycopg.Connection[Any], statement: str) -> bool:
    try:
        connection.execute(statement.encode())
    except InsufficientPrivilege:
        return True
    return False
