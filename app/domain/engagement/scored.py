"""Actions as tiers count them: those that earned points, when they were done."""

from __future__ import annotations

from datetime import datetime

from app.domain.actions import Action, Anniversary, Birthday
from app.domain.engagement.engaged import Acts, judged
from app.domain.engagement.versions import Versions
from app.domain.tiers.deeds import Deed, Left
from app.domain.tiers.tally import Tally

# They come by themselves, so they say nothing of what a member does.
_DAYS = (Anniversary.kind, Birthday.kind)


def scored(acts: Acts, versions: Versions, now: datetime) -> tuple[Deed, ...]:
    """Return what a member did beside ordering that counts for tiers."""
    return tuple(
        _deed(each.action)
        for each in judged(acts, versions, now)
        if each.points and each.action.action not in _DAYS
    )


def _deed(action: Action) -> Deed:
    return Deed(action.lot, action.timezone, (Left(action.at, Tally(actions=1)),))
