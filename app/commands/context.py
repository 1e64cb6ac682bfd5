"""What commands share: the database in use, and a progress bar."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import structlog
from rich.console import Console
from rich.progress import track
from sqlalchemy import Connection

from app.config import Settings, read_settings
from app.jobs import Bell, connect
from app.owner import decisions
from app.owner.decisions import Decision
from app.platforms.shopify.platform import normal_domain
from app.sandbox_token import sandbox_address
from app.servers import Servers
from app.storage import own_messages, stores
from app.storage.database import Database
from app.storage.migrating import migrate
from app.storage.sealing import Keyring
from app.storage.stores import Store

Item = TypeVar("Item")


def bring_up_to_date(settings: Settings) -> None:
    """Make the tables or change them, if need be, as the login that may."""
    assert settings.migrating_url
    database = Database(settings.migrating_url, pool_size=1, wait_s=60)
    try:
        migrate(database)
    finally:
        database.close()


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """Open the database in use, its tables up to date."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with Servers(read_settings()).borrowed() as settings:
        address = sandbox_address(settings.home)
        if address.exists() and not settings.sandbox_url:
            settings = replace(settings, sandbox_url=address.read_text())
        assert settings.database_url
        database = Database(settings.database_url, pool_size=2, wait_s=30)
        try:
            if not database.is_migrated():
                bring_up_to_date(settings)
            yield settings, database
        finally:
            database.close()


@contextmanager
def in_store(database: Database, domain: str) -> Iterator[tuple[Connection, Store]]:
    """Open a transaction on the programme of a store; raises UnknownStore."""
    with database.auditor() as connection:
        store = stores.the_store(connection, "shopify", normal_domain(domain))
    with database.program(store.program_id) as connection:
        yield connection, store


class Ask:
    """Something that people of a store ask of us, through the inbox as all else."""

    def __init__(
        self, connection: Connection, store: Store, settings: Settings, topic: str
    ) -> None:
        """Ask in one store, within a transaction on its programme."""
        self.connection, self.store = connection, store
        self._keys, self._topic = Keyring(settings.sealing_secrets), topic

    def decide(self, decision: Decision) -> bool:
        """Keep a decision; False while another on the same is being worked on."""
        return decisions.keep(self.connection, self._keys, self.store, decision)

    def keep(self, delivery_id: str, body: Mapping[str, object]) -> bool:
        """Keep what is asked for; False where it was asked for before."""
        told = json.dumps(body)
        where = self.connection, self._keys, self.store
        return own_messages.keep(*where, self._topic, delivery_id, told)


def told_of(kept: bool, words: str = "accepted") -> str:
    """Return what to say of a decision: these words, unless it was not kept."""
    return words if kept else "this is being decided already: look again in a moment"


@contextmanager
def asking(domain: str, topic: str = "") -> Iterator[Ask]:
    """Ask for something in a store, and have a worker look at it afterwards."""
    with opened() as (settings, database):
        with in_store(database, domain) as (connection, store):
            yield Ask(connection, store, settings, topic)
        assert settings.redis_url
        Bell(connect(settings.redis_url)).ring()


def progress(items: Iterable[Item], what: str) -> Iterator[Item]:
    """Yield items while a bar on standard error shows how far it is."""
    total = len(items) if isinstance(items, Sized) else None
    yield from track(items, description=what, total=total, console=Console(stderr=True))
