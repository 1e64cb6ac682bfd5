"""Workers side by side at one inbox, and how often locks were taken in a circle."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import psycopg
import pytest

from app.storage import inbox
from tests.builders.line import TestLine
from workers.process import Line

_WORKERS = 4

# What a session has counted is sure to be known once it has ended.
_END_OTHERS = """
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""
_DEADLOCKS = """
    select deadlocks from pg_stat_database where datname = current_database()
"""


def drain_side_by_side(line: TestLine, at_a_time: int = 10) -> None:
    """Have four workers drain the inbox at once, each taking few messages at a time.

    One that took all of them would be alone: it fails where not two have had any.
    """
    are_here = Barrier(_WORKERS)

    def drain(worker: Line) -> int:
        are_here.wait()
        return worker.drain()

    workers = [line.another_worker() for _ in range(_WORKERS)]
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(_WORKERS) as pool:
        patch.setattr("workers.process.BATCH", at_a_time)
        finished = list(pool.map(drain, workers))
    assert sum(map(bool, finished)) > 1, f"nobody was beside another: {finished}"


def begin_amid(
    line: TestLine, first: Callable[[], object], second: Callable[[], object]
) -> None:
    """Have one worker begin what came second while another is amid what came first."""
    first()
    with line.database.sweeper() as connection:
        claimed = inbox.claim(connection, 10)
    second()
    with ThreadPoolExecutor(1) as other:
        with line.in_program() as connection:
            line.worker._process(connection, claimed)
            draining = other.submit(line.another_worker().drain)
            with suppress(TimeoutError):
                draining.result(0.5)
        assert 1 == draining.result(10)


def deadlocks(line: TestLine) -> int:
    """Return how many circles of locks there ever were in a line's database."""
    line.database.engine.dispose()
    url = line.database.url.set(drivername="postgresql")
    plain = url.render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(_END_OTHERS)
        [(found,)] = connection.execute(_DEADLOCKS).fetchall()
    return int(found)
