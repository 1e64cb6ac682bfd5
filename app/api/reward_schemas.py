"""The shapes of rewards in the API: what there is, what was won, wished for, taken."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

_TEXT_MAX = 255

# A moment by the clock of the store's walls, as in 2026-12-24T18:00:00.
_ON_THE_WALL = {"format": "date-time-local"}


class SlotSchema(Schema):
    """A date that can be chosen, by the store's own clock, which names it."""

    starts_at = fields.NaiveDateTime(format="iso", metadata=_ON_THE_WALL)
    places_left = fields.Integer()


class RewardSchema(Schema):
    """A reward, and how far a member is from it; `progress` runs from 0 to 1.

    `description` is to be shown below the name, where there is any. `reason` says why
    it cannot be had, in the language that was asked for; its code is the same in all.
    Where there are `slots`, one of them is to be named in the wish.
    """

    id = fields.String()
    kind = fields.String()
    name = fields.String()
    description = fields.String(attribute="details")
    points_cost = fields.Integer()
    points_needed = fields.Integer()
    progress = fields.Float()
    available = fields.Boolean(attribute="is_available")
    reason = fields.String()
    reason_code = fields.String(attribute="reason.code")
    step = fields.Integer(allow_none=True)
    points_max = fields.Integer(allow_none=True)
    slots = fields.List(fields.Nested(SlotSchema))


class PrizeSchema(Schema):
    """A reward that was won, to be taken `times` for nothing; `won_with` says by what.

    A wish for it names its `prize`, and its `id` as the `reward_id`.
    """

    prize = fields.String()
    won_with = fields.String()
    times = fields.Integer()
    id = fields.String()
    kind = fields.String()
    name = fields.String()
    description = fields.String(attribute="details")
    available = fields.Boolean(attribute="is_available")
    reason = fields.String()
    reason_code = fields.String(attribute="reason.code")
    slots = fields.List(fields.Nested(SlotSchema))


class RedemptionSchema(Schema):
    """What became of a wish for a reward; `code` once there is one to use.

    Its member can cancel it where `can_cancel` says so, and not from `cancel_until` on.
    `reason` is in the language that was asked for, and `reason_code` the same in all;
    what people or the store said themselves has no code, and is told as it is.
    """

    id = fields.String()
    kind = fields.String()
    name = fields.String()
    points = fields.Integer()
    state = fields.String()
    reason = fields.String()
    reason_code = fields.String(attribute="reason.code")
    code = fields.String(allow_none=True)
    requested_at = fields.AwareDateTime(format="iso")
    valid_until = fields.AwareDateTime(format="iso", allow_none=True)
    slot = fields.NaiveDateTime(format="iso", allow_none=True, metadata=_ON_THE_WALL)
    can_cancel = fields.Boolean()
    cancel_until = fields.AwareDateTime(format="iso", allow_none=True)
    is_voucher = fields.Boolean()


class RewardRequestSchema(Schema):
    """A wish for a reward; the same `request_id` is the same wish, sent twice."""

    request_id = fields.String(
        required=True,
        validate=[
            validate.Regexp("^[A-Za-z0-9-]*$", error="letters, digits and - only"),
            validate.Length(8, 64),
        ],
    )
    reward_id = fields.String(required=True, validate=validate.Length(1, _TEXT_MAX))
    points = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 10**9),
    )
    slot = fields.NaiveDateTime(
        format="iso",
        load_default=None,
        allow_none=True,
        metadata=_ON_THE_WALL,
        error_messages={
            "invalid": "must be a date of the reward as in 2026-12-24T18:00",
            "invalid_awareness": "is by the store's own clock: leave the time zone out",
        },
    )
    prize = fields.String(
        load_default=None,
        allow_none=True,
        validate=[
            validate.Regexp(
                "^(stamps|challenge|gift)/[a-z0-9-]+$",
                error="nothing wins by this name",
            ),
            validate.Length(max=_TEXT_MAX),
        ],
    )
