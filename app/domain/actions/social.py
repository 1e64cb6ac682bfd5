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
    english: ClassVar[dict[str, str]] = {
        "name": "Follow us on {network}",
        "deed": "following us on {network}",
    }

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

    @classmethod
    def of_action(cls, action: str) -> Social | None:
        """Return a rule for what is reported under this name, None for another kind."""
        kind, _, network = action.partition("-")
        return cls(network=network) if kind == cls.kind and network else None

    @property
    def action(self) -> str:
        """Return under which name reports of it are kept."""
        return f"social-{self.network}"

    @property
    def named_by(self) -> dict[str, str]:
        """What of the settings stands in the sentences of its kind."""
        return {"network": self.network.capitalize()}
