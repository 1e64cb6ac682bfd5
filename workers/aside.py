"""Work that waits for stores, beside that which must not wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

_log = structlog.get_logger()


class Aside:
    """Does one piece of work in a thread of its own, never twice at one time."""

    def __init__(
        self, name: str, work: Callable[[], object], after_s: float = 0
    ) -> None:
        """Do `work`, which is called `name` in logs, so long after it is wanted."""
        self._name, self._work, self._after_s = name, work, after_s
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_wanted = False

    def begin(self) -> None:
        """Begin, or do it once more when what goes on is over."""
        with self._lock:
            self._is_wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def wait(self, longest_s: float | None = None) -> None:
        """Wait until nothing goes on, or not any longer than that."""
        thread = self._thread
        if thread:
            thread.join(longest_s)

    def _run(self) -> None:
        while self._takes():
            time.sleep(self._after_s)
            try:
                self._work()
            except Exception as error:
                _log.error("chore failed", chore=self._name, error=words(error))

    def _takes(self) -> bool:
        """Whether there is something to do; if not, this thread is the last one's."""
        with self._lock:
            taken, self._is_wanted = self._is_wanted, False
            if not taken:
                self._thread = None
            return taken


def words(error: Exception) -> str:
    """Return what an error is called: what it says may hold what nobody should read."""
    return type(getattr(error, "orig", None) or error).__name__
