"""When points end: so long after they were earned, or once nothing is done for long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.dates import end_of_month, end_of_next, months_after
from app.domain.program import ExpiryRounding, Program


def expires_at(placed_at: datetime, program: Program, timezone: str) -> datetime | None:
    """Return when points of that time expire, None for never.

    That is so many months later; rounded up, it is the end of that month or of the next
    fixed day of a year, by the clock of the store.

    >>> placed = datetime(2026, 1, 31, 12, tzinfo=UTC)
    >>> expires_at(placed, Program(expires_after_months=1), "UTC").isoformat()
    '2026-02-28T12:00:00+00:00'
    >>> month_end = Program(expires_after_months=1, expiry_rounding="month_end")
    >>> expires_at(placed, month_end, "America/Los_Angeles").isoformat()
    '2026-03-01T08:00:00+00:00'
    """
    if program.expires_after_months is None:
        return None
    exact = months_after(placed_at, program.expires_after_months)
    return _rounded(exact, program.expiry_rounding, program.expires_on, timezone)


@dataclass(frozen=True)
class Patience:
    """How many months a lot waits for its member to do something, first of all `since`.

    `rounding` and `on` say to what day the end is rounded up, by the clock of a store.
    """

    since: datetime
    months: int
    rounding: ExpiryRounding = ExpiryRounding.EXACT
    on: str = "12-31"
    timezone: str = "UTC"

    def ends(self, at: datetime) -> datetime:
        """Return when it ends where nothing is done after `at`."""
        exact = months_after(at.astimezone(UTC), self.months)
        return _rounded(exact, self.rounding, self.on, self.timezone)


def patience(since: datetime, program: Program, timezone: str) -> Patience | None:
    """Return how long points of that time wait, None for ever."""
    months = program.expires_after_inactive_months
    if months is None:
        return None
    rounding, on = program.expiry_rounding, program.expires_on
    return Patience(since, months, rounding, on, timezone)


def _rounded(
    exact: datetime, rounding: ExpiryRounding, on: str, timezone: str
) -> datetime:
    if rounding == ExpiryRounding.MONTH_END:
        return end_of_month(exact, timezone)
    if rounding == ExpiryRounding.FIXED_DAY:
        month, day = map(int, on.split("-"))
        return end_of_next(exact, month, day, timezone)
    return exact
