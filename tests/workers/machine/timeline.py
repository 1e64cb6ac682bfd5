"""The versions of a store's programme, and which of them is in force when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.climbing import BEGINNING, Era
from app.domain.program import Program
from app.domain.rewards import Reward
from tests.workers.machine.plain_prizes import Name

# Before them the store had the version with which it was installed.
_FIRST = 2


class Timeline:
    """Versions that are in force one after the other, each from its time on."""

    def __init__(self, program: Program) -> None:
        """Begin with one for all time."""
        self.eras = [Era(BEGINNING, replace(program, version=_FIRST))]

    def change(self, since: datetime, program: Program) -> None:
        """Have another be in force from a moment on that has not come yet."""
        assert since >= self.eras[-1].begin
        version = _FIRST + len(self.eras)
        self.eras.append(Era(since, replace(program, version=version)))

    def at(self, moment: datetime) -> Program:
        """The version that is in force at a moment."""
        return [era.program for era in self.eras if era.begin <= moment][-1]

    def version(self, number: int) -> Program:
        """A version by its number."""
        return self.eras[number - _FIRST].program

    def last(self, reward_id: str) -> Reward:
        """A reward as the last version has it that has it at all."""
        found = (era.program.reward(reward_id) for era in self.eras[::-1])
        return next(each for each in found if each)

    @property
    def prizes(self) -> list[Name]:
        """All that can be won by any version, and what wins it."""
        found: dict[Name, None] = {}
        for era in self.eras:
            program = era.program
            by_id = [(f"stamps/{each.id}", each) for each in program.stamp_cards]
            by_id += [(f"challenge/{each.name}", each) for each in program.challenges]
            by_id += [(f"gift/{each.name}", each) for each in program.surprises]
            found |= {(id_, each.reward): None for id_, each in by_id if each.reward}
        return list(found)

    @property
    def is_changed(self) -> bool:
        """Whether there is more than the first."""
        return len(self.eras) > 1

    @property
    def held_days_max(self) -> int:
        """For how many days points wait at most before they can be spent."""
        return max(era.program.credit_after_days for era in self.eras)
