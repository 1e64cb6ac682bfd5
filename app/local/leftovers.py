"""The note of which processes run, by which the next start ends what was left."""

import json
from collections.abc import Iterable
from pathlib import Path

import psutil

from app.local.processes import end_sessions, in_sessions

# How far a clock set anew may move a process's time of birth.
TOLERANCE_SECONDS = 5.0


def write_note(note: Path, leaders: Iterable[int]) -> None:
    """Note the session leaders that run now, in one step."""
    rows = []
    for pid in leaders:
        try:
            rows.append({"pid": pid, "create_time": psutil.Process(pid).create_time()})
        except psutil.Error:
            continue
    fresh = note.with_suffix(".new")
    fresh.write_text(json.dumps(rows))
    fresh.replace(note)


def end_leftovers(note: Path, grace_seconds: float) -> None:
    """End what is left of the noted sessions."""
    try:
        rows = json.loads(note.read_text())
        # A note from before the machine's start names other people's processes.
        if note.stat().st_mtime < psutil.boot_time():
            rows = []
        left = {row["pid"] for row in rows if _is_left(row["pid"], row["create_time"])}
    except (OSError, ValueError, TypeError, KeyError):
        return
    end_sessions(left, grace_seconds)
    note.unlink()


def _is_left(pid: int, create_time: float) -> bool:
    """Whether the noted leader lives, or has died and left members of its session."""
    members = {each.pid: each for each in in_sessions({pid})}
    try:
        # The kernel gives a pid anew only when its session has no members left.
        births = [each.create_time() for each in members.values()]
    except psutil.Error:
        return bool(members)
    if pid in members:
        return abs(members[pid].create_time() - create_time) < TOLERANCE_SECONDS
    return bool(births) and min(births) > create_time - TOLERANCE_SECONDS
