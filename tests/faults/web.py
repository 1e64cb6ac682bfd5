"""The Procfile's web server, started as the supervisor starts it, and its memory."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import requests

from app.local.child import Child
from app.local.processes import end_sessions
from app.local.supervisor import GRACE_SECONDS, read_procfile
from tests.builders.line import SECRET
from tests.builders.ports import own_port

OURS = "app.main:create_server"
PROCFILE = Path(__file__).parent.parent.parent / "Procfile"


class Web:
    """A running web server; `settings` are variables of its environment.

    `factory` makes what its processes run, where that is not quite as in earnest.
    """

    def __init__(self, factory: str = OURS, **settings: str) -> None:
        command = read_procfile(PROCFILE)["web"]
        assert command.endswith(OURS)
        self.port = own_port()
        self.lines: list[str] = []
        self._has_ended = False
        self._child = Child(
            ["sh", "-c", f"exec {command.removesuffix(OURS)}{factory}"],
            {
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "PORT": str(self.port),
                "SHOPIFY_API_SECRET": SECRET,
                **settings,
            },
            self.lines.append,
        )
        self._child.keep_running()
        wait_until(self.is_up, self.lines)

    def is_up(self) -> bool:
        """Whether each of its processes listens, and one answers."""
        try:
            url = f"http://127.0.0.1:{self.port}/healthz"
            return requests.get(url, timeout=5).ok and all(map(_listens, self.workers))
        except (requests.RequestException, psutil.Error):
            return False

    @property
    def master(self) -> psutil.Process:
        """The process that the supervisor knows."""
        return psutil.Process(self._child.pid)

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        return self.master.children()

    @property
    def memory_bytes(self) -> int:
        """What the largest of its processes holds."""
        return max(each.memory_info().rss for each in self.workers)

    @property
    def cpu_s(self) -> float:
        """How many seconds its processes have computed so far."""
        return sum(sum(each.cpu_times()[:2]) for each in self.workers)

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return sum(
            each.status == psutil.CONN_ESTABLISHED
            for worker in self.workers
            for each in worker.net_connections("tcp")
            if each.laddr.port == self.port
        )

    def end(self) -> bool:
        """Ask it to end, as the supervisor does; whether it did so in time."""
        leader = set() if self._has_ended else {self.master.pid}
        in_time = end_sessions(leader, GRACE_SECONDS)
        self._child.close()
        self._has_ended = True
        return in_time


def _listens(process: psutil.Process) -> bool:
    return any(each.status == "LISTEN" for each in process.net_connections("tcp"))


def wait_until(is_so: Callable[[], bool], told: object = "") -> None:
    """Wait for something that comes soon, and say what is `told` if it does not."""
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError(told)
