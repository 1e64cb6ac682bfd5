"""Says in plain words why a member is in a tier."""

from __future__ import annotations

from app.domain.dates import day_in_words
from app.domain.languages.translator import Translator
from app.domain.tiers.climb import By, Hold
from app.domain.tiers.policy import Tiers
from app.domain.tiers.tally import Tally


def why(tiers: Tiers, hold: Hold, tally: Tally, currency: str) -> str:
    """Return the reason for a level as half a sentence."""
    tier = tiers.tier(hold.level)
    until = f" until {day_in_words(hold.until)}" if hold.until else ""
    if tier is None:
        return _no_tier(tiers, tally, currency)
    if hold.by is By.MEMBERSHIP:
        return f"{tier.name} was bought as a membership{until}"
    if hold.by is By.SUBSCRIPTION:
        return f"{tier.name} comes with a subscription{until}"
    if hold.by is By.TAG:
        taken = f", which was taken away; it is kept{until}" if until else ""
        return f"{tier.name} comes with the customer tag “{hold.reason}”{taken}"
    if hold.by is By.HAND:
        reason = f": {hold.reason}" if hold.reason else ""
        return f"{tier.name} was given by hand{until}{reason}"
    if hold.by is By.GRACE:
        return f"{tier.name} is kept{until}, though its needs are no longer met"
    say = Translator(currency)
    needs = tiers.needs_in_words(tier, say)
    reached = tier.reached_in_words(tally, say)
    return f"{tier.name} asks for {needs}, and it was {reached}"


def _no_tier(tiers: Tiers, tally: Tally, currency: str) -> str:
    asked = [tier for tier in tiers.ladder if tier.needs]
    if not asked:
        return "no tier was bought or given"
    lowest = asked[0]
    say = Translator(currency)
    needs = tiers.needs_in_words(lowest, say)
    missing = lowest.missing_in_words(tally, say)
    return f"no tier yet: {lowest.name} asks for {needs}, so {missing}"
