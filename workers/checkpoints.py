"""Seals of the ledger, kept in files outside the database."""

from __future__ import annotations

from collections.abc import Iterator
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
    of no use, a file without its seal is written over by the next.
    """
    with database.program(program_id) as connection:
        sealed = audit.seal(connection, program_id)
        folder = _folder(home)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{program_id}-{sealed.number:06}.json"
        draft = path.with_suffix(".part")
        draft.write_bytes(msgspec.json.encode(_as_file(sealed)))
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
