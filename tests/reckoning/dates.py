"""When points end by their date, from first principles: day by day on the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_A_DAY = timedelta(days=1)
_A_QUARTER = timedelta(minutes=15)


@lru_cache(10_000)
def end_of_points(
    at: datetime,
    months: int | None,
    rounding: str = "exact",
    on: str = "12-31",
    timezone: str = "UTC",
) -> datetime | None:
    """So many months after a moment, rounded up as the programme says; None for never.

    That is to the end of that month, or of the next such day (`on`, as in 12-31) of a
    year, as calendars on the walls there show it; in years without a 29th of February
    the 28th is meant.
    """
    if months is None:
        return None
    exact = _months_after(at.astimezone(UTC), months)
    if rounding == "exact":
        return exact
    place = ZoneInfo(timezone)
    day = exact.astimezone(place).date()
    while not _is_meant(day, rounding, on):
        day += _A_DAY
    # The first quarter of an hour at which the calendar there shows another day.
    at = max(exact, datetime.combine(day, time(), UTC) - _A_DAY)
    at = at.replace(minute=0, second=0, microsecond=0)
    while at.astimezone(place).date() <= day:
        at += _A_QUARTER
    return at


def _is_meant(day: date, rounding: str, on: str) -> bool:
    """Whether points end with this day."""
    is_last = (day + _A_DAY).month != day.month
    if rounding == "month_end":
        return is_last
    is_short = on == "02-29" and day.month == 2 and is_last
    return is_short or day.strftime("%m-%d") == on


def _months_after(at: datetime, months: int) -> datetime:
    """The same day and time so many months later, or the last day of that month."""
    first = date(at.year, at.month, 1)
    for _ in range(months):
        first = (first + timedelta(days=31)).replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    day = min(first + timedelta(days=at.day - 1), after - _A_DAY)
    return datetime.combine(day, at.timetz())
