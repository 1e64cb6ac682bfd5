"""The shapes that the API takes and gives."""

from __future__ import annotations

from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from app.api.reward_schemas import (
    REWARD_IN_SHORT,
    PrizeSchema,
    RedemptionSchema,
    RewardSchema,
)
from app.domain.actions import Birthday
from app.domain.engagement.days import is_day
from app.domain.estimate import Bound
from app.domain.money import MINOR_MAX

_MONEY = validate.Range(0, MINOR_MAX)
_TEXT_MAX = 255
_ID_MAX = 2**63 - 1


class EndingSchema(Schema):
    """Points that are about to end, and when the first of them do."""

    points = fields.Integer()
    at = fields.AwareDateTime(format="iso")


class ExpiringSchema(EndingSchema):
    """All points that are about to end, and the first of them lot by lot.

    Lots that end at the same moment are told as one, and at most five are.
    """

    lots = fields.List(fields.Nested(EndingSchema))


class HistorySchema(Schema):
    """Points that came or went, `at` a time of the world."""

    kind = fields.String()
    points = fields.Integer()
    at = fields.AwareDateTime(format="iso")
    text = fields.String()


class TierSchema(Schema):
    """The tier that a member is in: since when, and what it brings.

    Where time alone takes it, that is at `until`; `to_stay` says what keeps it.
    """

    name = fields.String()
    since = fields.AwareDateTime(format="iso", allow_none=True)
    until = fields.AwareDateTime(format="iso", allow_none=True)
    to_stay = fields.String(allow_none=True)
    perks = fields.List(fields.String())


class NextTierSchema(Schema):
    """The next tier up: how far it is, from 0 to 1, and what is missing."""

    name = fields.String()
    progress = fields.Float()
    missing = fields.String()
    perks = fields.List(fields.String())


class ReferralSchema(Schema):
    """A member's link, what both get by it, and what came of it so far."""

    code = fields.String()
    points = fields.Integer()
    gift = fields.String(allow_none=True)
    friends = fields.Integer()
    pending = fields.Integer()


class ClaimSchema(Schema):
    """Whose link brought a friend; the browser made up the id of its own."""

    code = fields.String(required=True, validate=validate.Length(1, 40))
    device = fields.String(
        load_default=None,
        allow_none=True,
        validate=[
            validate.Regexp("^[A-Za-z0-9-]*$", error="letters, digits and - only"),
            validate.Length(8, 64),
        ],
    )
    is_own_browser = fields.Boolean(load_default=False)


class CodeSchema(Schema):
    """What a friend's code brings, or the `reason` why it brings nothing.

    The reason is in the language that was asked for, its code the same in all. Without
    either the programme gives friends no gift.
    """

    gift = fields.String(allow_none=True)
    reason = fields.String()
    reason_code = fields.String(attribute="reason.code")


class ClaimedSchema(CodeSchema):
    """A claim, kept where the code is somebody's; its gift shows among the rewards."""

    id = fields.String()


class ProgramSchema(Schema):
    """The programme in short."""

    ways_to_earn = fields.List(fields.String())
    tiers = fields.List(fields.String())


class PartSchema(Schema):
    """Sentences about one side of the programme, below a title."""

    title = fields.String()
    lines = fields.List(fields.String())


class WordsSchema(Schema):
    """The whole programme that is in force, in the language that was asked for."""

    parts = fields.List(fields.Nested(PartSchema))


class OfferedActionSchema(Schema):
    """An action that earns."""

    action = fields.String()
    name = fields.String()
    points = fields.Integer()


class MemberActionSchema(OfferedActionSchema):
    """An action, how often it earned, and whether it can again, or be reported.

    Where the last report of it brought nothing, `reason` says why, in the language that
    was asked for; its code is the same in all. Both are empty where there is none.
    """

    times = fields.Integer()
    waiting = fields.Integer()
    can_earn = fields.Boolean()
    can_report = fields.Boolean()
    reason = fields.String()
    reason_code = fields.String(attribute="reason.code")


class OfferedCardSchema(Schema):
    """A stamp card of `size` stamps; a full one brings `points`, or the `reward`."""

    name = fields.String()
    size = fields.Integer()
    points = fields.Integer()
    reward = fields.String(allow_none=True)


class StampCardSchema(OfferedCardSchema):
    """A stamp card: `stamps` on the one in hand, and how many are full."""

    stamps = fields.Integer()
    full = fields.Integer()


class OfferedStepSchema(Schema):
    """A step of a challenge; money in minor units, but for people in `text`."""

    text = fields.String()
    target = fields.Integer()


class StepSchema(OfferedStepSchema):
    """A step, and how far it is done, for people in `so_far`."""

    so_far = fields.String()
    done = fields.Integer()


class OfferedChallengeSchema(Schema):
    """A challenge that is open now; it brings `points`, or the `reward`."""

    name = fields.String()
    points = fields.Integer()
    steps = fields.List(fields.Nested(OfferedStepSchema))
    ends_at = fields.AwareDateTime(format="iso", allow_none=True)
    reward = fields.String(allow_none=True)


class ChallengeSchema(OfferedChallengeSchema):
    """A challenge, and how far a member is."""

    steps = fields.List(fields.Nested(StepSchema))
    is_rewarded = fields.Boolean()


class GuestSchema(Schema):
    """What somebody who is not signed in sees: no person."""

    signed_in = fields.Boolean()
    program = fields.Nested(ProgramSchema)
    rewards = fields.List(fields.Nested(RewardSchema(only=REWARD_IN_SHORT)))
    actions = fields.List(fields.Nested(OfferedActionSchema))
    stamp_cards = fields.List(fields.Nested(OfferedCardSchema))
    challenges = fields.List(fields.Nested(OfferedChallengeSchema))
    gift = fields.String(allow_none=True)
    can_claim = fields.Boolean()


class StandingSchema(Schema):
    """What a member sees."""

    signed_in = fields.Boolean()
    available = fields.Integer()
    pending = fields.Integer()
    owed = fields.Integer()
    lifetime_earned = fields.Integer()
    tier = fields.Nested(TierSchema, allow_none=True)
    next_tier = fields.Nested(NextTierSchema, allow_none=True)
    next_reward = fields.Nested(RewardSchema, allow_none=True)
    rewards = fields.List(fields.Nested(RewardSchema))
    prizes = fields.List(fields.Nested(PrizeSchema))
    redemptions = fields.List(fields.Nested(RedemptionSchema))
    expiring = fields.Nested(ExpiringSchema, allow_none=True)
    lapsing = fields.Nested(
        EndingSchema,
        allow_none=True,
        metadata={
            "description": "Those of `expiring` that an order, a reward or an action "
            "before that moment keeps."
        },
    )
    history = fields.List(fields.Nested(HistorySchema))
    program = fields.Nested(ProgramSchema)
    actions = fields.List(fields.Nested(MemberActionSchema))
    stamp_cards = fields.List(fields.Nested(StampCardSchema))
    challenges = fields.List(fields.Nested(ChallengeSchema))
    referral = fields.Nested(ReferralSchema, allow_none=True)
    can_claim = fields.Boolean(
        metadata={"description": "Whether a friend's code may still be claimed."}
    )


def _is_id(value: Any) -> None:
    """Refuse what no store has for an id, such as text that no database keeps."""
    if isinstance(value, str) and 0 < len(value) <= _TEXT_MAX and "\0" not in value:
        return
    if type(value) is int and 0 <= value <= _ID_MAX:
        return
    raise ValidationError("Not an id.")


def _is_one_line(value: str) -> None:
    """Refuse a line end, which a `$` in a pattern lets pass."""
    if value.endswith("\n"):
        raise ValidationError("not a key")


class CartLineSchema(Schema):
    """A line of a cart; money in minor units, the discount for the whole line."""

    class Meta:
        """Stores may send more than is needed."""

        unknown = EXCLUDE

    product_id = fields.Raw(
        allow_none=True,
        load_default=None,
        validate=_is_id,
        metadata={
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": _ID_MAX,
            "minLength": 1,
            "maxLength": _TEXT_MAX,
        },
    )
    # Strict: 12.7 would else be read as 12, and nobody would know.
    price_minor = fields.Integer(strict=True, required=True, validate=_MONEY)
    quantity = fields.Integer(
        strict=True, required=True, validate=validate.Range(0, 10_000)
    )
    discount_minor = fields.Integer(strict=True, load_default=0, validate=_MONEY)
    # Few carts know it: one that does not leaves it out.
    tax_minor = fields.Integer(strict=True, load_default=None, validate=_MONEY)
    gift_card = fields.Boolean(load_default=False)
    tags: Any = fields.List(
        fields.String(validate=validate.Length(max=_TEXT_MAX)),
        load_default=list,
        validate=validate.Length(max=250),
    )


class CartSchema(Schema):
    """A cart as the storefront knows it.

    `taxes_included` is null where nobody knows whether the prices have tax in them:
    then what is told of the tax of lines is left out.
    """

    class Meta:
        """Stores may send more than is needed."""

        unknown = EXCLUDE

    currency = fields.String(
        required=True,
        validate=[
            validate.Regexp("^[A-Z]{3}$", error="not a currency"),
            # A `$` lets a line end pass.
            validate.Length(equal=3, error="not a currency"),
        ],
    )
    taxes_included = fields.Boolean(load_default=False, allow_none=True)
    lines: Any = fields.List(
        fields.Nested(CartLineSchema), required=True, validate=validate.Length(max=500)
    )

    @post_load
    def _leave_out_taxes(self, cart: dict[str, Any], **_: Any) -> dict[str, Any]:
        if cart["taxes_included"] is None:
            cart["lines"] = [line | {"tax_minor": None} for line in cart["lines"]]
        return cart


class ActionSchema(Schema):
    """What a shopper did; a birthday is its month and day, and has no key."""

    class Meta:
        """Stores may send more than is needed."""

        unknown = EXCLUDE

    action = fields.String(required=True, validate=validate.Length(1, 60))
    key = fields.String(
        load_default="",
        validate=[
            validate.Regexp("^[A-Za-z0-9_.-]*$", error="not a key"),
            validate.Length(max=64),
            _is_one_line,
        ],
    )
    month = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 12)
    )
    day = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 31)
    )

    @validates_schema
    def _check_birthday(self, told: dict[str, Any], **_: Any) -> None:
        if told["action"] == Birthday.kind and not is_day(told["month"], told["day"]):
            raise ValidationError({"day": ["There is no such day."]})


class AcceptedSchema(Schema):
    """What was taken; `id` is the shopper's own name for it."""

    id = fields.String()


class OrderPointsSchema(Schema):
    """What an order brought its member, less what went back, and how it stands.

    The `reason` says why it brought nothing, where it never did.
    """

    points = fields.Integer()
    state = fields.String(
        validate=validate.OneOf(["unknown", "unpaid", "earned", "returned", "none"])
    )
    reason = fields.String()


class EstimateSchema(Schema):
    """The points that a cart would earn, how far that holds, and why.

    They are null where the cart is not in the store's currency.
    """

    points = fields.Integer(allow_none=True)
    bound = fields.Enum(Bound, by_value=True)
    reason = fields.String()
