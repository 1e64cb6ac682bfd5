"""Points for subscribing to the newsletter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.reported import Reported
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class Newsletter(Reported):
    """Once, unless the owner says otherwise.

    >>> from app.domain.languages.translator import Translator
    >>> rule = Newsletter(points=50)
    >>> rule.action, rule.in_words(Translator())
    ('newsletter', '50 points for subscribing to the newsletter, once')
    """

    kind: ClassVar[str] = "newsletter"
    english: ClassVar[dict[str, str]] = {
        "name": "Subscribe to the newsletter",
        "deed": "subscribing to the newsletter",
    }

    times_per_member_max: int | None = setting(
        "Most times a member, ever", default=1, least=1, most=MOST
    )
