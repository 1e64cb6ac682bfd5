"""The table of what stores' own pages show of members."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSON

from app.storage.columns import key, metadata, program, time

# What the store says of a member as far as we know; due once that may have changed.
showing = Table(
    "showing",
    metadata,
    program(),
    key("store_id"),
    key("member_id"),
    Column("version", Integer, nullable=False, server_default=text("0")),
    Column("written", JSON, nullable=False, server_default=text("'{}'")),
    # Our tag of the customer, '' for none; unknown until it was read or written.
    Column("tag", Text),
    Column("noted", BigInteger, nullable=False, server_default=text("0")),
    time("due_at"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("note", Text),
    time("lease_until"),
    Column("lease_epoch", BigInteger, nullable=False, server_default=text("0")),
)
