"""The programme that the sandbox store begins with: something of everything to try."""

from __future__ import annotations

from decimal import Decimal

from app.domain.actions import Birthday, Newsletter, Social
from app.domain.challenges import Challenge, OrdersStep
from app.domain.engagement.products import Products
from app.domain.engagement.stamp_card import StampCard
from app.domain.program import Program
from app.domain.referral_terms import ReferralTerms
from app.domain.tiers import Spending, Tier, Tiers

_MUG = frozenset({"8412905098204"})
# The house blend, sent every month.
_SUBSCRIPTION = frozenset({"3688104601"})

# No tier changes what an order earns, so that its points are easy to follow.
DEMO_PROGRAM = Program(
    referral=ReferralTerms(),
    actions=(
        Birthday(points=100),
        Newsletter(points=50),
        Social(points=20, shoppers_report=True),
    ),
    stamp_cards=(
        StampCard(
            name="mugs",
            title="Mug card",
            stamps=8,
            points=150,
            products=Products(product_ids=_MUG),
        ),
    ),
    challenges=(
        Challenge(
            name="five-orders",
            steps=(OrdersStep(orders=5),),
            reward="free_shipping-300",
        ),
    ),
    tiers=Tiers(
        ladder=(
            Tier(name="Regular", needs=(Spending(amount=Decimal(250)),)),
            Tier(
                name="Friend of the house",
                needs=(Spending(amount=Decimal(600)),),
                selling_plan_ids=_SUBSCRIPTION,
                ships_free=True,
            ),
        )
    ),
)
