"""Periodic work, by a plain timer that needs no Redis: sweeps, releases, seals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from app.disks import tell_nearly_full
from app.domain.errors import BrokenLedger
from app.storage import audit, inbox, ledger, stores
from app.storage.kept_messages import drop_bodies
from workers.aside import Aside, words
from workers.checkpoints import keep_checkpoint
from workers.inspection import Inspection
from workers.process import BATCH, Line
from workers.redactions import KeepingRedactions

# A message that waited this long was forgotten by the bell, so the clock takes it.
FORGOTTEN_S = 1.0
SEALED_EVERY = timedelta(days=1)
BODIES_KEPT_DAYS = 30
# What a store is asked when the clock is stopped has mostly been answered by then.
LAST_CALLS_S = 15.0

_log = structlog.get_logger()


@dataclass(frozen=True)
class Errand:
    """What waits for others, so that it is done beside the chores; and how often."""

    name: str
    every_s: float
    work: Callable[[], object]


@dataclass
class _Chore:
    name: str
    every_s: float
    work: Callable[[], object]
    due_at: float = 0


class Clock:
    """Does what time alone asks for, again and again until stopped."""

    def __init__(self, line: Line, home: Path, errands: Sequence[Errand] = ()) -> None:
        """Tick for this line, and run errands; seals are kept under `home`."""
        self._line = line
        self._home = home
        self._asides = [Aside(each.name, each.work) for each in errands]
        where = line.database, line.secret_key, line.keys, home, line.clock
        self.redactions = KeepingRedactions(*where)
        self.inspection = Inspection(line.database, home, line.keys, self.redactions)
        self._stopped = threading.Event()
        self._chores = [
            _Chore("sweep", 1, self.sweep),
            _Chore("give up", 5, self.give_up),
            _Chore("settle due", 2, self.settle_due),
            _Chore("seal", 60, self.seal),
            _Chore("keep redactions", 60, self.redactions.work),
            _Chore("drop bodies", 3600, self.drop_bodies),
            _Chore("look at invariants", 600, self.inspection.begin),
            _Chore("look at disks", 300, partial(tell_nearly_full, home)),
            *(
                _Chore(each.name, each.every_s, aside.begin)
                for each, aside in zip(errands, self._asides, strict=True)
            ),
        ]

    def run(self) -> None:
        """Tick until `stop`; a chore that fails is tried again at its next time."""
        while not self._stopped.is_set():
            self.tick(time.monotonic())
            self._stopped.wait(0.25)
        self.wait(LAST_CALLS_S)

    def tick(self, now: float) -> None:
        """Do every chore whose time has come, by a clock of seconds."""
        for chore in self._chores:
            if chore.due_at <= now and not self._stopped.is_set():
                chore.due_at = now + chore.every_s
                try:
                    chore.work()
                except Exception as error:
                    _log.error("chore failed", chore=chore.name, error=words(error))

    def stop(self) -> None:
        """End after the chore at hand, which does not begin anything more."""
        self._stopped.set()
        self._line.stop()

    def wait(self, longest_s: float | None = None) -> None:
        """Wait until no errand goes on, or for each not any longer than that."""
        for aside in self._asides:
            aside.wait(longest_s)

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
                self._seal(program_id)

    def _seal(self, program_id: int) -> None:
        """Seal one programme's ledger; one that lacks what was sealed stops no other.

        Whose row lies is for `tallymark verify` to say: no log names a member.
        """
        try:
            keep_checkpoint(self._line.database, program_id, self._home)
        except BrokenLedger:
            _log.error(
                "ledger not sealed",
                program_id=program_id,
                why="it lacks what a seal outside the database knows: run `tallymark "
                "verify`, and `tallymark restored` if an older copy was brought back",
            )

    def drop_bodies(self) -> None:
        """Empty messages past their retention; what they said stays as facts."""
        with self._line.database.auditor() as connection:
            programs = stores.all_programs(connection)
        for program_id in (inbox.NOBODY, *programs):
            with self._line.database.program(program_id) as connection:
                drop_bodies(connection, program_id, BODIES_KEPT_DAYS)
