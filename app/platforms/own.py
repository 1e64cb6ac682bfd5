"""Our own messages: what owners ask for, through the same inbox as all else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

from app.domain.errors import UnreadableMessage
from app.domain.events import PointsAdjusted, TierGiven, Translated
from app.platforms.base import Delivery, Forged, Message, Platform, Verdict

# More than any owner gives at once; sums over members stay within bounds.
POINTS_MAX = 10**9

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Adjustment(msgspec.Struct):
    customer_id: str
    points: Annotated[int, msgspec.Meta(ge=-POINTS_MAX, le=POINTS_MAX)]
    reason: str


class _Tier(msgspec.Struct):
    customer_id: str
    tier: str
    reason: str
    since: Moment | None = None
    until: Moment | None = None


# What we ask for ourselves, and what a body says of it.
_ASKED: dict[str, type[_Adjustment] | type[_Tier]] = {
    "points/adjust": _Adjustment,
    "tiers/give": _Tier,
}


class Own(Platform):
    """Tallymark itself; it has no door for strangers, so nothing sent is genuine."""

    name: ClassVar[str] = "tallymark"

    def verify(self, headers: Mapping[str, str], body: bytes) -> Verdict:  # noqa: ARG002
        """Refuse: our own messages are not received, they are kept."""
        return Forged("our own messages do not come from outside")

    def delivery(self, headers: Mapping[str, str]) -> Delivery:  # noqa: ARG002
        """There is none, since nothing is received."""
        return Delivery("", "", None, None, None)

    def knows(self, topic: str) -> bool:
        """Whether we ask for such a thing."""
        return topic in _ASKED

    def translate(self, message: Message) -> Translated:
        """Say an owner's request in the words of events."""
        try:
            asked = msgspec.json.decode(message.body, type=_ASKED[message.topic])
        except msgspec.MsgspecError as error:
            raise UnreadableMessage(f"{message.topic}: {error}") from error
        return Translated(_event(message, asked), customer_id=asked.customer_id)


def _event(message: Message, asked: _Adjustment | _Tier) -> PointsAdjusted | TierGiven:
    named, whose = message.delivery_id, asked.customer_id
    if isinstance(asked, _Adjustment):
        return PointsAdjusted(named, whose, asked.points, asked.reason, message.at)
    dates = asked.since, asked.until
    return TierGiven(named, whose, asked.tier, *dates, asked.reason, message.at)
