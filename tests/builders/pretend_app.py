"""An app that only remembers what a store sent it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Heard:
    """One request that the pretend app was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PretendApp:
    """Answers as told and remembers what it heard."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def topics(self) -> list[str]:
        """The topics of the messages that it heard."""
        return [request.headers["x-shopify-topic"] for request in self.heard]

    def bodies(self) -> list[Any]:
        """What they said."""
        return [json.loads(request.body) for request in self.heard]


@contextmanager
def pretending() -> Iterator[PretendApp]:
    """Serve one on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            app.heard.append(Heard(self.command, self.path, headers, body))
            status = app.answers.pop(0) if app.answers else 200
            self.send_response(status)
            for name, value in app.headers.items():
                self.send_header(name, value)
            written = b"" if status in (204, 304) else b'{"ok":true}'
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_: object) -> None:
            pass

    for method in ("GET", "POST", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    app = PretendApp(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()
