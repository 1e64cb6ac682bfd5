"""The part of Shopify's Admin schema that this store answers, with strict scalars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from graphql import (
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
)

_SOURCE = Path(__file__).with_name("schema.graphql")


def admin_schema() -> GraphQLSchema:
    """Return the schema; as at Shopify, amounts and times must be written rightly."""
    schema = build_schema(_SOURCE.read_text())
    for name, read in (
        ("Decimal", _decimal),
        ("DateTime", _time),
        ("Date", date.fromisoformat),
    ):
        scalar = schema.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)
        _make_strict(scalar, read)
    return schema


def _make_strict(scalar: GraphQLScalarType, read: Callable[[str], object]) -> None:
    def coerce(value: object) -> object:
        try:
            if not isinstance(value, str):
                raise ValueError(f"{value!r} is not written as text")
            return read(value)
        except ValueError as error:
            raise GraphQLError(f"{scalar.name} cannot be read: {error}") from None

    scalar.coerce_input_value = coerce


def _decimal(written: str) -> Decimal:
    try:
        amount = Decimal(written)
    except InvalidOperation:
        raise ValueError(f"{written!r} is no number") from None
    if not amount.is_finite():
        raise ValueError(f"{written!r} is no number")
    return amount


def _time(written: str) -> datetime:
    time = datetime.fromisoformat(written)
    if time.tzinfo is None:
        raise ValueError(f"{written!r} has no zone")
    return time
