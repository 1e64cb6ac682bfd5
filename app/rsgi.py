"""Serves a WSGI application over RSGI: no thread is taken before a request is whole.

A request that only ever waits for others takes none at all: where most are such, the
threads that they would take cost more than all that is done for them.

Granian runs a WSGI application on threads that read the body themselves, so a few
clients that send theirs slowly, or never, would occupy them all.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

import structlog
from granian.rsgi import HTTPProtocol, ProtocolClosed, ProtocolError, Scope

from app.bodies import Body, Refused, Room
from app.waiting import giving_way
from app.wsgi import Answer, call

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Each connection is one, and the usual limit of 1024 is less than the Procfile's.
OPEN_FILES = 8192

_log = structlog.get_logger()


@dataclass(frozen=True)
class Limits:
    """What clients may take of the server's time and room."""

    threads: int
    body_s: float
    body_bytes_max: Callable[[str], int]
    # Whether a request to a path, with a body so long, can do without a thread.
    gives_way: Callable[[str, int], bool]


@dataclass(frozen=True)
class _Request:
    scope: Scope
    protocol: HTTPProtocol
    body: bytes


class WholeRequests:
    """An RSGI application that answers whole requests, on a few threads or none."""

    def __init__(self, application: WSGIApplication, limits: Limits) -> None:
        """Serve `application` within `limits`."""
        self._application = application
        self._limits = limits
        self._room = Room()
        self._waiting: SimpleQueue[tuple[_Request, asyncio.Future[None]]] = (
            SimpleQueue()
        )

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads; Granian calls it once in each web process."""
        self._loop = loop
        allow_open_files(OPEN_FILES)
        for _ in range(self._limits.threads):
            Thread(target=self._work, daemon=True).start()

    def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> Awaitable[None]:
        """Answer one request."""
        headers = scope.headers
        if "content-length" in headers or "transfer-encoding" in headers:
            return self._with_body(scope, protocol)
        return self._hand_on(scope, protocol, b"")

    async def _with_body(self, scope: Scope, protocol: HTTPProtocol) -> None:
        body = Body(protocol, self._room)
        try:
            refusal = await self._take(scope, protocol, body)
        finally:
            body.give_back()
        if refusal:
            _refuse(protocol, refusal)
            if refusal is not HTTPStatus.REQUEST_TIMEOUT:
                await self._drain(body)

    async def _take(
        self, scope: Scope, protocol: HTTPProtocol, body: Body
    ) -> HTTPStatus | None:
        try:
            whole = await self._whole(scope, body)
        except Refused as refusal:
            return refusal.status
        await self._hand_on(scope, protocol, whole)
        return None

    async def _whole(self, scope: Scope, body: Body) -> bytes:
        stated = scope.headers.get("content-length")
        most = self._limits.body_bytes_max(scope.path)
        try:
            async with asyncio.timeout(self._limits.body_s):
                return await body.read(None if stated is None else int(stated), most)
        except TimeoutError:
            raise Refused(HTTPStatus.REQUEST_TIMEOUT) from None
        except ProtocolClosed:
            raise Refused(HTTPStatus.BAD_REQUEST) from None

    async def _drain(self, body: Body) -> None:
        with suppress(TimeoutError, ProtocolError, ProtocolClosed):
            async with asyncio.timeout(self._limits.body_s):
                await body.drain()

    def _hand_on(
        self, scope: Scope, protocol: HTTPProtocol, body: bytes
    ) -> Awaitable[None]:
        request = _Request(scope, protocol, body)
        if self._limits.gives_way(scope.path, len(body)):
            return giving_way(partial(self._answer, request))
        answered = self._loop.create_future()
        self._waiting.put((request, answered))
        return answered

    def _work(self) -> None:
        while True:
            request, answered = self._waiting.get()
            self._answer(request)
            # The loop is closed when the process ends.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_settle, answered)

    def _answer(self, request: _Request) -> None:
        try:
            self._respond(request)
        # Granian raises no Exception where it cannot send what it is given.
        except BaseException:
            _log.exception("request failed")

    def _respond(self, request: _Request) -> None:
        answer: Answer = call(self._application, request.scope, request.body)
        # What follows a body of no stated length is never read as a request: of two
        # ways to tell its length, a proxy in front may have taken the other.
        if "transfer-encoding" in request.scope.headers:
            answer.headers.append(("connection", "close"))
        request.protocol.response_bytes(answer.status, answer.headers, answer.body)


def allow_open_files(wanted: int) -> None:
    """Raise this process's own limit of open files, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _refuse(protocol: HTTPProtocol, status: HTTPStatus) -> None:
    headers = [("content-type", "text/plain"), ("connection", "close")]
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("retry-after", "5"))
    protocol.response_str(status.value, headers, f"{status.phrase}\n")


def _settle(answered: asyncio.Future[None]) -> None:
    if not answered.done():
        answered.set_result(None)
