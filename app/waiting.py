"""Waiting that holds up nobody: a thread sleeps, an event loop goes on with others.

A handler that waits only here needs no thread of its own. It runs in the event loop, as
the plain code it is, in a greenlet that is left while it waits and taken up again
afterwards; SQLAlchemy brings the means, made for the same end.
"""

from __future__ import annotations

import asyncio
import threading
from asyncio import AbstractEventLoop, Future
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy.util import await_, greenlet_spawn
from sqlalchemy.util.concurrency import in_greenlet

Result = TypeVar("Result")


class NotInTime(Exception):
    """There was no answer within the time that somebody can wait."""


def giving_way(work: Callable[[], Result]) -> Awaitable[Result]:
    """Do work in the event loop, which goes on with others while this waits."""
    return greenlet_spawn(work)


def aside(work: Callable[[], Result], longest_s: float | None = None) -> Result:
    """Do work that blocks, in another thread where an event loop would stand still.

    There are few such threads. Raises NotInTime where none was free, or the work not
    done, for so long; what has not been begun by then never is.
    """
    if not in_greenlet():
        return work()
    working = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await_(asyncio.wait_for(working, longest_s))
    except TimeoutError:
        raise NotInTime from None


def may_block() -> None:
    """Raise RuntimeError where an event loop would stand still for what follows."""
    if in_greenlet():
        raise RuntimeError("this blocks: in an event loop, have it done aside")


class Waiter:
    """Somebody who waits here for another thread to wake them."""

    def __init__(self) -> None:
        """Prepare to wait, in the way that goes where this is called."""
        self._lock: threading.Lock | None = None
        self._future: Future[bool] | None = None
        if in_greenlet():
            self._future = asyncio.get_running_loop().create_future()
        else:
            self._lock = threading.Lock()
            self._lock.acquire()

    def wait(self, longest_s: float) -> bool:
        """Wait to be woken; False if nobody did for so long."""
        if self._lock:
            return self._lock.acquire(timeout=longest_s)
        assert self._future
        late = self._future.get_loop().call_later(
            longest_s, _answer, [self._future], False
        )
        try:
            return await_(self._future)
        finally:
            late.cancel()

    @staticmethod
    def wake(waiters: Iterable[Waiter]) -> None:
        """Wake all of these, each event loop once; called by any thread."""
        loops: dict[AbstractEventLoop, list[Future[bool]]] = defaultdict(list)
        for waiter in waiters:
            if waiter._lock:
                waiter._lock.release()
            if waiter._future:
                loops[waiter._future.get_loop()].append(waiter._future)
        for loop, futures in loops.items():
            # A loop that is closed has nobody left who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_answer, futures, True)


def _answer(futures: list[Future[bool]], in_time: bool) -> None:
    for future in futures:
        if not future.done():
            future.set_result(in_time)
