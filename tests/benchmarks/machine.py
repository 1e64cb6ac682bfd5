"""The machine that figures were measured on, in a line."""

from __future__ import annotations

import os
import platform
import subprocess

import psutil

from app.local.binaries import postgres_candidates, redis_program


def on_two_cores() -> None:
    """Keep this process and all that it starts on two cores, where that can be said."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def described() -> dict[str, str]:
    """Cores, memory and versions."""
    return {
        "cores": f"{_cores_in_use()} of {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"Python {platform.python_version()}",
        "postgres": _version(str(postgres_candidates()[0].folder / "postgres")),
        "redis": _version(str(redis_program())),
    }


def load_average() -> float:
    """How many processes wanted a core, on average over the last minute."""
    return os.getloadavg()[0]


def _cores_in_use() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _version(program: str) -> str:
    told = subprocess.run(
        [program, "--version"], check=True, capture_output=True, text=True
    ).stdout
    return told.split(" sha=")[0].strip()
