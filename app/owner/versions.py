"""The versions of a programme as its owner reads of them, by the store's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.domain.phrases import day
from app.storage.stores import ProgramHistory


@dataclass(frozen=True)
class Version:
    """A version, since when it holds, and how it stands now."""

    number: int
    since: str
    state: str

    @property
    def is_in_force(self) -> bool:
        """Whether it is the one that holds now."""
        return self.state == "in force"

    @property
    def is_planned(self) -> bool:
        """Whether it will hold, if nothing takes its place."""
        return self.state == "planned"


def versions(history: ProgramHistory, now: datetime, timezone: str) -> list[Version]:
    """Return every version, the newest first."""
    return list(_versions(history, now, timezone))[::-1]


def _versions(
    history: ProgramHistory, now: datetime, timezone: str
) -> Iterator[Version]:
    in_force = history.at(now).version
    for index, (since, program) in enumerate(history.versions):
        later = [other for other, _ in history.versions[index + 1 :]]
        state = "past"
        if program.version == in_force:
            state = "in force"
        elif since and any(other is None or other <= since for other in later):
            state = "never in force"
        elif since and since > now:
            state = "planned"
        yield Version(program.version, by_the_clock(since, timezone), state)


def by_the_clock(at: datetime | None, timezone: str) -> str:
    """Return a moment as the clock on the store's wall shows it; None is always."""
    if at is None:
        return "the beginning"
    return day(at.astimezone(ZoneInfo(timezone)))


def from_the_clock(written: str, timezone: str) -> datetime | None:
    """Return the moment at which that clock shows this, None for what is none."""
    try:
        shown = datetime.fromisoformat(written)
        return shown.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
