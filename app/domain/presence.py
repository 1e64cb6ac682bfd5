"""When a store had the app, and whether it has been without it for long enough."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# A store is redacted so long after it was uninstalled, a little less by other clocks.
REDACTED_AFTER = timedelta(hours=48)
_EARLY = timedelta(minutes=5)
# So much later it may be, where nobody has told when the store was uninstalled.
_LATE = timedelta(hours=24)
# Gone for so long, a store has been asked for what there is to be redacted.
OVERDUE = REDACTED_AFTER + _LATE


@dataclass(frozen=True)
class Presence:
    """What is known of a store's installations, whichever was heard of first.

    `generation` counts them, `began_at` is when the last one began, and `left_at` when
    it ended. `redact_at` is when the store was last asked to be redacted, and
    `redacted` the generation whose people were the last to be forgotten, 0 for none.
    """

    generation: int
    began_at: datetime
    opened_at: datetime | None = None
    left_at: datetime | None = None
    redact_at: datetime | None = None
    redacted: int = 0

    def installed_again(self, at: datetime) -> Presence:
        """Return what is known once the store has come back."""
        generation = self.generation + 1
        return replace(self, generation=generation, began_at=at, left_at=None)

    def opened(self, at: datetime) -> Presence:
        """Return what is known once somebody has opened the app."""
        return replace(self, opened_at=max(self.opened_at or at, at))

    def left(self, at: datetime) -> Presence:
        """Return what is known once it is told that the app was taken out.

        Whoever opens the app after it was taken out has installed it again.
        """
        if at < self.began_at:
            return self
        if self.opened_at and self.opened_at > at:
            back = self.installed_again(self.opened_at)
            return back.left(self.left_at) if self.left_at else back
        return replace(self, left_at=max(self.left_at or at, at))

    def asked_to_redact(self, at: datetime) -> Presence:
        """Return what is known once it is told that the store is to be redacted."""
        return replace(self, redact_at=max(self.redact_at or at, at))

    def forgot_everybody(self) -> Presence:
        """Return what is known once all people of the store are forgotten."""
        return replace(self, redacted=self.generation)

    @property
    def is_empty(self) -> bool:
        """Whether everybody is forgotten, and the store has not come back since."""
        return self.redacted == self.generation

    @property
    def gone_by(self) -> datetime | None:
        """When an installation that is to be redacted had ended; None without one."""
        return self.redact_at - REDACTED_AFTER + _EARLY if self.redact_at else None

    def is_redacted(self, seen_at: datetime | None = None) -> bool:
        """Whether the last installation is the one that was to be redacted.

        It is not where the store was `seen_at` a later time, or came back since. Where
        nobody has told of its end, the end follows from the redaction, unless that may
        be about the installation before: then word of the end is waited for.
        """
        if self.redact_at is None or self.gone_by is None:
            return False
        signs = (self.began_at, self.opened_at, seen_at)
        if any(sign > self.gone_by for sign in signs if sign):
            return False
        if self.left_at and self.left_at <= self.gone_by:
            return True
        earliest = self.redact_at - OVERDUE
        return self.generation == 1 or self.began_at <= earliest
