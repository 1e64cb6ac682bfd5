"""What commands share: the database in use, and a progress bar."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click
import structlog
from rich.console import Console
from rich.progress import track
from sqlalchemy import Connection

from app.audit_log import note_in
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
from app.unguarded import refuse_unguarded

Item = TypeVar("Item")


@contextmanager
def borrowed() -> Iterator[Settings]:
    """Have the servers of the settings, and the command that asks for them noted.

    Raises SettingsMissing where a URL leaves a way open.
    """
    settings = read_settings()
    refuse_unguarded(settings)
    with Servers(settings).borrowed() as settings:
        note_command(settings.home)
        yield settings


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
    with borrowed() as settings:
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


def note_command(home: Path) -> None:
    """Have the file of all commands that change something tell of the one that runs.

    It is told when the command ends, and how. One that only reads is not told.
    """
    context = click.get_current_context(silent=True)
    if context is None or _NOTED in context.meta:
        return
    what = _name_of(context)
    if what not in READING:
        context.meta[_NOTED] = context.with_resource(_noted(home, what, context.params))


def _name_of(context: click.Context) -> str:
    """Return the words by which a command is called, whatever the program is."""
    words: list[str] = []
    while context.parent:
        words.insert(0, context.info_name or "")
        context = context.parent
    return " ".join(words)


@contextmanager
def _noted(home: Path, what: str, given: Mapping[str, object]) -> Iterator[bool]:
    outcome = "done"
    try:
        yield True
    except BaseException as error:
        outcome = type(error).__name__
        raise
    finally:
        told = {name: str(value) for name, value in given.items() if name in _TOLD}
        by = f"command of user {os.getuid()}"
        note_in(home / COMMANDS_LOG, what, by, outcome=outcome, **told)


COMMANDS_LOG = "commands.log"
_NOTED = "tallymark.noted"
# What commands are given that names no person, and may be told.
_TOLD = {"domain", "dry_run", "early", "is_made", "key_id", "label", "points"} | {
    "redemption_id",
    "referral_id",
    "reward_id",
    "seal",
    "since",
    "tier",
    "winners",
}
# These change nothing and hand out nothing that opens a page.
READING = {
    "action explain",
    "action list",
    "data-request list",
    "explain",
    "giveaway check",
    "inbox",
    "key list",
    "member",
    "programme budgets",
    "programme schema",
    "programme show",
    "programme validate",
    "redemption donations",
    "redemption list",
    "redemption stuck",
    "referral list",
    "store list",
    "store looks",
}


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
