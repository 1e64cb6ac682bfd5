"""A customer of the pretend store."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Customer:
    """Who can sign in."""

    id: int
    name: str
    email: str
    created_at: str
    updated_at: str
    tags: tuple[str, ...] = ()
    segments: tuple[int, ...] = ()
    has_newsletter: bool = False
    newsletter_at: str | None = None

    @property
    def first_name(self) -> str:
        """Return the name up to its first space."""
        return self.name.partition(" ")[0]

    @property
    def last_name(self) -> str | None:
        """Return the rest of the name, if there is any."""
        return self.name.partition(" ")[2] or None

    @property
    def mail_state(self) -> str:
        """Say whether the store may send them mail."""
        if self.has_newsletter:
            return "subscribed"
        return "unsubscribed" if self.newsletter_at else "not_subscribed"

    def as_json(self) -> str:
        """Write the customer down."""
        return json.dumps(asdict(self))


def from_json(written: str) -> Customer:
    """Read a customer that `as_json` wrote."""
    told = json.loads(written)
    lists = {name: tuple(told.get(name, ())) for name in ("tags", "segments")}
    return Customer(**told | lists)
