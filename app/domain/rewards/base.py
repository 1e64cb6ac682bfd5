"""What every reward is: frozen settings, a price in points, and its name for shoppers.

A new kind is one file with one subclass, and one line in the list of
`app/domain/rewards/__init__.py`. A saved reward must load for ever: never change a
`kind`, and only add fields that have a default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class Reward(ABC):
    """Something that points buy; its fields are its settings."""

    kind: ClassVar[str]

    points_cost: int = setting("Price in points", least=1, most=MOST)
    title: str = setting("Name", default="", hint="what shoppers read", most=100)

    def name(self, currency: str) -> str:
        """Return what shoppers read: the owner's title, or one from the settings."""
        return self.title or self._name(currency)

    @abstractmethod
    def _name(self, currency: str) -> str:
        """Say what the reward is, money in `currency`."""
