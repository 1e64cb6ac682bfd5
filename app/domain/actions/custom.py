"""Points for whatever the owner likes to reward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.base import NAME, NAME_MOST, NAME_WRITTEN
from app.domain.actions.reported import Reported
from app.domain.settings import setting


@dataclass(frozen=True, kw_only=True)
class Custom(Reported):
    """An action of the owner's own, by a name of their own.

    >>> rule = Custom(points=80, named="repair-cafe")
    >>> rule.action, rule.in_words()
    ('custom-repair-cafe', '80 points for “Repair cafe”')
    """

    kind: ClassVar[str] = "custom"

    named: str = setting(
        "Name in reports", most=NAME_MOST, pattern=NAME, written=NAME_WRITTEN
    )

    @property
    def action(self) -> str:
        """Return under which name reports of it are kept."""
        return f"custom-{self.named}"

    def _name(self) -> str:
        return self.named.replace("-", " ").capitalize()

    def _deed(self) -> str:
        return f"“{self._name()}”"
