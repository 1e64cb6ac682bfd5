"""What a product earns that no campaign is about: terms that a page can reckon by.

They hold as long as nothing but the amount, what counts, and the tier decides, and say
nothing of products that a campaign is about. Where more decides, there are none: no
number is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.domain.earning import Campaign, PurchasePoints
from app.domain.earning.conditions import Conditions
from app.domain.money import minor_units, to_minor
from app.domain.program import Counting, Program
from app.domain.rounding import Rounding

# The channel of a cart that is seen on a page.
_PAGES = "web"


@dataclass(frozen=True)
class PlainTerms:
    """Points for each minor unit that counts, exactly; `by_tier` has every tier's.

    Less than `least_minor` earns nothing, and no order more than `most`. Campaigns are
    about the products of `campaign_tags`, in small letters, and `campaign_product_ids`:
    the terms are not those of an order in which any of them counts.
    """

    rate: Fraction
    by_tier: Mapping[str, Fraction]
    rounding: Rounding
    least_minor: int
    most: int | None
    counting: Counting
    campaign_tags: frozenset[str]
    campaign_product_ids: frozenset[str]


@dataclass(frozen=True)
class TermsNow:
    """The terms of a moment, None where there are none, and when that may change."""

    terms: PlainTerms | None
    until: datetime | None


def terms_at(program: Program, currency: str, timezone: str, now: datetime) -> TermsNow:
    """Return the plain terms of a programme in a store, as long as it is in force."""
    until, running = None, list[Conditions]()
    for conditions in _conditions(program):
        begins, ends = _window(conditions, ZoneInfo(timezone))
        if ends is not None and ends <= now:
            continue
        is_yet_to_come = begins is not None and now < begins
        if not is_yet_to_come:
            running.append(conditions)
        change = begins if is_yet_to_come else ends
        if change is not None:
            until = min(until or change, change)
    others = (PurchasePoints, Campaign)
    if not all(isinstance(rule, others) for rule in program.earning):
        return TermsNow(None, until)
    if not all(_show_on_products(each) for each in running):
        return TermsNow(None, until)
    return TermsNow(_plain(program, currency, running), until)


def _conditions(program: Program) -> Iterator[Conditions]:
    """Yield those of each campaign that can be about what is bought on a page."""
    for rule in program.earning:
        if isinstance(rule, Campaign):
            channels = rule.conditions.channels
            if not channels or _PAGES in channels:
                yield rule.conditions


def _show_on_products(conditions: Conditions) -> bool:
    """Whether a page sees of each product if a campaign can be about it.

    Pages know products and their tags, but only those collections that a store shows.
    """
    return conditions.names_products and not conditions.collection_ids


def _window(
    conditions: Conditions, place: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """Return from when, and until when, a campaign may hold.

    An hour that the clocks of a place show twice is in the window with both.
    """
    starts, ends = conditions.starts_at, conditions.ends_at
    return (
        min(_moments(starts, place)) if starts else None,
        max(_moments(ends, place)) if ends else None,
    )


def _moments(wall: datetime, place: ZoneInfo) -> Iterator[datetime]:
    for fold in (0, 1):
        yield wall.replace(tzinfo=place, fold=fold).astimezone(UTC)


def _plain(
    program: Program, currency: str, running: Sequence[Conditions]
) -> PlainTerms:
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
        frozenset().union(*(each.tags for each in running)),
        frozenset().union(*(each.product_ids for each in running)),
    )
