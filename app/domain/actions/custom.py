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

    >>> from app.domain.languages.translator import Translator
    >>> rule = Custom(points=80, named="repair-cafe")
    >>> rule.action, rule.in_words(Translator())
    ('custom-repair-cafe', '80 points for “Repair cafe”')
    """

    kind: ClassVar[str] = "custom"
    english: ClassVar[dict[str, str]] = {
        "name": "{name}",
        "deed": "“{name}”",
    }

    named: str = setting(
        "Name in reports", most=NAME_MOST, pattern=NAME, written=NAME_WRITTEN
    )

    @classmethod
    def of_action(cls, action: str) -> Custom | None:
        """Return a rule for what is reported under this name, None for another kind."""
        kind, _, named = action.partition("-")
        return cls(named=named) if kind == cls.kind and named else None

    @property
    def action(self) -> str:
        """Return under which name reports of it are kept."""
        return f"custom-{self.named}"

    @property
    def named_by(self) -> dict[str, str]:
        """What of the settings stands in the sentences of its kind."""
        return {"name": self.named.replace("-", " ").capitalize()}
