-- The rows that the app writes for an order, in tables with the same keys and storage,
-- but without checks, foreign keys, triggers and policies.
create table inbox (
    program_id bigint not null,
    message_id bigint generated always as identity,
    store_id bigint,
    platform text not null,
    domain text not null,
    topic text not null,
    delivery_id text not null,
    event_id text,
    triggered_at timestamptz,
    received_at timestamptz not null default clock_timestamp(),
    body bytea,
    state text not null,
    note text,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    lease_epoch bigint not null default 0,
    finished_at timestamptz,
    order_id text,
    customer_id text,
    primary key (program_id, message_id),
    unique (program_id, platform, domain, delivery_id)
) with (fillfactor = 70, toast_tuple_target = 128);
alter table inbox alter body set storage external;
create index on inbox (message_id) where state = 'waiting';
create index on inbox (finished_at) where body is not null;
create index on inbox using brin (received_at);

create sequence member_id_seq;
create table member (
    program_id bigint not null,
    member_id bigint not null default nextval('member_id_seq'),
    created_at timestamptz not null default clock_timestamp(),
    last_sequence bigint not null default 0,
    last_hash bytea not null default '',
    pending bigint not null default 0,
    available bigint not null default 0,
    reserved bigint not null default 0,
    owed bigint not null default 0,
    issued bigint not null default 0,
    redeemed bigint not null default 0,
    expired bigint not null default 0,
    adjusted bigint not null default 0,
    primary key (program_id, member_id)
);
create table customer (
    program_id bigint not null,
    store_id bigint not null,
    customer_id text not null,
    member_id bigint not null,
    email_key text,
    email_at timestamptz,
    primary key (program_id, store_id, customer_id)
);
create index on customer (program_id, store_id, email_key);
create index on customer (program_id, member_id);
create table address (
    program_id bigint not null,
    store_id bigint not null,
    email_key text not null,
    claimed_by text,
    claimed_at timestamptz,
    primary key (program_id, store_id, email_key)
);
create index on address (program_id, store_id, claimed_by);
create table order_fact (
    program_id bigint not null,
    store_id bigint not null,
    order_id text not null,
    member_id bigint,
    customer_id text,
    email_key text,
    facts json not null,
    pinned_version integer,
    pinned_tags json,
    primary key (program_id, store_id, order_id)
);
create index on order_fact (program_id, member_id);
create index on order_fact (program_id, store_id, customer_id);
create index on order_fact (program_id, store_id, email_key);
create table ledger_transaction (
    program_id bigint not null,
    member_id bigint not null,
    sequence bigint not null,
    effect_key text not null,
    kind text not null,
    cause text not null,
    lot text not null,
    points bigint not null,
    corrects bigint,
    effective_at timestamptz not null,
    recorded_at timestamptz not null,
    expires_at timestamptz,
    reason text not null,
    breakdown jsonb,
    previous_hash bytea not null,
    hash bytea not null,
    primary key (program_id, member_id, sequence)
);
create table ledger_entry (
    program_id bigint not null,
    member_id bigint not null,
    sequence bigint not null,
    line smallint not null,
    account text not null,
    amount bigint not null,
    balance_after bigint not null,
    account_version bigint not null,
    primary key (program_id, member_id, sequence, line)
);
create table lot (
    program_id bigint not null,
    member_id bigint not null,
    lot text not null,
    expires_at timestamptz,
    pending bigint not null default 0,
    available bigint not null default 0,
    reserved bigint not null default 0,
    primary key (program_id, member_id, lot)
);
