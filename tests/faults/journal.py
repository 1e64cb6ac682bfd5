"""What the store itself wrote down: an append-only log of deliveries and answers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """One answer to one delivery: a status, or the word for what came instead."""

    delivery_id: str
    domain: str
    answer: int | str
    seconds: float
    at: float


class Journal:
    """A file that only grows; each line is with the kernel before the next is sent."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, answer: Answer) -> None:
        """Add a line; a single write, so that threads never mix theirs."""
        os.write(self._file, json.dumps(asdict(answer)).encode() + b"\n")

    def close(self) -> None:
        """Have all of it on the disk."""
        os.fsync(self._file)
        os.close(self._file)

    def read(self) -> Iterator[Answer]:
        """Yield every answer there has been."""
        for line in self._path.read_text().splitlines():
            yield Answer(**json.loads(line))
