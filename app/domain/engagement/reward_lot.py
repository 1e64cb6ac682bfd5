"""The lot of points that a card, a challenge or a surprise brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.expiry import expires_at, patience
from app.domain.ledger import Credit
from app.domain.program import Program


@dataclass(frozen=True)
class Since:
    """From when the dates of a lot count, and the time zone of its store."""

    at: datetime
    timezone: str


def reward_lot(
    name: str, points: int, at: datetime, since: Since, program: Program, reason: str
) -> Credit:
    """Return points given at `at` as a lot of their own, whose dates count `since`.

    What takes them back takes all of them, whatever the programme's return policy.
    """
    return Credit(
        lot=name,
        cause=name,
        at=at,
        points=points,
        expires_at=expires_at(since.at, program, since.timezone),
        patience=patience(since.at, program, since.timezone),
        reason=reason,
    )
