"""What commands share: the database in use, and a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TypeVar

import structlog
from rich.console import Console
from rich.progress import track
from sqlalchemy import Connection

from app.config import Settings, read_settings
from app.platforms.shopify.platform import normal_domain
from app.servers import Servers
from app.storage import stores
from app.storage.database import Database
from app.storage.stores import Store

Item = TypeVar("Item")


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """Open the database in use, its tables up to date."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with Servers(read_settings()).borrowed() as settings:
        assert settings.database_url
        database = Database(settings.database_url, pool_size=2, wait_s=30)
        try:
            if not database.is_migrated():
                database.migrate()
            yield settings, database
        finally:
            database.close()


@contextmanager
def in_store(database: Database, domain: str) -> Iterator[tuple[Connection, Store]]:
    """Open a transaction on the program of a store; raises UnknownStore."""
    with database.auditor() as connection:
        store = stores.the_store(connection, "shopify", normal_domain(domain))
    with database.program(store.program_id) as connection:
        yield connection, store


def progress(items: Iterable[Item], what: str) -> Iterator[Item]:
    """Yield items while a bar on standard error shows how far it is."""
    total = len(items) if isinstance(items, Sized) else None
    yield from track(items, description=what, total=total, console=Console(stderr=True))
