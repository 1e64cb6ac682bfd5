"""The tables of what members said of themselves, which is kept sealed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from app.storage.columns import key, metadata, program, time

# The key of a member, sealed by the app's own. Whatever it sealed goes with it.
personal_key = Table(
    "personal_key",
    metadata,
    program(),
    key("member_id"),
    Column("sealed", LargeBinary, nullable=False),
)

# What a member said of themselves, sealed under their key; once for each `key`.
personal = Table(
    "personal",
    metadata,
    program(),
    key("field", Text),
    key("key", Text),
    Column("store_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    time("at", nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
