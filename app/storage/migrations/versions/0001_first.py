"""The first tables, and the guard of those that are only ever added to."""

from alembic import op

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE account (
    program_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    account TEXT NOT NULL,
    balance BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (program_id, member_id, account)
);

CREATE TABLE checkpoint (
    program_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    members BIGINT NOT NULL,
    transactions BIGINT NOT NULL,
    root BYTEA NOT NULL,
    PRIMARY KEY (program_id, number)
);

CREATE TABLE command (
    program_id BIGINT NOT NULL,
    command_id TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    points BIGINT NOT NULL,
    accepted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    captured_at TIMESTAMP WITH TIME ZONE,
    voided_at TIMESTAMP WITH TIME ZONE,
    reason TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (program_id, command_id)
);

CREATE INDEX command_member ON command (program_id, member_id);

CREATE TABLE customer (
    program_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    customer_id TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    email_key TEXT,
    email_at TIMESTAMP WITH TIME ZONE,
    merged_into TEXT,
    deleted_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (program_id, store_id, customer_id)
);

CREATE INDEX customer_email ON customer (program_id, store_id, email_key);

CREATE INDEX customer_member ON customer (program_id, member_id);

CREATE TABLE address (
    program_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    email_key TEXT NOT NULL,
    member_id BIGINT,
    claimed_by TEXT,
    claimed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (program_id, store_id, email_key)
);

CREATE INDEX address_claimed ON address (program_id, store_id, claimed_by);

CREATE TABLE inbox (
    program_id BIGINT NOT NULL,
    message_id BIGINT GENERATED ALWAYS AS IDENTITY,
    store_id BIGINT,
    platform TEXT NOT NULL,
    domain TEXT NOT NULL,
    topic TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    event_id TEXT,
    triggered_at TIMESTAMP WITH TIME ZONE,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    body BYTEA,
    state TEXT DEFAULT 'waiting' NOT NULL,
    note TEXT,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    lease_epoch BIGINT DEFAULT 0 NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    order_id TEXT,
    customer_id TEXT,
    PRIMARY KEY (program_id, message_id),
    UNIQUE (program_id, platform, domain, delivery_id)
);

CREATE INDEX inbox_state ON inbox (state, received_at);

CREATE INDEX inbox_waiting ON inbox (message_id) WHERE state = 'waiting';

CREATE TABLE ledger_entry (
    program_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    line SMALLINT NOT NULL,
    account TEXT NOT NULL,
    amount BIGINT NOT NULL,
    balance_after BIGINT NOT NULL,
    account_version BIGINT NOT NULL,
    PRIMARY KEY (program_id, member_id, sequence, line)
);

CREATE TABLE ledger_transaction (
    program_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    effect_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    lot TEXT NOT NULL,
    points BIGINT NOT NULL,
    corrects BIGINT,
    effective_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    reason TEXT NOT NULL,
    breakdown JSONB,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (program_id, member_id, sequence)
);

CREATE TABLE lot (
    program_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    lot TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    pending BIGINT DEFAULT 0 NOT NULL,
    available BIGINT DEFAULT 0 NOT NULL,
    reserved BIGINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (program_id, member_id, lot)
);

CREATE TABLE member (
    program_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    last_sequence BIGINT DEFAULT 0 NOT NULL,
    last_hash BYTEA DEFAULT '' NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (program_id, member_id)
);

CREATE INDEX member_due ON member (due_at) WHERE due_at is not null;

CREATE TABLE order_fact (
    program_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    order_id TEXT NOT NULL,
    member_id BIGINT,
    customer_id TEXT,
    email_key TEXT,
    is_forgotten BOOLEAN DEFAULT false NOT NULL,
    facts JSONB NOT NULL,
    pinned_version INTEGER,
    pinned_tags JSONB,
    PRIMARY KEY (program_id, store_id, order_id)
);

CREATE INDEX order_fact_customer ON order_fact (program_id, store_id, customer_id);

CREATE INDEX order_fact_email ON order_fact (program_id, store_id, email_key);

CREATE INDEX order_fact_member ON order_fact (program_id, member_id);

CREATE TABLE product (
    program_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    product_id TEXT NOT NULL,
    tags TEXT[] DEFAULT '{}' NOT NULL,
    tags_at TIMESTAMP WITH TIME ZONE,
    collection_ids TEXT[] DEFAULT '{}' NOT NULL,
    PRIMARY KEY (program_id, store_id, product_id)
);

CREATE TABLE program (
    program_id BIGINT GENERATED ALWAYS AS IDENTITY,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    PRIMARY KEY (program_id)
);

CREATE TABLE program_version (
    program_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    effective_at TIMESTAMP WITH TIME ZONE,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    document JSONB NOT NULL,
    PRIMARY KEY (program_id, version)
);

CREATE TABLE standing (
    program_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    available BIGINT DEFAULT 0 NOT NULL,
    pending BIGINT DEFAULT 0 NOT NULL,
    reserved BIGINT DEFAULT 0 NOT NULL,
    owed BIGINT DEFAULT 0 NOT NULL,
    lifetime_earned BIGINT DEFAULT 0 NOT NULL,
    last_sequence BIGINT NOT NULL,
    PRIMARY KEY (program_id, member_id)
);

CREATE TABLE store (
    program_id BIGINT NOT NULL,
    store_id BIGINT GENERATED ALWAYS AS IDENTITY,
    platform TEXT NOT NULL,
    domain TEXT NOT NULL,
    currency TEXT NOT NULL,
    timezone TEXT NOT NULL,
    installed_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    install_count INTEGER DEFAULT 1 NOT NULL,
    uninstalled_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (program_id, store_id),
    UNIQUE (platform, domain)
);

CREATE TABLE tombstone (
    program_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    customer_key TEXT NOT NULL,
    PRIMARY KEY (program_id, store_id, customer_key)
);

create sequence member_id_seq;
"""

_GUARD = """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is only ever added to', tg_table_name;
end
$$;
"""

_GUARDED = ("ledger_transaction", "ledger_entry", "program_version", "checkpoint")


def upgrade() -> None:
    """Make everything."""
    op.execute(_TABLES)
    op.execute(_GUARD)
    for table in _GUARDED:
        op.execute(
            f"create trigger only_added_to before update or delete on {table} "
            "for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger never_emptied before truncate on {table} "
            "for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    """There is nothing before the first: restore a backup instead."""
    raise RuntimeError("there is no version before the first; restore a backup instead")
