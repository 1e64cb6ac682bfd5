"""What of a programme is over by now, for whoever is about to save it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.domain.earning import Campaign
from app.domain.phrases import day, end
from app.domain.program import Program


def what_ended(program: Program, now: datetime) -> Iterator[str]:
    """Yield what ended by `now`, which is by the store's clock, each after its path."""
    for path, ends_at in _windows(program):
        if ends_at is not None and ends_at <= now:
            yield f"{path}: it ran until {end(ends_at)}, so it brings nothing any more"
    for path, begins_at in _dates(program):
        if begins_at <= now:
            yield f"{path}: {day(begins_at)} is over, so nobody can choose it"


def _windows(program: Program) -> Iterator[tuple[str, datetime | None]]:
    for index, rule in enumerate(program.earning):
        if isinstance(rule, Campaign):
            yield f"earning.{index}", rule.conditions.ends_at
    for index, reward in enumerate(program.rewards):
        yield f"rewards.{index}", reward.ends_at
    for index, challenge in enumerate(program.challenges):
        yield f"challenges.{index}", challenge.ends_at


def _dates(program: Program) -> Iterator[tuple[str, datetime]]:
    for index, reward in enumerate(program.rewards):
        for number, slot in enumerate(reward.slots):
            yield f"rewards.{index}.slots.{number}", slot.starts_at
