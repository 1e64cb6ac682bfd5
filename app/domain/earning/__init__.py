"""The kinds of earning rules: one file a kind, listed here."""

from app.domain.earning.base import (
    Award,
    EarningRule,
    Eligible,
    NoAward,
    Occasion,
    Part,
)
from app.domain.earning.bonus import Bonus
from app.domain.earning.campaign import Campaign
from app.domain.earning.multiplier import Multiplier
from app.domain.earning.purchase import PurchasePoints
from app.domain.earning.stacking import Stacking, awards

EARNING_RULES: tuple[type[EarningRule], ...] = (PurchasePoints, Multiplier, Bonus)

__all__ = [
    "EARNING_RULES",
    "Award",
    "Bonus",
    "Campaign",
    "EarningRule",
    "Eligible",
    "Multiplier",
    "NoAward",
    "Occasion",
    "Part",
    "PurchasePoints",
    "Stacking",
    "awards",
]
