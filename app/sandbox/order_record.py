"""An order written down and read again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from app.sandbox.orders import (
    Adjustment,
    Applied,
    Dispute,
    Fulfillment,
    Line,
    Order,
    Refund,
    RefundLine,
    Transaction,
)


def as_json(order: Order) -> str:
    """Write an order down."""
    return json.dumps(asdict(order))


def from_json(written: str) -> Order:
    """Read an order that was written down."""
    data: dict[str, Any] = json.loads(written)
    data["lines"] = tuple(
        Line(**row | {"taken": tuple(row["taken"])}) for row in data["lines"]
    )
    data["applied"] = tuple(Applied(**row) for row in data["applied"])
    data["transactions"] = tuple(Transaction(**row) for row in data["transactions"])
    data["disputes"] = tuple(Dispute(**row) for row in data["disputes"])
    data["refunds"] = tuple(_refund(row) for row in data["refunds"])
    data["fulfillments"] = tuple(
        Fulfillment(
            row["id"],
            row["created_at"],
            tuple((pair[0], pair[1]) for pair in row["units"]),
        )
        for row in data["fulfillments"]
    )
    return Order(**data)


def _refund(row: dict[str, Any]) -> Refund:
    row["lines"] = tuple(RefundLine(**line) for line in row["lines"])
    row["adjustments"] = tuple(Adjustment(**item) for item in row["adjustments"])
    return Refund(**row)
