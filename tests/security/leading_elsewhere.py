"""A store that answers whatever it is asked by leading to another address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class LeadingElsewhere:
    """Where it listens, and the headers of all that it was asked."""

    port: int
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def leading_elsewhere(
    status: int, where: str, body: bytes = b"{}"
) -> Iterator[LeadingElsewhere]:
    """Serve a store that answers everything with this status, Location and body."""

    class Answering(BaseHTTPRequestHandler):
        def _lead(self) -> None:
            store.asked.append(
                {name.lower(): value for name, value in self.headers.items()}
            )
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Location", where)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _lead  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    store = LeadingElsewhere(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
