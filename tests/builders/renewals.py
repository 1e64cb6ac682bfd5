"""A process of its own that asks for a store's token, as a worker does."""

from __future__ import annotations

from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from app.access import Access
from app.config import Settings
from app.storage import stores
from app.storage.database import Database
from app.storage.stores import Store


def ask(settings: Settings, domain: str, begin: Barrier, told: Connection) -> None:
    """Ask at the same time as all others, and tell the token."""
    assert settings.database_url
    database = Database(settings.database_url, pool_size=1)
    opener = Access.of(settings, database).opener(find(database, domain))
    assert opener
    begin.wait(60)
    told.send(opener.token())
    database.close()


def find(database: Database, domain: str) -> Store:
    """The store at a domain, as it is now."""
    with database.auditor() as connection:
        return stores.the_store(connection, "shopify", domain)
