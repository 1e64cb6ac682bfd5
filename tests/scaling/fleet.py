"""Several web and worker processes and a clock, as if on several machines."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import requests

from app.local.child import Child
from app.local.ports import free_port
from app.local.processes import end_sessions
from app.local.supervisor import GRACE_SECONDS, read_procfile
from tests.builders.line import DOMAIN, SECRET
from tests.scaling.traffic import Traffic

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = Path(sys.executable).parent
SETTLED_S = 180
SECRET_KEY, SEALING = "secret", "sealing"


class Fleet:
    """The Procfile's processes, each in a home of its own, kept running."""

    def __init__(
        self,
        home: Path,
        database_url: str,
        redis_url: str,
        *,
        webs: int = 2,
        workers: int = 2,
    ) -> None:
        self._home = home
        self._common = {
            **os.environ,
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SHOPIFY_API_SECRET": SECRET,
            "TALLYMARK_SECRET_KEY": SECRET_KEY,
            "TALLYMARK_ENCRYPTION_KEY": SEALING,
        }
        self.lines: list[str] = []
        self.ports: list[int] = []
        self._children: list[Child] = []
        for _ in range(webs):
            port = free_port(max(self.ports, default=8800) + 1)
            self.ports.append(port)
            self._add("web", PORT=str(port))
        for part in ["worker"] * workers + ["clock"]:
            self._add(part)
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep_running, daemon=True)
        self._keeper.start()

    def wait_until_ready(self) -> None:
        """Wait until each web process reaches the database and Redis."""
        deadline = time.monotonic() + 60
        while not all(map(_is_ready, self.ports)):
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.1)

    def deaths(self) -> list[str]:
        """What was said of processes that ended and were started again."""
        return [line for line in self.lines if "starting it again" in line]

    def tallymark(
        self, *arguments: str, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command where the clock runs, since its home has the checkpoints."""
        home = {"TALLYMARK_HOME": str(self._home / "clock")}
        return subprocess.run(
            [PROGRAMS / "tallymark", *arguments],
            env=self._common | home | settings,
            capture_output=True,
            text=True,
            check=False,
        )

    def close(self) -> None:
        """End every process."""
        self._ending.set()
        self._keeper.join()
        pids = [child.pid for child in self._children if child.pid is not None]
        end_sessions(pids, GRACE_SECONDS)
        for child in self._children:
            child.close()

    def _add(self, part: str, **settings: str) -> None:
        name = part if part == "clock" else f"{part}{len(self._children)}"
        home = {"TALLYMARK_HOME": str(self._home / name)}
        command = f"exec {read_procfile(ROOT / 'Procfile')[part]}"
        environment = self._common | home | settings
        child = Child(["sh", "-c", command], environment, self.lines.append)
        child.keep_running()
        self._children.append(child)

    def _keep_running(self) -> None:
        while not self._ending.wait(0.1):
            for child in self._children:
                child.keep_running()


def _is_ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def prepare(database_url: str, home: Path) -> None:
    """Migrate a database and add the store that traffic is about."""
    added = subprocess.run(
        [PROGRAMS / "tallymark", "store", "add", DOMAIN, "--platform", "shopify"],
        env=os.environ
        | {
            "DATABASE_URL": database_url,
            "REDIS_URL": "redis://127.0.0.1:1",
            "TALLYMARK_HOME": str(home),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == added.returncode, added.stderr


_WAITING = "select count(*) from inbox where state = 'waiting'"
_SETTLED = "select delivery_id from inbox where state = 'settled'"
_SLOWEST = "select max(finished_at - received_at) from inbox where state = 'settled'"
_POINTS = """
    select customer_id, sum(amount)::bigint from customer
    join ledger_entry using (program_id, member_id)
    where account in ('pending', 'available', 'reserved', 'owed')
    group by customer_id
"""


def wait_until_settled(database_url: str) -> None:
    """Wait until no message waits."""
    deadline = time.monotonic() + SETTLED_S
    with psycopg.connect(database_url, autocommit=True) as connection:
        while connection.execute(_WAITING).fetchone() != (0,):
            assert time.monotonic() < deadline, "messages still wait"
            time.sleep(0.2)


def lost(database_url: str, traffic: Traffic) -> set[str]:
    """What was acknowledged and is not settled."""
    with psycopg.connect(database_url) as connection:
        settled = {row[0] for row in connection.execute(_SETTLED)}
    return set(traffic.acknowledged) - settled


def longest_wait_s(database_url: str) -> float:
    """The longest time that a message waited until it was settled."""
    with psycopg.connect(database_url) as connection:
        [waited] = connection.execute(_SLOWEST).fetchone() or [timedelta()]
    return float(waited.total_seconds())


def plain(url: str) -> str:
    """A URL as psycopg itself takes it."""
    return url.replace("postgresql+psycopg:", "postgresql:")


def points(database_url: str) -> dict[str, int]:
    """What the ledger says that each customer has."""
    with psycopg.connect(database_url) as connection:
        return dict(connection.execute(_POINTS).fetchall())


def judge(fleet: Fleet, traffic: Traffic, database_url: str) -> None:
    """Everything acknowledged is settled, once, and the ledger holds; say how it went.

    The figures are printed for whoever writes them down.
    """
    wait_until_settled(database_url)
    assert set() == lost(database_url, traffic)
    assert traffic.points() == points(database_url)
    verified = fleet.tallymark("verify")
    assert 0 == verified.returncode, verified.stderr
    print(
        f"\n{len(traffic.times)} acknowledged, {traffic.refusals} refused, "
        f"longest gap {traffic.longest_gap_s():.2f} s, "
        f"settled after {longest_wait_s(database_url):.1f} s at most, "
        f"processes that ended: {fleet.deaths()}"
    )
