"""Goods and experiences that people of the store give by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.rewards.base import Handling, Reward
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Goods(Reward):
    """Something that staff hand over, send or book once they have agreed to it."""

    kind: ClassVar[str] = "goods"
    handling: ClassVar[Handling] = Handling.STAFF

    description: str = setting(
        "What it is", default="", hint="what shoppers read below the name", most=500
    )

    def _name(self, currency: str) -> str:  # noqa: ARG002
        return self.description or "A reward from the store"

    def _benefit(self, points: int, currency: str) -> None:
        """Nothing is made in the store."""
