"""The shapes that tools send and are told."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

_ID_MAX = 2**63 - 1
_TEXT_MAX = 255
_ACTION = r"^[a-z0-9-]{1,60}\Z"


class _CustomerId(fields.Field[str]):
    """The store's own id of a customer, as a number or as text."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if type(value) is int and 0 <= value <= _ID_MAX:
            return str(value)
        is_text = isinstance(value, str) and 0 < len(value) <= _TEXT_MAX
        if is_text and "\0" not in value:
            return str(value)
        raise ValidationError("not the id of a customer")


class ReportSchema(Schema):
    """What a customer of the store did; nothing else may be sent."""

    customer_id = _CustomerId(
        required=True,
        metadata={
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": _ID_MAX,
            "minLength": 1,
            "maxLength": _TEXT_MAX,
        },
    )
    action = fields.String(
        required=True,
        validate=validate.Regexp(_ACTION, error="not the name of an action"),
        metadata={"pattern": "^[a-z0-9-]{1,60}$"},
    )


class ReportedSchema(Schema):
    """What became of a report.

    - `waiting`: nobody has worked on it yet, which takes a moment;
    - `awaiting_approval`: somebody of the store has to approve it first;
    - `granted`: it brought `points`;
    - `refused`: it brought nothing.

    `reason` says why there are no points, in the language that was asked for; its code
    is the same in all. Both are empty where there is nothing to explain.
    """

    key = fields.String()
    action = fields.String()
    state = fields.String(
        validate=validate.OneOf(["waiting", "awaiting_approval", "granted", "refused"])
    )
    points = fields.Integer()
    reason = fields.String()
    reason_code = fields.String(attribute="reason.code")
