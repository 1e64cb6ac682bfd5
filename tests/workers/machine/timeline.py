"""The versions of a store's programme, and which of them is in force when."""

from __future__ import annotations

from datetime import datetime

from app.domain.climbing import BEGINNING, Era
from app.domain.program import Program

# Before them the store had the version with which it was installed.
_FIRST = 2


class Timeline:
    """Versions that are in force one after the other, each from its time on."""

    def __init__(self, program: Program) -> None:
        """Begin with one for all time."""
        self.eras = [Era(BEGINNING, program)]

    def change(self, since: datetime, program: Program) -> None:
        """Have another be in force from a moment on that has not come yet."""
        assert since >= self.eras[-1].begin
        self.eras.append(Era(since, program))

    def at(self, moment: datetime) -> Program:
        """The version that is in force at a moment."""
        return [era.program for era in self.eras if era.begin <= moment][-1]

    def version(self, number: int) -> Program:
        """A version by its number."""
        return self.eras[number - _FIRST].program

    @property
    def is_changed(self) -> bool:
        """Whether there is more than the first."""
        return len(self.eras) > 1

    @property
    def held_days_max(self) -> int:
        """For how many days points wait at most before they can be spent."""
        return max(era.program.credit_after_days for era in self.eras)
