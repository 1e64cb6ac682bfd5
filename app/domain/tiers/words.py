"""Tiers in plain words: what they ask for and bring, and what a member is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.languages.translator import Translator, upper
from app.domain.tiers.policy import Downgrade, Tiers, Window
from app.domain.tiers.standing import TierStanding, next_tier, to_stay
from app.domain.tiers.tier import Tier

_INSTANT = timedelta(microseconds=1)


def tiers_in_words(tiers: Tiers, say: Translator) -> Iterator[str]:
    """Yield, for example, `Gold, for €500.00 spent: free shipping`."""
    for tier in tiers.ladder:
        told, ways = tier.name, list(_ways(tiers, tier, say))
        if ways:
            told = say("tier.for", tier=told, way=say.one_of(ways))
        perks = tier.perks_in_words(say)
        yield say("tier.brings", tier=told, perks=perks) if perks else told


def _ways(tiers: Tiers, tier: Tier, say: Translator) -> Iterator[str]:
    if tier.needs:
        yield tiers.needs_in_words(tier, say)
    if tier.product_ids:
        yield say("tier.membership", months=tier.product_months)
    if tier.selling_plan_ids:
        yield say("tier.subscription", months=tier.plan_months)
    # What a store calls its customers is for nobody else to read.
    if tier.customer_tags:
        yield say("tier.invited")


def keeping_in_words(tiers: Tiers, say: Translator) -> Iterator[str]:
    """Yield how a tier is kept and lost, a sentence each."""
    if not tiers:
        return
    yield say("tier.returns")
    is_lifelong = tiers.window is Window.LIFETIME
    if not tiers.grace_days:
        if not is_lifelong:
            yield say("tier.falls")
        return
    is_slow = tiers.downgrade is Downgrade.ONE_DOWN
    if not is_lifelong:
        yield say("tier.one_down" if is_slow else "tier.kept", days=tiers.grace_days)
    # What grants a tier may end in every window, and never falls by steps.
    if (is_lifelong or is_slow) and (granted := list(_granted(tiers, say))):
        yield say("tier.granted", what=granted, days=tiers.grace_days)


def _granted(tiers: Tiers, say: Translator) -> Iterator[str]:
    if tiers.grants_by_product:
        yield say("granted.membership")
    if tiers.grants_by_plan:
        yield say("granted.subscription")
    if tiers.grants_by_tag:
        yield say("granted.invitation")


def tiers_told(
    tiers: Tiers, standing: TierStanding | None, timezone: str, say: Translator
) -> dict[str, Any]:
    """Return what a member is told of the tier, and of the next; None for none."""
    above = next_tier(tiers, standing, say)
    ahead = tiers.tier(tiers.level_of(above.name)) if above else None
    return {
        "tier": _tier_told(tiers, standing, timezone, say),
        "next_tier": above
        and ahead
        and {
            "name": above.name,
            "progress": above.progress,
            "missing": upper(say("tier.next", missing=above.missing, tier=above.name)),
            "perks": ahead.perks_in_words(say),
        },
    }


def _tier_told(
    tiers: Tiers, standing: TierStanding | None, timezone: str, say: Translator
) -> dict[str, Any] | None:
    tier = tiers.tier(tiers.level_of(standing.tier)) if standing else None
    if standing is None or tier is None:
        return None
    return {
        "name": tier.name,
        "since": standing.since,
        "until": standing.until,
        "to_stay": keeping(tiers, standing, timezone, say),
        "perks": tier.perks_in_words(say),
    }


def keeping(
    tiers: Tiers, standing: TierStanding, timezone: str, say: Translator
) -> str | None:
    """Return, for example, `Spend €40.00 more by 31 March 2027 to stay Gold`."""
    missing = to_stay(tiers, standing, say)
    if missing is None or standing.until is None:
        return None
    on = last_day(standing.until, timezone)
    return upper(say("tier.stay", missing=missing, at=on, tier=standing.tier))


def last_day(until: datetime, timezone: str) -> datetime:
    """Return the last day before a moment, by the clocks of a place, as it begins."""
    last = (until - _INSTANT).astimezone(ZoneInfo(timezone))
    return last.replace(hour=0, minute=0, second=0, microsecond=0)
