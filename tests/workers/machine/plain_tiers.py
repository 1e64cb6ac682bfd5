"""Tiers and their gifts, reckoned once more from docs/tiers.md: moment by moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from app.domain.beside import Beside
from app.domain.dates import local_months_after
from app.domain.tiers import Tally, Tier, Tiers
from app.domain.tiers.deeds import Bought, Deed
from tests.app.domain.deeds import reckoned_level

# A gift: the name of its lot, when it came, how many points, and when it fell.
Gift = tuple[str, datetime, int, datetime | None]
# What the version of the programme says of tiers that is in force at a moment.
TiersAt = Callable[[datetime], Tiers]


def tier_at(
    tiers: Tiers, deeds: Sequence[Deed], beside: Beside, now: datetime
) -> str | None:
    """The highest tier that is held at a moment, in whatever way."""
    level = reckoned_level(tiers, list(deeds), now)
    for number, tier in enumerate(tiers.ladder, start=1):
        if _is_held(tier, tiers, deeds, beside, now):
            level = max(level, number)
    found = tiers.tier(level)
    return found.name if found else None


def gifts(
    tiers_at: TiersAt, deeds: Sequence[Deed], beside: Beside, now: datetime
) -> Iterator[Gift]:
    """What came with tiers, and fell where what is left reaches them no more.

    How much is said by the version in force when a tier is reached for the first time;
    what tiers ask for is the same in all versions.
    """
    tiers = tiers_at(now)
    moments = sorted(each for each in _moments(tiers, deeds, beside) if each <= now)
    peaks = [(at, _peak(tiers, deeds, beside, at)) for at in moments]
    for level, tier in enumerate(tiers.ladder, start=1):
        times, begin, points = 0, None, 0
        for at, peak in peaks:
            if peak >= level and begin is None:
                times, begin = times + 1, at
                if times == 1:
                    points = tiers_at(at).ladder[level - 1].entry_points
            elif begin and peak < level:
                yield from _given(tier, times, begin, points, at)
                begin = None
        if begin:
            yield from _given(tier, times, begin, points, None)


def _given(
    tier: Tier, times: int, begin: datetime, points: int, end: datetime | None
) -> Iterator[Gift]:
    """A gift, where there is anything to give."""
    if points:
        lot = f"tier/{tier.name}" + (f"/{times}" if times > 1 else "")
        yield lot, begin, points, end


def _is_held(
    tier: Tier, tiers: Tiers, deeds: Sequence[Deed], beside: Beside, now: datetime
) -> bool:
    """Whether it is held by a membership, by a tag, or by the owner's word."""
    bought = [each for each in _bought(tier, tiers, deeds) if each.stands(now)]
    end: datetime | None = None
    for each in sorted(bought, key=lambda each: each.at):
        is_renewal = end is not None and each.at < end + tiers.grace
        begins = end if end and is_renewal else each.at
        months = tier.plan_months if _is_by_plan(tier, each) else tier.product_months
        end = local_months_after(begins, months, each.timezone)
    if end and now < end + tiers.grace:
        return True
    tags = [each for each in beside.labels.tags if each.name in tier.customer_tags]
    return any(
        each.since <= now and (each.until is None or now < each.until + tiers.grace)
        for each in tags
    ) or any(each.tier == tier.name and each.holds(now) for each in beside.held)


def _bought(tier: Tier, tiers: Tiers, deeds: Iterable[Deed]) -> Iterator[Bought]:
    """What was bought by the tier's plan, or is its product and by no plan of any."""
    for each in (each for deed in deeds for each in deed.bought):
        if any(_is_by_plan(any_tier, each) for any_tier in tiers.ladder):
            yield from [each] if _is_by_plan(tier, each) else []
        elif each.product_id in tier.product_ids:
            yield each


def _is_by_plan(tier: Tier, bought: Bought) -> bool:
    return bought.plan_id in tier.selling_plan_ids


def _peak(tiers: Tiers, deeds: Sequence[Deed], beside: Beside, now: datetime) -> int:
    """The highest level that was ever reached, with what is left of orders now."""
    ends = {deed.name: tiers.counts_until(deed.at, deed.timezone) for deed in deeds}
    levels = [0]
    for at in {deed.at for deed in deeds} | {end for end in ends.values() if end}:
        tally = Tally()
        for deed in deeds:
            end = ends[deed.name]
            if at <= now and deed.at <= at and (end is None or at < end):
                left = [left.tally for left in deed.lefts if left.at <= now]
                tally = tally.plus(left[-1])
        levels.append(tiers.reached(tally))
    for level, tier in enumerate(tiers.ladder, start=1):
        tagged = any(
            each.since <= now and each.name in tier.customer_tags
            for each in beside.labels.tags
        )
        given = any(
            each.since <= now and each.tier == tier.name for each in beside.held
        )
        bought = any(each.stands(now) for each in _bought(tier, tiers, deeds))
        levels += [level] if tagged or given or bought else []
    return max(levels)


def _moments(tiers: Tiers, deeds: Iterable[Deed], beside: Beside) -> set[datetime]:
    """When anything may change."""
    found = {left.at for deed in deeds for left in deed.lefts}
    for deed in deeds:
        end = tiers.counts_until(deed.at, deed.timezone)
        found |= {end} if end else set()
        for each in deed.bought:
            found |= {each.at} | ({each.ended_at} if each.ended_at else set())
    found |= {each.since for each in beside.held}
    return found | {each.since for each in beside.labels.tags}
