"""When points expire: so many months later, or at the end of a month or fixed day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.actions import Action, Newsletter
from app.domain.beside import Beside
from app.domain.challenges import ActStep, Challenge
from app.domain.climbing import BEGINNING, Era, climbed
from app.domain.credits import assess_all, credits
from app.domain.engagement.days import BirthdayGiven
from app.domain.engagement.engaged import Acts, engagement
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import Surprise
from app.domain.expiry import expires_at, patience
from app.domain.program import ExpiryRounding, Program
from app.domain.referral import Case, Referral, State, outcomes
from app.domain.referral_terms import ReferralTerms
from app.domain.tiers import Spending, Tier, Tiers
from tests.app.domain.engaged import BEGIN, Ordered, under
from tests.reckoning.dates import end_of_points

MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
# East and west, with summer in different halves of the year; the last two turn their
# clocks, or did, at midnight and by half an hour.
ZONES = [
    "UTC",
    "America/Los_Angeles",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
]
LOS_ANGELES, AUCKLAND = ZONES[1:3]
DAYS = st.dates(datetime(2024, 1, 1).date(), datetime(2024, 12, 31).date())  # noqa: DTZ001


@given(
    MOMENTS,
    st.integers(1, 120),
    st.sampled_from(ExpiryRounding),
    DAYS.map(lambda day: f"{day:%m-%d}"),
    st.sampled_from(ZONES),
)
def test_points_end_as_the_calendar_on_the_walls_of_the_store_says(
    placed, months, rounding, on, timezone
):
    program = Program(
        expires_after_months=months,
        expires_after_inactive_months=months,
        expiry_rounding=rounding,
        expires_on=on,
    )
    exact = expires_at(placed, Program(expires_after_months=months), timezone)
    ends = expires_at(placed, program, timezone)

    assert end_of_points(placed, months, rounding, on, timezone) == ends
    assert patience(placed, program, timezone).ends(placed) == ends
    assert exact <= ends <= exact + timedelta(days=366, hours=2)


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
    program = a_year(ExpiryRounding.FIXED_DAY, on)
    at = datetime.fromisoformat(placed).replace(tzinfo=UTC)

    ends_at = datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert ends_at == expires_at(at, program, "UTC")


def a_year(rounding: ExpiryRounding, on: str = "12-31", **more) -> Program:
    """Points that end after a year, rounded up."""
    return Program(
        expires_after_months=12, expiry_rounding=rounding, expires_on=on, **more
    )


@pytest.mark.parametrize(
    ("placed", "timezone", "on", "ends"),
    [
        # 21:00 of 31 December there: that very day is the next one.
        ("2026-01-01T05:00", LOS_ANGELES, "12-31", "2027-01-01T08:00"),
        ("2026-01-01T05:00", AUCKLAND, "12-31", "2027-12-31T11:00"),
        # 01:00 of 1 January there: the day has passed.
        ("2025-12-31T12:00", AUCKLAND, "12-31", "2027-12-31T11:00"),
        ("2025-12-31T12:00", LOS_ANGELES, "12-31", "2027-01-01T08:00"),
        # The clocks are turned on these very days, so they have 23 and 25 hours.
        ("2026-02-01T00:00", LOS_ANGELES, "03-14", "2027-03-15T07:00"),
        ("2026-02-01T00:00", LOS_ANGELES, "11-07", "2027-11-08T08:00"),
        ("2026-02-01T00:00", AUCKLAND, "04-04", "2027-04-04T12:00"),
        ("2026-02-01T00:00", AUCKLAND, "09-26", "2027-09-26T11:00"),
    ],
)
def test_a_fixed_day_ends_when_the_store_turns_its_calendar(placed, timezone, on, ends):
    program = a_year(ExpiryRounding.FIXED_DAY, on)
    at = datetime.fromisoformat(placed).replace(tzinfo=UTC)

    ends_at = datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert ends_at == expires_at(at, program, timezone)


def test_whatever_points_come_of_they_end_by_the_clock_of_their_store():
    spent = (Spending(amount=Decimal(20)),)
    silver = Tier(name="Silver", needs=spent, entry_points=50, birthday_points=30)
    program = a_year(
        ExpiryRounding.FIXED_DAY,
        expires_after_inactive_months=12,
        tiers=Tiers(ladder=(silver,)),
        actions=(Newsletter(points=10),),
        challenges=(
            Challenge(
                name="news", steps=(ActStep(action="newsletter", times=1),), points=9
            ),
        ),
        stamp_cards=(StampCard(name="coffee", stamps=5, points=40),),
        surprises=(Surprise(name="thanks", points=20, seed="a seed"),),
    )
    now = BEGIN + timedelta(days=90)
    order = replace(Ordered(1, 0, 5).owned(program), timezone=LOS_ANGELES)
    born = BirthdayGiven("born", 12, 20, BEGIN - timedelta(days=100), LOS_ANGELES)
    news = Action("newsletter", "1", BEGIN, timezone=LOS_ANGELES)
    known, eras = Beside(birthdays=(born,)), [Era(BEGINNING, program)]
    claim = Referral("r", 1, 10, 20, "8001", 1, State.ACCEPTED, BEGIN)
    assessed = assess_all([order], known)

    [brought] = outcomes([Case(claim, ReferralTerms(advocate_points=9), [order])], [])
    found = [
        brought.credit,
        *credits(assessed),
        *climbed(assessed, known, eras, now, "EUR", LOS_ANGELES).gifts,
        *engagement(assessed, Acts((news,)), under((BEGIN, program)), now).credits,
    ]
    ends_at = datetime(2028, 1, 1, 8, tzinfo=UTC)

    assert [
        "action/newsletter/1",
        "challenge/news/newsletter/1",
        "gift/thanks/1/1",
        "order/1/1",
        "referral/r",
        "stamps/coffee-5/1/1",
        "tier-birthday/born-2026",
        "tier/Silver",
    ] == sorted(each.lot for each in found)
    for each in found:
        assert (ends_at, ends_at) == (each.expires_at, each.patience.ends(each.at))
