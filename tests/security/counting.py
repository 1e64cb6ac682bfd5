"""A server that counts who connects, and hangs up: to see that nobody was asked."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Self


class CountingServer:
    """Listens on a port of its own; `connections` is how many came."""

    def __init__(self) -> None:
        counter = self
        self.connections = 0

        class _HangUp(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                """Count, and end the connection."""
                counter.connections += 1

        self._server = socketserver.TCPServer(("127.0.0.1", 0), _HangUp)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def address(self) -> str:
        """Host and port."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
