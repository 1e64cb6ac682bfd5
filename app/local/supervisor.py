"""The Procfile's processes in the foreground, each started again when it dies."""

import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from app.local.child import Child
from app.local.errors import AlreadyRunning, CommandNotFound, UnreadableProcfile
from app.local.leftovers import end_leftovers, write_note
from app.local.processes import end_sessions

GRACE_SECONDS = 10.0
POLL_SECONDS = 0.05
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True)
class Part:
    """One line of the Procfile, and how many processes it is to be."""

    name: str
    command: list[str]
    count: int = 1


def write_line(line: str) -> None:
    """Write a line to the terminal at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Supervisor:
    """Keeps every part running until it is told to stop."""

    def __init__(
        self,
        parts: list[Part],
        *,
        environment: dict[str, str],
        folder: Path,
        on_output: Callable[[str], None] = write_line,
    ) -> None:
        self._parts = parts
        self._environment = environment
        self._folder = folder
        self._note = folder / "processes.json"
        self._on_output = on_output
        self._turn_to_speak = threading.Lock()
        self._stops_asked = 0

    def run(self) -> int:
        """Run all parts until a stop signal; 0 if they then ended when asked."""
        self._check_commands()
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._folder / "supervisor.lock")
        try:
            held = lock.acquire(timeout=0)
        except Timeout:
            raise AlreadyRunning(self._folder) from None
        with held, self._signals_taken():
            end_leftovers(self._note, GRACE_SECONDS)
            return self._watch(self._children())

    def stop(self) -> None:
        """Ask run() to end; asked twice, it kills instead of waiting."""
        self._stops_asked += 1

    def _check_commands(self) -> None:
        path = self._environment.get("PATH")
        for part in self._parts:
            if shutil.which(part.command[0], path=path) is None:
                raise CommandNotFound(part.name, part.command[0])

    def _children(self) -> list[Child]:
        labels = {
            part.name if part.count == 1 else f"{part.name}.{number}": part
            for part in self._parts
            for number in range(1, part.count + 1)
        }
        width = max(map(len, labels), default=0)
        return [
            Child(
                part.command,
                self._environment,
                partial(self._say, f"{label:<{width}} | "),
            )
            for label, part in labels.items()
        ]

    def _say(self, prefix: str, line: str) -> None:
        # Every child speaks from a thread of its own, and a closed terminal must not
        # leave it with a full pipe.
        with self._turn_to_speak, suppress(OSError):
            self._on_output(prefix + line)

    def _watch(self, children: list[Child]) -> int:
        is_noted = True
        try:
            while not self._stops_asked:
                started = [child.keep_running() for child in children]
                if any(started) or not is_noted:
                    is_noted = self._is_noted(children)
                time.sleep(POLL_SECONDS)
        finally:
            ended = end_sessions(
                self._leaders(children),
                GRACE_SECONDS,
                is_hurried=lambda: self._stops_asked > 1,
            )
            for child in children:
                child.close()
            self._note.unlink(missing_ok=True)
        return 0 if ended else 1

    def _is_noted(self, children: list[Child]) -> bool:
        try:
            write_note(self._note, self._leaders(children))
        except OSError:
            # On a full disk the parts go on, and the note is for the next start.
            return False
        return True

    def _leaders(self, children: list[Child]) -> list[int]:
        return [child.pid for child in children if child.pid is not None]

    @contextmanager
    def _signals_taken(self) -> Iterator[None]:
        before = {
            number: signal.signal(number, lambda *_: self.stop())
            for number in STOP_SIGNALS
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def read_procfile(path: Path) -> dict[str, str]:
    """The commands of a Procfile by name; its comments and empty lines are skipped."""
    commands: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(r"([A-Za-z0-9_-]+):\s*(\S.*)", line.strip())
        if match is None or match[1] in commands:
            raise UnreadableProcfile(path, number, line)
        commands[match[1]] = match[2]
    return commands
