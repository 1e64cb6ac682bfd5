"""One supervised process: its output, its deaths and its new starts."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable

import psutil

from app.local.processes import in_sessions, is_zombie, kill

SHORTEST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
HEALTHY_SECONDS = 10.0


class Child:
    """A process that leads a session of its own, and is started again for ever."""

    def __init__(
        self,
        command: list[str],
        environment: dict[str, str],
        say: Callable[[str], None],
    ) -> None:
        self._command = command
        # Otherwise a Python that writes to a pipe keeps its lines to itself.
        self._environment = {"PYTHONUNBUFFERED": "1", **environment}
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._started_at = self._due_at = time.monotonic()
        self._pause_seconds = SHORTEST_PAUSE_SECONDS

    @property
    def pid(self) -> int | None:
        """The running process, whose pid is its group's and its session's too."""
        return None if self._process is None else self._process.pid

    def keep_running(self) -> bool:
        """Start the process if it is not running and due; True if that was done."""
        if self._process is not None and self._is_over():
            self._bury(self._process)
        if self._process is not None or time.monotonic() < self._due_at:
            return False
        return self._start()

    def close(self) -> None:
        """Say the last lines of a process that has been ended."""
        if self._process is not None:
            self._process.wait()
        if self._reader is not None:
            self._reader.join(timeout=1)

    def _start(self) -> bool:
        self._started_at = time.monotonic()
        try:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            self._wait_before_next_start(f"could not be started ({error})")
            return False
        self._reader = threading.Thread(
            target=self._read, args=[self._process], daemon=True
        )
        self._reader.start()
        return True

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._say(line.rstrip("\r\n"))

    def _is_over(self) -> bool:
        try:
            return is_zombie(psutil.Process(self.pid))
        except psutil.NoSuchProcess:
            return True

    def _bury(self, process: subprocess.Popen[str]) -> None:
        # While it is a zombie its pid is surely its own, and so is its session: what
        # is left there would hold the port against the next start.
        kill(in_sessions({process.pid}))
        code = process.wait()
        self.close()
        self._process = None
        if code < 0:
            self._wait_before_next_start(f"was killed by {signal.Signals(-code).name}")
        else:
            self._wait_before_next_start(f"ended with exit code {code}")

    def _wait_before_next_start(self, what: str) -> None:
        if time.monotonic() - self._started_at > HEALTHY_SECONDS:
            self._pause_seconds = SHORTEST_PAUSE_SECONDS
        self._due_at = time.monotonic() + self._pause_seconds
        self._say(f"{what}; starting it again in {self._pause_seconds:g} s")
        self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
