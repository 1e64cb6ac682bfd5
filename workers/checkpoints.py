"""Seals of the ledger, kept in files outside the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from app.domain.errors import BrokenLedger
from app.durable import keep_names, write_durably
from app.storage import audit
from app.storage.audit import Checkpoint
from app.storage.database import Database
from app.storage.invariants import ROWS_MAX, Finding, Invariant

FIT = Invariant(
    "ledgers-fit-their-seals",
    "All that the newest seal outside the database knows is in the ledger; where an "
    "older copy of the database was brought back, `tallymark restored` takes note.",
)


class _File(msgspec.Struct):
    """A seal as it lies in its file; hashes in hexadecimal."""

    program_id: int
    number: int
    sealed_at: str
    root: str
    heads: dict[str, tuple[int, str]]


def keep_checkpoint(database: Database, program_id: int, home: Path) -> Path:
    """Seal a program's ledger, and write the seal to a file; return where.

    The file is written before the seal is committed: a seal without its file would be
    of no use. A file without its seal makes room for the next, unless it knows what the
    ledger lacks: then nothing is sealed. Raises BrokenLedger.
    """
    with database.program(program_id) as connection:
        sealed = audit.seal(connection, program_id)
        folder = _folder(home)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{program_id}-{sealed.number:06}.json"
        _refuse_what_is_cut(connection, path)
        draft = path.with_suffix(".part")
        write_durably(draft, msgspec.json.encode(_as_file(sealed)))
        if path.exists():
            _set_aside(path)
        draft.replace(path)
        keep_names(folder)
    return path


def kept_checkpoints(home: Path) -> Iterator[tuple[Path, Checkpoint]]:
    """Yield the seals kept under `home`, oldest first; ValueError on a bad one."""
    for path in _paths(home):
        yield path, _read(path)


def look_at_seals(database: Database, home: Path) -> Finding:
    """Return which programmes' newest seals know what their ledgers lack.

    It knows all that those before it do. One that cannot be read is told by its name.
    """
    newest = {path.stem.partition("-")[0]: path for path in _paths(home)}
    found: list[tuple[object, ...]] = []
    for path in newest.values():
        try:
            kept = _read(path)
        except (OSError, ValueError) as error:
            found.append((path.name, type(error).__name__))
            continue
        with database.auditor() as connection:
            lie = audit.audit_heads(connection, kept)
        if lie:
            found.append((lie.program_id, lie.member_id, lie.where, lie.what))
    return Finding(FIT, tuple(found[:ROWS_MAX]))


@dataclass(frozen=True)
class Cut:
    """What a restored database lacks, by the newest seal that it does not know.

    By the time of that seal, members had so many transactions more than they have now.
    """

    program_id: int
    sealed_at: datetime
    transactions: int
    members: int


def set_aside_cut(database: Database, home: Path) -> list[Cut]:
    """Set the seals aside that are newer than the database, and return what is cut.

    Their files stay, below the others. Raises ValueError on a bad one.
    """
    with database.auditor() as connection:
        last: dict[int, int] = {}
        for program_id, number in audit.seals(connection):
            last[program_id] = max(last.get(program_id, 0), number)
        newer = [
            (path, kept)
            for path, kept in kept_checkpoints(home)
            if kept.number > last.get(kept.program_id, 0)
        ]
        newest = {kept.program_id: kept for _, kept in newer}
        cut = [
            Cut(kept.program_id, kept.sealed_at, *audit.missing(connection, kept))
            for kept in newest.values()
        ]
    for path, _ in newer:
        _set_aside(path)
    return cut


def aside(home: Path) -> Path:
    """Return where seals lie that the database does not know."""
    return _folder(home) / "aside"


def _refuse_what_is_cut(connection: Connection, next_path: Path) -> None:
    """Raise BrokenLedger where a seal that the database has not knows what it lacks."""
    programme = next_path.stem.partition("-")[0]
    for path in sorted(next_path.parent.glob(f"{programme}-*.json")):
        if path.name < next_path.name:
            continue
        try:
            lie = audit.audit_heads(connection, _read(path))
        except (OSError, ValueError) as error:
            raise BrokenLedger(str(error)) from error
        if lie:
            raise BrokenLedger(
                f"{lie}, so nothing is sealed; if an older copy of the database was "
                "brought back, `tallymark restored` takes note of that"
            )


def _set_aside(path: Path) -> None:
    """Move a seal among those that count no more, over none of the same number."""
    content = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    folder = aside(path.parent.parent)
    folder.mkdir(exist_ok=True)
    path.replace(folder / f"{path.stem}-{content}.json")


def _folder(home: Path) -> Path:
    return home / "checkpoints"


def _paths(home: Path) -> list[Path]:
    """Return the files of seals, those of each programme oldest first."""
    return sorted(_folder(home).glob("*.json"))


def _read(path: Path) -> Checkpoint:
    try:
        return _as_checkpoint(msgspec.json.decode(path.read_bytes(), type=_File))
    except (msgspec.MsgspecError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as a checkpoint: {error}") from error


def _as_file(sealed: Checkpoint) -> _File:
    return _File(
        sealed.program_id,
        sealed.number,
        sealed.sealed_at.isoformat(),
        sealed.root.hex(),
        {
            str(member_id): (sequence, hash_.hex())
            for member_id, (sequence, hash_) in sealed.heads.items()
        },
    )


def _as_checkpoint(file: _File) -> Checkpoint:
    return Checkpoint(
        file.program_id,
        file.number,
        datetime.fromisoformat(file.sealed_at),
        bytes.fromhex(file.root),
        {
            int(member_id): (sequence, bytes.fromhex(hash_))
            for member_id, (sequence, hash_) in file.heads.items()
        },
    )
