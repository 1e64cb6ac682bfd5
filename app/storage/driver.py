"""The driver's connection, and how long whoever uses it waits for the server.

A server that takes what it is sent and says nothing more is told from a slow one by
time alone: TCP is content, and whatever limits the server was given are of no use.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from psycopg import OperationalError
from psycopg.abc import PQGen

# The driver lets a server take no shorter time to let somebody in.
_CONNECT_S_MIN = 2.0
# Beyond a server's own limit for a statement, after which it says so, if anything.
_SILENT_S = 0.5

_Result = TypeVar("_Result")


class _Patience:
    """How long somebody waits for an answer: the first one from now on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began: float | None = time.monotonic()

    @property
    def left_s(self) -> float:
        if self._began is None:
            return self._seconds
        return max(0.0, self._began + self._seconds - time.monotonic())

    def was_answered(self) -> None:
        self._began = None


_patience: ContextVar[_Patience | None] = ContextVar("patience", default=None)


@contextmanager
def patient(work_s: float) -> Iterator[None]:
    """Give up soon after a statement may have taken so long, whatever the server says.

    For the first it is the time from here, in which a connection must be had, too.
    """
    token = _patience.set(_Patience(work_s + _SILENT_S))
    try:
        yield
    finally:
        _patience.reset(token)


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is closed when its server has not answered in time."""

    def wait(
        self,
        gen: PQGen[_Result],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> _Result:
        """Wait for the server; raises OperationalError where it was too long."""
        patience = _patience.get()
        if patience is None:
            return super().wait(gen, interval, timeout)
        try:
            answer = super().wait(gen, interval, patience.left_s)
        except psycopg.errors._WaitTimeout as error:
            # Whatever it says now belongs to nothing that anybody still asks.
            self.pgconn.finish()
            raise OperationalError("the server did not answer in time") from error
        patience.was_answered()
        return answer


def open_connection(
    _dialect: object, _record: object, args: list[Any], given: dict[str, Any]
) -> PatientConnection:
    """Connect for SQLAlchemy's `do_connect`, where enough time is left for it.

    Raises OperationalError, as when the server is not there.
    """
    patience = _patience.get()
    if patience and patience.left_s < _CONNECT_S_MIN:
        raise OperationalError("there was no connection in time")
    return PatientConnection.connect(*args, **given)
