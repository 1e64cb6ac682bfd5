"""Calls a WSGI application with a request that has arrived whole."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from granian.rsgi import Scope

# Said of the body as it travelled; what is handed on is the whole of it.
_OF_THE_JOURNEY = {"content-length", "transfer-encoding", "expect"}
_SERVER = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


@dataclass
class Answer:
    """What an application answered, all of it."""

    status: int = 500
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def start(
        self, status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Any:
        """Note status and headers, as the application calls it before its body."""
        self.status, self.headers = int(status[:3]), headers


def call(application: WSGIApplication, scope: Scope, body: bytes) -> Answer:
    """Return what the application answers; an answer is never sent in pieces."""
    answer = Answer()
    pieces = application(environment(scope, body), answer.start)
    try:
        answer.body = b"".join(pieces)
    finally:
        _close(pieces)
    return answer


def environment(scope: Scope, body: bytes) -> dict[str, Any]:
    """Return the request as WSGI names it."""
    server, _, port = scope.server.rpartition(":")
    named = _SERVER | {
        "REQUEST_METHOD": scope.method,
        # WSGI wants the bytes of the path, each as one character.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
    }
    _add_headers(named, scope.headers.items())
    return named


def _add_headers(named: dict[str, Any], headers: Iterable[tuple[str, str]]) -> None:
    for name, value in headers:
        # With an underscore, a name could pass for another one's.
        if name in _OF_THE_JOURNEY or "_" in name:
            continue
        key = name.upper().replace("-", "_")
        if key != "CONTENT_TYPE":
            key = f"HTTP_{key}"
        named[key] = f"{named[key]},{value}" if key in named else value


def _close(pieces: Iterable[bytes]) -> None:
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
