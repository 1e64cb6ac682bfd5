"""A programme under measurement: started, paused, weighed and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_START_SECONDS = 60


class Program:
    """One line of the Procfile, in a session of its own."""

    def __init__(self, command: str, environment: dict[str, str], log: Path) -> None:
        """Start it; what it says goes to the end of `log`."""
        self.port = 0
        self._log = log
        with log.open("a") as output:
            self._process = subprocess.Popen(
                ["sh", "-c", f"exec {command}"],
                env=environment,
                cwd=Path(__file__).parent.parent.parent,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Wait for something; raises RuntimeError with the log where it ends first."""
        deadline = time.monotonic() + _START_SECONDS
        while not is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                told = self._log.read_text()[-4000:]
                raise RuntimeError(f"it did not start:\n{told}")
            time.sleep(0.02)

    def pause(self) -> None:
        """Stop it where it stands, as if it had no processor."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def memory_mb(self) -> float:
        """The resident memory of its largest process, the one that does the work."""
        root = psutil.Process(self._process.pid)
        family = [root, *root.children(recursive=True)]
        return max(each.memory_info().rss for each in family) / 2**20

    @contextmanager
    def weighed(self) -> Iterator[Callable[[], float]]:
        """Watch its memory meanwhile; gives a function that returns the most so far."""
        most = [self.memory_mb()]
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(0.1):
                most[0] = max(most[0], self.memory_mb())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield lambda: most[0]
        finally:
            ended.set()
            watcher.join()

    def stop(self) -> None:
        """End it and everything it started."""
        if self._process.poll() is None:
            self.resume()
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
