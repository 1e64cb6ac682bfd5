"""Points of all orders of a member, reckoned once more from docs/earning-rules.md.

One order after the other, as they were placed: what plain rules and campaigns bring,
the tier in which its member was by docs/tiers.md, and the limits of days and members.

Taken over, since it is held elsewhere: money of an order and what went back of it, and
how much it was allotted of budgets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.beside import NOTHING_BESIDE, Beside
from app.domain.credits import MemberOrder
from app.domain.eligible import Count, count
from app.domain.program import Counting, CreditWhen, ReturnPolicy
from app.domain.tiers import Tally
from app.domain.tiers.deeds import Bought, Deed, Left
from tests.workers.machine.plain_campaigns import Brought, Placed, brought
from tests.workers.machine.plain_tiers import tier_at

_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Worth:
    """What an order brings by all rules but limits of days and members.

    `lefts` are the points that each return leaves; `is_cut` whether an order may bring
    no more.
    """

    placed: Placed
    counted: Count
    points: int
    lefts: tuple[int, ...]
    is_cut: bool

    @property
    def order(self) -> MemberOrder:
        """The order itself."""
        return self.placed.order

    def deed(self) -> Deed:
        """The order as tiers count it: from when it was both placed and paid."""
        facts, counted = self.order.facts, self.counted
        assert facts.paid_at and facts.snapshot
        at, currency = max(self.placed.at, facts.paid_at), facts.snapshot.currency
        lefts = [Left(at, _tally(currency, counted.base_minor, self.points))]
        lefts += [
            Left(max(at, back.at), _tally(currency, back.remaining_minor, points))
            for back, points in zip(counted.returns, self.lefts, strict=True)
        ]
        lines = tuple(_lines(self.order, at))
        return Deed(self.order.lot, self.order.timezone, tuple(lefts), lines)


@dataclass(frozen=True)
class Earned:
    """What an order earned, and what went back of it at which moments, and why.

    It stands among others from `begins_at` on; `pending_until` is None where nobody
    knows how long its points wait. `cut_by` are the limits without which it had more.
    """

    order: MemberOrder
    begins_at: datetime
    points: int
    backs: tuple[tuple[datetime, int, str], ...]
    pending_until: datetime | None
    cut_by: tuple[str, ...] = ()

    @property
    def placed_at(self) -> datetime:
        """When it was placed."""
        return _placed_at(self.order)

    @property
    def day(self) -> date:
        """The day on which it was placed, by the clock of the store."""
        timezone = ZoneInfo(self.order.timezone)
        return self.placed_at.astimezone(timezone).date()

    def stands(self, at: datetime) -> int:
        """How many of its points take up a limit, for what is placed at a moment.

        Points free nothing at the very moment at which they go back, nor where their
        member may keep them: they went back in vain once they could be spent.
        """
        is_owed = self.order.program.return_policy is ReturnPolicy.UNLIMITED
        free = [
            points
            for back_at, points, _ in self.backs
            if back_at < at
            and (is_owed or self.pending_until is None or back_at < self.pending_until)
        ]
        return self.points - sum(free)


def worths(
    orders: Sequence[MemberOrder], beside: Beside = NOTHING_BESIDE
) -> list[Worth]:
    """What orders bring that were ever paid, in the order in which they were placed."""
    found: list[Worth] = []
    paid = [each for each in orders if each.is_paid]
    paid.sort(key=lambda each: (_placed_at(each), each.lot))
    for number, order in enumerate(paid, start=1):
        tier = _tier_then(order, found, beside)
        found.append(_worth(Placed(order, number, tier, beside.labels)))
    return found


def _tier_then(
    order: MemberOrder, before: Sequence[Worth], beside: Beside
) -> str | None:
    """The tier of the moment before an order, by what had happened in the world."""
    tiers = order.program.tiers
    if not tiers:
        return None
    deeds = [*(each.deed() for each in before), *beside.deeds]
    return tier_at(tiers, deeds, beside, _placed_at(order) - _A_MOMENT)


def _worth(placed: Placed) -> Worth:
    program = placed.order.program
    counted = count(placed.order.facts, program.counting)
    whole = counted.parts_minor
    at_first = Brought()
    if counted.base_minor >= program.limits.order_amount_min * 100:
        at_first = brought(placed, whole, whole, placed.order.allotted)
    left, lefts = at_first.points, []
    for back in counted.returns:
        # An order never gets more of a budget than it was charged as a whole.
        stays = brought(placed, whole, back.parts_minor, at_first.charged).points
        left = min(left, stays)
        lefts.append(left)
    return Worth(placed, counted, at_first.points, tuple(lefts), at_first.is_cut)


def earned(found: Sequence[Worth]) -> list[Earned]:
    """What orders earn, if anything, in the order in which they were placed."""
    kept: list[Earned] = []
    for worth in found:
        this, cut_by = _earned(worth, worth.points), ["order"] if worth.is_cut else []
        limits = worth.order.program.limits
        for name, most, others in (
            ("member", limits.points_per_member_max, kept),
            ("day", limits.points_per_day_max, [e for e in kept if e.day == this.day]),
        ):
            if most is not None:
                taken = sum(each.stands(this.begins_at) for each in others)
                room = max(0, most - taken)
                cut_by += [name] if room < this.points else []
                this = _earned(worth, min(this.points, room))
        kept.append(replace(this, cut_by=tuple(cut_by)))
    return kept


def _earned(worth: Worth, points: int) -> Earned:
    """An order with so many points, of which what is not left goes back."""
    order, backs, left = worth.order, [], points
    paid_at = order.facts.paid_at
    assert paid_at
    for back, most in zip(worth.counted.returns, worth.lefts, strict=True):
        stays = min(left, most)
        backs.append((max(paid_at, back.at), left - stays, back.cause))
        left = stays
    begins_at = min(worth.placed.at, paid_at)
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


def _tally(currency: str, minor: int, points: int) -> Tally:
    return Tally(((currency, minor),) if minor else (), points, int(minor > 0))


def _lines(order: MemberOrder, at: datetime) -> Iterator[Bought]:
    """Lines that were paid for, as memberships that end when they are given back."""
    counted = count(order.facts, Counting())
    for place, each in enumerate(counted.lines):
        if each.line.product_id and each.net_minor:
            gone = [b.at for b in counted.returns if not b.parts_minor[place]]
            ended_at = max(at, min(gone)) if gone else None
            plan_id = order.facts.plans.get(each.line.id) or None
            yield Bought(each.line.product_id, at, order.timezone, ended_at, plan_id)


def _placed_at(order: MemberOrder) -> datetime:
    assert order.facts.snapshot
    return order.facts.snapshot.processed_at
