"""Days and months by the calendar of a place."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
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


def end_of_month(at: datetime, timezone: str) -> datetime:
    """Return when the month in which `at` is ends, by the clocks of a place."""
    today = at.astimezone(ZoneInfo(timezone))
    return _end_of(today.year, today.month, 31, timezone)


def end_of_next(at: datetime, month: int, day: int, timezone: str) -> datetime:
    """Return when the next such day of a year ends, by the clocks of a place.

    That is the next that has not ended by `at`. 29 February is its month's last day in
    other years.
    """
    year = at.astimezone(ZoneInfo(timezone)).year
    ends = _end_of(year, month, day, timezone)
    return ends if ends > at else _end_of(year + 1, month, day, timezone)


def _end_of(year: int, month: int, day: int, timezone: str) -> datetime:
    """Return when a day ends there, or the last of that month where it is shorter."""
    last = calendar.monthrange(year, month)[1]
    following = date(year, month, min(day, last)) + timedelta(days=1)
    return datetime.combine(following, time(), ZoneInfo(timezone)).astimezone(UTC)


def day_in_words(at: datetime) -> str:
    """Return, for example, `31 March 2027`."""
    return f"{at.day} {at:%B %Y}"


def local(at: datetime, timezone: str) -> datetime:
    """Return what the clocks on the walls of a place show at a moment."""
    return at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
