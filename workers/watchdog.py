"""Ends a process whose work does not end, so that somebody else can go on with it.

A message may send the code into a loop that nothing else would interrupt. Attempts are
counted before the work, so one that costs every worker its life is set aside at last.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

_log = structlog.get_logger()


class Watchdog:
    """Watches one piece of work at a time."""

    def __init__(self, most_s: float) -> None:
        """Let work take up to so many seconds; the watch begins at its first."""
        self._most_s = most_s
        self._ends_at: float | None = None
        self._thread: threading.Thread | None = None
        self._changing = threading.Lock()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Kill this process if the work within does not end in time."""
        with self._changing:
            self._ends_at = time.monotonic() + self._most_s
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            self._ends_at = None

    def _watch(self) -> None:
        while True:
            time.sleep(min(1.0, self._most_s / 4))
            with self._changing:
                ends_at = self._ends_at
                if ends_at is None:
                    # The next work begins another; a process at rest is not woken.
                    self._thread = None
                    return
            if time.monotonic() > ends_at:
                _log.error("work does not end, so this process does")
                os.kill(os.getpid(), signal.SIGKILL)
