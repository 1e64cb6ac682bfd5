"""Files with all of a shopper who asked: each lies here until it was handed on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from app.storage.invariants import ROWS_MAX, Finding, Invariant

ANSWERED_WITHIN = timedelta(days=30)
# Leaves ten days to hand it on.
TOLD_AFTER = timedelta(days=20)

ANSWERED = Invariant(
    "data-requests-are-answered",
    "What a shopper asked for is handed on within 20 days, since 30 are the most; "
    "`tallymark data-request list` says what lies here.",
    is_alert=True,
)


@dataclass(frozen=True)
class DataRequest:
    """What one shopper asked for; the id is made of store and request, of nobody."""

    id: str
    requested_at: datetime
    path: Path

    @property
    def domain(self) -> str:
        """The store that the request came from."""
        return self.id.rpartition("-")[0]

    @property
    def answer_by(self) -> datetime:
        """Until when the shopper must have it."""
        return self.requested_at + ANSWERED_WITHIN


def keep(
    home: Path, domain: str, request_id: str, at: datetime, document: object
) -> DataRequest:
    """Keep what was asked for then; the same again overwrites, and puts nothing off."""
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = "".join(letter for letter in request_id if letter.isalnum())
    path = folder / f"{domain}-{name}.json"
    before = _read(path)
    at = min(at, before.requested_at) if before else at
    draft = path.with_suffix(".part")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2))
    draft.chmod(0o600)
    os.utime(draft, (at.timestamp(), at.timestamp()))
    draft.replace(path)
    return DataRequest(path.stem, at, path)


def unanswered(home: Path, domain: str | None = None) -> list[DataRequest]:
    """Return what was not handed on yet, of one store or of all, the oldest first."""
    read = (_read(path) for path in _folder(home).glob(f"{domain or '*'}-*.json"))
    return sorted(filter(None, read), key=lambda each: (each.requested_at, each.id))


def note_answered(home: Path, id_: str, now: datetime) -> bool:
    """Delete what was handed on, and keep when that was; False where there is none."""
    found = next((each for each in unanswered(home) if each.id == id_), None)
    if found is None:
        return False
    note = {"id": id_, "requested_at": found.requested_at, "answered_at": now}
    with (_folder(home) / "answered.jsonl").open("ab") as notes:
        notes.write(msgspec.json.encode(note) + b"\n")
    found.path.unlink(missing_ok=True)
    return True


def look_at_requests(home: Path, now: datetime) -> Finding:
    """Return which requests lie here so long that their time will soon be over."""
    late = [each for each in unanswered(home) if now - each.requested_at > TOLD_AFTER]
    rows = tuple((each.id, each.answer_by) for each in late[:ROWS_MAX])
    return Finding(ANSWERED, rows)


def forget(
    home: Path, domain: str, people: list[str], *, everybody: bool = False
) -> None:
    """Remove the files of a store that name these people, or all of its files.

    People are customer ids, and the keyed hashes of addresses that orders have.
    """
    wanted = [f'"{person}"'.encode() for person in people]
    for path in _folder(home).glob(f"{domain}-*.json"):
        told = path.read_bytes()
        if everybody or any(person in told for person in wanted):
            path.unlink(missing_ok=True)


def _folder(home: Path) -> Path:
    return home / "data_requests"


def _read(path: Path) -> DataRequest | None:
    """Return a request by its file, whose time is when it was made; None once gone."""
    try:
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    return DataRequest(path.stem, at, path)
