"""Processes that die by kill -9: amid a message, or before noting what a store did."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from app.access import Access
from app.config import Settings
from app.domain.grants import Grant, Granted, GrantRefused, Revocation
from app.platforms.base import Fulfilment
from app.platforms.shopify.metafields import Metafields, Wish
from app.platforms.shopify.tokens import TokenEndpoint
from app.storage import ledger, stores
from app.storage.database import Database
from tests.faults import points
from workers import process
from workers.fulfil import Fulfilling
from workers.runtime import make_line, makers
from workers.show import Showing

# Imports all of this once for the processes that are to die.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


def dies(task: Callable[..., None], *arguments: Any) -> None:
    """Have a process of its own do a task, in which it must die."""
    doomed = _PROCESSES.Process(target=task, args=arguments)
    doomed.start()
    doomed.join(60)
    assert doomed.exitcode == -signal.SIGKILL


def drain(settings: Settings) -> None:
    """Work on messages, one of which takes whoever reads it along, or has no end."""
    process.WORK_S = 0.5
    points.watch_poison()
    make_line(settings).drain()


def fulfil(settings: Settings) -> None:
    """Have the store make what points have bought."""
    way = _way(settings)
    reach = makers(settings, way)
    secret_key = settings.secret_key
    Fulfilling(
        way.database, lambda store: _Fatal(reach(store)), secret_key, way.keys
    ).work()


def show(settings: Settings) -> None:
    """Have the store's own pages show members, as two seconds from now."""
    write = Metafields.write

    def fatal(self: Metafields, wishes: Iterable[Wish]) -> Any:
        write(self, wishes)
        _die()

    Metafields.write = fatal  # type: ignore[method-assign]
    Showing(_way(settings), lambda at: ledger.now(at) + timedelta(seconds=2)).work()


def renew(settings: Settings) -> None:
    """Have the store renew its tokens."""
    renewed = TokenEndpoint.renewed

    def fatal(self: TokenEndpoint, url: str, refresh: str) -> Any:
        renewed(self, url, refresh)
        _die()

    TokenEndpoint.renewed = fatal  # type: ignore[method-assign]
    way = _way(settings)
    with way.database.auditor() as connection:
        [store] = [each for each in stores.all_stores(connection) if way.opener(each)]
    opener = way.opener(store)
    assert opener
    opener.token()


class _Fatal(Fulfilment):
    """A store that kills whoever has it make something, once it is made."""

    def __init__(self, real: Fulfilment | None) -> None:
        assert real
        self._real = real

    def grant(self, grant: Grant) -> Granted | GrantRefused:
        """Make it, and die."""
        answer = self._real.grant(grant)
        _die()
        return answer

    def revoke(self, grant: Grant) -> Revocation:
        """End it."""
        return self._real.revoke(grant)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _way(settings: Settings) -> Access:
    assert settings.database_url
    return Access.of(settings, Database(settings.database_url, pool_size=2))
