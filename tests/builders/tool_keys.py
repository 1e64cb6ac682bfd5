"""Keys of tools, each made once in its store."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError

from app.doors import Doors
from app.storage import stores, tool_keys
from app.storage.database import Database
from tests.builders.line import DOMAIN


def a_tool_key(client: FlaskClient, domain: str = DOMAIN) -> str:
    """A true key of a store's tool, the same for each call."""
    doors: Doors = client.application.extensions["tallymark"]
    # Where the database is away, nobody can tell it from any other.
    with suppress(DBAPIError):
        return made_key(doors.database, domain)
    return a_key(domain)


def made_key(database: Database, domain: str = DOMAIN, label: str = "desk") -> str:
    """The same, where there is a store at the domain."""
    key = a_key(domain, label)
    with database.auditor() as connection:
        store = stores.find_store(connection, "shopify", domain)
        is_new = tool_keys.program_of(connection, key) is None
    if store and is_new:
        with database.program(store.program_id) as connection:
            tool_keys.keep(connection, store, label, key)
    return key


def a_key(domain: str, label: str = "desk") -> str:
    """What a key looks like, drawn from the name of its store."""
    return tool_keys.PREFIX + sha256(f"{domain}/{label}".encode()).hexdigest()[:43]
