"""Our own messages: what people ask of us, through the same inbox as all else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, NamedTuple

import msgspec

from app.domain import events
from app.domain.errors import OfAnotherRelease
from app.domain.events import RedemptionStep, Translated
from app.domain.labels import LabelKind, all_compared
from app.domain.marks import device_mark
from app.domain.orders import OrderFacts
from app.platforms.base import Delivery, Forged, Message, Platform, Verdict

# More than any owner gives at once; sums over members stay within bounds.
POINTS_MAX = 10**9

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_OnTheWall = Annotated[datetime, msgspec.Meta(tz=False)]
_Key = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.-]{1,64}\Z")]
_Action = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9-]{1,60}\Z")]
_Month = Annotated[int, msgspec.Meta(ge=1, le=12)]
_Day = Annotated[int, msgspec.Meta(ge=1, le=31)]


class _Product(msgspec.Struct):
    product_id: str
    collection_ids: tuple[str, ...]
    tags: tuple[str, ...] | None = None
    tags_at: Moment | None = None


class _Products(msgspec.Struct):
    at: Moment
    products: tuple[_Product, ...]


class _Plans(msgspec.Struct):
    order_id: str
    plans: dict[str, str]


class _Adjustment(msgspec.Struct):
    customer_id: str
    points: Annotated[int, msgspec.Meta(ge=-POINTS_MAX, le=POINTS_MAX)]
    reason: str


class _Request(msgspec.Struct):
    redemption_id: str
    customer_id: str
    reward_id: str
    points: Annotated[int, msgspec.Meta(ge=1, le=POINTS_MAX)] | None = None
    slot: _OnTheWall | None = None
    prize: str | None = None


class _Step(msgspec.Struct):
    redemption_id: str
    step: RedemptionStep
    customer_id: str | None = None
    reason: str = ""
    by: str | None = None


class _Tier(msgspec.Struct):
    customer_id: str
    tier: str
    reason: str
    since: Moment | None = None
    until: Moment | None = None


class _Label(msgspec.Struct):
    customer_id: str
    kind: LabelKind
    name: Annotated[str, msgspec.Meta(max_length=255)]
    is_given: bool
    at: Moment


class _Report(msgspec.Struct):
    customer_id: str
    action: _Action
    key: _Key
    by: str


class _Decision(msgspec.Struct):
    action: _Action
    key: _Key
    is_approved: bool
    by: str


class _Birthday(msgspec.Struct):
    customer_id: str
    key: _Key
    month: _Month
    day: _Day


class _Claim(msgspec.Struct):
    referral_id: str
    customer_id: str
    code: str
    device: str | None = None
    is_own_browser: bool = False


class _Judgement(msgspec.Struct):
    referral_id: str
    approved: bool
    by: str | None = None


def _adjusted(asked: _Adjustment, message: Message) -> Translated:
    event = events.PointsAdjusted(
        message.delivery_id,
        asked.customer_id,
        asked.points,
        asked.reason,
        message.at,
    )
    return Translated(event, customer_id=asked.customer_id)


def _labelled(told: _Label, message: Message) -> Translated:  # noqa: ARG001
    event = events.LabelsChanged(
        told.customer_id, told.kind, all_compared([told.name]), told.is_given, told.at
    )
    return Translated(event, customer_id=told.customer_id)


def _reported(told: _Report, message: Message) -> Translated:
    event = events.ActionReported(
        told.action, told.key, told.customer_id, message.at, told.by
    )
    return Translated(event, customer_id=told.customer_id)


def _decided(told: _Decision, message: Message) -> Translated:
    return Translated(
        events.ActionDecided(
            told.action, told.key, told.is_approved, message.at, told.by
        )
    )


def _birthday(told: _Birthday, message: Message) -> Translated:
    event = events.BirthdayTold(
        told.key, told.customer_id, told.month, told.day, message.at
    )
    return Translated(event, customer_id=told.customer_id)


def _claimed(asked: _Claim, message: Message) -> Translated:
    marks = message.concealed([device_mark(asked.device)]) if asked.device else ()
    event = events.ReferralClaimed(
        asked.referral_id,
        asked.customer_id,
        asked.code,
        next(iter(marks), None),
        asked.is_own_browser,
        message.at,
    )
    return Translated(event, customer_id=asked.customer_id)


def _judged(asked: _Judgement, message: Message) -> Translated:
    return Translated(
        events.ReferralDecided(asked.referral_id, asked.approved, message.at, asked.by)
    )


def _products_read(told: _Products, message: Message) -> Translated:  # noqa: ARG001
    read = [
        events.ProductRead(
            each.product_id, each.collection_ids, each.tags, each.tags_at
        )
        for each in told.products
    ]
    return Translated(events.ProductsRead(tuple(read), told.at))


def _plans_read(told: _Plans, message: Message) -> Translated:  # noqa: ARG001
    facts = OrderFacts(told.order_id, plans=told.plans)
    return Translated(events.OrderChanged(facts), order_id=told.order_id)


def _requested(asked: _Request, message: Message) -> Translated:
    event = events.RewardRequested(
        asked.redemption_id,
        asked.customer_id,
        asked.reward_id,
        asked.points,
        message.at,
        asked.slot,
        asked.prize,
    )
    return Translated(event, customer_id=asked.customer_id)


def _stepped(asked: _Step, message: Message) -> Translated:
    event = events.RedemptionTaken(
        asked.redemption_id,
        asked.step,
        message.at,
        asked.customer_id,
        asked.reason,
        asked.by,
    )
    return Translated(event, customer_id=asked.customer_id)


def _tier_given(asked: _Tier, message: Message) -> Translated:
    event = events.TierGiven(
        message.delivery_id,
        asked.customer_id,
        asked.tier,
        asked.since,
        asked.until,
        asked.reason,
        message.at,
    )
    return Translated(event, customer_id=asked.customer_id)


class _Topic(NamedTuple):
    body: type[msgspec.Struct]
    translate: Callable[[Any, Message], Translated]


_TOPICS = {
    "points/adjust": _Topic(_Adjustment, _adjusted),
    "redemptions/request": _Topic(_Request, _requested),
    "redemptions/step": _Topic(_Step, _stepped),
    "tiers/give": _Topic(_Tier, _tier_given),
    "customers/label": _Topic(_Label, _labelled),
    "products/read": _Topic(_Products, _products_read),
    "orders/plans": _Topic(_Plans, _plans_read),
    "actions/report": _Topic(_Report, _reported),
    "actions/decide": _Topic(_Decision, _decided),
    "birthdays/tell": _Topic(_Birthday, _birthday),
    "referrals/claim": _Topic(_Claim, _claimed),
    "referrals/decide": _Topic(_Judgement, _judged),
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
        return topic in _TOPICS

    def translate(self, message: Message) -> Translated:
        """Say what was asked of us in the words of events.

        Raises OfAnotherRelease: what this one writes, it reads.
        """
        topic = _TOPICS.get(message.topic)
        if topic is None:
            raise OfAnotherRelease(f"this release does not know {message.topic}")
        try:
            asked = msgspec.json.decode(message.body, type=topic.body)
        except msgspec.MsgspecError as error:
            raise OfAnotherRelease(f"{message.topic}: {error}") from error
        return topic.translate(asked, message)
