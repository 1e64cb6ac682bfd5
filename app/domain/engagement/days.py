"""Days that come by themselves: birthdays, and anniversaries of joining."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.actions import Action, Anniversary, Birthday, Joining
from app.domain.actions.base import State

# How long a birthday stands before it may be changed.
CHANGED_AFTER = timedelta(days=365)

# As often those are looked at who gave a birthday. So when a member is due tells the
# day a week before the ledger does, and no sooner.
LOOKED_EVERY = timedelta(days=7)

# A year that has every day.
_LEAP = 2000


@dataclass(frozen=True)
class BirthdayGiven:
    """A member said when their birthday is; the year is neither asked for nor kept."""

    key: str
    month: int
    day: int
    at: datetime
    timezone: str = "UTC"


def believed(given: Iterable[BirthdayGiven]) -> list[BirthdayGiven]:
    """Return the birthdays that stood, each until the next: one change in a year.

    One that is told again is no change: it was known since it was told first.
    """
    found: list[BirthdayGiven] = []
    for each in sorted(given, key=lambda each: (each.at, each.key)):
        if not found or (
            each.at - found[-1].at >= CHANGED_AFTER
            and (each.month, each.day) != (found[-1].month, found[-1].day)
        ):
            found.append(each)
    return found


def birthdays(given: Iterable[BirthdayGiven], until: datetime) -> Iterator[Action]:
    """Yield the birthdays that came, each by what was known then."""
    stood = believed(given)
    for number, each in enumerate(stood, start=1):
        end = stood[number].at if number < len(stood) else None
        for year in range(each.at.year - 1, until.year + 2):
            at = _midnight(year, each.month, each.day, each.timezone)
            if each.at <= at <= until and (end is None or at < end):
                yield Action(
                    Birthday.kind,
                    f"{each.key}-{year}",
                    at,
                    timezone=each.timezone,
                    given_at=each.at,
                )


def anniversaries(actions: Iterable[Action], until: datetime) -> Iterator[Action]:
    """Yield the anniversaries that came of the day on which a member first joined."""
    joined = _first_joining(actions)
    if joined is None:
        return
    day = joined.at.astimezone(ZoneInfo(joined.timezone))
    for years in range(1, until.year - day.year + 2):
        at = _midnight(day.year + years, day.month, day.day, joined.timezone)
        if at <= until:
            key = f"{joined.key}-{years}"
            yield Action(Anniversary.kind, key, at, timezone=joined.timezone)


def next_look(
    actions: Sequence[Action],
    given: Sequence[BirthdayGiven],
    kinds: Iterable[str],
    now: datetime,
) -> datetime | None:
    """Return when to look for days of these kinds again, None where none comes.

    That is on the next such day, or sooner.
    """
    ahead = now + timedelta(days=2 * 366)
    looks: list[datetime] = []
    if Anniversary.kind in kinds:
        looks += [day.at for day in anniversaries(actions, ahead)]
    if Birthday.kind in kinds and given:
        looks += [day.at for day in birthdays(given, ahead)]
        first = min(each.at for each in given)
        weeks = (now - first) // LOOKED_EVERY + 1
        looks.append(first + weeks * LOOKED_EVERY)
    return min((look for look in looks if look > now), default=None)


def is_day(month: int | None, day: int | None) -> bool:
    """Whether there is such a day in any year."""
    try:
        date(_LEAP, month or 0, day or 0)
    except ValueError:
        return False
    return True


def _first_joining(actions: Iterable[Action]) -> Action | None:
    joined = [
        each
        for each in actions
        if each.action == Joining.kind and each.state == State.ACCEPTED
    ]
    return min(joined, key=lambda each: (each.at, each.key), default=None)


def _midnight(year: int, month: int, day: int, timezone: str) -> datetime:
    """Return when a day begins there; the 29th of February may be the 28th."""
    zone = ZoneInfo(timezone)
    try:
        begins = datetime(year, month, day, tzinfo=zone)
    except ValueError:
        begins = datetime(year, month, 28, tzinfo=zone)
    return begins.astimezone(UTC)
