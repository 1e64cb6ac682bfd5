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


class MoneySchema(Schema):
    """An amount in major units, as `12.50`, in the digits of its currency."""

    amount = fields.String()
    currency = fields.String()


class TermsSchema(Schema):
    """What holds for a reward once it is taken; null is no limit.

    `order_amount_min` is the smallest order, `order_share_max` the most of an order in
    percent, `valid_days` how long it can be used. It is offered until `ends_at`, by the
    store's own clock. Where `unused_returns` is false, its points do not come back when
    it ends unused.
    """

    order_amount_min = fields.Nested(MoneySchema, allow_none=True)
    order_share_max = fields.Integer(allow_none=True)
    valid_days = fields.Integer(allow_none=True)
    ends_at = fields.NaiveDateTime(format="iso", allow_none=True, metadata=_ON_THE_WALL)
    unused_returns = fields.Boolean()


class RewardSchema(Schema):
    """A reward, and how far a member is from it; `progress` runs from 0 to 1.

    `description` and `terms` are to be shown below the name, where there are any.
    `reason` says why it cannot be had, in the language that was asked for; its code is
    the same in all.
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
    terms = fields.Nested(TermsSchema, allow_none=True)


# What is told of a reward to whom it is not offered yet.
REWARD_IN_SHORT = ("id", "kind", "name", "description", "points_cost", "terms")


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
    terms = fields.Nested(TermsSchema, allow_none=True)


class DonationSchema(Schema):
    """What members have given to the cause of a reward so far, as of a minute ago."""

    reward_id = fields.String()
    cause = fields.String()
    given = fields.Nested(MoneySchema)


class DonationsSchema(Schema):
    """The causes that points can be given to now."""

    donations = fields.List(fields.Nested(DonationSchema))


class HeldSchema(Schema):
    """A draw that was held: the seed that was promised by the commitment, and who won.

    `own_entries` are the member's who asks, and `is_won` whether one of them won. All
    entries are at `/proxy/giveaways/{commitment}`.
    """

    drawn_at = fields.AwareDateTime(format="iso", attribute="published.drawn_at")
    committed_at = fields.AwareDateTime(
        format="iso", attribute="published.committed_at"
    )
    commitment = fields.String(attribute="published.draw.commitment")
    seed = fields.String(attribute="published.draw.seed")
    winners = fields.List(fields.String(), attribute="published.draw.winners")
    entries = fields.Integer()
    own_entries = fields.List(fields.String())
    is_won = fields.Boolean()


class GiveawaySchema(Schema):
    """What there is to be won: the promise of the next draw, and the last draws.

    `entries` and `own_entries` are in the next draw, which is held after `ends_at`, by
    the store's own clock; entries can be had while it `is_open`. The commitment is null
    until the store has promised a seed.
    """

    reward_id = fields.String()
    prize = fields.String()
    is_open = fields.Boolean()
    ends_at = fields.NaiveDateTime(format="iso", allow_none=True, metadata=_ON_THE_WALL)
    commitment = fields.String(allow_none=True)
    committed_at = fields.AwareDateTime(format="iso", allow_none=True)
    entries = fields.Integer()
    own_entries = fields.List(fields.String())
    draws = fields.List(fields.Nested(HeldSchema))


class GiveawaysSchema(Schema):
    """The giveaways, as of a minute ago but for what the member has entered."""

    giveaways = fields.List(fields.Nested(GiveawaySchema))


class DrawSchema(Schema):
    """A draw with all that is needed to run it again, and the recipe in words.

    `tallymark giveaway check` reads it, too.
    """

    reward_id = fields.String()
    commitment = fields.String()
    seed = fields.String()
    entries = fields.List(fields.String())
    winners = fields.List(fields.String())
    committed_at = fields.String(metadata={"format": "date-time"})
    drawn_at = fields.String(metadata={"format": "date-time"})
    recipe = fields.List(fields.String())


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
    """A wish for a reward; the same `request_id` is the same wish, sent twice.

    With anything else changed it is refused: another wish has an id of its own.
    """

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
