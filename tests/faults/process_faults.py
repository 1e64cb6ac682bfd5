"""Deaths of the app's own processes, by chance or at an exact point."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress
from random import Random

import psutil

from app.storage.inbox import LEASE_S
from tests.faults import points, releases
from tests.faults.site import Site

# So many workers were asked to end.
ENDED = "a worker asked to end"
# How long a process may take to come to a point, under load.
_REACHED_S = 120.0


def kill_web(site: Site, chance: Random) -> None:
    """`kill -9` of the process that answers, at any moment."""
    site.kill("web", lambda pids: pids[-1:])


def kill_web_and_its_parent(site: Site, chance: Random) -> None:
    """`kill -9` of both web processes at once."""
    site.kill("web", lambda pids: pids)


def kill_web_before_commit(site: Site, chance: Random) -> None:
    """`kill -9` of web when a message is about to be committed."""
    strike(site, "web before a message is committed")


def kill_web_after_commit(site: Site, chance: Random) -> None:
    """`kill -9` of web when a message was just committed."""
    strike(site, "web after a message is committed")


def kill_web_before_bell(site: Site, chance: Random) -> None:
    """`kill -9` of web when it is about to wake the workers."""
    strike(site, "web before the bell")


def kill_web_before_answer(site: Site, chance: Random) -> None:
    """`kill -9` of web when all is done but the answer."""
    strike(site, "web before the answer")


def kill_worker(site: Site, chance: Random) -> None:
    """`kill -9` of one worker at any moment."""
    site.kill("worker", lambda pids: [chance.choice(pids)])


def kill_worker_with_a_claim(site: Site, chance: Random) -> None:
    """`kill -9` of a worker that has leased messages and not begun."""
    strike(site, "worker after a message is committed")


def kill_worker_before_commit(site: Site, chance: Random) -> None:
    """`kill -9` of a worker whose points are about to be committed."""
    strike(site, "worker before points is committed")


def kill_worker_after_commit(site: Site, chance: Random) -> None:
    """`kill -9` of a worker whose points were just committed."""
    strike(site, "worker after points is committed")


def kill_clock(site: Site, chance: Random) -> None:
    """`kill -9` of the clock at any moment."""
    site.kill("clock", lambda pids: pids)


def terminate_worker(site: Site, chance: Random) -> None:
    """SIGTERM to one worker at any moment."""
    time.sleep(chance.uniform(0, 0.5))
    if pids := site.pids("worker"):
        site.done[ENDED] += site.tell(chance.choice(pids), signal.SIGTERM)


def freeze_worker(site: Site, chance: Random) -> None:
    """A worker with a claim stands still until past its lease, and then goes on."""
    point = chance.choice(["after a message", "before points"])
    pid = freeze(site, f"worker {point} is committed")
    later = threading.Timer(LEASE_S + 5, site.tell, (pid, signal.SIGCONT))
    later.daemon = True
    later.start()


def deploy_and_roll_back(site: Site, chance: Random) -> None:
    """A later release beside this one, in its place, and back."""
    releases.deploy_and_roll_back(site)


def restart_every_part(site: Site, chance: Random) -> None:
    """Every process asked to end and started again, one after another."""
    for name in ("worker.1", "worker.2", "clock", "web"):
        # A part that the fault before has ended may only be starting again.
        site.wait_until(lambda n=name: bool(site.pids(n)), 60)  # type: ignore[misc]
        before = site.starts[name]
        site.tell(site.pids(name)[0], signal.SIGTERM)
        site.wait_until(lambda n=name, b=before: site.starts[n] > b, 60)  # type: ignore[misc]
    site.wait_until(site.is_ready, 60)


def strike(
    site: Site, point: str, action: str = "SIGKILL", seconds: float = _REACHED_S
) -> int:
    """Have the next process that comes to a point die there; return which it was."""
    before = points.struck(site.faults, point).items()
    points.arm(site.faults, point, action)
    try:
        site.wait_until(
            lambda: points.struck(site.faults, point).items() > before, seconds
        )
    finally:
        points.disarm(site.faults, point)
    [(_, pid)] = points.struck(site.faults, point).items() - before
    return pid


def freeze(site: Site, point: str) -> int:
    """Have the next process that comes to a point stand still there."""
    pid = strike(site, point, "SIGSTOP")
    site.wait_until(lambda: is_frozen(pid), 10)
    return pid


def is_frozen(pid: int) -> bool:
    """Whether a process stands still."""
    with suppress(psutil.Error):
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    return False
