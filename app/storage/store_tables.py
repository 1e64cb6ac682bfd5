"""The tables of stores: their address, what opens them, what was found in them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.storage.columns import NOW, key, metadata, program, time

# The address book: the one place where a program is found by something else.
store = Table(
    "store",
    metadata,
    program(),
    Column("store_id", BigInteger, Identity(always=True), primary_key=True),
    Column("platform", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("installed_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("install_count", Integer, nullable=False, server_default=text("1")),
    time("uninstalled_at"),
    time("opened_at"),
    # When it was last asked to be redacted, which may be about a time before.
    time("redact_at"),
    # The installation whose people were the last to be forgotten, 0 for none.
    Column("redacted_install", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("platform", "domain"),
)

# What opens the door for tools of a store's owner, in one installation: a hash of it.
# `kept` counts the reports of the hour that began at `hour_at`.
tool_key = Table(
    "tool_key",
    metadata,
    program(),
    key("key_id", Text),
    Column("store_id", BigInteger, nullable=False),
    Column("install_count", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    time("last_used_at"),
    time("revoked_at"),
    time("hour_at"),
    Column("kept", Integer, nullable=False, server_default=text("0")),
)

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
    # When it last refused our tokens, and since when that says that it has left.
    time("refused_at"),
    time("refused_since"),
    # The version of the programme whose tiers' perks the store was last asked for.
    Column("perks_version", Integer, nullable=False, server_default=text("0")),
    # The newest one by then, which may be one to come.
    Column("seen_version", Integer, nullable=False, server_default=text("0")),
    time("due_at"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("note", Text),
    time("lease_until"),
    Column("lease_epoch", BigInteger, nullable=False, server_default=text("0")),
)

# The discounts that many codes hang on, by the name of their terms.
shared_discount = Table(
    "shared_discount",
    metadata,
    program(),
    key("store_id", BigInteger),
    key("terms", Text),
    Column("install_count", Integer, nullable=False),
    Column("store_ref", Text, nullable=False),
)

# How far the reading of a store's products is.
catalogue = Table(
    "catalogue",
    metadata,
    program(),
    key("store_id", BigInteger),
    Column("operation", Text),
    time("read_at"),
    time("changed_at"),
    time("due_at"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("note", Text),
    time("lease_until"),
    Column("lease_epoch", BigInteger, nullable=False, server_default=text("0")),
)

# What a look at a store's own lists of orders and customers found.
reconciliation = Table(
    "reconciliation",
    metadata,
    program(),
    key("store_id", BigInteger),
    Column(
        "finished_at", DateTime(timezone=True), primary_key=True, server_default=NOW
    ),
    time("since", nullable=False),
    time("until", nullable=False),
    Column("looked_at", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("outdated", Integer, nullable=False),
    Column("customers", Integer, nullable=False, server_default=text("0")),
    Column("customers_missed", Integer, nullable=False, server_default=text("0")),
    Column("looked_for", Integer, nullable=False, server_default=text("0")),
    Column("gone", Integer, nullable=False, server_default=text("0")),
    Column("deleted", Integer, nullable=False, server_default=text("0")),
    Column("disputes", Integer, nullable=False, server_default=text("0")),
    Column("segments_missed", Integer, nullable=False, server_default=text("0")),
)
