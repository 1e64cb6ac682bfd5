"""Points for following the store on a social network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.actions.base import NAME, NAME_MOST, NAME_WRITTEN
from app.domain.actions.reported import Reported
from app.domain.settings import MOST, setting


@dataclass(frozen=True, kw_only=True)
class Social(Reported):
    """Once for each network, unless the owner says otherwise.

    >>> Social(network="mastodon").action, Social(network="mastodon").name()
    ('social-mastodon', 'Follow us on Mastodon')
    """

    kind: ClassVar[str] = "social"

    network: str = setting(
        "Network",
        default="instagram",
        most=NAME_MOST,
        pattern=NAME,
        written=NAME_WRITTEN,
    )
    times_per_member_max: int | None = setting(
        "Most times a member, ever", default=1, least=1, most=MOST
    )

    @property
    def action(self) -> str:
        """Return under which name reports of it are kept."""
        return f"social-{self.network}"

    def _name(self) -> str:
        return f"Follow us on {self.network.capitalize()}"

    def _deed(self) -> str:
        return f"following us on {self.network.capitalize()}"
