"""When points expire: so many months later, or at the end of a month or fixed day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.expiry import expires_at
from app.domain.program import ExpiryRounding, Program

MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(MOMENTS, st.integers(1, 120), st.sampled_from(ExpiryRounding))
def test_rounding_never_takes_a_day_away(placed, months, rounding):
    exact = expires_at(placed, Program(expires_after_months=months))
    program = Program(expires_after_months=months, expiry_rounding=rounding)

    assert exact <= expires_at(placed, program) <= exact + timedelta(days=366)


@pytest.mark.parametrize(
    ("placed", "on", "ends"),
    [
        ("2026-03-31T23:59", "03-31", "2027-04-01"),
        ("2026-04-01T00:00", "03-31", "2028-04-01"),
        ("2027-02-28T12:00", "02-29", "2028-03-01"),
        ("2025-06-01T00:00", "02-29", "2027-03-01"),
    ],
)
def test_a_fixed_day_is_the_next_one(placed, on, ends):
    program = Program(
        expires_after_months=12,
        expiry_rounding=ExpiryRounding.FIXED_DAY,
        expires_on=on,
    )
    at = datetime.fromisoformat(placed).replace(tzinfo=UTC)

    assert datetime.fromisoformat(ends).replace(tzinfo=UTC) == expires_at(at, program)
