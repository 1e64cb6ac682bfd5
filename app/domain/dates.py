"""Days and months by the calendar of a place."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def months_after(at: datetime, months: int) -> datetime:
    """Return the same day so many months later, or that month's last day."""
    month = at.month - 1 + months
    year, month = min(at.year + month // 12, 9999), month % 12 + 1
    day = min(at.day, calendar.monthrange(year, month)[1])
    return at.replace(year=year, month=month, day=day)


def local_months_after(at: datetime, months: int, timezone: str) -> datetime:
    """Return the same time of day so many months later, by the clocks of a place."""
    return months_after(at.astimezone(ZoneInfo(timezone)), months).astimezone(UTC)


def end_of_year(at: datetime, timezone: str) -> datetime:
    """Return when the year in which `at` is ends, by the clocks of a place."""
    place = ZoneInfo(timezone)
    year = min(at.astimezone(place).year + 1, 9999)
    return datetime(year, 1, 1, tzinfo=place).astimezone(UTC)


def end_of_month(at: datetime) -> datetime:
    """Return when the month ends in which `at` is, by UTC."""
    first = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return months_after(first, 1)


def end_of_next(at: datetime, month: int, day: int) -> datetime:
    """Return when the next such day of a year ends that has not ended by `at`, by UTC.

    29 February is its month's last day in other years.
    """
    found = datetime.max.replace(tzinfo=UTC)
    for year in (at.astimezone(UTC).year + 1, at.astimezone(UTC).year):
        last = calendar.monthrange(year, month)[1]
        ends = datetime(year, month, min(day, last), tzinfo=UTC) + timedelta(days=1)
        found = ends if ends > at else found
    return found


def day_in_words(at: datetime) -> str:
    """Return, for example, `31 March 2027`."""
    return f"{at.day} {at:%B %Y}"


def local(at: datetime, timezone: str) -> datetime:
    """Return what the clocks on the walls of a place show at a moment."""
    return at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
