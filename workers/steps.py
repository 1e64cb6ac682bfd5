"""How far a long piece of work is, for whoever waits for it."""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """What is being done, and how much of it; without a total where nobody knows it."""

    doing: str
    done: int
    total: int | None = None
