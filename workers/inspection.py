"""The daily look at what must hold, beside the rest of the clock's work."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.storage import ledger
from app.storage.data_requests import look_at_requests
from app.storage.database import Database
from app.storage.findings import keep_look, last_look
from app.storage.invariants import Finding, findings
from app.storage.sealing import Keyring
from workers.checkpoints import look_at_seals
from workers.proof import proven, whose_turn
from workers.redactions import KeepingRedactions

LOOKED_EVERY = timedelta(days=1)

_log = structlog.get_logger()


class Inspection:
    """Looks once a day, in a thread of its own: a large ledger takes its time."""

    def __init__(
        self,
        database: Database,
        home: Path,
        keys: Keyring,
        redactions: KeepingRedactions,
    ) -> None:
        """Look at this database, and keep what was found under `home`.

        `keys` open what members' histories are folded from.
        """
        self._redactions = redactions
        self._database = database
        self._home = home
        self._keys = keys
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin to look, unless that was done within a day or goes on still."""
        with self._database.auditor() as connection:
            now = ledger.now(connection)
        last = last_look(self._home)
        if self._thread and self._thread.is_alive():
            return
        if last is None or now - last.at >= LOOKED_EVERY:
            self._thread = threading.Thread(target=self._look, args=[now], daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait until the look at hand is over."""
        if self._thread:
            self._thread.join()

    def _look(self, now: datetime) -> None:
        try:
            found = list(findings(self._database))
            with self._database.auditor() as connection:
                whose = whose_turn(connection, now)
            found += proven(self._database, self._keys, whose)
            found.append(look_at_seals(self._database, self._home))
            found.append(look_at_requests(self._home, now))
            found.append(self._redactions.look())
        except SQLAlchemyError as error:
            _log.error("invariants not looked at", error=type(error).__name__)
            return
        for each in found:
            _tell(each)
        keep_look(self._home, now, found)


def _tell(found: Finding) -> None:
    """Log what was found, by name and number: the rows stay in the database."""
    name = found.invariant.name
    if found.rows is None:
        _log.warning("invariant not looked at", invariant=name)
    elif found.is_violated:
        _log.error("invariant violated", invariant=name, rows=len(found.rows))
    elif found.rows:
        _log.warning("invariant to look at", invariant=name, rows=len(found.rows))
