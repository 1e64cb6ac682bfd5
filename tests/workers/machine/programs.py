"""The programmes that the machine's stores have: most plain, some with more."""

from __future__ import annotations

from decimal import Decimal

from app.domain.actions import Anniversary, Birthday, Joining, Review, Social
from app.domain.challenges import ActStep, Challenge, OrdersStep
from app.domain.earning import Bonus, Multiplier, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.engagement.stamp_card import StampCard
from app.domain.engagement.surprise import After, Surprise
from app.domain.program import (
    ActionLimits,
    CreditWhen,
    Limits,
    Program,
    ReturnPolicy,
)
from app.domain.referral_terms import ReferralTerms
from app.domain.rewards import (
    AmountOff,
    Donation,
    GivenBack,
    Goods,
    PointsAsMoney,
    Service,
)
from app.domain.tiers import (
    Downgrade,
    OrdersPlaced,
    PointsEarned,
    Spending,
    Tier,
    Tiers,
    Window,
)

FIVE = Decimal(5)
MONEY = PointsAsMoney(points_cost=1, step=1, amount=Decimal("0.05"), key="money")
REWARDS = (
    MONEY,
    AmountOff(points_cost=40, amount=FIVE, key="off", valid_days=20),
    AmountOff(
        points_cost=30,
        amount=FIVE,
        key="whole",
        valid_days=20,
        given_back=GivenBack.WHOLE,
        unused_returns=False,
    ),
    AmountOff(points_cost=25, amount=FIVE, key="kept", given_back=GivenBack.NEVER),
    Goods(points_cost=35, key="mug", stock=2),
    Service(points_cost=20, key="repair", service="Repair", per_member_max=1),
    Donation(points_cost=15, key="trees", cause="Trees", amount=FIVE),
)
PLAIN = Program(rewards=REWARDS)
HELD = Program(rewards=REWARDS, credit_after_days=10, expires_after_months=2)
CAMPAIGNS = Program(
    rewards=REWARDS,
    earning=(
        PurchasePoints(),
        Bonus(points=30, conditions=Conditions(order_to=1)),
        Multiplier(times=Decimal(2), conditions=Conditions(amount_min=Decimal(50))),
    ),
)
TIERED = Program(
    rewards=REWARDS,
    tiers=Tiers(
        ladder=(
            Tier(
                name="Silver",
                needs=(PointsEarned(points=60),),
                earn_times=Decimal(2),
                entry_points=10,
            ),
            Tier(
                name="Gold",
                needs=(Spending(amount=Decimal(150)), OrdersPlaced(orders=3)),
                needs_all=False,
                entry_points=40,
            ),
        ),
        window=Window.ROLLING,
        months=1,
        grace_days=5,
        downgrade=Downgrade.ONE_DOWN,
    ),
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
    ),
    action_limits=ActionLimits(points_per_day_max=45),
    stamp_cards=(StampCard(name="mugs", stamps=3, points=30),),
    challenges=(
        Challenge(name="thrice", steps=(OrdersStep(orders=3),), points=33),
        Challenge(
            name="both",
            steps=(OrdersStep(orders=1), ActStep(action="review")),
            points=21,
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
    ),
)
ACTIVE = Program(
    rewards=REWARDS,
    actions=(Review(points=20, times_per_day_max=1), Joining(points=15)),
    return_policy=ReturnPolicy.WITHIN_BALANCE,
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
)
LIMITED = Program(
    rewards=REWARDS, expires_after_months=1, limits=Limits(points_per_day_max=150)
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
