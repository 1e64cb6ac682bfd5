"""Under which version of the programme something earns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.program import Program


@dataclass(frozen=True)
class Versions:
    """The version in force at a moment; for what has earned, the one it earned under.

    `pins` has the version of each lot that is in the ledger.
    """

    at: Callable[[datetime], Program]
    version: Callable[[int], Program]
    pins: Mapping[str, int] = field(default_factory=dict)

    def of(self, lot: str, otherwise: Program) -> Program:
        """Return the version that a lot was earned under, if it is there already."""
        pinned = self.pins.get(lot)
        return otherwise if pinned is None else self.version(pinned)
