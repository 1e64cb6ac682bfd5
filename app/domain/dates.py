"""Days and months by the calendar of a place."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
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


def day_in_words(at: datetime) -> str:
    """Return, for example, `31 March 2027`."""
    return f"{at.day} {at:%B %Y}"
