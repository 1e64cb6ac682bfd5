"""Periodic work, by a plain timer that needs no Redis: sweeps, releases, seals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from app.storage import audit, inbox, ledger, stores
from app.storage.kept_messages import drop_bodies
from workers.checkpoints import keep_checkpoint
from workers.fulfil import Fulfilling
from workers.inspection import Inspection
from workers.process import BATCH, Line
from workers.reconcile import DailyReconciling
from workers.set_up import SettingUp
from workers.show import Showing

# A message that waited this long was forgotten by the bell, so the clock takes it.
FORGOTTEN_S = 1.0
SEALED_EVERY = timedelta(days=1)
BODIES_KEPT_DAYS = 30

_log = structlog.get_logger()


@dataclass
class _Chore:
    name: str
    every_s: float
    work: Callable[[], object]
    due_at: float = 0


class Clock:
    """Does what time alone asks for, again and again until stopped."""

    def __init__(
        self,
        line: Line,
        fulfilling: Fulfilling,
        setting_up: SettingUp,
        home: Path,
        reconciling: DailyReconciling | None = None,
        showing: Showing | None = None,
    ) -> None:
        """Tick for this line; seals are kept under `home`."""
        self._line = line
        self._fulfilling = fulfilling
        self._setting_up = setting_up
        self._home = home
        self.inspection = Inspection(line.database, home)
        self._stopped = threading.Event()
        self._chores = [
            _Chore("sweep", 1, self.sweep),
            _Chore("give up", 5, self.give_up),
            _Chore("settle due", 2, self.settle_due),
            _Chore("fulfil", 1, self._fulfilling.work),
            _Chore("set up stores", 1, self._setting_up.work),
            _Chore("set up for new versions", 5, self._setting_up.note_versions),
            _Chore("seal", 60, self.seal),
            _Chore("drop bodies", 3600, self.drop_bodies),
            _Chore("look at invariants", 600, self.inspection.begin),
        ]
        if showing:
            self._chores.append(_Chore("show", 1, showing.work))
            self._chores.append(_Chore("show new versions", 5, showing.note_versions))
        if reconciling:
            self._chores.append(_Chore("reconcile", 600, reconciling.begin))

    def run(self) -> None:
        """Tick until `stop`; a chore that fails is tried again at its next time."""
        while not self._stopped.is_set():
            self.tick(time.monotonic())
            self._stopped.wait(0.25)

    def tick(self, now: float) -> None:
        """Do every chore whose time has come, by a clock of seconds."""
        for chore in self._chores:
            if chore.due_at <= now and not self._stopped.is_set():
                chore.due_at = now + chore.every_s
                try:
                    chore.work()
                except Exception as error:
                    _log.error("chore failed", chore=chore.name, error=_words(error))

    def stop(self) -> None:
        """End after the chore at hand."""
        self._stopped.set()

    def sweep(self) -> int:
        """Settle messages that no bell brought to a worker."""
        return self._line.drain(older_than_s=FORGOTTEN_S)

    def settle_due(self) -> None:
        """Release and expire points whose time has come."""
        while self._line.settle_due() == BATCH:
            pass

    def give_up(self) -> None:
        """Set messages aside that no worker survived."""
        with self._line.database.sweeper() as connection:
            inbox.give_up(connection)

    def seal(self) -> None:
        """Seal each programme's ledger once a day, and keep the seal outside."""
        with self._line.database.auditor() as connection:
            now = ledger.now(connection)
            sealed = audit.last_sealed_at(connection)
            programs = stores.all_programs(connection)
        for program_id in programs:
            last = sealed.get(program_id)
            if last is None or now - last >= SEALED_EVERY:
                keep_checkpoint(self._line.database, program_id, self._home)

    def drop_bodies(self) -> None:
        """Empty messages past their retention; what they said stays as facts."""
        with self._line.database.auditor() as connection:
            programs = stores.all_programs(connection)
        for program_id in (inbox.NOBODY, *programs):
            with self._line.database.program(program_id) as connection:
                drop_bodies(connection, program_id, BODIES_KEPT_DAYS)


def _words(error: Exception) -> str:
    return type(getattr(error, "orig", None) or error).__name__
