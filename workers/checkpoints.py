"""Seals of the ledger, kept in files outside the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from app.storage import audit
from app.storage.audit import Checkpoint
from app.storage.database import Database


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
    of no use. A file without its seal makes room for the next: it may tell of what a
    restored database lacks.
    """
    with database.program(program_id) as connection:
        sealed = audit.seal(connection, program_id)
        folder = _folder(home)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{program_id}-{sealed.number:06}.json"
        draft = path.with_suffix(".part")
        draft.write_bytes(msgspec.json.encode(_as_file(sealed)))
        if path.exists():
            _set_aside(path)
        draft.replace(path)
    return path


def kept_checkpoints(home: Path) -> Iterator[tuple[Path, Checkpoint]]:
    """Yield the seals kept under `home`, oldest first; ValueError on a bad one."""
    for path in sorted(_folder(home).glob("*.json")):
        try:
            file = msgspec.json.decode(path.read_bytes(), type=_File)
            yield path, _as_checkpoint(file)
        except (msgspec.MsgspecError, ValueError) as error:
            raise ValueError(
                f"{path} cannot be read as a checkpoint: {error}"
            ) from error


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


def _set_aside(path: Path) -> None:
    """Move a seal among those that count no more, over none of the same number."""
    content = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    folder = aside(path.parent.parent)
    folder.mkdir(exist_ok=True)
    path.replace(folder / f"{path.stem}-{content}.json")


def _folder(home: Path) -> Path:
    return home / "checkpoints"


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
