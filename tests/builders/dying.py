"""Processes that die by kill -9: amid a message, or around a call of a store."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import requests

from app.access import Access
from app.config import Settings
from app.platforms.shopify.admin_api import AdminApi
from app.platforms.shopify.tokens import TokenEndpoint
from app.storage import database, stores
from app.storage.database import Database
from tests.faults import points
from tests.faults.waiting import wait_until
from workers import process
from workers.runtime import make_line

# Imports all of this once for the processes that are to die, and what they will do.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [
        __name__,
        "tests.workers.backfill_moments",
        "tests.workers.page_effects",
        "tests.workers.reward_effects",
    ]
)
_LIVES_S = 60.0
# What a process ends with that is killed, and one whose work does not end.
KILLED, OVERDUE = -signal.SIGKILL, 1
# Where a worker stands still, and how long its transaction stays open then.
FROZEN_AT, IDLE_MS = "worker before points is committed", 500

Work = Callable[[Settings, Access], object]


def dies(task: Callable[..., None], *arguments: Any, code: int = KILLED) -> None:
    """Have a process of its own do a task, in which it must die, with this code."""
    assert _ended(task, arguments) == code


def lives(task: Callable[..., None], *arguments: Any) -> None:
    """Have a process of its own do a task, and end well."""
    assert _ended(task, arguments) == 0


def _ended(task: Callable[..., None], arguments: tuple[Any, ...]) -> int | None:
    process = _PROCESSES.Process(target=task, args=arguments)
    process.start()
    process.join(_LIVES_S)
    code = process.exitcode
    process.kill()
    return code


@dataclass(frozen=True)
class Place:
    """A call of the Admin API, before or after which a process dies."""

    document: str
    is_after: bool


def dies_at(
    place: Place, work: Work, settings: Settings, hear: Callable[[str], None]
) -> None:
    """Have a worker process do its work, in which it must die at this place.

    Before each of its calls `hear` is told which one it is, and the process waits.
    """
    ours, theirs = _PROCESSES.Pipe()
    doomed = _PROCESSES.Process(target=_work, args=(theirs, place, work, settings))
    doomed.start()
    theirs.close()
    while ours.poll(_LIVES_S):
        try:
            hear(ours.recv())
        except EOFError:
            break
        ours.send(None)
    doomed.join(_LIVES_S)
    assert doomed.exitcode == KILLED


def _work(caller: Connection, place: Place, work: Work, settings: Settings) -> None:
    sent = AdminApi._sent

    def watched(
        self: AdminApi, document: str, body: Mapping[str, object], token: str
    ) -> requests.Response:
        caller.send(document)
        caller.recv()
        is_here = document == place.document
        if is_here and not place.is_after:
            _die()
        answer = sent(self, document, body, token)
        if is_here:
            _die()
        return answer

    AdminApi._sent = watched  # type: ignore[method-assign]
    work(settings, _way(settings))


def drain(settings: Settings) -> None:
    """Work on messages, one of which takes whoever reads it along, or has no end."""
    process.WORK_S = 0.5
    points.watch_poison()
    make_line(settings).drain()


def settle(settings: Settings) -> None:
    """Work on messages as in earnest."""
    make_line(settings).drain()


def freeze(settings: Settings, folder: Path) -> None:
    """Work on messages, and stand still where their points are about to be committed.

    The server ends a transaction that nobody tends sooner than it does in earnest.
    """
    database._IDLE_MS = IDLE_MS
    os.environ[points.FOLDER] = str(folder)
    points.arm(folder, FROZEN_AT, "SIGSTOP")
    points.watch_commits("worker")
    make_line(settings).drain()


@contextmanager
def frozen(settings: Settings, folder: Path) -> Iterator[psutil.Process]:
    """A worker process that stands still amid its transaction; it is gone after."""
    doomed = _PROCESSES.Process(target=freeze, args=(settings, folder))
    doomed.start()
    process = psutil.Process(doomed.pid)
    try:
        wait_until(lambda: process.status() == psutil.STATUS_STOPPED, _LIVES_S)
        yield process
    finally:
        doomed.kill()
        doomed.join(_LIVES_S)


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


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _way(settings: Settings) -> Access:
    assert settings.database_url
    return Access.of(settings, Database(settings.database_url, pool_size=2))
