"""Challenges, and the kinds of their steps: one file a kind, listed here."""

from app.domain.challenges.act import ActStep
from app.domain.challenges.base import Step
from app.domain.challenges.challenge import Challenge
from app.domain.challenges.orders import OrdersStep
from app.domain.challenges.spend import SpendStep

STEPS: tuple[type[Step], ...] = (OrdersStep, SpendStep, ActStep)

__all__ = [
    "STEPS",
    "ActStep",
    "Challenge",
    "OrdersStep",
    "SpendStep",
    "Step",
]
