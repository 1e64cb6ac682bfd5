"""A worker's job that does no more than write the rows.

It knows no rules: no facts that merge, no fold, no chain, no second delivery, no other
worker at the same time. What it writes is what the app writes for a new paid order.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import lz4.frame
import msgspec
import psycopg
from redis import Redis

BATCH = 200
_SQL = Path(__file__).parent


class _Customer(msgspec.Struct):
    id: int
    email: str


class _Item(msgspec.Struct):
    id: int
    product_id: int | None
    quantity: int
    price: str


class _Order(msgspec.Struct):
    id: int
    name: str
    processed_at: str
    updated_at: str
    currency: str
    financial_status: str
    total_price: str
    customer: _Customer
    line_items: list[_Item]


_decoder = msgspec.json.Decoder(_Order)
_statements: dict[str, str] = {
    path.stem: path.read_text() for path in _SQL.glob("*.sql")
}
_connection: psycopg.Connection[Any] | None = None
_redis: Redis | None = None


def drain() -> None:
    """Write what waits, a hundred orders a transaction; called by RQ."""
    assert _connection
    assert _redis
    _redis.delete("bare:rung")
    while _batch(_connection) == BATCH:
        pass


def _batch(connection: psycopg.Connection[Any]) -> int:
    with connection.transaction():
        rows = connection.execute(_statements["claim"], [BATCH]).fetchall()
        orders = [_decoder.decode(lz4.frame.decompress(row[0])) for row in rows]
        if not orders:
            return 0
        customers = {str(order.customer.id): order.customer.email for order in orders}
        connection.execute(
            _statements["customers"], [list(customers), list(customers.values())]
        )
        columns = {
            "order_id": [str(order.id) for order in orders],
            "customer_id": [str(order.customer.id) for order in orders],
            "points": [_points(order) for order in orders],
            "at": [order.processed_at for order in orders],
            "facts": [msgspec.json.encode(order).decode() for order in orders],
        }
        connection.execute(_statements["members"], columns)
        connection.execute(_statements["settle"], columns)
    return len(rows)


def _points(order: _Order) -> int:
    return int(sum(float(item.price) * item.quantity for item in order.line_items))


def connect() -> Redis:
    """Set up what the job needs; returns the Redis that brings it."""
    global _connection, _redis
    _connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    _connection.prepare_threshold = 0
    _redis = Redis.from_url(os.environ["REDIS_URL"])
    return _redis
