"""A challenge: some steps, done within a window, rewarded once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.actions.base import NAME, NAME_MOST, NAME_WRITTEN
from app.domain.challenges.base import Step
from app.domain.engagement.or_a_reward import OR_A_REWARD, REWARD_MOST
from app.domain.languages.translator import Translator, upper
from app.domain.reasons import NO_REASON, Reason, because
from app.domain.settings import MOST, setting

_OUTSIDE = because("outside_window")


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """Settings of a challenge; one of another name is another challenge.

    What counts is when an order was placed and an action done, by the store's clock:
    from `starts_at` on, and before `ends_at`.
    """

    name: str = setting(
        "Name in the ledger", most=NAME_MOST, pattern=NAME, written=NAME_WRITTEN
    )
    title: str = setting("Name", default="", hint="what shoppers read", most=100)
    steps: tuple[Step, ...] = setting("Steps", least=1)
    points: int = setting("Points once all is done", default=100, least=1, most=MOST)
    starts_at: datetime | None = setting("From", default=None)
    ends_at: datetime | None = setting("Until", default=None)
    reward: str = setting(
        "Reward once all is done", default="", hint=OR_A_REWARD, most=REWARD_MOST
    )

    @property
    def idle_settings(self) -> frozenset[str]:
        """The settings that have no effect: it brings points, or a reward."""
        return frozenset({"points"}) if self.reward else frozenset()

    @property
    def mistakes(self) -> dict[str, str]:
        """Return what can never hold together."""
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            return {"ends_at": "must be after the challenge begins"}
        return {}

    def closed_at(self, at: datetime) -> Reason:
        """Return why a moment, by the store's clock, does not count, if it does not."""
        begun = self.starts_at is None or at >= self.starts_at
        is_open = begun and (self.ends_at is None or at < self.ends_at)
        return NO_REASON if is_open else _OUTSIDE

    def is_open_at(self, at: datetime) -> bool:
        """Whether a moment, by the store's clock, is within the window."""
        return not self.closed_at(at)

    def targets(self, currency: str) -> tuple[int, ...]:
        """Return how far each step is asked to get."""
        return tuple(step.target(currency) for step in self.steps)

    def shown_name(self) -> str:
        """Return what shoppers read."""
        return self.title or self.name.replace("-", " ").capitalize()

    def titled(self, titles: Mapping[str, str]) -> Challenge:
        """Return the challenge with steps that are called as their actions are."""
        return replace(self, steps=tuple(step.titled(titles) for step in self.steps))

    def in_words(self, say: Translator, brings: str) -> str:
        """Return the challenge, and what it brings, in one sentence."""
        steps = "; ".join(upper(step.in_words(say)) for step in self.steps)
        window = say("challenge.starts", at=self.starts_at) if self.starts_at else ""
        window += say("challenge.ends", at=self.ends_at) if self.ends_at else ""
        title = self.shown_name()
        told = {"brings": brings, "title": title, "window": window, "steps": steps}
        return say("challenge.told", **told)
