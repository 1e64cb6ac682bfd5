"""The past orders of a store in a file of ours, which is gone on with after a break."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from app.platforms.base import Archive, FileOver, StoreAway, Told
from app.storage.stores import Store
from workers.steps import Step

_ASKED_EVERY_S = 2.0
# What the store wrote, all of it and the first part of it; and the same, made whole.
_RAW, _PART = "store.jsonl", "store.part"
_WHOLE = "orders.jsonl"
_GID = re.compile(rb"gid://shopify/(?:Customer|Order)/([0-9]+)")


class _Progress(msgspec.Struct):
    """How far it is: what the store calls its file, and how many orders were told.

    `total` is how many orders the file will have, and in the end has.
    """

    operation: str
    since: datetime | None
    total: int | None = None
    told: int = 0


class _Kept(msgspec.Struct):
    order_id: str
    told: Told


def past_folder(home: Path, store: Store) -> Path:
    """Return where the past orders of a store lie."""
    return home / "backfill" / f"{store.program_id}-{store.store_id}"


def forget_past(folder: Path, ids: Collection[str] | None) -> None:
    """Remove a store's past orders if they name any of these, or whoever they name.

    Whoever is at work on them has to begin again, by a file that names them no more.
    The first part of a file may name anybody in the line where it ends.
    """
    wanted = None if ids is None else {id_.encode() for id_ in ids}
    if wanted is None or (folder / _PART).exists() or _names(folder / _RAW, wanted):
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a store's past orders, last of all the file that tells whom they name.

    So whatever a break leaves can still be forgotten.
    """
    (folder / _WHOLE).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _names(file: Path, ids: Collection[bytes]) -> bool:
    try:
        with file.open("rb") as lines:
            return any(id_ in ids for line in lines for id_ in _GID.findall(line))
    except FileNotFoundError:
        return False


@contextmanager
def _must_be_there() -> Iterator[None]:
    """Raise StoreAway where the files were removed meanwhile."""
    try:
        yield
    except FileNotFoundError:
        raise StoreAway("its file is gone: somebody in it was forgotten") from None


class PastFile:
    """A folder with the store's file, the same with all refunds, and how far it is.

    Names of people are not in it, but the addresses of their mail are: nobody else may
    read it, and `end` removes it.
    """

    def __init__(
        self,
        folder: Path,
        archive: Archive,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep the orders of one store in `folder`."""
        self._folder, self._archive, self._pause = folder, archive, pause
        self._raw, self._whole = folder / _RAW, folder / _WHOLE
        self._state = folder / "progress.json"

    def make(self, since: datetime | None) -> Iterator[Step]:
        """Make the file, and yield how far that is, in orders; raises StoreAway.

        What was begun for the same time is gone on with.
        """
        progress = self._progress()
        if progress is None or progress.since != since:
            self.end()
            self._folder.mkdir(parents=True, mode=0o700)
            total = self._archive.count(since)
            progress = _Progress(self._archive.begin(since), since, total)
            self._save(progress)
        with _must_be_there():
            if not self._raw.exists():
                yield from self._wait(progress)
            yield from self._complete()

    def orders(self) -> Iterator[tuple[str, Told]]:
        """Yield the orders of the file by their id; raises StoreAway."""
        with _must_be_there(), self._whole.open("rb") as lines:
            for line in lines:
                kept = msgspec.json.decode(line, type=_Kept | None)
                if kept:
                    yield kept.order_id, kept.told

    @property
    def total(self) -> int | None:
        """Return how many orders the file has, None where the store has not said it."""
        progress = self._progress()
        return progress.total if progress else None

    @property
    def told(self) -> int:
        """Return how many orders, from the first on, went into the inbox."""
        progress = self._progress()
        return progress.told if progress else 0

    def note(self, told: int) -> None:
        """Keep how many orders went into the inbox; raises StoreAway."""
        with _must_be_there():
            progress = self._progress()
            if progress is None:
                raise FileNotFoundError
            self._save(msgspec.structs.replace(progress, told=told))

    def end(self) -> None:
        """Remove all of it."""
        _remove(self._folder)

    def _wait(self, progress: _Progress) -> Iterator[Step]:
        while True:
            state = self._archive.state(progress.operation)
            if state.failed:
                self.end()
                raise StoreAway(f"the store did not finish its file: {state.failed}")
            if state.is_done:
                break
            yield Step("The store writes its file", state.written, progress.total)
            self._pause(_ASKED_EVERY_S)
        if state.url is None and state.written == 0:
            # Where there are no orders, there is no file.
            self._raw.touch()
            return
        # Noted before there is a file, whose being there ends this.
        self._save(msgspec.structs.replace(progress, total=state.written))
        try:
            if state.url is None:
                raise FileOver(f"the store's file of {state.written} orders is gone")
            self._archive.fetch(state.url, self._raw)
        except FileOver:
            # The next try begins another one; the inbox knows what was told before.
            self.end()
            raise

    def _complete(self) -> Iterator[Step]:
        """Ask for each order that the store's file does not tell whole."""
        total = self.total
        # A line that a break cut short is written again.
        count = _drop_broken_end(self._whole)
        with self._whole.open("ab") as whole:
            for number, (listed, told) in enumerate(self._archive.orders(self._raw)):
                if number < count:
                    continue
                told = told or self._archive.read(listed.order_id)
                kept = _Kept(listed.order_id, told) if told else None
                whole.write(msgspec.json.encode(kept) + b"\n")
                whole.flush()
                yield Step("Refunds are read", number + 1, total)

    def _progress(self) -> _Progress | None:
        try:
            return msgspec.json.decode(self._state.read_bytes(), type=_Progress)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def _save(self, progress: _Progress) -> None:
        part = self._state.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(progress))
        part.replace(self._state)


def _drop_broken_end(file: Path) -> int:
    """Cut off what follows the last whole line; return how many lines there are."""
    if not file.exists():
        return 0
    count = whole = 0
    with file.open("rb+") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                break
            count, whole = count + 1, whole + len(line)
        lines.truncate(whole)
    return count
