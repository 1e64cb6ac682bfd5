"""What members did, as it counts for challenges and surprises: orders and actions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.actions import Action
from app.domain.dates import local
from app.domain.engagement.kept import Kept
from app.domain.engagement.purchases import Purchase
from app.domain.program import Program


@dataclass(frozen=True)
class Happening:
    """Something a member did, as it stands from `at` on; `when` it counts.

    `timezone` is the store's, by whose clock it is told what holds `when` it counts.
    """

    id: str
    at: datetime
    number: int
    when: datetime
    timezone: str
    program: Program
    cause: str
    reason: str
    kept: Kept | None = None
    action: str = ""

    @property
    def on_the_wall(self) -> datetime:
        """Return when it counts by the store's clock."""
        return local(self.when, self.timezone)


def of_purchase(purchase: Purchase) -> Happening:
    """Return a purchase as a happening."""
    return Happening(
        purchase.id,
        purchase.at,
        purchase.number,
        purchase.placed_at,
        purchase.order.timezone,
        purchase.order.program,
        purchase.cause,
        purchase.reason,
        kept=purchase.kept,
    )


def occasion(action: Action) -> str:
    """Return what an action is known by in draws."""
    return f"{action.action}/{action.key}"


def of_action(action: Action, program: Program) -> Happening:
    """Return an accepted action as a happening."""
    return Happening(
        occasion(action),
        action.at,
        0,
        action.at,
        action.timezone,
        program,
        "action",
        "",
        action=action.action,
    )


def in_order(happenings: Iterable[Happening]) -> list[Happening]:
    """Return happenings in the order in which they happened."""
    return sorted(
        happenings, key=lambda happening: (happening.at, happening.id, happening.number)
    )
