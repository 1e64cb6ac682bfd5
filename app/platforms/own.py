"""Our own messages: what people ask of us, through the same inbox as all else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec

from app.domain.errors import UnreadableMessage
from app.domain.events import (
    Event,
    PointsAdjusted,
    RedemptionStep,
    RedemptionTaken,
    RewardRequested,
    TierGiven,
    Translated,
)
from app.platforms.base import Delivery, Forged, Message, Platform, Verdict

# More than any owner gives at once; sums over members stay within bounds.
POINTS_MAX = 10**9

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Adjustment(msgspec.Struct):
    customer_id: str
    points: Annotated[int, msgspec.Meta(ge=-POINTS_MAX, le=POINTS_MAX)]
    reason: str


class _Request(msgspec.Struct):
    redemption_id: str
    customer_id: str
    reward_id: str
    points: Annotated[int, msgspec.Meta(ge=1, le=POINTS_MAX)] | None = None


class _Step(msgspec.Struct):
    redemption_id: str
    step: RedemptionStep
    customer_id: str | None = None
    reason: str = ""


class _Tier(msgspec.Struct):
    customer_id: str
    tier: str
    reason: str
    since: Moment | None = None
    until: Moment | None = None


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
        return topic in _TOPICS

    def translate(self, message: Message) -> Translated:
        """Say what somebody asked of us in the words of events."""
        shape, say = _TOPICS[message.topic]
        try:
            asked = msgspec.json.decode(message.body, type=shape)
        except msgspec.MsgspecError as error:
            raise UnreadableMessage(f"{message.topic}: {error}") from error
        return Translated(say(message, asked), customer_id=asked.customer_id)


def _adjusted(message: Message, asked: _Adjustment) -> PointsAdjusted:
    return PointsAdjusted(
        message.delivery_id, asked.customer_id, asked.points, asked.reason, message.at
    )


def _requested(message: Message, asked: _Request) -> RewardRequested:
    return RewardRequested(
        asked.redemption_id,
        asked.customer_id,
        asked.reward_id,
        asked.points,
        message.at,
    )


def _taken(message: Message, asked: _Step) -> RedemptionTaken:
    return RedemptionTaken(
        asked.redemption_id, asked.step, message.at, asked.customer_id, asked.reason
    )


def _given(message: Message, asked: _Tier) -> TierGiven:
    return TierGiven(
        message.delivery_id,
        asked.customer_id,
        asked.tier,
        asked.since,
        asked.until,
        asked.reason,
        message.at,
    )


_TOPICS: dict[str, tuple[Any, Callable[[Message, Any], Event]]] = {
    "points/adjust": (_Adjustment, _adjusted),
    "tiers/give": (_Tier, _given),
    "redemptions/request": (_Request, _requested),
    "redemptions/step": (_Step, _taken),
}
