"""A step: an action, so many times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from app.domain.actions.base import NAME, NAME_WRITTEN
from app.domain.actions.called import called
from app.domain.challenges.base import Step
from app.domain.engagement.kept import Kept
from app.domain.languages.translator import Translator
from app.domain.reasons import Reason, because
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class ActStep(Step):
    """Actions that were accepted, whether or not they earned anything by themselves.

    >>> step = ActStep(action="review", times=2)
    >>> step.in_words(Translator()), step.of_action("review")
    ('Write a review, 2 times', 1)
    """

    kind: ClassVar[str] = "action"
    english: ClassVar[dict[str, str]] = {
        "in_words": "{action}{times:plural |, # times}",
    }

    action: str = setting(
        "Action",
        default="review",
        most=60,
        pattern=NAME,
        written=NAME_WRITTEN,
        hint="as in reports: review, social-instagram, custom-…",
    )
    times: int = setting("Times", default=1, least=1, most=999)
    title: str = setting("Name", default="", hint="what shoppers read", most=100)

    def target(self, currency: str) -> int:  # noqa: ARG002
        """How many times are asked for."""
        return self.times

    def closed_to_order(self, whole: Kept) -> Reason:  # noqa: ARG002
        """Return which action it follows: no order does."""
        return because("follows_other_action", action=self.action)

    def of_action(self, action: str) -> int:
        """One, if it is the one that is meant."""
        return int(action == self.action)

    def titled(self, titles: Mapping[str, str]) -> ActStep:
        """Return the step with the action's own title, where it has none itself."""
        return replace(self, title=self.title or titles.get(self.action, ""))

    def in_words(self, say: Translator) -> str:
        """Return the step as a shopper would be told to do it."""
        action = self.title or called(self.action, say.language)
        return say.of(self, "in_words", action=action, times=self.times)
