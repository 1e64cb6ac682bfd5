"""The tables as queries see them; keys, indexes and roles are in the migrations.

`program_id` leads every primary key: a programme's rows lie together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB

from app.domain.ledger import Account
from app.storage.columns import NOW as _NOW
from app.storage.columns import key as _key
from app.storage.columns import metadata as metadata
from app.storage.columns import points as _points
from app.storage.columns import program as _program
from app.storage.columns import time as _time
from app.storage.personal_tables import personal as personal
from app.storage.personal_tables import personal_key as personal_key
from app.storage.plan_table import plan_reading as plan_reading
from app.storage.showing_table import showing as showing
from app.storage.store_tables import catalogue as catalogue
from app.storage.store_tables import reconciliation as reconciliation
from app.storage.store_tables import shared_discount as shared_discount
from app.storage.store_tables import store as store
from app.storage.store_tables import store_access as store_access
from app.storage.store_tables import tool_key as tool_key

program = Table(
    "program",
    metadata,
    _program(),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
)

# A version never changes; effective_at is null for the first, which covers the past.
program_version = Table(
    "program_version",
    metadata,
    _program(),
    _key("version", Integer),
    _time("effective_at"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("document", JSONB, nullable=False),
)

# Every message, as the bytes that came. Programme 0 keeps those of unknown stores.
inbox = Table(
    "inbox",
    metadata,
    _program(),
    Column("message_id", BigInteger, Identity(always=True), primary_key=True),
    Column("store_id", BigInteger),
    Column("platform", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("event_id", Text),
    _time("triggered_at"),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("body", LargeBinary),
    Column("body_key", LargeBinary),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("note", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column(
        "next_attempt_at", DateTime(timezone=True), nullable=False, server_default=_NOW
    ),
    _time("lease_until"),
    Column("lease_epoch", BigInteger, nullable=False, server_default=text("0")),
    _time("finished_at"),
    Column("order_id", Text),
    Column("customer_id", Text),
    UniqueConstraint("program_id", "platform", "domain", "delivery_id"),
)

# A member, locked while settling: the end of the chain, what each account of the ledger
# holds (`versions` counts their entries), how far the history was folded, and the tier
# that all of it leads to.
member = Table(
    "member",
    metadata,
    _program(),
    _key("member_id"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("last_sequence", BigInteger, nullable=False, server_default=text("0")),
    Column("last_hash", LargeBinary, nullable=False, server_default=text("''")),
    *(_points(account) for account in Account),
    Column("versions", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    _time("settled_to"),
    Column("settled_rank", SmallInteger),
    _time("due_at"),
    Column("changes", BigInteger, nullable=False, server_default=text("0")),
    Column("tier", Text),
    _time("tier_since"),
    _time("tier_until"),
    Column("tier_told", JSON),
)

# Who is who: a customer of a store.
customer = Table(
    "customer",
    metadata,
    _program(),
    _key("store_id"),
    _key("customer_id", Text),
    Column("member_id", BigInteger, nullable=False),
    Column("email_key", Text),
    _time("email_at"),
    Column("merged_into", Text),
    _time("deleted_at"),
    Column("marks", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _time("marks_at"),
)

# An address under which guests wait, until the customer who proved it first claims it.
address = Table(
    "address",
    metadata,
    _program(),
    _key("store_id"),
    _key("email_key", Text),
    Column("member_id", BigInteger),
    Column("claimed_by", Text),
    _time("claimed_at"),
)

# Who asked to be forgotten, by a keyed hash of their id, in which installation: a late
# message must not bring them back.
tombstone = Table(
    "tombstone",
    metadata,
    _program(),
    _key("store_id"),
    _key("customer_key", Text),
    _key("install_count", Integer),
)

order_fact = Table(
    "order_fact",
    metadata,
    _program(),
    _key("store_id"),
    _key("order_id", Text),
    Column("member_id", BigInteger),
    Column("customer_id", Text),
    Column("email_key", Text),
    Column("is_forgotten", Boolean, nullable=False, server_default=text("false")),
    Column("facts", JSON, nullable=False),
    Column("pinned_version", Integer),
    Column("pinned_tags", JSON),
    Column("unearned_because", Text),
    Column("missed_surprises", JSON(none_as_null=True)),
)

product = Table(
    "product",
    metadata,
    _program(),
    _key("store_id"),
    _key("product_id", Text),
    Column("tags", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _time("tags_at"),
    Column("collection_ids", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _time("collections_at"),
)

# What was asked for and accepted; never decided again.
command = Table(
    "command",
    metadata,
    _program(),
    _key("command_id", Text),
    Column("member_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("points", BigInteger, nullable=False),
    _time("accepted_at", nullable=False),
    _time("captured_at"),
    _time("voided_at"),
    Column("reason", Text, nullable=False, server_default=text("''")),
)

redemption = Table(
    "redemption",
    metadata,
    _program(),
    _key("redemption_id", Text),
    Column("member_id", BigInteger, nullable=False),
    Column("store_id", BigInteger, nullable=False),
    Column("customer_id", Text),
    Column("reward_id", Text, nullable=False),
    Column("reward", JSON, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("slot", DateTime),
    Column("prize", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    # Its code and values, where it is not in somebody's own words.
    Column("reason_told", JSON(none_as_null=True)),
    Column("code_key", Text, nullable=False),
    Column("order_amount_min_minor", BigInteger, nullable=False),
    _time("requested_at", nullable=False),
    _time("valid_until"),
    Column("used_order_id", Text),
    _time("used_at"),
    _time("ended_at"),
    Column("gives_back", Boolean, nullable=False),
    Column("points_back", BigInteger),
    Column("store_ref", Text),
    Column("decided_by", Text),
    Column("is_given_back", Boolean, nullable=False),
    _time("due_at"),
    _time("sent_at"),
    # When the store last refused to be asked; nothing is on its way there since.
    _time("shut_at"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("note", Text),
    _time("lease_until"),
    Column("lease_epoch", BigInteger, nullable=False, server_default=text("0")),
)

# A draw of a giveaway: its seed was promised first, and all of it is published then.
giveaway = Table(
    "giveaway",
    metadata,
    _program(),
    _key("reward_id", Text),
    _key("number", Integer),
    Column("commitment", Text, nullable=False),
    _time("committed_at", nullable=False),
    _time("drawn_at"),
    Column("document", JSON),
)

# A tier that the owner gave a member, before `until` where that is set.
tier_grant = Table(
    "tier_grant",
    metadata,
    _program(),
    _key("command_id", Text),
    Column("member_id", BigInteger, nullable=False),
    Column("tier", Text, nullable=False),
    _time("since", nullable=False),
    _time("until"),
    _time("accepted_at", nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
)

# What members did beside ordering; once for each key, whoever reports it again.
action = Table(
    "action",
    metadata,
    _program(),
    _key("action", Text),
    _key("key", Text),
    Column("store_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    _time("at", nullable=False),
    Column("state", Text, nullable=False),
    Column("reported_by", Text, nullable=False),
    Column("decided_by", Text),
    _time("decided_at"),
    # What it brought, once it was worked out, or the code and values of why nothing.
    Column("points", BigInteger),
    Column("unearned_because", JSON(none_as_null=True)),
    Column("missed_surprises", JSON(none_as_null=True)),
    # Of who joined: when the store first said that they have an account, or have none.
    _time("open_at"),
    _time("shut_at"),
)

# Tags and segments: when customers got them, and when they lost them.
customer_label = Table(
    "customer_label",
    metadata,
    _program(),
    _key("store_id"),
    _key("customer_id", Text),
    _key("kind", Text),
    _key("name", Text),
    _key("at", DateTime(timezone=True)),
    _key("is_given", Boolean),
    Column("member_id", BigInteger, nullable=False),
)

# How far members are by stamp cards, challenges and actions, as last settled.
member_progress = Table(
    "member_progress",
    metadata,
    _program(),
    _key("member_id"),
    Column("document", JSON, nullable=False),
)

# A friend's claim to have been brought by a member, and what speaks against it.
referral = Table(
    "referral",
    metadata,
    _program(),
    _key("referral_id", Text),
    Column("store_id", BigInteger, nullable=False),
    Column("advocate_id", BigInteger, nullable=False),
    Column("friend_id", BigInteger, nullable=False),
    Column("customer_id", Text),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    _time("claimed_at", nullable=False),
    Column("reasons", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("marks", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("device", Text),
    Column("is_own_browser", Boolean, nullable=False),
    _time("overruled_at"),
    _time("refused_at"),
    Column("decided_by", Text),
)

ledger_transaction = Table(
    "ledger_transaction",
    metadata,
    _program(),
    _key("member_id"),
    _key("sequence"),
    Column("effect_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("corrects", BigInteger),
    _time("effective_at", nullable=False),
    _time("recorded_at", nullable=False),
    _time("expires_at"),
    Column("reason", Text, nullable=False),
    Column("breakdown", JSONB),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

ledger_entry = Table(
    "ledger_entry",
    metadata,
    _program(),
    _key("member_id"),
    _key("sequence"),
    _key("line", SmallInteger),
    Column("account", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance_after", BigInteger, nullable=False),
    Column("account_version", BigInteger, nullable=False),
)

# Where the points of each credit are now; made anew from the ledger at any time.
# `fingerprint` tells whether the credit is still the one that was folded, `lapses_at`
# when the lot ends unless something is done, `is_doubtful` whether somebody of the
# store has to look at it first. They come anew with the next settling.
lot = Table(
    "lot",
    metadata,
    _program(),
    _key("member_id"),
    _key("lot", Text),
    _time("expires_at"),
    _points("pending"),
    _points("available"),
    _points("reserved"),
    Column("reversals", Integer, nullable=False, server_default=text("0")),
    Column("fingerprint", Text),
    _time("lapses_at"),
    Column("is_doubtful", Boolean, nullable=False, server_default=text("false")),
)

# One seal a day over the heads of all members' chains; the heads are kept outside.
checkpoint = Table(
    "checkpoint",
    metadata,
    _program(),
    _key("number", Integer),
    _time("sealed_at", nullable=False),
    Column("members", BigInteger, nullable=False),
    Column("transactions", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
)

# Tables that the database itself guards against update, delete and truncate.
APPEND_ONLY = ("ledger_transaction", "ledger_entry", "program_version", "checkpoint")
