"""The programme that the sandbox store begins with: something of every kind to try."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from app.domain.actions import (
    ActionRule,
    Anniversary,
    Birthday,
    Custom,
    Event,
    Joining,
    Newsletter,
    Review,
    Social,
    Survey,
)
from app.domain.challenges import ActStep, Challenge, OrdersStep, SpendStep
from app.domain.dates import months_after
from app.domain.earning import Bonus, EarningRule, Multiplier, PurchasePoints
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions, Weekday
from app.domain.engagement.products import Products
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import After, Surprise
from app.domain.program import Program
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import (
    AmountOff,
    Donation,
    FreeProduct,
    FreeShipping,
    GiftCard,
    GiveawayEntry,
    Goods,
    PercentOff,
    PointsAsMoney,
    Reward,
    Service,
    Slot,
    StoreCredit,
)
from app.domain.tiers import (
    Engagement,
    OrdersPlaced,
    PointsEarned,
    Spending,
    Tier,
    Tiers,
    Window,
)
from app.domain.valuation import Valuation

# What the sandbox store sells (app/sandbox/catalogue.py), which shares no code with us.
_BLEND = "8412905098201"
_MUG = "8412905098204"
_CLUB_CARD = "8412905098211"
_EVERY_MONTH = "3688104601"
_NEW_HARVEST = frozenset({"new harvest"})
_BREWING = frozenset({"brewing"})
_SALE = frozenset({"sale"})
# What the back office tags whoever works here with.
_CREW = "crew"

_SEASON_MONTHS = 3
_CUPPING_AT = time(11)
_WEEKS_TO_CUPPINGS = (0, 2, 4, 8, 12)


def demo_versions(now: datetime) -> Iterator[tuple[datetime | None, Program]]:
    """Yield the versions of the programme, each with when it takes effect.

    Who was there before the store opened the app is not given points for joining, which
    they would have whenever the app first hears of them.
    """
    program = demo_program(now.date())
    others = (each for each in program.actions if not isinstance(each, Joining))
    yield None, replace(program, actions=tuple(others))
    yield now, program


def demo_program(today: date) -> Program:
    """Return the programme of a store that opens today, with dates that are to come.

    Campaigns are for some products, so what anything else earns is easy to follow.
    """
    this_month = datetime.combine(today.replace(day=1), time())
    season_ends = months_after(this_month, _SEASON_MONTHS)
    return Program(
        earning=_earning(season_ends),
        expires_after_months=12,
        rewards=_rewards(today, season_ends),
        actions=_ACTIONS,
        stamp_cards=_STAMP_CARDS,
        challenges=_challenges(season_ends),
        surprises=_SURPRISES,
        tiers=_TIERS,
        referral=ReferralTerms(),
        valuation=Valuation(per_100_points=Decimal(1), spent_percent=Decimal(80)),
    )


def _earning(season_ends: datetime) -> tuple[EarningRule, ...]:
    return (
        PurchasePoints(),
        Multiplier(
            times=Decimal(2),
            conditions=Conditions(tags=_NEW_HARVEST, ends_at=season_ends),
        ),
        Multiplier(
            times=Decimal(2),
            conditions=Conditions(
                tags=_SALE, weekdays=frozenset({Weekday.MONDAY, Weekday.TUESDAY})
            ),
        ),
        Bonus(
            points=40,
            conditions=Conditions(tags=_BREWING),
            name="brewing",
            budget=Budget(points=4000),
        ),
    )


def _rewards(today: date, season_ends: datetime) -> tuple[Reward, ...]:
    return (
        PointsAsMoney(
            points_cost=50,
            key="points-off",
            step=50,
            amount=Decimal("0.5"),
            order_share_max=50,
        ),
        GiveawayEntry(
            points_cost=50,
            key="lever-machine",
            prize="a lever espresso machine",
            ends_at=season_ends,
        ),
        _cause("clean water in Guji", "water"),
        _cause("shade trees in Huila", "trees"),
        FreeShipping(points_cost=300),
        Service(points_cost=320, service="A coffee at our bar", valid_days=90),
        PercentOff(
            points_cost=400, percent=10, order_amount_min=Decimal(30), valid_days=60
        ),
        AmountOff(points_cost=500, amount=Decimal(5)),
        Goods(
            points_cost=600,
            key="cupping",
            title="A seat at our cupping table",
            description="Six coffees, two hours, one long table at the roastery.",
            slots=_cuppings(today),
            cancel_hours=48,
        ),
        Goods(
            points_cost=700,
            key="second",
            title="A mug with a small flaw",
            description="A Morning Mug that left the kiln a little crooked.",
            stock=12,
            per_member_max=1,
        ),
        FreeProduct(
            points_cost=900, product_id=_BLEND, title="A free bag of House Blend"
        ),
        StoreCredit(points_cost=1000, amount=Decimal(10)),
        GiftCard(points_cost=2400, amount=Decimal(25)),
    )


def _cause(cause: str, key: str) -> Donation:
    return Donation(points_cost=60, key=key, cause=cause, amount=Decimal(1))


def _cuppings(today: date) -> tuple[Slot, ...]:
    """Return the Saturdays with a table, the first at least five days off."""
    saturday = today + timedelta(days=5)
    saturday += timedelta(days=(5 - saturday.weekday()) % 7)
    return tuple(
        Slot(
            starts_at=datetime.combine(saturday + timedelta(weeks=weeks), _CUPPING_AT),
            places=8,
        )
        for weeks in _WEEKS_TO_CUPPINGS
    )


_ACTIONS: tuple[ActionRule, ...] = (
    Joining(points=25),
    Birthday(points=100),
    Anniversary(points=50),
    Newsletter(points=50),
    Social(points=20, shoppers_report=True),
    Review(points=30, shoppers_report=True, needs_approval=True),
    Survey(
        points=20,
        title="Tell us how you brew",
        shoppers_report=True,
        times_per_member_max=1,
    ),
    Event(
        points=60,
        title="Come to a cupping",
        shoppers_report=True,
        needs_approval=True,
    ),
    Custom(
        points=5,
        named="own-cup",
        title="Bring your own cup",
        shoppers_report=True,
        times_per_day_max=1,
        times_per_member_max=100,
    ),
)

_STAMP_CARDS = (
    StampCard(
        name="mugs",
        title="Mug card",
        stamps=8,
        points=150,
        products=Products(product_ids=frozenset({_MUG})),
    ),
)


def _challenges(season_ends: datetime) -> tuple[Challenge, ...]:
    return (
        Challenge(
            name="five-orders",
            steps=(OrdersStep(orders=5),),
            reward="free_shipping-300",
        ),
        Challenge(
            name="new-harvest",
            title="Taste the new harvest",
            points=80,
            ends_at=season_ends,
            steps=(
                SpendStep(amount=Decimal(30), products=Products(tags=_NEW_HARVEST)),
                ActStep(action="review", title="Write a review"),
            ),
        ),
    )


_SURPRISES = (
    Surprise(
        name="thank-you",
        title="A thank-you from the roaster",
        points=25,
        percent=Decimal(50),
        products=Products(tags=_NEW_HARVEST),
        times_per_member_max=3,
        # So that whoever tries the demo twice sees the same draws.
        seed="kiln-and-bean",
        budget=Budget(cost=Decimal(50)),
    ),
    Surprise(
        name="for-your-words",
        title="Our thanks for your words",
        after=After.ACTION,
        action=Survey.kind,
        reward="free_shipping-300",
        seed="kiln-and-bean",
    ),
)

_TIERS = Tiers(
    window=Window.ROLLING,
    grace_days=30,
    ladder=(
        Tier(
            name="Regular",
            needs=(
                Spending(amount=Decimal(250)),
                # Nothing but what is done beside buying, so that it is easy to follow.
                Engagement(
                    score=40,
                    per_order=Decimal(0),
                    per_amount=Decimal(0),
                    per_action=Decimal(10),
                ),
            ),
            needs_all=False,
            entry_points=50,
            birthday_points=25,
        ),
        Tier(
            name="Friend of the house",
            needs=(PointsEarned(points=600), OrdersPlaced(orders=12)),
            needs_all=False,
            selling_plan_ids=frozenset({_EVERY_MONTH}),
            earn_times=Decimal("1.25"),
            ships_free=True,
            entry_points=100,
            birthday_points=50,
        ),
        Tier(
            name="Kiln Club",
            product_ids=frozenset({_CLUB_CARD}),
            customer_tags=frozenset({_CREW}),
            earn_times=Decimal("1.5"),
            percent_off=10,
            ships_free=True,
            entry_points=50,
            birthday_points=100,
        ),
    ),
)
