"""The invariants as the web process tells of them: looked at now, or by the clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.storage.database import Database
from app.storage.findings import LastLook, last_look
from app.storage.invariants import Finding, findings

# A look costs at most a tenth of its while, however often somebody asks for one.
_FRESH_S = 60.0
_EACH_S = 1.0
_ALL_S = 6.0


@dataclass(frozen=True)
class Looked:
    """The names of invariants by what a look at them found."""

    violated: list[str]
    alerts: list[str]
    unseen: list[str]


class Inspection:
    """Looks at the invariants: at most once a minute, never twice at a time."""

    def __init__(self, database: Database, home: Path) -> None:
        """Look at this database; the clock keeps what it found under `home`."""
        self._database = database
        self._home = home
        self._busy = threading.Lock()
        self._looked: Looked | None = None
        self._at = 0.0

    def look(self) -> Looked | None:
        """Return a look of the last minute, None while the first goes on."""
        if self._busy.acquire(blocking=False):
            try:
                if self._looked is None or time.monotonic() - self._at >= _FRESH_S:
                    self._looked = self._anew()
                    self._at = time.monotonic()
            finally:
                self._busy.release()
        return self._looked

    def by_clock(self) -> LastLook | None:
        """Return what the clock process found on its last look."""
        return last_look(self._home)

    def _anew(self) -> Looked:
        found = list(findings(self._database, each_s=_EACH_S, all_s=_ALL_S))
        return Looked(
            violated=_names(each for each in found if each.is_violated),
            alerts=_names(each for each in found if each.rows and not each.is_violated),
            unseen=_names(each for each in found if each.rows is None),
        )


def _names(found: Iterable[Finding]) -> list[str]:
    return [each.invariant.name for each in found]
