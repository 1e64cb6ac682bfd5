"""Keeps the record of redactions outside the database, and does again what one lacks.

The clock writes down what is committed, so the file tells of nothing that did not
happen. What a crash left out it finds by comparing, and what a restored dump lacks too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection

from app.storage import ledger, redactions, tombstones
from app.storage.database import Database
from app.storage.invariants import ROWS_MAX, Finding, Invariant
from app.storage.redactions import Forgotten, lacking
from app.storage.sealing import Keyring
from app.storage.stores import Store, the_store
from workers.aside import words
from workers.forget import forget_again
from workers.scene import Scene
from workers.settle import Unsettled, settle
from workers.terms import Terms

KEPT = Invariant(
    "redactions-are-kept",
    "Each line of checkpoints/redactions.jsonl can be read, and it knows the same as "
    "forgotten as the database; `tallymark restored` says more, and mends what it can.",
    is_alert=True,
)

# All that a store has is read once, after a restore.
_WORK_S = 600

_log = structlog.get_logger()


@dataclass(frozen=True)
class Again:
    """What was done again: redactions by store, and what could not be.

    `unread` are the numbers of lines that are broken, or of another secret key.
    `failed` says of stores by which error nobody could be forgotten there, and
    `unwritten` by which the file could not be added to.
    """

    stores: dict[str, int]
    unread: list[int]
    is_missing: bool = False
    failed: dict[str, str] = field(default_factory=dict)
    unwritten: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all was done that there was to do."""
        return not self.failed and self.unwritten is None


class KeepingRedactions:
    """Brings the file and the database to the same, whichever of them lacks some."""

    def __init__(
        self,
        database: Database,
        secret_key: str,
        keys: Keyring,
        home: Path,
        clock: Callable[[Connection], datetime] = ledger.now,
    ) -> None:
        """Keep the file under `home`, whose lines are proved with `secret_key`."""
        self._database = database
        self._secret_key = secret_key
        self._keys = keys
        self._home = home
        self._clock = clock
        self._seen: object = None

    def work(self) -> None:
        """Compare them, unless neither changed since; and log what is done again."""
        with self._database.auditor() as connection:
            seen = tombstones.state(connection), self._file()
        if seen == self._seen:
            return
        again = self.compare()
        for domain, count in again.stores.items():
            _log.warning("forgotten again", domain=domain, redactions=count)
        if again.unread:
            _log.error("redactions not read", lines=len(again.unread))
        for domain, why in again.failed.items():
            _log.error("not forgotten again", domain=domain, error=why)
        if again.unwritten:
            _log.error("redactions not written", error=again.unwritten)
        # What was written just now is looked at once more; what failed is done anew.
        is_seen = again.is_whole and self._file() == seen[1]
        self._seen = seen if is_seen else None

    def compare(self) -> Again:
        """Have each tell the other what it lacks; return what was done again here.

        What fails keeps nothing else from being done. Raises OSError where the file is
        there, and cannot be read.
        """
        found = self._found()
        unwritten, done, failed = None, dict[str, int](), dict[str, str]()
        try:
            redactions.add(self._home, self._secret_key, found.unwritten)
        except OSError as error:
            unwritten = type(error).__name__
        for place, keys in found.undone.items():
            try:
                self._forget(place, keys, found.told.begun[place])
            except Exception as error:
                failed[place[1]] = words(error)
            else:
                done[place[1]] = len(keys)
        return Again(done, found.unread, found.is_missing, failed, unwritten)

    def look(self) -> Finding:
        """Return which lines cannot be read, and what file or database lacks by store.

        What the clock is about to write is left out.
        """
        try:
            found = self._found()
        except OSError as error:
            path = str(redactions.file_of(self._home))
            return Finding(KEPT, ((path, type(error).__name__),))
        rows: list[tuple[object, ...]] = [("line", each) for each in found.unread]
        rows += [(at[1], len(keys), "undone") for at, keys in found.undone.items()]
        if found.unwritten:
            with self._database.auditor() as connection:
                fresh = tombstones.just_buried(connection)
            rows += [
                (place[1], len(keys), "not on file")
                for place, keys in found.unwritten.items()
                if place not in fresh
            ]
        return Finding(KEPT, tuple(rows[:ROWS_MAX]))

    def _found(self) -> _Found:
        """Look at both: at the file first, since what is there is in the database."""
        try:
            on_file, unread = redactions.on_file(self._home, self._secret_key)
            is_missing = False
        except FileNotFoundError:
            on_file, unread, is_missing = Forgotten(), [], True
        with self._database.auditor() as connection:
            told = tombstones.told(connection)
        undone = {}
        for place, keys in lacking(told.forgotten, on_file, told.begun).items():
            # A store that was left by everybody, and came back, has other people now.
            if keys.get(None, told.begun[place]) < told.begun[place]:
                del keys[None]
            if keys:
                undone[place] = keys
        return _Found(on_file, unread, is_missing, told, undone)

    def _forget(
        self, place: redactions.Place, keys: dict[str | None, datetime], begun: datetime
    ) -> None:
        """Do the redactions of a store again, as if they were told now."""
        with self._database.auditor() as connection:
            store = the_store(connection, *place)
        with self._database.program(store.program_id, work_s=_WORK_S) as connection:
            terms = Terms(connection, store.program_id, self._keys)
            scene = self._scene(connection, terms, terms.stores[store.store_id])
            scene.people.lock((), everybody=True)
            born = forget_again(
                scene, lambda name: scene.key(name) in keys, everybody=None in keys
            )
            named = {key: at for key, at in keys.items() if key is not None}
            now = [key for key, at in named.items() if at >= begun]
            tombstones.bury(connection, store, now)
            before = named.keys() - set(now)
            tombstones.bury(connection, store, before, before=True)
            settle(connection, terms, Unsettled(born), self._clock(connection))
            scene.erase(self._keys)

    def _scene(self, connection: Connection, terms: Terms, store: Store) -> Scene:
        return Scene.of(
            connection,
            store,
            self._secret_key,
            self._keys,
            self._home,
            keeps_marks=terms.have_referrals,
        )

    def _file(self) -> tuple[int, int] | None:
        try:
            seen = redactions.file_of(self._home).stat()
        except FileNotFoundError:
            return None
        return seen.st_size, seen.st_mtime_ns


@dataclass(frozen=True)
class _Found:
    on_file: Forgotten
    unread: list[int]
    is_missing: bool
    told: tombstones.Told
    undone: Forgotten

    @property
    def unwritten(self) -> Forgotten:
        """What the file lacks."""
        return lacking(self.on_file, self.told.forgotten, self.told.begun)
