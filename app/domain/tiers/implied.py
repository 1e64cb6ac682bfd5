"""Whether whoever reaches a tier has reached another as well."""

from __future__ import annotations

from app.domain.tiers.base import Need
from app.domain.tiers.tally import Tally
from app.domain.tiers.tier import Tier

_MANY = 10**9
# So much of one thing and nothing else, of each thing that tiers count.
_EACH_ALONE = (
    Tally(spent=(("", _MANY),)),
    Tally(points=_MANY),
    Tally(orders=_MANY),
    Tally(actions=_MANY),
)


def implies(tier: Tier, other: Tier) -> bool:
    """Whether what a tier asks for is never enough for it alone, but for both."""
    if not tier.needs or not other.needs:
        return False
    pairs = [[_covers(need, each) for each in other.needs] for need in tier.needs]
    if tier.needs_all:
        met = [any(of_one) for of_one in zip(*pairs, strict=True)]
        return all(met) if other.needs_all else any(met)
    return all(all(row) if other.needs_all else any(row) for row in pairs)


def _covers(need: Need, other: Need) -> bool:
    """Whether the other need is met whenever this one is, as shares grow evenly."""
    return all(other.share(tally) >= need.share(tally) for tally in _EACH_ALONE)
