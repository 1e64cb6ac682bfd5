"""The programmes that the machine's stores have: most plain, some with more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

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
from app.domain.actions.joining import Counts
from app.domain.challenges import ActStep, Challenge, OrdersStep, SpendStep
from app.domain.earning import (
    Bonus,
    EarningRule,
    Multiplier,
    PurchasePoints,
    Stacking,
)
from app.domain.earning.bonus import PartlyReturned
from app.domain.earning.budget import Budget
from app.domain.earning.conditions import Conditions, Weekday
from app.domain.engagement.stamp_card import StampCard, StampFor
from app.domain.engagement.surprise import After, Surprise
from app.domain.program import (
    ActionLimits,
    CreditWhen,
    ExpiryRounding,
    Limits,
    Program,
    ReturnPolicy,
)
from app.domain.referral_terms import ReferralTerms
from app.domain.tiers import (
    Downgrade,
    Engagement,
    OrdersPlaced,
    PointsEarned,
    Spending,
    Tier,
    Tiers,
    Window,
)
from tests.workers.machine.offered import REWARDS
from tests.workers.machine.shop import MEMBERSHIP, PLAN, PRODUCTS

Rewarding = TypeVar("Rewarding", ActionRule, StampCard, Challenge, Surprise)

FIVE = Decimal(5)
PLAIN = Program(rewards=REWARDS)
HELD = Program(
    rewards=REWARDS,
    credit_after_days=10,
    expires_after_months=2,
    limits=Limits(points_per_order_max=350),
)
ON_MEMBERSHIPS = Conditions(product_ids=frozenset({str(PRODUCTS[MEMBERSHIP])}))
AT_WEEKENDS = Conditions(weekdays=frozenset({Weekday.SATURDAY, Weekday.SUNDAY}))
CAMPAIGNS = Program(
    rewards=REWARDS,
    earning=(
        PurchasePoints(),
        Bonus(
            points=30,
            conditions=Conditions(order_to=1),
            name="welcome",
            budget=Budget(points=75),
        ),
        Multiplier(times=Decimal("1.5"), name="spring", budget=Budget(points=240)),
        Multiplier(times=Decimal(2), conditions=Conditions(amount_min=Decimal(50))),
        Bonus(
            points=12, conditions=ON_MEMBERSHIPS, partly_returned=PartlyReturned.KEEP
        ),
        Multiplier(times=Decimal("1.25"), conditions=AT_WEEKENDS),
    ),
    surprises=(
        Surprise(
            name="while-they-last",
            points=7,
            percent=Decimal(70),
            times_per_member_max=3,
            seed="drawn thrice",
            budget=Budget(points=20),
        ),
        Surprise(
            name="parcels",
            reward="off",
            percent=Decimal(60),
            times_per_member_max=3,
            seed="drawn for parcels",
            budget=Budget(points=130),
        ),
    ),
)
BY_TAG = "Club"
TIERED = Program(
    rewards=REWARDS,
    earning=(
        PurchasePoints(),
        Multiplier(
            times=Decimal(3), conditions=Conditions(customer_tags=frozenset({"vip"}))
        ),
        Bonus(points=8, conditions=Conditions(segments=frozenset({"31"}))),
        Multiplier(
            times=Decimal("1.5"), conditions=Conditions(tiers=frozenset({"Gold"}))
        ),
    ),
    stacking=Stacking.MULTIPLY,
    tiers=Tiers(
        ladder=(
            Tier(
                name="Silver",
                needs=(PointsEarned(points=60),),
                earn_times=Decimal(2),
                entry_points=10,
                birthday_points=6,
            ),
            Tier(
                name="Gold",
                needs=(Spending(amount=Decimal(150)), OrdersPlaced(orders=3)),
                needs_all=False,
                product_ids=frozenset({str(PRODUCTS[MEMBERSHIP])}),
                product_months=1,
                entry_points=40,
                birthday_points=18,
            ),
            Tier(
                name=BY_TAG,
                customer_tags=frozenset({"club"}),
                entry_points=15,
                birthday_points=27,
            ),
        ),
        window=Window.ROLLING,
        months=1,
        grace_days=5,
        downgrade=Downgrade.ONE_DOWN,
    ),
    actions=(Birthday(points=5, days_known_before=2),),
)
ENGAGED = Program(
    rewards=REWARDS,
    expires_after_months=3,
    actions=(
        Joining(points=15),
        Birthday(points=25, days_known_before=2),
        Anniversary(points=12),
        Review(points=20, times_per_day_max=1, times_per_member_max=3),
        Social(points=10, needs_approval=True),
        Newsletter(points=8),
        Survey(points=6, times_per_member_max=1),
        Event(points=9),
        Custom(points=11, named="repair-cafe", needs_approval=True),
    ),
    action_limits=ActionLimits(points_per_day_max=35, points_per_member_max=85),
    stamp_cards=(
        StampCard(name="mugs", stamps=3, points=30),
        StampCard(name="teas", stamps=4, reward="off"),
        StampCard(name="visits", stamps=2, points=7, stamp_for=StampFor.VISIT),
    ),
    challenges=(
        Challenge(
            name="thrice",
            steps=(OrdersStep(orders=3), SpendStep(amount=Decimal(120))),
            points=33,
        ),
        Challenge(
            name="both",
            steps=(OrdersStep(orders=1), ActStep(action="review")),
            points=21,
        ),
        Challenge(
            name="large", steps=(SpendStep(amount=Decimal(250)),), reward="whole"
        ),
        Challenge(
            name="spring",
            steps=(OrdersStep(orders=2), ActStep(action="event")),
            points=5,
            starts_at=datetime.fromisoformat("2026-03-02T00:00"),
            ends_at=datetime.fromisoformat("2026-04-15T00:00"),
        ),
        Challenge(
            name="season",
            steps=(OrdersStep(orders=2),),
            points=14,
            starts_at=datetime.fromisoformat("2026-05-12T00:00"),
            ends_at=datetime.fromisoformat("2026-09-15T12:00"),
        ),
    ),
    surprises=(
        Surprise(
            name="luck",
            points=9,
            percent=Decimal(80),
            times_per_member_max=4,
            seed="drawn once",
        ),
        Surprise(name="thanks", points=5, after=After.ACTION, seed="drawn twice"),
        Surprise(
            name="words",
            points=4,
            after=After.ACTION,
            action="review",
            times_per_member_max=2,
            seed="drawn for reviews",
        ),
        Surprise(
            name="trees",
            reward="trees",
            after=After.ACTION,
            action="review",
            times_per_member_max=3,
            seed="drawn for trees",
        ),
    ),
)
ACTIVE = Program(
    rewards=REWARDS,
    actions=(
        Review(points=20, times_per_day_max=1),
        Joining(points=15, counts=Counts.ACCOUNT),
        Newsletter(points=6),
    ),
    return_policy=ReturnPolicy.WITHIN_BALANCE,
    expires_after_inactive_months=1,
    tiers=Tiers(
        ladder=(
            Tier(
                name="Friend",
                needs=(Engagement(score=300, per_order=FIVE, per_action=Decimal(120)),),
                earn_times=Decimal("1.5"),
                entry_points=11,
            ),
            Tier(
                name="Subscriber",
                selling_plan_ids=frozenset({PLAN}),
                plan_months=1,
                earn_times=Decimal(2),
                entry_points=7,
            ),
        ),
        window=Window.ROLLING,
        months=2,
        grace_days=4,
    ),
)
BEFRIENDED = Program(
    rewards=REWARDS,
    referral=ReferralTerms(
        advocate_points=70, stand_days=3, friends_per_month_max=3, gift_valid_days=25
    ),
)
WITHIN = Program(rewards=REWARDS, return_policy=ReturnPolicy.WITHIN_BALANCE)
PENDING = Program(
    rewards=REWARDS,
    credit_when=CreditWhen.FULFILLED,
    return_policy=ReturnPolicy.ONLY_PENDING,
    tiers=Tiers(
        ladder=(
            Tier(name="Known", needs=(PointsEarned(points=90),), entry_points=5),
            Tier(
                name="Loved",
                needs=(OrdersPlaced(orders=2), Spending(amount=Decimal(260))),
                earn_times=Decimal("1.2"),
            ),
        ),
        window=Window.LIFETIME,
    ),
)
LIMITED = Program(
    rewards=REWARDS,
    earning=(
        PurchasePoints(),
        Multiplier(times=Decimal("1.1"), conditions=AT_WEEKENDS),
        Bonus(
            points=14,
            conditions=Conditions(order_from=2),
            partly_returned=PartlyReturned.ALL_OR_NOTHING,
        ),
    ),
    stacking=Stacking.BEST,
    expires_after_months=1,
    limits=Limits(
        points_per_order_max=130, points_per_day_max=150, points_per_member_max=700
    ),
    tiers=Tiers(
        ladder=(
            Tier(name="Regular", needs=(OrdersPlaced(orders=2),), entry_points=6),
            Tier(
                name="Patron",
                needs=(Spending(amount=Decimal(180)),),
                earn_times=Decimal("1.3"),
                entry_points=9,
            ),
        ),
        window=Window.CALENDAR_YEAR,
        grace_days=10,
    ),
)
PROGRAMS = {
    "plain": PLAIN,
    "campaigns": CAMPAIGNS,
    "tiered": TIERED,
    "engaged": ENGAGED,
    "befriended": BEFRIENDED,
    "active": ACTIVE,
    "within": WITHIN,
    "pending": PENDING,
    "limited": LIMITED,
}
# Of those that are named twice, there is more to see.
NAMES = (*PROGRAMS, "plain", "engaged", "befriended")


def ending(program: Program, rounding: ExpiryRounding) -> Program:
    """The programme with the days rounded up on which its points end, if they do."""
    return replace(program, expiry_rounding=rounding, expires_on="04-30")


def changed(program: Program) -> Program:
    """The programme as its owner changes it in the middle of a life."""
    months, referral = program.expires_after_months, program.referral
    return replace(
        program,
        earning=tuple(_changed_rule(each) for each in program.earning),
        expires_after_months=months and months + 1,
        limits=_wider(program.limits),
        # One is dearer from then on, and one is gone.
        rewards=tuple(
            replace(each, points_cost=45) if each.id == "off" else each
            for each in program.rewards
            if each.id != "trees"
        ),
        actions=tuple(_dearer(each, 6) for each in program.actions),
        stamp_cards=tuple(_dearer(each, 6) for each in program.stamp_cards),
        challenges=tuple(
            replace(
                _dearer(each, 3),
                steps=each.steps[:1],
                ends_at=each.ends_at and each.ends_at + timedelta(days=10),
            )
            for each in program.challenges
        ),
        surprises=tuple(_dearer(each, 2) for each in program.surprises),
        tiers=replace(
            program.tiers,
            ladder=tuple(
                replace(each, entry_points=each.entry_points + 5)
                for each in program.tiers.ladder
            ),
        ),
        referral=referral
        and replace(referral, advocate_points=referral.advocate_points + 10),
    )


def _changed_rule(rule: EarningRule) -> EarningRule:
    return replace(rule, rate=Decimal(2)) if isinstance(rule, PurchasePoints) else rule


def _wider(limits: Limits) -> Limits:
    each_order, a_day = limits.points_per_order_max, limits.points_per_day_max
    ever = limits.points_per_member_max
    return replace(
        limits,
        points_per_order_max=each_order and each_order + 20,
        points_per_day_max=a_day and a_day + 50,
        points_per_member_max=ever and ever + 100,
    )


def _dearer(rule: Rewarding, points: int) -> Rewarding:
    more = replace(rule, points=rule.points + points)
    if isinstance(more, Surprise) and more.reward == "trees":
        return replace(more, reward="draw")
    return more
