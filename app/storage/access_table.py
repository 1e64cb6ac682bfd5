"""The table of what opens stores."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.storage.columns import NOW, key, metadata, program, time

# What opens a store: a token and what renews it, sealed in one piece.
store_access = Table(
    "store_access",
    metadata,
    program(),
    key("store_id"),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("tokens", LargeBinary),
    Column("scopes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    time("scopes_at"),
    Column("obtained_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    time("expires_at"),
    time("refused_at"),
    time("due_at"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("note", Text),
    time("lease_until"),
    Column("lease_epoch", BigInteger, nullable=False, server_default=text("0")),
)
