"""Points of orders and their limits, reckoned once more from docs/earning-rules.md.

For programmes with plain rules alone. Money of an order, and what went back of it, is
taken from the domain, which is held elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.domain.credits import MemberOrder
from app.domain.earning import PurchasePoints
from app.domain.eligible import count
from app.domain.program import CreditWhen, Program, ReturnPolicy
from tests.workers.machine.allotted import plain_rate


@dataclass(frozen=True)
class Earned:
    """What an order earned, and what went back of it at which moments.

    It stands among others from `begins_at` on; `pending_until` is None where nobody
    knows how long its points wait.
    """

    order: MemberOrder
    begins_at: datetime
    points: int
    backs: tuple[tuple[datetime, int], ...]
    pending_until: datetime | None

    @property
    def day(self) -> date:
        """The day on which it was placed."""
        return _placed_at(self.order).astimezone(UTC).date()

    def stands(self, at: datetime) -> int:
        """How many of its points take up a limit, for what is placed at a moment.

        Points free nothing at the very moment at which they go back, nor where their
        member may keep them: they went back in vain once they could be spent.
        """
        is_owed = self.order.program.return_policy is ReturnPolicy.UNLIMITED
        free = [
            points
            for back_at, points in self.backs
            if back_at < at
            and (is_owed or self.pending_until is None or back_at < self.pending_until)
        ]
        return self.points - sum(free)


def is_plain(program: Program) -> bool:
    """Whether every order earns so much for each 1.00, and nothing else matters."""
    rules = all(isinstance(rule, PurchasePoints) for rule in program.earning)
    return rules and not program.tiers


def earned(orders: Sequence[MemberOrder]) -> list[Earned]:
    """What orders earn, in the order in which they were placed."""
    found: list[Earned] = []
    paid = [each for each in orders if each.is_paid]
    for order in sorted(paid, key=lambda each: (_placed_at(each), each.lot)):
        this = _earned(order, _whole(order))
        limits = order.program.limits
        for most, others in (
            (limits.points_per_member_max, found),
            (
                limits.points_per_day_max,
                [each for each in found if each.day == this.day],
            ),
        ):
            if most is not None:
                taken = sum(each.stands(this.begins_at) for each in others)
                this = _earned(order, min(this.points, max(0, most - taken)))
        if this.points:
            found.append(this)
    return found


def _whole(order: MemberOrder) -> int:
    return _points(order, count(order.facts, order.program.counting).base_minor)


def _earned(order: MemberOrder, points: int) -> Earned:
    """An order with so many points, of which what is not left goes back."""
    paid_at, program = order.facts.paid_at, order.program
    assert paid_at
    backs, left = [], points
    for back in count(order.facts, program.counting).returns:
        stays = min(left, _points(order, back.remaining_minor))
        backs.append((max(paid_at, back.at), left - stays))
        left = stays
    begins_at = min(_placed_at(order), paid_at)
    return Earned(order, begins_at, points, tuple(backs), _released_at(order))


def _released_at(order: MemberOrder) -> datetime | None:
    """When its points could be spent; nobody knows while its payment is disputed."""
    program, since = order.program, order.facts.paid_at
    if not program.holds_points:
        return since
    if program.credit_when is CreditWhen.FULFILLED:
        since = order.facts.fulfilled_at
    if since is None:
        return None
    at = since + timedelta(days=program.credit_after_days)
    for dispute in order.facts.disputes.values():
        if dispute.is_open and dispute.at < at:
            return None
    return at


def _points(order: MemberOrder, minor: int) -> int:
    """What so much money earns, each part of a point left out."""
    return int(plain_rate(order.program) * minor / 100)


def _placed_at(order: MemberOrder) -> datetime:
    assert order.facts.snapshot
    return order.facts.snapshot.processed_at
