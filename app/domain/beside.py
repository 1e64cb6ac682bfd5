"""What is known of a member beside orders that tiers and campaigns look at."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.actions import Action
from app.domain.engagement.days import BirthdayGiven
from app.domain.labels import NO_LABELS, Labels
from app.domain.tiers.deeds import Deed, Held


@dataclass(frozen=True)
class Beside:
    """Tiers given by hand, tags and segments, actions as tiers count them, birthdays.

    `paid_birthdays` are those of a forgotten member on which a tier gave points.
    """

    held: tuple[Held, ...] = ()
    labels: Labels = NO_LABELS
    deeds: tuple[Deed, ...] = ()
    birthdays: tuple[BirthdayGiven, ...] = ()
    paid_birthdays: tuple[Action, ...] = ()


NOTHING_BESIDE = Beside()
