"""Points of one order, reckoned once more from docs/earning-rules.md: part by part.

What a multiplier that its budget cuts short leaves to those after it, where campaigns
multiply, is left out: the documentation does not say it, and no store here has both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.domain.credits import MemberOrder
from app.domain.earning import Bonus, Multiplier, PurchasePoints, Stacking
from app.domain.earning.bonus import PartlyReturned
from app.domain.earning.campaign import Campaign
from app.domain.earning.conditions import Conditions
from app.domain.labels import LabelKind, Labels
from app.domain.orders import Line
from app.domain.program import Program
from app.domain.rounding import Rounding
from app.domain.tiers import Tier

# What counts of each line of an order, and at last of what is no line.
Parts = Sequence[int]
# How many points an order may have of each budget, None for as many as it wants.
Allotted = Mapping[str, int | None]


@dataclass(frozen=True)
class Placed:
    """An order as it was placed: the how many-th, in which tier, by somebody called."""

    order: MemberOrder
    number: int
    tier: str | None
    labels: Labels

    @property
    def at(self) -> datetime:
        """When that was."""
        assert self.order.facts.snapshot
        return self.order.facts.snapshot.processed_at

    def is_called(self, kind: LabelKind, names: frozenset[str]) -> bool:
        """Whether the member was called any of these then."""
        return any(
            each.kind is kind
            and each.name in names
            and each.since <= self.at
            and (each.until is None or self.at < each.until)
            for each in self.labels.spans
        )


@dataclass(frozen=True)
class Brought:
    """What an order brings, and what of it is charged to which budget.

    `is_cut` says whether it would be more but for the most that an order may bring.
    """

    points: int = 0
    charged: dict[str, int] = field(default_factory=dict)
    is_cut: bool = False


def brought(placed: Placed, whole: Parts, left: Parts, allotted: Allotted) -> Brought:
    """What is left of an order brings, in whole points."""
    program = placed.order.program
    plain = [_plain(program, minor) for minor in left]
    if not sum(plain):
        return Brought()
    gifts = list(_gifts(placed, whole, left, plain, allotted))
    if program.stacking is Stacking.BEST:
        gifts = [max(gifts, key=lambda gift: gift[1])] if gifts else []
    exact = sum(plain) + sum(points for _, points in gifts)
    points = _rounded(exact, program.rounding)
    most = program.limits.points_per_order_max or points
    charged = {
        campaign.name: math.ceil(given) for campaign, given in gifts if campaign.budget
    }
    return Brought(min(points, most), charged if points else {}, points > most)


def _plain(program: Program, minor: int) -> Fraction:
    rates = (rule.rate for rule in program.earning if isinstance(rule, PurchasePoints))
    return sum(map(Fraction, rates), Fraction(0)) * minor / 100


def _gifts(
    placed: Placed,
    whole: Parts,
    left: Parts,
    plain: Sequence[Fraction],
    allotted: Allotted,
) -> Iterator[tuple[Campaign, Fraction]]:
    """What each campaign gives on top, those of tiers after the others."""
    program, so_far = placed.order.program, list(plain)
    for campaign in _campaigns(program):
        meant = _meant(campaign.conditions, placed)
        sizes = [
            sum(p for p, is_in in zip(x, meant, strict=True) if is_in)
            for x in (whole, left)
        ]
        if not _holds(campaign.conditions, placed, sizes[0]):
            continue
        parts = [
            p if is_in else Fraction(0) for p, is_in in zip(so_far, meant, strict=True)
        ]
        given = _given(campaign, parts, *sizes)
        most = allotted.get(campaign.name, 0) if campaign.budget else None
        is_cut = most is not None and given > most
        if given:
            yield campaign, Fraction(most or 0) if is_cut else given
        if isinstance(campaign, Multiplier) and program.stacking is Stacking.MULTIPLY:
            assert not is_cut
            more = Fraction(campaign.times) - 1
            so_far = [a + b * more for a, b in zip(so_far, parts, strict=True)]


def _campaigns(program: Program) -> Iterator[Campaign]:
    yield from (rule for rule in program.earning if isinstance(rule, Campaign))
    for tier in program.tiers.ladder:
        if tier.earn_times > 1:
            yield _of_tier(tier)


def _of_tier(tier: Tier) -> Multiplier:
    only = Conditions(tiers=frozenset({tier.name}))
    return Multiplier(times=tier.earn_times, conditions=only)


def _given(
    campaign: Campaign, parts: Sequence[Fraction], whole: int, left: int
) -> Fraction:
    """What a campaign gives that holds, for what is left of the parts it is about."""
    if isinstance(campaign, Multiplier):
        return sum(parts, Fraction(0)) * (Fraction(campaign.times) - 1)
    assert isinstance(campaign, Bonus)
    if not left:
        return Fraction(0)
    if campaign.partly_returned is PartlyReturned.PROPORTIONAL:
        return Fraction(campaign.points * left, whole)
    is_kept = campaign.partly_returned is PartlyReturned.KEEP or left == whole
    return Fraction(campaign.points if is_kept else 0)


def _meant(conditions: Conditions, placed: Placed) -> list[bool]:
    """Which parts of an order a campaign is about."""
    snapshot = placed.order.facts.counted_snapshot
    assert snapshot
    return [_is_meant(conditions, line) for line in (*snapshot.lines, None)]


def _is_meant(conditions: Conditions, line: Line | None) -> bool:
    wanted = conditions.product_ids, conditions.collection_ids, conditions.tags
    if not any(wanted):
        return True
    if line is None:
        return False
    tags = {tag.lower() for tag in line.tags}
    has = {line.product_id}, set(line.collection_ids), tags
    return any(names & theirs for names, theirs in zip(wanted, has, strict=True))


def _holds(conditions: Conditions, placed: Placed, whole: int) -> bool:
    """Whether a campaign holds for an order, with so much of what it is about."""
    snapshot = placed.order.facts.counted_snapshot
    assert snapshot
    local = placed.at.astimezone(ZoneInfo(placed.order.timezone)).replace(tzinfo=None)
    first, last = conditions.order_from or 1, conditions.order_to or math.inf
    days = {day.value for day in conditions.weekdays}
    begin, end = conditions.starts_at or local, conditions.ends_at
    tags, segments = conditions.customer_tags, conditions.segments
    return (
        whole >= max(1, Decimal(100) * conditions.amount_min)
        and first <= placed.number <= last
        and (not conditions.channels or snapshot.channel in conditions.channels)
        and (not days or local.strftime("%A").lower() in days)
        and begin <= local
        and (end is None or local < end)
        and (not conditions.tiers or placed.tier in conditions.tiers)
        and (not tags or placed.is_called(LabelKind.TAG, tags))
        and (not segments or placed.is_called(LabelKind.SEGMENT, segments))
    )


def _rounded(exact: Fraction, rounding: Rounding) -> int:
    if rounding is Rounding.UP:
        return math.ceil(exact)
    half = Fraction(1, 2) if rounding is Rounding.NEAREST else 0
    return math.floor(exact + half)
