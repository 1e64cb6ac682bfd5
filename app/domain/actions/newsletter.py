"""Points for subscribing to the newsletter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.reported import Reported
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class Newsletter(Reported):
    """Once, unless the owner says otherwise.

    >>> Newsletter(points=50).action, Newsletter(points=50).in_words()
    ('newsletter', '50 points for subscribing to the newsletter')
    """

    kind: ClassVar[str] = "newsletter"

    times_per_member_max: int | None = setting(
        "Most times a member, ever", default=1, least=1, most=MOST
    )

    def _name(self) -> str:
        return "Subscribe to the newsletter"

    def _deed(self) -> str:
        return "subscribing to the newsletter"
