"""What the last look at the invariants found, in a file that all processes read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from app.storage.invariants import Finding


class LastLook(msgspec.Struct):
    """When somebody looked last, and how many rows were against each invariant.

    A count is None where there was no time to look.
    """

    at: datetime
    violations: dict[str, int | None]


def keep_look(home: Path, at: datetime, found: Iterable[Finding]) -> None:
    """Keep what a look found, in the place of what the one before did."""
    counts = {
        each.invariant.name: None if each.rows is None else len(each.rows)
        for each in found
    }
    home.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=home, delete=False) as draft:
        draft.write(msgspec.json.encode(LastLook(at, counts)))
    Path(draft.name).replace(_file(home))


def last_look(home: Path) -> LastLook | None:
    """Return what the last look found, None before the first."""
    try:
        return msgspec.json.decode(_file(home).read_bytes(), type=LastLook)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _file(home: Path) -> Path:
    return home / "invariants.json"
