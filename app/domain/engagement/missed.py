"""A surprise that could have followed an order or action and did not."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.reasons import Reason


@dataclass(frozen=True)
class Missed:
    """The name of the surprise, and why it did not follow; that tells no chances."""

    surprise: str
    reason: Reason
