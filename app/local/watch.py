"""A watch over the servers, beside the supervisor's over the Procfile's parts."""

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol

from app.local.errors import LocalError

PAUSE_SECONDS = 1.0


class Server(Protocol):
    """What the watch has to know of a server."""

    @property
    def url(self) -> str | None:
        """The URL of the running server, else None."""

    def start(self) -> str:
        """Have the server running and return its URL."""


class ServerWatch:
    """Starts a server again that has died, as long as the with block runs."""

    def __init__(self, servers: Sequence[Server], say: Callable[[str], None]) -> None:
        self._servers = servers
        self._say = say
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "ServerWatch":
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the watch, and leave the servers as they are."""
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(PAUSE_SECONDS):
            for server in self._servers:
                if server.url is None:
                    self._revive(server)

    def _revive(self, server: Server) -> None:
        name = type(server).__name__
        try:
            server.start()
        except (LocalError, OSError) as error:
            self._say(f"{name} had died and does not start: {error}")
        else:
            self._say(f"{name} had died and has been started again")
