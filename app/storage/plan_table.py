"""The table of orders whose selling plans are to be read."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text, text

from app.storage.columns import key, metadata, program, time

# Gone with the store's answer, which goes through the inbox.
plan_reading = Table(
    "plan_reading",
    metadata,
    program(),
    key("store_id"),
    key("order_id", Text),
    time("due_at", nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("note", Text),
    time("lease_until"),
    Column("lease_epoch", BigInteger, nullable=False, server_default=text("0")),
)
