"""How much room the disks have left that Tallymark writes to on this machine."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

import structlog

# Below so much of a disk somebody is told, while there is time to make room.
ROOM_MIN = 0.15

# An embedded PostgreSQL has its data under the home, and its log among them, each of
# which may be a disk of its own. That of other machines is for its host to watch.
_PLACES = {"home": "", "data": "postgres/data", "wal": "postgres/data/pg_wal"}

_log = structlog.get_logger()


@dataclass(frozen=True)
class Disk:
    """The disk under a place of ours, and which part of it, from 0 to 1, is left."""

    holds: str
    path: Path
    left: float

    @property
    def is_nearly_full(self) -> bool:
        """Whether somebody should make room."""
        return self.left < ROOM_MIN

    def __str__(self) -> str:
        """Say how much is left, and where."""
        return f"{self.holds}: {self.left:.1%} of the disk under {self.path} is left"


def disks(home: Path) -> list[Disk]:
    """Return those that can be looked at from here, under a home that may be new."""
    found = []
    for holds, place in _PLACES.items():
        path = home / place
        with suppress(OSError):
            usage = disk_usage(path)
            # What is no disk has no size.
            if usage.total:
                found.append(Disk(holds, path, usage.free / usage.total))
    return found


def nearly_full(home: Path) -> list[str]:
    """Return a sentence for each disk on which somebody should make room."""
    return [str(each) for each in disks(home) if each.is_nearly_full]


def tell_nearly_full(home: Path) -> None:
    """Warn in the log of each of them."""
    for each in nearly_full(home):
        _log.warning("disk nearly full", what=each)
