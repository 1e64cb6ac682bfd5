"""What every rule for an action is: frozen settings, and how often it may earn.

A new kind is one file with one subclass, and one line in the list of
`app/domain/actions/__init__.py`. A saved rule must load for ever: never change a
`kind`, and only add fields that have a default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from app.domain.languages import ENGLISH
from app.domain.languages.translator import Translator
from app.domain.reasons import Reason
from app.domain.settings import MOST, setting

# How owners name actions, cards and challenges: part of the names of lots, for ever.
NAME = "^[a-z0-9]+(-[a-z0-9]+)*$"
NAME_MOST = 40
NAME_WRITTEN = "small letters and digits, with hyphens between, as in free-coffee"


class State(StrEnum):
    """What became of an action that was reported."""

    ACCEPTED = "accepted"
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True)
class Action:
    """Something a member did, or a day that came: a fact under a key of its own.

    `given_at` is when it was said that the day would come. `timezone` is the store's,
    by whose clock days and years are told. `opened_at` is when who joined opened an
    account, as far as is known, and `is_opening` whether the action is that.
    """

    action: str
    key: str
    at: datetime
    state: State = State.ACCEPTED
    timezone: str = "UTC"
    given_at: datetime | None = None
    opened_at: datetime | None = None
    is_opening: bool = False

    @property
    def lot(self) -> str:
        """Return the name of the lot that the action's points are."""
        return f"action/{self.action}/{self.key}"


@dataclass(frozen=True)
class Most:
    """How many times an action may earn; None for no limit."""

    a_day: int | None = None
    a_year: int | None = None
    ever: int | None = None


@dataclass(frozen=True, kw_only=True)
class ActionRule(ABC):
    """Points for something other than an order; its fields are its settings."""

    family: ClassVar[str] = "action"
    kind: ClassVar[str]
    # What it is called, its `name`, and what a member does, its `deed`, which follows
    # `for`; a language says the same by the name of each.
    english: ClassVar[dict[str, str]]

    points: int = setting("Points", default=50, least=1, most=MOST)
    title: str = setting("Name", default="", hint="what shoppers read", most=100)

    @property
    def action(self) -> str:
        """Return under which name reports of it are kept."""
        return self.kind

    @property
    @abstractmethod
    def most(self) -> Most:
        """How often one member may earn by it."""

    def refuses(self, action: Action) -> Reason | None:  # noqa: ARG002
        """Return why this one earns nothing, whatever the limits; None where it may."""
        return None

    def name(self, language: str = ENGLISH) -> str:
        """Return what shoppers read: the owner's title, or one from the settings."""
        return self.title or Translator("", language).of(self, "name", **self.named_by)

    @classmethod
    def of_action(cls, action: str) -> ActionRule | None:
        """Return a rule for what is reported under this name, None for another kind."""
        return cls() if action == cls.kind else None

    @property
    def named_by(self) -> dict[str, str]:
        """What of the settings stands in the sentences of its kind, if anything."""
        return {}

    def in_words(self, say: Translator) -> str:
        """Return the rule as it ends a sentence that begins with `You earn`."""
        words = self.gift_in_words(say)
        if self.most.a_day:
            words += say("action.per_day", times=self.most.a_day)
        if self.most.ever:
            words += say("action.per_member", times=self.most.ever)
        return words

    def gift_in_words(self, say: Translator) -> str:
        """Return, for example, `50 points for writing a review`."""
        what = say.of(self, "deed", **self.named_by)
        if self.title:
            what = say("action.titled", title=self.title)
        return say("action.gift", points=self.points, what=what)
