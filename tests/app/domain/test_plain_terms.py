"""Plain terms are there where only rates decide, and then say what the app would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.credits import TierThen
from app.domain.earning import Bonus, Campaign, Multiplier, PurchasePoints, Stacking
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions, Weekday
from app.domain.estimate import estimate
from app.domain.orders import Line
from app.domain.plain_terms import PlainTerms, TermsNow, terms_at
from app.domain.program import Limits, Program
from app.domain.rounding import Rounding
from app.domain.tiers import Tier, Tiers

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACE = "Europe/Berlin"


def _wall(written: str) -> datetime:
    """A time by the clock on the store's wall."""
    return datetime.fromisoformat(written)


def _campaign(**conditions: Any) -> Program:
    campaign = Multiplier(times=Decimal(2), conditions=Conditions(**conditions))
    return Program(earning=(PurchasePoints(), campaign))


def _campaigns(*campaigns: Campaign, **fields: Any) -> Program:
    return Program(earning=(PurchasePoints(), *campaigns), **fields)


@pytest.mark.parametrize(
    ("conditions", "times", "until"),
    [
        ({}, 2, None),
        ({"ends_at": _wall("2026-11-23T13:00")}, 1, None),
        ({"ends_at": _wall("2026-11-23T14:00")}, 2, (11, 23, 13)),
        ({"starts_at": _wall("2026-11-23T13:00")}, 2, None),
        ({"starts_at": _wall("2026-11-27T00:00")}, 1, (11, 26, 23)),
        ({"weekdays": frozenset({Weekday.MONDAY})}, 2, (11, 23, 23)),
        ({"weekdays": frozenset({Weekday.WEDNESDAY})}, 1, (11, 24, 23)),
        ({"weekdays": frozenset({Weekday.SUNDAY, Weekday.MONDAY})}, 2, (11, 23, 23)),
        ({"weekdays": frozenset(Weekday)}, 2, None),
        ({"tiers": frozenset({"Silver"})}, 1, None),
        ({"channels": frozenset({"pos"})}, 1, None),
        ({"channels": frozenset({"pos", "web"})}, 2, None),
        ({"collection_ids": frozenset({"7"})}, None, None),
        ({"tags": frozenset({"tea"}), "collection_ids": frozenset({"7"})}, None, None),
        ({"amount_min": Decimal(50)}, None, None),
        ({"order_from": 2}, None, None),
        ({"customer_tags": frozenset({"vip"})}, None, None),
        ({"segments": frozenset({"7"})}, None, None),
        (
            {"tags": frozenset({"tea"}), "weekdays": frozenset({Weekday.TUESDAY})},
            1,
            (11, 23, 23),
        ),
    ],
)
def test_a_campaign_for_all_products_is_a_rate_where_nothing_else_decides(
    conditions: dict[str, Any], times: int | None, until: tuple[int, ...] | None
):
    told = terms_at(_campaign(**conditions), "EUR", PLACE, NOW)
    rate = told.terms.rate if told.terms else None
    assert rate == (Fraction(times, 100) if times else None)
    assert told.until == (datetime(2026, *until, tzinfo=UTC) if until else None)


@pytest.mark.parametrize(
    "campaign",
    [
        Bonus(points=5),
        Multiplier(times=Decimal(2), name="spring", budget=Budget(points=100)),
    ],
    ids=["a bonus", "a budget"],
)
def test_a_campaign_that_is_no_rate_leaves_no_terms(campaign: Campaign):
    assert terms_at(_campaigns(campaign), "EUR", PLACE, NOW) == TermsNow(None, None)


@pytest.mark.parametrize(
    ("stacking", "guests", "members"),
    [(Stacking.ADD, 4, "5.5"), (Stacking.MULTIPLY, 6, 15), (Stacking.BEST, 3, 3)],
)
def test_rates_go_together_as_campaigns_do(
    stacking: Stacking, guests: int, members: str | int
):
    """Of the tiers it is the one that a campaign is for which has it, too."""
    gold = Tier(name="Gold", earn_times=Decimal("2.5"))
    for_silver = Conditions(tiers=frozenset({"Silver"}))
    program = _campaigns(
        Multiplier(times=Decimal(2)),
        Multiplier(times=Decimal(3)),
        Multiplier(times=Decimal(100), conditions=for_silver),
        stacking=stacking,
        tiers=Tiers(ladder=(Tier(name="Silver"), gold)),
    )
    terms = terms_at(program, "EUR", PLACE, NOW).terms
    assert terms
    assert terms.rate == Fraction(guests, 100)
    assert terms.by_tier["Gold"] == Fraction(members) / 100
    assert terms.by_tier["Silver"] > terms.by_tier["Gold"]


def test_terms_name_the_products_of_campaigns_that_run():
    def campaign(**conditions: Any) -> Multiplier:
        return Multiplier(times=Decimal(2), conditions=Conditions(**conditions))

    ends, starts = _wall("2026-11-23T14:00"), _wall("2026-11-23T13:30")
    program = Program(
        earning=(
            PurchasePoints(),
            campaign(tags=frozenset({"Tea"}), ends_at=ends),
            campaign(tags=frozenset({"mugs"}), product_ids=frozenset({"21"})),
            campaign(tags=frozenset({"soon"}), starts_at=starts),
            campaign(tags=frozenset({"past"}), ends_at=_wall("2026-11-23T13:00")),
        )
    )
    told = terms_at(program, "EUR", PLACE, NOW)
    terms, until = told.terms, told.until
    assert terms
    assert terms.campaign_tags == {"tea", "mugs"}
    assert terms.campaign_product_ids == {"21"}
    assert until == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def test_a_campaign_that_ends_in_an_hour_told_twice_is_over_after_the_second():
    program = _campaign(ends_at=_wall("2026-10-25T02:30"))
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    for at in (datetime(2026, 10, 25, 0, 45, tzinfo=UTC), second.replace(minute=29)):
        assert TermsNow(None, second) == terms_at(program, "EUR", PLACE, at)
    assert terms_at(program, "EUR", PLACE, second).terms


# Where the clocks go back or on, and when: also at midnight.
CHANGES = {
    "Europe/Berlin": _wall("2026-10-25"),
    "America/Havana": _wall("2026-11-01"),
    "America/Santiago": _wall("2026-09-06"),
    "UTC": _wall("2026-11-23"),
}
TIERS = ("Silver", "Gold")


def quarters(around: datetime, days: int) -> st.SearchStrategy[datetime]:
    """Times on the wall about a change of the clocks, to the quarter of an hour."""
    whole = st.integers(-days * 96, days * 96)
    return whole.map(lambda each: around + timedelta(minutes=15 * each))


def sets_of(*members: Any) -> st.SearchStrategy[frozenset[Any]]:
    """Some of these, or as often none."""
    return st.just(frozenset()) | st.frozensets(st.sampled_from(members), min_size=1)


def rarely(value: Any, otherwise: Any) -> st.SearchStrategy[Any]:
    """One value in six times."""
    return st.sampled_from([value] + [otherwise] * 5)


def programs(around: datetime) -> st.SearchStrategy[Program]:
    """Rates, campaigns and tiers in any way in which they go together."""
    conditions = st.builds(
        Conditions,
        starts_at=st.none() | st.none() | quarters(around, 1),
        ends_at=st.none() | st.none() | quarters(around, 1),
        weekdays=sets_of(*Weekday),
        tiers=sets_of(*TIERS),
        tags=rarely(frozenset({"mugs"}), frozenset()),
        product_ids=rarely(frozenset({"21"}), frozenset()),
        amount_min=rarely(Decimal(20), Decimal(0)),
        channels=rarely(frozenset({"pos"}), frozenset()),
    )
    times = st.decimals("1.01", 5, places=2)
    multiplier = st.builds(Multiplier, times=times, conditions=conditions)
    bonus = st.builds(Bonus, points=st.integers(1, 50), conditions=conditions)
    campaigns = st.lists(
        multiplier | multiplier | multiplier | bonus, min_size=1, max_size=3
    )
    spending = st.lists(
        st.builds(PurchasePoints, rate=st.decimals("0.5", 30, places=4)),
        min_size=1,
        max_size=2,
    )
    perks = st.tuples(*(st.decimals(1, 3, places=2) for _ in TIERS))
    return st.builds(
        Program,
        earning=st.tuples(spending, campaigns).map(lambda each: (*each[0], *each[1])),
        stacking=st.sampled_from(Stacking),
        rounding=st.sampled_from(Rounding),
        limits=st.builds(
            Limits,
            order_amount_min=rarely(Decimal("12.345"), Decimal(0)),
            points_per_order_max=rarely(70, None),
        ),
        tiers=perks.map(_ladder),
    )


def _ladder(perks: tuple[Decimal, ...]) -> Tiers:
    named = zip(TIERS, perks, strict=True)
    return Tiers(ladder=tuple(Tier(name=name, earn_times=each) for name, each in named))


WAYS = {place: programs(around) for place, around in CHANGES.items()}
WALLS = {place: quarters(around, 2) for place, around in CHANGES.items()}


@settings(max_examples=200)
@given(
    data=st.data(),
    place=st.sampled_from(sorted(CHANGES)),
    fold=st.sampled_from([0, 1]),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    minor=st.integers(200, 9000),
    tags=rarely(("mugs",), ()),
    tier=st.sampled_from([*TIERS, None]),
)
def test_as_long_as_terms_hold_they_come_to_what_the_app_would_answer(
    data: st.DataObject,
    place: str,
    fold: int,
    currency: str,
    minor: int,
    tags: tuple[str, ...],
    tier: str | None,
):
    program, wall = data.draw(WAYS[place]), data.draw(WALLS[place])
    now = wall.replace(tzinfo=ZoneInfo(place), fold=fold).astimezone(UTC)
    told = terms_at(program, currency, place, now)
    assert told.until is None or told.until > now
    terms = told.terms
    if terms is None or terms.campaign_product_ids or terms.campaign_tags & {*tags}:
        return
    line = Line("1", "21", 1, None, minor, 0, 0, tags=tags)
    then = TierThen(tier, "") if tier else None
    last = (told.until or now + timedelta(days=9)) - timedelta(seconds=1)
    for at in (now, now + (last - now) / 2, last):
        answer = estimate(program, [line], currency, at, timezone=place, tier=then)
        assert answer.points == _reckoned(terms, minor, tier)


def _reckoned(terms: PlainTerms, minor: int, tier: str | None) -> int:
    if minor < terms.least_minor:
        return 0
    exact = minor * (terms.by_tier[tier] if tier else terms.rate)
    rounded = {
        Rounding.DOWN: floor(exact),
        Rounding.NEAREST: floor(exact + Fraction(1, 2)),
        Rounding.UP: ceil(exact),
    }
    points = rounded[terms.rounding]
    return points if terms.most is None else min(points, terms.most)
