"""Points for opening an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.base import ActionRule, Most


@dataclass(frozen=True, kw_only=True)
class Joining(ActionRule):
    """Once, when the customer's account was made."""

    kind: ClassVar[str] = "joining"

    @property
    def most(self) -> Most:
        """How often one member may earn by it: once, also where two became one."""
        return Most(ever=1)

    def _name(self) -> str:
        return "Open an account"

    def _deed(self) -> str:
        return "opening an account"
