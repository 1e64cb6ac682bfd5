"""The web process and a worker as they really run, with all that they write kept."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests

from app.config import Settings
from app.local.supervisor import read_procfile
from tests.builders.environments import environment_of
from tests.builders.ports import own_port

ROOT = Path(__file__).parent.parent.parent
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Running:
    """Where it listens, and where its output goes."""

    port: int
    output: Path

    @property
    def url(self) -> str:
        """Where the web process listens."""
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        """All that the processes have written so far."""
        return self.output.read_text(errors="replace")


@contextmanager
def running(settings: Settings, home: Path) -> Iterator[Running]:
    """Run the web process and a worker with these settings; end them at the end."""
    found = Running(own_port(), home / "output.log")
    environment = environment_of(settings, home) | {"PORT": str(found.port)}
    web = ["sh", "-c", f"exec {read_procfile(ROOT / 'Procfile')['web']}"]
    worker = [sys.executable, "-m", "workers"]
    with found.output.open("wb") as log:
        processes = [
            subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)
            for command in (web, worker)
        ]
        try:
            wait_for(lambda: _is_up(found.url), "the web process did not start")
            yield found
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(PATIENCE_S)
                process.kill()


def _is_up(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"{url}/healthz", timeout=2).ok
    return False


def wait_for(condition: object, what: str) -> None:
    """Wait until something holds; fail with these words if it never does."""
    assert callable(condition)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(what)
