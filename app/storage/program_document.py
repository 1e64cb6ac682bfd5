"""A program as a document: checked, its mistakes told in the owner's words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.domain.earning import EARNING_RULES, EarningRule, PurchasePoints
from app.domain.errors import InvalidProgram
from app.domain.program import (
    Counting,
    CreditWhen,
    Limits,
    Program,
    ReturnPolicy,
    Rounding,
)
from app.domain.rewards import REWARDS, AmountOff, FreeShipping, Reward

_POSITIVE = validate.Range(
    0, 10**9, min_inclusive=False, error="must be more than 0, at most 1,000,000,000"
)
_NOT_NEGATIVE = validate.Range(0, 10**9, error="must be from 0 to 1,000,000,000")
_POINTS = validate.Range(min=1, max=10**9, error="must be from 1 to 1,000,000,000")


class _Amount(fields.Decimal):
    """A decimal number, written as people write it."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return None if value is None else f"{value.normalize():f}"

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Decimal:
        number: Decimal = super()._deserialize(value, attr, data, **options)
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and exponent < -4:
            raise ValidationError("has more than 4 digits after the point")
        return number


def _amount(**options: Any) -> fields.Decimal:
    return _Amount(allow_nan=False, **options)


def _limit() -> fields.Integer:
    return fields.Integer(strict=True, allow_none=True, validate=_POINTS)


def _names() -> fields.List[Any]:
    return fields.List(fields.String())


class PurchasePointsSchema(Schema):
    """The settings of `PurchasePoints`."""

    rate = _amount(validate=_POSITIVE)
    rates = fields.Dict(
        keys=fields.String(
            validate=validate.Regexp("^[A-Z]{3}$", error="not a currency")
        ),
        values=_amount(validate=_POSITIVE),
    )


class AmountOffSchema(Schema):
    """The settings of `AmountOff`."""

    points_cost = fields.Integer(strict=True, required=True, validate=_POINTS)
    title = fields.String(validate=validate.Length(max=100))
    amount = _amount(required=True, validate=_POSITIVE)


class FreeShippingSchema(Schema):
    """The settings of `FreeShipping`."""

    points_cost = fields.Integer(strict=True, required=True, validate=_POINTS)
    title = fields.String(validate=validate.Length(max=100))


# One line a kind; a test fails where a kind of the domain has none.
SCHEMAS: dict[type[EarningRule] | type[Reward], type[Schema]] = {
    PurchasePoints: PurchasePointsSchema,
    AmountOff: AmountOffSchema,
    FreeShipping: FreeShippingSchema,
}


class _OneOf(fields.Field[Any]):
    """A document with a `kind`, loaded as the class of that kind."""

    def __init__(self, kinds: tuple[Any, ...], **options: Any) -> None:
        super().__init__(**options)
        self._kinds = {kind.kind: kind for kind in kinds}

    def _serialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        dumped: dict[str, Any] = SCHEMAS[type(value)]().dump(value)
        return {"kind": value.kind} | dumped

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError("must be an object with a kind")
        settings = dict(value)
        name = settings.pop("kind", None)
        kind = self._kinds.get(name) if isinstance(name, str) else None
        if kind is None:
            raise ValidationError(
                f"kind must be one of: {', '.join(sorted(self._kinds))}"
            )
        return kind(**SCHEMAS[kind]().load(settings))


class CountingSchema(Schema):
    """Which money of an order counts."""

    includes_tax = fields.Boolean()
    includes_shipping = fields.Boolean()
    includes_gift_cards = fields.Boolean()
    excluded_product_ids = _names()
    excluded_collection_ids = _names()
    excluded_tags = _names()

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Counting:
        sets = {
            name: frozenset(
                each.lower() if name == "excluded_tags" else each for each in value
            )
            for name, value in values.items()
            if name.startswith("excluded_")
        }
        return Counting(**(values | sets))


class LimitsSchema(Schema):
    """Least order, and most points."""

    order_amount_min = _amount(validate=_NOT_NEGATIVE)
    points_per_order_max = _limit()
    points_per_day_max = _limit()
    points_per_member_max = _limit()

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Limits:
        return Limits(**values)


class ProgramSchema(Schema):
    """A whole program; what is left out is as in the default program."""

    earning = fields.List(_OneOf(EARNING_RULES), validate=validate.Length(min=1))
    counting = fields.Nested(CountingSchema)
    limits = fields.Nested(LimitsSchema)
    rounding = fields.Enum(Rounding, by_value=True)
    credit_when = fields.Enum(CreditWhen, by_value=True)
    credit_after_days = fields.Integer(
        strict=True, validate=validate.Range(0, 365, error="must be from 0 to 365")
    )
    return_policy = fields.Enum(ReturnPolicy, by_value=True)
    expires_after_months = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(1, 120, error="must be from 1 to 120"),
    )
    rewards = fields.List(_OneOf(REWARDS))


def load_program(document: Mapping[str, Any], version: int = 1) -> Program:
    """Return the program that a document describes.

    Raises InvalidProgram that lists every mistake with the path of its field.
    """
    try:
        values = ProgramSchema().load(document)
    except ValidationError as error:
        mistakes = "; ".join(_flat(error.messages, ""))
        raise InvalidProgram(f"the program has mistakes: {mistakes}") from error
    for name in ("earning", "rewards"):
        if name in values:
            values[name] = tuple(values[name])
    return Program(version=version, **values)


def dump_program(program: Program) -> dict[str, Any]:
    """Return a program as a document, every setting written out."""
    document: dict[str, Any] = ProgramSchema().dump(program)
    for name, value in document["counting"].items():
        if isinstance(value, list):
            document["counting"][name] = sorted(value)
    return document


def _flat(messages: Any, path: str) -> list[str]:
    if isinstance(messages, Mapping):
        return [
            line
            for key, value in messages.items()
            for line in _flat(value, f"{path}.{key}" if path else str(key))
        ]
    return [f"{path}: {message}" for message in messages]
