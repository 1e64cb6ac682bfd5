"""Points on a member's birthday, once it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from app.domain.actions.base import Action, ActionRule, Most
from app.domain.phrases import counted
from app.domain.reasons import Reason, because
from app.domain.settings import setting

_DAYS_KNOWN = 30


@dataclass(frozen=True, kw_only=True)
class Birthday(ActionRule):
    """Every year; the member gives the day, which must be known for a while by then.

    >>> Birthday(points=200, days_known_before=60).in_words()
    '200 points for your birthday, once we have known it for 60 days'
    """

    kind: ClassVar[str] = "birthday"

    days_known_before: int = setting(
        "Days for which a birthday must be known before it earns",
        default=_DAYS_KNOWN,
        least=0,
        most=365,
    )

    @property
    def most(self) -> Most:
        """How often one member may earn by it, whatever days they gave."""
        return Most(a_year=1)

    def refuses(self, action: Action) -> Reason | None:
        """Return why this birthday earns nothing; None where it may."""
        known_for = timedelta(days=self.days_known_before)
        if action.given_at is None or action.at - action.given_at >= known_for:
            return None
        return because("birthday_too_new", days=self.days_known_before)

    def _name(self) -> str:
        return "Your birthday"

    def _deed(self) -> str:
        return "your birthday"

    def in_words(self) -> str:
        """Return the rule as it ends a sentence that begins with `You earn`."""
        words = super().in_words()
        if self.days_known_before == _DAYS_KNOWN:
            return words
        days = counted(self.days_known_before, "day")
        return f"{words}, once we have known it for {days}"
