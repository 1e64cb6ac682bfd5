"""Reasons as rows keep them: a code and its values, to be said in any language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.engagement.missed import Missed
from app.domain.reasons import Reason, because

# A reason that has a code; surprises that did not follow, each with its reason.
Kept = Mapping[str, Any]
KeptMissed = Mapping[str, Kept]


def kept_reason(reason: Reason) -> Kept:
    """Return a reason that has a code as it is kept."""
    return {"code": reason.code, "values": dict(reason.values)}


def as_reason(kept: Kept) -> Reason:
    """Return a reason as it was kept."""
    return because(kept["code"], **kept["values"])


def kept_missed(missed: Iterable[Missed]) -> KeptMissed | None:
    """Return surprises that did not follow as they are kept, None for none."""
    return {each.surprise: kept_reason(each.reason) for each in missed} or None


def as_missed(kept: KeptMissed | None) -> tuple[Missed, ...]:
    """Return surprises that did not follow as they were kept."""
    found = (kept or {}).items()
    return tuple(Missed(surprise, as_reason(each)) for surprise, each in found)
