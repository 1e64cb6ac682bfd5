"""Points for subscribing to the newsletter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.reported import Reported
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class Newsletter(Reported):
    """Once, unless the owner says otherwise."""

    kind: ClassVar[str] = "newsletter"

    times_per_member_max: int | None = setting(
        "Most times a member, ever", default=1, least=1, most=MOST
    )

    def _name(self) -> str:
        return "Subscribe to the newsletter"

    def _deed(self) -> str:
        return "subscribing to the newsletter"
