"""Runs the real app so that it can be struck at an exact point, and only if asked.

`python -m tests.faults.points` runs a worker or the clock, `create_server` is the
web's. A point is armed by a file; the process that comes to it first takes the file and
dies, freezes, or has its clock set, right there. The code of the app itself knows
nothing of this.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from time_machine import travel

from app.domain.events import Translated
from app.jobs import Bell
from app.main import create_server as create_real_server
from app.platforms.base import Message
from app.platforms.shopify import Shopify
from app.rsgi import WholeRequests
from workers.__main__ import main
from workers.process import Line

FOLDER = "TALLYMARK_FAULTS"
# By how many seconds the clock of a process is ahead of others.
AHEAD = "TALLYMARK_CLOCK_AHEAD_S"
# What the clock says, and how many messages it settled that no bell told of.
SWEPT = "settled without a bell:"
# Armed, every commit says before it what it is of, so that it can be cut by that.
NAMES = "commits say their names"
# More than a worker ever needs, so that one which eats memory meets an end to it.
_MEMORY_BYTES_MAX = 2**30
_WRITTEN = """
    select relation::regclass::text from pg_locks
    where pid = pg_backend_pid() and locktype = 'relation'
      and mode = 'RowExclusiveLock'
"""


def arm(folder: Path, point: str, action: str = "SIGKILL") -> None:
    """Have whoever comes to this point next get this signal there.

    Or have their clock set by so many seconds.
    """
    for name in ("drafts", "armed", "struck"):
        (folder / name).mkdir(exist_ok=True)
    draft = folder / "drafts" / point
    draft.write_text(action)
    draft.rename(folder / "armed" / point)


def disarm(folder: Path, point: str) -> bool:
    """Take the danger away again; False if it has struck."""
    try:
        (folder / "armed" / point).unlink()
    except FileNotFoundError:
        return False
    return True


def struck(folder: Path, point: str) -> dict[str, int]:
    """Return each time that a process was struck at this point, and its number."""
    found = (folder / "struck").glob(f"{point}.*")
    return {path.name: int(path.suffix[1:]) for path in found}


def _come_to(point: str) -> None:
    folder = Path(os.environ[FOLDER])
    # The number alone may come back within an hour.
    taken = folder / "struck" / f"{point}.{time.monotonic_ns()}.{os.getpid()}"
    try:
        # Whoever renames first is the one.
        (folder / "armed" / point).rename(taken)
    except FileNotFoundError:
        return
    action = taken.read_text()
    if action in signal.Signals.__members__:
        os.kill(os.getpid(), signal.Signals[action])
    else:
        _set_clock(float(action))


def watch_commits(role: str) -> None:
    """Have each commit come to a point before and after it, by what it is of."""
    commit = psycopg.Connection.commit

    def watched(connection: psycopg.Connection[Any]) -> None:
        armed = {path.name for path in Path(os.environ[FOLDER]).glob("armed/*")}
        step = _step(connection) if armed else None
        if step:
            _come_to(f"{role} before {step} is committed")
        if step and NAMES in armed:
            connection.execute(f"select '{role} commits {step}'", prepare=False)  # type: ignore[arg-type]
        commit(connection)
        if step:
            _come_to(f"{role} after {step} is committed")

    psycopg.Connection.commit = watched  # type: ignore[method-assign]


def _step(connection: psycopg.Connection[Any]) -> str | None:
    """Tell by the tables that a transaction has written what it is about."""
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
        return None
    written = {row[0] for row in connection.execute(_WRITTEN)}
    if "ledger_entry" in written:
        return "points"
    if "redemption" in written:
        return "a reward"
    return "a message" if "inbox" in written else None


def watch_poison() -> None:
    """Have some orders, by what they are called, do harm to whoever reads them."""
    translate = Shopify.translate

    def watched(platform: Shopify, message: Message) -> Translated:
        for name, act in POISONS.items():
            if f"poison that {name}".encode() in message.body:
                act()
        return translate(platform, message)

    Shopify.translate = watched  # type: ignore[method-assign]


def _watch_sweeps() -> None:
    """Have the clock say how many messages it settled, which their bells did not."""
    drain = Line.drain

    def watched(line: Line, *, older_than_s: float = 0) -> int:
        finished = drain(line, older_than_s=older_than_s)
        if finished:
            print(SWEPT, finished, flush=True)
        return finished

    Line.drain = watched  # type: ignore[method-assign]


def _fail() -> None:
    raise RuntimeError("this message always fails")


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _eat() -> None:
    eaten = []
    while True:
        eaten.append(bytearray(64 * 2**20))


def _hang() -> None:
    while True:
        time.sleep(0.1)


def _run_away() -> None:
    """Be held in C, where no thread of Python can do anything about it."""
    re.match("(a+)+b", "a" * 40)


# What an order whose name says so does to whoever reads it.
POISONS: dict[str, Callable[[], None]] = {
    "fails": _fail,
    "kills": _kill,
    "eats": _eat,
    "hangs": _hang,
    "runs away": _run_away,
}


def _set_clock(ahead_s: float) -> None:
    """Take it to be another time, and say so; waiting is not meddled with."""
    if ahead_s:
        travel(datetime.now(UTC) + timedelta(seconds=ahead_s), tick=True).start()
        print(f"it is {datetime.now(UTC):%Y-%m-%d %H:%M} here", flush=True)


def _set_first_clock() -> None:
    _set_clock(float(os.environ.get(AHEAD, "0")))


def create_server() -> WholeRequests:
    """Return what a web process really runs, its points watched."""
    _set_first_clock()
    watch_commits("web")
    ring, answer = Bell.ring, Flask.wsgi_app

    def watched_ring(bell: Bell) -> bool:
        _come_to("web before the bell")
        return ring(bell)

    def watched_answer(app: Flask, environ: dict[str, Any], start: Any) -> Any:
        told = answer(app, environ, start)
        if environ["PATH_INFO"].startswith("/webhooks/"):
            _come_to("web before the answer")
        return told

    Bell.ring = watched_ring  # type: ignore[method-assign]
    Flask.wsgi_app = watched_answer  # type: ignore[method-assign]
    return create_real_server()


if __name__ == "__main__":
    _set_first_clock()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES_MAX, _MEMORY_BYTES_MAX))
    is_clock = sys.argv[1:] == ["clock"]
    watch_commits("clock" if is_clock else "worker")
    if is_clock:
        _watch_sweeps()
    watch_poison()
    sys.exit(main())
