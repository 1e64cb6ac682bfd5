"""Tiers of members: what they ask for, what they bring, and who is in which."""

from app.domain.tiers.base import Need
from app.domain.tiers.engagement import Engagement
from app.domain.tiers.orders_placed import OrdersPlaced
from app.domain.tiers.points_earned import PointsEarned
from app.domain.tiers.policy import Downgrade, Tiers, Window
from app.domain.tiers.spending import Spending
from app.domain.tiers.tally import Tally
from app.domain.tiers.tier import Tier

NEEDS: tuple[type[Need], ...] = (Spending, PointsEarned, OrdersPlaced, Engagement)

__all__ = [
    "NEEDS",
    "Downgrade",
    "Engagement",
    "Need",
    "OrdersPlaced",
    "PointsEarned",
    "Spending",
    "Tally",
    "Tier",
    "Tiers",
    "Window",
]
