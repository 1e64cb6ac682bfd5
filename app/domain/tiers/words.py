"""Tiers in plain words: what they ask for and bring, and what a member is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.dates import day_in_words
from app.domain.phrases import counted, listed, quoted
from app.domain.tiers.policy import Downgrade, Tiers, Window
from app.domain.tiers.standing import TierStanding, next_tier, to_stay
from app.domain.tiers.tier import Tier

_INSTANT = timedelta(microseconds=1)


def tiers_in_words(tiers: Tiers, currency: str) -> Iterator[str]:
    """Yield, for example, `Gold, for 500.00 EUR spent: free shipping`."""
    for tier in tiers.ladder:
        ways = list(_ways(tiers, tier, currency))
        told = f"{tier.name}, for {' or '.join(ways)}" if ways else tier.name
        perks = tier.perks_in_words()
        yield f"{told}: {listed(perks)}" if perks else told


def _ways(tiers: Tiers, tier: Tier, currency: str) -> Iterator[str]:
    if tier.needs:
        yield f"{tier.needs_in_words(currency)}{tiers.window_in_words}"
    if tier.product_ids:
        months = counted(tier.product_months, "month")
        yield f"a membership of {months} that you buy"
    if tier.selling_plan_ids:
        months = counted(tier.plan_months, "month")
        yield f"a subscription, {months} with each payment"
    if tier.customer_tags:
        yield f"the customer tag {quoted(tier.customer_tags)}"


def keeping_in_words(tiers: Tiers) -> Iterator[str]:
    """Yield how a tier is kept and lost, a sentence each."""
    if not tiers:
        return
    yield "What you return no longer counts for your tier."
    if tiers.window is Window.LIFETIME:
        return
    if not tiers.grace_days:
        yield "Once you no longer meet a tier, you are in the one that you do meet."
        return
    days = counted(tiers.grace_days, "day")
    if tiers.downgrade is Downgrade.ONE_DOWN:
        yield f"Once you no longer meet a tier, you go down one step every {days}."
    else:
        yield f"Once you no longer meet a tier, you keep it for {days} more."


def tiers_told(
    tiers: Tiers, standing: TierStanding | None, currency: str, timezone: str
) -> dict[str, Any]:
    """Return what a member is told of the tier, and of the next; None for none."""
    above = next_tier(tiers, standing, currency)
    ahead = tiers.tier(tiers.level_of(above.name)) if above else None
    return {
        "tier": _tier_told(tiers, standing, currency, timezone),
        "next_tier": above
        and ahead
        and {
            "name": above.name,
            "progress": above.progress,
            "missing": f"{_sentence(above.missing)} to reach {above.name}",
            "perks": ahead.perks_in_words(),
        },
    }


def _tier_told(
    tiers: Tiers, standing: TierStanding | None, currency: str, timezone: str
) -> dict[str, Any] | None:
    tier = tiers.tier(tiers.level_of(standing.tier)) if standing else None
    if standing is None or tier is None:
        return None
    return {
        "name": tier.name,
        "reason": _sentence(standing.reason),
        "since": standing.since,
        "until": standing.until,
        "to_stay": keeping(tiers, standing, currency, timezone),
        "perks": tier.perks_in_words(),
    }


def keeping(
    tiers: Tiers, standing: TierStanding, currency: str, timezone: str
) -> str | None:
    """Return, for example, `Spend 40.00 EUR more by 31 March 2027 to stay Gold`."""
    missing = to_stay(tiers, standing, currency)
    if missing is None or standing.until is None:
        return None
    day = last_day(standing.until, timezone)
    return f"{_sentence(missing)} by {day} to stay {standing.tier}"


def last_day(until: datetime, timezone: str) -> str:
    """Return the last day before a moment, by the clocks of a place."""
    return day_in_words((until - _INSTANT).astimezone(ZoneInfo(timezone)))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
