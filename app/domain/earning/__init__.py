"""The kinds of earning rules: one file a kind, listed here."""

from app.domain.earning.base import Award, EarningRule, Eligible, NoAward
from app.domain.earning.purchase import PurchasePoints

EARNING_RULES: tuple[type[EarningRule], ...] = (PurchasePoints,)

__all__ = [
    "EARNING_RULES",
    "Award",
    "EarningRule",
    "Eligible",
    "NoAward",
    "PurchasePoints",
]
