"""Points on a member's birthday, once it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from app.domain.actions.base import Action, ActionRule, Most
from app.domain.languages.translator import Translator
from app.domain.reasons import Reason, because
from app.domain.settings import setting

_DAYS_KNOWN = 30


@dataclass(frozen=True, kw_only=True)
class Birthday(ActionRule):
    """Every year; the member gives the day, which must be known for a while by then.

    >>> from app.domain.languages.translator import Translator
    >>> Birthday(points=200, days_known_before=60).in_words(Translator())
    '200 points for your birthday, once we have known it for 60 days'
    """

    kind: ClassVar[str] = "birthday"
    english: ClassVar[dict[str, str]] = {
        "name": "Your birthday",
        "deed": "your birthday",
    }

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

    def in_words(self, say: Translator) -> str:
        """Return the rule as it ends a sentence that begins with `You earn`."""
        words = super().in_words(say)
        if not self.days_known_before:
            return words
        return f"{words}, {say('birthday.known', days=self.days_known_before)}"
