"""What a product earns that no campaign is about: terms that a page can reckon by.

They hold as long as nothing but the amount, what counts, the tier and the day decides,
and say nothing of products that a campaign is about: several times the points for all
products are just another rate. Where more decides, there are none: no number is better
than a wrong one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import prod
from zoneinfo import ZoneInfo

from app.domain.earning import Campaign, Multiplier, PurchasePoints, Stacking
from app.domain.earning.conditions import Conditions
from app.domain.money import minor_units, to_minor
from app.domain.program import Counting, Program
from app.domain.rounding import Rounding

# The channel of a cart that is seen on a page.
_PAGES = "web"


@dataclass(frozen=True)
class PlainTerms:
    """Points for each minor unit that counts, exactly; `by_tier` has every tier's.

    They have in them what campaigns for all products multiply. Less than `least_minor`
    earns nothing, and no order more than `most`. Other campaigns are about the products
    of `campaign_tags`, in small letters, and `campaign_product_ids`: the terms are not
    those of an order in which any of them counts.
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
    place, changes, running = ZoneInfo(timezone), list[datetime](), list[Campaign]()
    is_plain = all(
        isinstance(rule, PurchasePoints | Campaign) for rule in program.earning
    )
    for campaign in _campaigns(program):
        holds, until = _holds(campaign.conditions, place, now)
        if until:
            changes.append(until)
        if holds is not False:
            running.append(campaign)
            is_plain &= _names_them(campaign) or (bool(holds) and _is_a_rate(campaign))
    terms = _plain(program, currency, running) if is_plain else None
    return TermsNow(terms, min(changes, default=None))


def _campaigns(program: Program) -> Iterator[Campaign]:
    """Yield those that can be about what is bought on a page."""
    for rule in program.earning:
        if isinstance(rule, Campaign):
            channels = rule.conditions.channels
            if not channels or _PAGES in channels:
                yield rule


def _holds(
    conditions: Conditions, place: ZoneInfo, now: datetime
) -> tuple[bool | None, datetime | None]:
    """Return whether a campaign runs by its window and weekdays, and until when so.

    Around an hour that the clocks of a place show twice, or leave out, it is None.
    """
    begins = _moments(conditions.starts_at, place)
    ends = _moments(conditions.ends_at, place)
    if ends and ends[1] <= now:
        return False, None
    if begins and now < begins[0]:
        return False, begins[0]
    for edge in (begins, ends):
        if edge and edge[0] <= now < edge[1]:
            return None, edge[1]
    today = now.astimezone(place).date()
    changes = [ends[0] if ends else None, _turn(conditions, today, place)]
    until = min((each for each in changes if each), default=None)
    return conditions.holds_on(today), until


def _moments(
    wall: datetime | None, place: ZoneInfo
) -> tuple[datetime, datetime] | None:
    """Return the first and the last moment that a time on the store's wall may be."""
    if wall is None:
        return None
    both = [wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(both), max(both)


def _turn(conditions: Conditions, today: date, place: ZoneInfo) -> datetime | None:
    """Return when the first day begins that differs from today by its weekday."""
    for ahead in range(1, 7):
        day = today + timedelta(days=ahead)
        if conditions.holds_on(day) != conditions.holds_on(today):
            return datetime.combine(day, time.min, place).astimezone(UTC)
    return None


def _names_them(campaign: Campaign) -> bool:
    """Whether a page sees of each product if a campaign can be about it.

    Pages know products and their tags, but only those collections that a store shows.
    """
    only = campaign.conditions
    return only.names_products and not only.collection_ids


def _is_a_rate(campaign: Campaign) -> bool:
    """Whether a campaign is so many times the points of all that is bought.

    It may be for some tiers and days; with a condition besides it is more than that.
    """
    only = campaign.conditions
    known = Conditions(
        channels=only.channels,
        weekdays=only.weekdays,
        starts_at=only.starts_at,
        ends_at=only.ends_at,
        tiers=only.tiers,
    )
    is_multiplier = isinstance(campaign, Multiplier) and not campaign.budget
    return is_multiplier and only == known


def _plain(
    program: Program, currency: str, running: Collection[Campaign]
) -> PlainTerms:
    rates = (
        Fraction(rule.rates.get(currency, rule.rate))
        for rule in program.earning
        if isinstance(rule, PurchasePoints)
    )
    rate = sum(rates, Fraction(0)) / minor_units(currency)
    about = [each.conditions for each in running if each.conditions.names_products]
    more = [
        each
        for each in running
        if isinstance(each, Multiplier) and not each.conditions.names_products
    ]
    by_tier = {
        tier.name: rate * _times(program.stacking, more, tier.name, tier.earn_times)
        for tier in program.tiers.ladder
    }
    return PlainTerms(
        rate * _times(program.stacking, more),
        by_tier,
        program.rounding,
        to_minor(program.limits.order_amount_min, currency),
        program.limits.points_per_order_max,
        program.counting,
        frozenset().union(*(each.tags for each in about)),
        frozenset().union(*(each.product_ids for each in about)),
    )


def _times(
    stacking: Stacking,
    campaigns: Iterable[Multiplier],
    tier: str | None = None,
    earn_times: Decimal = Decimal(1),
) -> Fraction:
    """Return how many times the points all of them come to for members of a tier."""
    tiers = ((each.times, each.conditions.tiers) for each in campaigns)
    times = [Fraction(times) for times, only in tiers if not only or tier in only]
    times.append(Fraction(earn_times))
    match stacking:
        case Stacking.ADD:
            return sum((each - 1 for each in times), Fraction(1))
        case Stacking.MULTIPLY:
            return prod(times, start=Fraction(1))
        case Stacking.BEST:
            return max(times)
