"""Where a member stands among the tiers, and what it takes to stay and to go up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.languages.translator import Translator
from app.domain.tiers.policy import Tiers
from app.domain.tiers.tally import NOTHING, Tally


@dataclass(frozen=True)
class TierStanding:
    """The tier that a member is in, since when, and why; none is an answer, too.

    Of what was done, `tally` counts now. Where time alone takes the tier, that is at
    `until`, and `tally_then` is what will still count.
    """

    tier: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    tally: Tally = NOTHING
    tally_then: Tally = NOTHING


@dataclass(frozen=True)
class NextTier:
    """The next tier up, how far it is, from 0 to 1, and what is missing in words."""

    name: str
    progress: float
    missing: str


def next_tier(
    tiers: Tiers, standing: TierStanding | None, say: Translator
) -> NextTier | None:
    """Return the next tier that can be reached by what it asks for, if there is one."""
    standing = standing or TierStanding()
    for tier in tiers.ladder[tiers.level_of(standing.tier) :]:
        if tier.needs and not tier.is_met(standing.tally):
            missing = tier.missing_in_words(standing.tally, say)
            return NextTier(tier.name, tier.progress(standing.tally), missing)
    return None


def to_stay(tiers: Tiers, standing: TierStanding, say: Translator) -> str | None:
    """Return what must be done until the tier ends by itself, None where nothing can.

    For example `spend €40.00 more`.
    """
    tier = tiers.tier(tiers.level_of(standing.tier))
    if standing.until is None or tier is None or not tier.needs:
        return None
    return tier.missing_in_words(standing.tally_then, say) or None
