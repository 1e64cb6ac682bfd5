"""What a product earns that no campaign is about: terms that a page can reckon by.

They hold as long as nothing but the amount, what counts, and the tier decides. Where
more does, there are none: no number is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.domain.earning import Campaign, PurchasePoints
from app.domain.money import minor_units, to_minor
from app.domain.program import Counting, Program
from app.domain.rounding import Rounding


@dataclass(frozen=True)
class PlainTerms:
    """Points for each minor unit that counts, exactly; `by_tier` has every tier's.

    Less than `least_minor` earns nothing, and no order more than `most`.
    """

    rate: Fraction
    by_tier: Mapping[str, Fraction]
    rounding: Rounding
    least_minor: int
    most: int | None
    counting: Counting


@dataclass(frozen=True)
class TermsNow:
    """The terms of a moment, None where there are none, and when that may change."""

    terms: PlainTerms | None
    until: datetime | None


def terms_at(program: Program, currency: str, timezone: str, now: datetime) -> TermsNow:
    """Return the plain terms of a programme in a store, as long as it is in force."""
    is_plain, until = True, None
    for begins, ends in _windows(program, ZoneInfo(timezone)):
        if ends is not None and ends <= now:
            continue
        is_yet_to_come = begins is not None and now < begins
        is_plain = is_plain and is_yet_to_come
        change = begins if is_yet_to_come else ends
        if change is not None:
            until = min(until or change, change)
    others = (PurchasePoints, Campaign)
    if not is_plain or not all(isinstance(rule, others) for rule in program.earning):
        return TermsNow(None, until)
    return TermsNow(_plain(program, currency), until)


def _windows(
    program: Program, place: ZoneInfo
) -> Iterator[tuple[datetime | None, datetime | None]]:
    """Yield from when, and until when, each campaign may hold.

    An hour that the clocks of a place show twice is in the window with both.
    """
    for rule in program.earning:
        if isinstance(rule, Campaign):
            starts, ends = rule.conditions.starts_at, rule.conditions.ends_at
            yield (
                min(_moments(starts, place)) if starts else None,
                max(_moments(ends, place)) if ends else None,
            )


def _moments(wall: datetime, place: ZoneInfo) -> Iterator[datetime]:
    for fold in (0, 1):
        yield wall.replace(tzinfo=place, fold=fold).astimezone(UTC)


def _plain(program: Program, currency: str) -> PlainTerms:
    rates = (
        Fraction(rule.rates.get(currency, rule.rate))
        for rule in program.earning
        if isinstance(rule, PurchasePoints)
    )
    rate = sum(rates, Fraction(0)) / minor_units(currency)
    tiers = program.tiers.ladder
    return PlainTerms(
        rate,
        {tier.name: rate * Fraction(tier.earn_times) for tier in tiers},
        program.rounding,
        to_minor(program.limits.order_amount_min, currency),
        program.limits.points_per_order_max,
        program.counting,
    )
