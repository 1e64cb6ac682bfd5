"""Our own messages: what owners ask for, through the same inbox as all else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec

from app.domain.errors import UnreadableMessage
from app.domain.events import PointsAdjusted, Translated
from app.platforms.base import Delivery, Forged, Message, Platform, Verdict

# More than any owner gives at once; sums over members stay within bounds.
POINTS_MAX = 10**9


class _Adjustment(msgspec.Struct):
    customer_id: str
    points: Annotated[int, msgspec.Meta(ge=-POINTS_MAX, le=POINTS_MAX)]
    reason: str


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
        return topic == "points/adjust"

    def translate(self, message: Message) -> Translated:
        """Say an owner's request in the words of events."""
        try:
            asked = msgspec.json.decode(message.body, type=_Adjustment)
        except msgspec.MsgspecError as error:
            raise UnreadableMessage(f"{message.topic}: {error}") from error
        event = PointsAdjusted(
            message.delivery_id,
            asked.customer_id,
            asked.points,
            asked.reason,
            message.at,
        )
        return Translated(event, customer_id=asked.customer_id)
