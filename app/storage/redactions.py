"""Who was forgotten, on file outside the database, where no restored dump undoes it.

A line has the keyed hash of a tombstone, so it leads to nobody without the secret, and
a proof that it was written with that secret: none of another installation counts here.
"""

from __future__ import annotations

import fcntl
import hmac
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from app.durable import keep_names

# By platform and domain of a store, and by keyed hash: when the last installation began
# in which it was asked for. None in the place of a hash is everybody of the store.
Place = tuple[str, str]
Forgotten = dict[Place, dict[str | None, datetime]]

# With a capital, which no address has that is hashed under the same secret.
_PURPOSE = "Redaction on file"


class _Line(msgspec.Struct, omit_defaults=True):
    """A redaction as it lies on file; hashes in hexadecimal."""

    platform: str
    domain: str
    installed_at: str
    proof: str
    key: str | None = None


def file_of(home: Path) -> Path:
    """Return where the record of redactions lies, beside the seals."""
    return home / "checkpoints" / "redactions.jsonl"


def on_file(home: Path, secret_key: str) -> tuple[Forgotten, list[int]]:
    """Return who is forgotten on file, and the numbers of the lines that do not count.

    These are broken, or not written with this secret. What is no whole line at the end
    was still being written. Raises FileNotFoundError where there is no file.
    """
    found, unread = Forgotten(), list[int]()
    for number, words in enumerate(_lines(file_of(home), secret_key), start=1):
        line = _read(words, secret_key)
        if line is None:
            unread.append(number)
            continue
        keys = found.setdefault((line.platform, line.domain), {})
        at = datetime.fromisoformat(line.installed_at)
        keys[line.key] = max(keys.get(line.key, at), at)
    return found, unread


def add(home: Path, secret_key: str, forgotten: Forgotten) -> None:
    """Add redactions to the file; they are on the disk once this returns."""
    told = [
        msgspec.json.encode(_line(secret_key, place, key, at))
        for place, keys in forgotten.items()
        for key, at in keys.items()
    ]
    _append(file_of(home), secret_key, told)


def merge(home: Path, secret_key: str, other: Path) -> None:
    """Add the lines of another copy of the file that this one lacks.

    Those of another secret too: they are told by their numbers. Raises OSError.
    """
    path = file_of(home)
    known = set(_lines(path, secret_key)) if path.exists() else set()
    new = dict.fromkeys(_lines(other, secret_key))
    _append(path, secret_key, [each for each in new if each and each not in known])


def _lines(path: Path, secret_key: str) -> list[bytes]:
    *lines, last = path.read_bytes().split(b"\n")
    return [*lines, last] if _read(last, secret_key) else lines


def _append(path: Path, secret_key: str, lines: Iterable[bytes]) -> None:
    told = b"".join(each + b"\n" for each in lines)
    if not told:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.read()
        end = before.rfind(b"\n") + 1
        if before[end:] and _read(before[end:], secret_key):
            end, told = len(before), b"\n" + told
        # What a process that died had not written to its end goes.
        file.seek(end)
        file.truncate()
        file.write(told)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        keep_names(path.parent)


def lacking(
    known: Forgotten, told: Forgotten, begun: Mapping[Place, datetime]
) -> Forgotten:
    """Return which redactions of `told` are not `known`, in the stores that are there.

    `begun` is when the last installation of each began: who was forgotten in it is more
    forgotten than who was in one before.
    """
    missing = Forgotten()
    for place, at, key, moment in _each(told, begun):
        seen = known.get(place, {}).get(key)
        if seen is None or seen < at <= moment:
            missing.setdefault(place, {})[key] = moment
    return missing


def _each(
    told: Forgotten, begun: Mapping[Place, datetime]
) -> Iterator[tuple[Place, datetime, str | None, datetime]]:
    for place in told.keys() & begun.keys():
        for key, moment in told[place].items():
            yield place, begun[place], key, moment


def _line(secret_key: str, place: Place, key: str | None, at: datetime) -> _Line:
    line = _Line(*place, at.isoformat(), "", key)
    line.proof = _proof(secret_key, line)
    return line


def _read(words: bytes, secret_key: str) -> _Line | None:
    try:
        line = msgspec.json.decode(words, type=_Line)
        at = datetime.fromisoformat(line.installed_at)
    except (msgspec.MsgspecError, ValueError):
        return None
    is_ours = hmac.compare_digest(line.proof, _proof(secret_key, line))
    return line if is_ours and at.tzinfo else None


def _proof(secret_key: str, line: _Line) -> str:
    named = line.platform, line.domain, line.installed_at, line.key or "everybody"
    told = "\n".join((_PURPOSE, *named)).encode()
    return hmac.digest(secret_key.encode(), told, "sha256").hex()
