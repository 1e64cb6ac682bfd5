"""From what is known of a member's orders to the credits of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.beside import NOTHING_BESIDE, Beside
from app.domain.caps import TakenUp
from app.domain.earning import Award, Eligible, NoAward, Occasion, Part
from app.domain.earning.budget import charges
from app.domain.eligible import Count, Return, count
from app.domain.expiry import expires_at, patience
from app.domain.labels import NO_LABELS_THEN, LabelsThen
from app.domain.ledger import Credit, Reversal
from app.domain.orders import OrderFacts
from app.domain.program import (
    Counting,
    CreditWhen,
    Program,
)
from app.domain.tiers.climb import Climb, Climbs
from app.domain.tiers.deeds import Bought, Deed, Left
from app.domain.tiers.tally import Tally
from app.domain.tiers.why import why


@dataclass(frozen=True)
class TierThen:
    """The tier of a member at a moment, None for no tier, and why."""

    name: str | None
    reason: str


@dataclass(frozen=True)
class MemberOrder:
    """An order with the terms it earns under: pinned with its first credit.

    `number` is the how many-th paid order of its member it is, `tier` the one in which
    the member was when it was placed, and why, and `labels` what the member was called
    then; None where that is not known.
    `allotted` is how many points it may have of which budget, None for all it can.
    """

    store_id: int
    facts: OrderFacts
    program: Program
    timezone: str
    number: int | None = None
    tier: TierThen | None = None
    labels: LabelsThen | None = None
    allotted: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def is_paid(self) -> bool:
        """Whether it was ever paid, whatever became of it since; tests do not count."""
        snapshot = self.facts.counted_snapshot
        return bool(self.facts.paid_at and snapshot and not snapshot.is_test)

    @property
    def id(self) -> str:
        """Return what tells it from others, within names of lots and in draws."""
        return f"{self.store_id}/{self.facts.order_id}"

    @property
    def lot(self) -> str:
        """Return the name of the lot that the order's points are."""
        return f"order/{self.store_id}/{self.facts.order_id}"


@dataclass(frozen=True)
class Assessment:
    """What one order is worth in points, and why, before the limits of its member."""

    order: MemberOrder
    count: Count | None
    award: Award | NoAward

    @property
    def points(self) -> int:
        """Return the points that the order earned before anything went back."""
        return int(self.award.points) if isinstance(self.award, Award) else 0


def assess_all(
    orders: Sequence[MemberOrder],
    beside: Beside = NOTHING_BESIDE,
    by: Callable[[MemberOrder], Assessment] | None = None,
) -> list[Assessment]:
    """Return what each order of a member earns, where they are all that there are.

    Each order is assessed `by` what allots budgets on the way, in the order in which
    they were placed.
    """
    by = by or assess
    if not any(order.program.looks_at_history for order in orders):
        return [by(order) for order in orders]
    paid = sorted((order for order in orders if order.is_paid), key=_by_time)
    numbers = {order.lot: number for number, order in enumerate(paid, start=1)}
    orders = [replace(each, number=numbers.get(each.lot)) for each in orders]
    orders = [_called(each, beside) for each in orders]
    if any(order.program.tiers for order in orders):
        return _assess_in_tiers(orders, beside, by)
    assessed = {each.lot: by(each) for each in sorted(orders, key=_placed)}
    return [assessed[each.lot] for each in orders]


def _called(order: MemberOrder, beside: Beside) -> MemberOrder:
    """Return an order with what its member was called when it was placed."""
    if order.facts.snapshot is None:
        return order
    placed_at, _ = _by_time(order)
    return replace(order, labels=beside.labels.at(placed_at))


def _assess_in_tiers(
    orders: Sequence[MemberOrder],
    beside: Beside,
    by: Callable[[MemberOrder], Assessment],
) -> list[Assessment]:
    """Assess orders as they were placed, each in the tier that came of those before.

    What happened at the same moment comes after it, so that no order helps itself.
    """
    climbs = Climbs(beside.held, beside.labels, beside.deeds)
    seen = [order for order in orders if order.facts.snapshot]
    assessed = {each.lot: by(each) for each in orders if not each.facts.snapshot}
    for order in sorted(seen, key=_by_time):
        placed_at, _ = _by_time(order)
        climb = climbs.of(order.program.tiers)
        climb.run_before(placed_at)
        each = by(replace(order, tier=_tier_then(climb, order)))
        assessed[order.lot] = each
        climbs.add(deed_of(each))
    return [assessed[order.lot] for order in orders]


def _tier_then(climb: Climb, order: MemberOrder) -> TierThen | None:
    tier = climb.tiers.tier(climb.hold.level)
    if not climb.tiers:
        return None
    assert order.facts.snapshot
    currency = order.facts.snapshot.currency
    reason = why(climb.tiers, climb.hold, climb.tally, currency)
    return TierThen(tier.name if tier else None, reason)


def deed_of(each: Assessment) -> Deed | None:
    """Return an order as tiers count it, None where it does not count."""
    order = each.order
    if not order.is_paid or each.count is None:
        return None
    placed_at, _ = _by_time(order)
    assert order.facts.paid_at and order.facts.snapshot
    at, currency = max(placed_at, order.facts.paid_at), order.facts.snapshot.currency
    points = each.points
    lefts = [Left(at, _tally(currency, each.count.base_minor, points))]
    reversals = _reversals(each, points)
    for back, reversal in zip(each.count.returns, reversals, strict=True):
        points -= reversal.points
        tally = _tally(currency, back.remaining_minor, points)
        lefts.append(Left(max(at, back.at), tally))
    return Deed(order.lot, order.timezone, tuple(lefts), _bought(order, at))


def _tally(currency: str, minor: int, points: int) -> Tally:
    spent = ((currency, minor),) if minor else ()
    return Tally(spent, points, int(minor > 0))


def _bought(order: MemberOrder, at: datetime) -> tuple[Bought, ...]:
    """Return the lines of an order as memberships, whatever they count for points."""
    counted = count(order.facts, Counting())
    found = []
    for number, each in enumerate(counted.lines):
        ends = [back.at for back in counted.returns if not back.parts_minor[number]]
        if each.line.product_id and each.net_minor:
            ended_at = max(at, ends[0]) if ends else None
            product_id = each.line.product_id
            plan_id = order.facts.plans.get(each.line.id) or None
            bought = Bought(product_id, at, order.timezone, ended_at, plan_id)
            found.append(bought)
    return tuple(found)


def assess(order: MemberOrder) -> Assessment:
    """Return what an order earns, or why it earns nothing."""
    facts, program = order.facts, order.program
    snapshot = facts.counted_snapshot
    if snapshot is None:
        return Assessment(order, None, NoAward("the order itself has not arrived yet"))
    counted = count(facts, program.counting)
    eligible = _eligible(order, counted.base_minor, counted.parts_minor)
    if snapshot.is_test:
        reason: str | None = "test orders earn nothing"
    elif facts.paid_at is None:
        reason = f"the order is not paid ({snapshot.financial_status})"
    else:
        reason = program.refuses(eligible)
    award = NoAward(reason) if reason else program.award(eligible)
    return Assessment(order, counted, award)


def _eligible(order: MemberOrder, amount: int, parts: Sequence[int]) -> Eligible:
    """Return what rules look at; parts only for those that look at them."""
    snapshot = order.facts.counted_snapshot
    assert snapshot
    if not order.program.has_campaigns:
        return Eligible(amount, snapshot.currency)
    placed_at = snapshot.processed_at.astimezone(ZoneInfo(order.timezone))
    lines = *snapshot.lines, None
    return Eligible(
        amount,
        snapshot.currency,
        tuple(Part(line, part) for line, part in zip(lines, parts, strict=True)),
        _occasion(order, placed_at.replace(tzinfo=None)),
        allotted=order.allotted,
    )


def _occasion(order: MemberOrder, at: datetime) -> Occasion:
    assert order.facts.counted_snapshot
    channel, tier = order.facts.counted_snapshot.channel, order.tier
    name, labels = tier.name if tier else None, order.labels or NO_LABELS_THEN
    return Occasion(at, channel, order.number, name, labels)


def credits(assessments: Iterable[Assessment]) -> list[Credit]:
    """Return one credit for each order that earned, limits by day and member applied.

    Orders take up a limit in the order in which they were placed. What had been given
    back of earlier ones by then is free again.
    """
    taken, found = TakenUp(), []
    earned = [each for each in assessments if each.points]
    for each in sorted(earned, key=lambda each: _by_time(each.order)):
        limits, day = each.order.program.limits, _day(each.order)
        points = min(each.points, taken.room(limits, day, _begins_at(each.order)))
        if points:
            credit = _credit(each, points)
            taken.take(credit, day)
            found.append(credit)
    return found


def unearned_because(each: Assessment, credit: Credit | None) -> str | None:
    """Return why no credit came of an order, None where one did."""
    if credit is not None:
        return None
    if each.points:
        return "the limit of the day or of the member is reached"
    return each.award.reason


def _by_time(order: MemberOrder) -> tuple[datetime, str]:
    assert order.facts.snapshot
    return order.facts.snapshot.processed_at, order.lot


def _placed(order: MemberOrder) -> tuple[datetime, str]:
    """Return when an order was placed, those last of which that is not known."""
    if order.facts.snapshot is None:
        return datetime.max.replace(tzinfo=UTC), order.lot
    return _by_time(order)


def _day(order: MemberOrder) -> date:
    assert order.facts.snapshot is not None
    placed_at = order.facts.snapshot.processed_at
    return placed_at.astimezone(ZoneInfo(order.timezone)).date()


def _begins_at(order: MemberOrder) -> datetime:
    """Return from when on an order may stand beside others in the ledger.

    A store may date an order after its payment: then what goes back between the two
    would stand beside it for a while, so it frees nothing for it.
    """
    placed_at, _ = _by_time(order)
    return min(placed_at, order.facts.paid_at or placed_at)


def _credit(each: Assessment, points: int) -> Credit:
    facts, program, timezone = each.order.facts, each.order.program, each.order.timezone
    assert facts.snapshot and facts.paid_at and each.count
    reason = each.award.reason
    if points < each.points:
        reason += f", limited to {points} by the day's or the member's limit"
    return Credit(
        lot=each.order.lot,
        cause=each.order.lot,
        at=facts.paid_at,
        points=points,
        is_held=program.holds_points,
        releases_at=_releases_at(facts, program),
        expires_at=expires_at(facts.snapshot.processed_at, program, timezone),
        patience=patience(facts.snapshot.processed_at, program, timezone),
        reversals=tuple(_reversals(each, points)),
        return_policy=program.return_policy,
        reason=reason,
    )


def _releases_at(facts: OrderFacts, program: Program) -> datetime | None:
    """Return when held points may be spent, None while that is unknown.

    It is unknown until a fulfilment that the programme waits for, and during a dispute
    that began before; what was released by then stays so.
    """
    by_event = {
        CreditWhen.PAID: facts.paid_at,
        CreditWhen.FULFILLED: facts.fulfilled_at,
    }
    since = by_event[program.credit_when]
    if since is None:
        return None
    due_at = since + timedelta(days=program.credit_after_days)
    disputes = facts.disputes.values()
    is_held_up = any(each.is_open and each.at < due_at for each in disputes)
    return None if is_held_up else due_at


def _reversals(each: Assessment, points: int) -> list[Reversal]:
    """Return what each return takes: the points before it less those that are left.

    What is left is worked out afresh from the money left, and rounded once, so that
    returns which add up to the order take back exactly what it earned.
    """
    assert each.count
    found, before = [], points
    for back in each.count.returns:
        award = _award_after(each, back)
        stays = min(before, int(award.points) if isinstance(award, Award) else 0)
        cause = f"{back.cause}@{each.order.lot}"
        found.append(Reversal(cause, back.at, before - stays, back.reason))
        before = stays
    return found


def _award_after(each: Assessment, back: Return) -> Award | NoAward:
    """Return what a return leaves of an order's award.

    It has no more of a budget than it was charged as a whole: a campaign that stood
    back then does so now, though it would be the best for what is left.
    """
    assert each.count
    order = replace(each.order, allotted=charges(each.award))
    whole = _eligible(order, each.count.base_minor, each.count.parts_minor)
    left = _eligible(order, back.remaining_minor, back.parts_minor)
    return order.program.award(left.after(whole))


def award_left(each: Assessment) -> Award | NoAward:
    """Return what all that went back leaves of an order's award."""
    if not each.award or not each.count or not each.count.returns:
        return each.award
    return _award_after(each, each.count.returns[-1])
