"""A watch over the servers, beside the supervisor's over the Procfile's parts."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Protocol

PAUSE_SECONDS = 1.0
# What keeps a server from starting may last for hours, each try being the same.
SAID_AGAIN_SECONDS = 60.0


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
        self._watched = [_Watched(server, say) for server in servers]
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
            for each in self._watched:
                each.keep_running()


class _Watched:
    """One server, and since when it has been away."""

    def __init__(self, server: Server, say: Callable[[str], None]) -> None:
        self._server = server
        self._name = type(server).__name__
        self._say = say
        self._gone_at: float | None = None
        self._say_at = 0.0

    def keep_running(self) -> None:
        """Start the server if it is not running; whatever fails is tried again."""
        try:
            if self._server.url is None:
                self._gone_at = self._gone_at or time.monotonic()
                self._server.start()
        # A full disk fails in many ways, and none of them may end the watch.
        except Exception as error:
            self._complain(error)
        else:
            self._welcome()

    def _complain(self, error: Exception) -> None:
        if time.monotonic() >= self._say_at:
            self._tell(f"had died and does not start: {error}")
            self._say_at = time.monotonic() + SAID_AGAIN_SECONDS

    def _welcome(self) -> None:
        if self._gone_at is not None:
            away_s = time.monotonic() - self._gone_at
            self._tell(f"had died and runs again after {away_s:.1f} s")
        self._gone_at, self._say_at = None, 0.0

    def _tell(self, what: str) -> None:
        # What is said may go to the same full disk, and the watch goes on all the same.
        with suppress(OSError):
            self._say(f"{self._name} {what}")
