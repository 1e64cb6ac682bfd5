"""What is known of a member beside orders that tiers and campaigns look at."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.labels import NO_LABELS, Labels
from app.domain.tiers.deeds import Deed, Held


@dataclass(frozen=True)
class Beside:
    """Tiers given by hand, tags and segments, and actions as tiers count them."""

    held: tuple[Held, ...] = ()
    labels: Labels = NO_LABELS
    deeds: tuple[Deed, ...] = ()


NOTHING_BESIDE = Beside()
