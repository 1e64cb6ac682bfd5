"""Finding and ending processes by what they belong to: a folder, or a session."""

import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

import psutil

POLL_SECONDS = 0.02


def works_in(process: psutil.Process, folder: Path, names: Collection[str]) -> bool:
    """Whether this is one of the named programs, living, with its home in folder."""
    try:
        return (
            process.name() in names
            and process.status() != psutil.STATUS_ZOMBIE
            and process.cwd() == os.path.realpath(folder)
        )
    except (psutil.Error, OSError):
        return False


def working_in(folder: Path, names: Collection[str]) -> list[psutil.Process]:
    """Every living process of the named programs with its home in folder."""
    return [each for each in psutil.process_iter() if works_in(each, folder, names)]


def noted_in(
    pid_file: Path, folder: Path, names: Collection[str]
) -> psutil.Process | None:
    """The server whose pid stands first in the file, if it does work in folder."""
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
    except (OSError, ValueError, IndexError, OverflowError, psutil.Error):
        return None
    return process if works_in(process, folder, names) else None


def end(
    processes: list[psutil.Process], by: signal.Signals, grace_seconds: float
) -> list[psutil.Process]:
    """Signal the processes, kill those that outstay the grace, return survivors."""
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(by)
    return kill(_left_after(processes, grace_seconds))


def kill(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Kill the processes and wait until they are gone; the answer is who is not."""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    return _left_after(processes, 5)


def _left_after(
    processes: list[psutil.Process], seconds: float
) -> list[psutil.Process]:
    # Not psutil.wait_procs, which waits for zombies too: in a container nobody may
    # ever bury them.
    deadline = time.monotonic() + seconds
    while left := [each for each in processes if not is_zombie(each)]:
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)
    return left


def is_zombie(process: psutil.Process) -> bool:
    """Whether the process is over, though its parent has not looked yet."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True


def in_sessions(leaders: Collection[int]) -> list[psutil.Process]:
    """Every living process of the sessions that these processes began.

    A session, not a group: RQ puts each job into a group of its own.
    """
    found = []
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            if os.getsid(pid) in leaders:
                found.append(psutil.Process(pid))
    return [each for each in found if not is_zombie(each)]


def end_sessions(
    leaders: Collection[int],
    grace_seconds: float,
    is_hurried: Callable[[], bool] = lambda: False,
) -> bool:
    """Ask each leader's group to end, kill what stays; True if nothing had to be."""
    for leader in leaders:
        # macOS answers "not permitted" for a group of zombies.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    asked: set[int] = set()
    while left := in_sessions(leaders):
        if is_hurried() or time.monotonic() > deadline:
            kill(left)
            return False
        _ask_orphans(left, asked)
        time.sleep(POLL_SECONDS)
    return True


def _ask_orphans(members: list[psutil.Process], asked: set[int]) -> None:
    """Ask those to end, once, whose leader is gone and cannot tell them any more."""
    pids = {each.pid for each in members}
    for each in members:
        with suppress(OSError, psutil.Error):
            if each.pid not in asked and os.getsid(each.pid) not in pids:
                each.terminate()
                asked.add(each.pid)
