-- The first tables. program_id leads every key, so that a row cannot refer to another
-- program's, and so that rows can be spread over machines by it. Other indexes leave the
-- store out: else the planner could take one of them where the primary key is meant.

create sequence program_id_seq;
create sequence member_id_seq;

create table program (
    program_id bigint primary key default nextval('program_id_seq'),
    created_at timestamptz not null default clock_timestamp()
);

create table program_version (
    program_id bigint not null references program,
    version integer not null,
    effective_at timestamptz,
    recorded_at timestamptz not null default clock_timestamp(),
    document jsonb not null,
    primary key (program_id, version)
);

-- The address book: by platform and domain a message finds its program. A redaction at
-- `redact_at` is about the installation that had ended by two days before; the people of
-- `redacted_install` were forgotten with it, and of those before.
create table store (
    program_id bigint not null references program,
    store_id bigint generated always as identity,
    platform text not null,
    domain text not null,
    currency text not null,
    timezone text not null,
    installed_at timestamptz not null default clock_timestamp(),
    install_count integer not null default 1,
    uninstalled_at timestamptz,
    opened_at timestamptz,
    redact_at timestamptz,
    redacted_install integer not null default 0,
    primary key (program_id, store_id),
    unique (platform, domain),
    check (redacted_install between 0 and install_count)
);

-- What opens the door for tools of a store's owner, as long as that installation lasts.
-- Of the key itself only a hash is kept; `kept` counts the reports of the hour that
-- began at `hour_at`.
create table tool_key (
    program_id bigint not null,
    key_id text not null,
    store_id bigint not null,
    install_count integer not null,
    label text not null,
    key_hash bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    last_used_at timestamptz,
    revoked_at timestamptz,
    hour_at timestamptz,
    kept integer not null default 0,
    primary key (program_id, key_id),
    foreign key (program_id, store_id) references store,
    check (octet_length(key_hash) = 32),
    check (label ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(label) <= 40)
);

create index tool_key_hash on tool_key (key_hash);

-- What opens a store, sealed in one piece, so that a token and what renews it change
-- together; none once it was uninstalled. `version` counts the changes. Whoever leases
-- it when it is due sets the store up.
create table store_access (
    program_id bigint not null,
    store_id bigint not null,
    version bigint not null default 1,
    tokens bytea,
    scopes text[] not null default '{}',
    scopes_at timestamptz,
    obtained_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz,
    refused_at timestamptz,
    refused_since timestamptz,
    perks_version integer not null default 0,
    seen_version integer not null default 0,
    due_at timestamptz,
    attempts integer not null default 0,
    note text,
    lease_until timestamptz,
    lease_epoch bigint not null default 0,
    primary key (program_id, store_id),
    foreign key (program_id, store_id) references store
);

create index store_access_due on store_access (due_at) where due_at is not null;

-- The discounts of a store that many codes hang on, by the name of their terms. What was
-- known in an installation before this one is not looked at.
create table shared_discount (
    program_id bigint not null,
    store_id bigint not null,
    terms text not null,
    install_count integer not null,
    store_ref text not null,
    primary key (program_id, store_id, terms),
    foreign key (program_id, store_id) references store
);

-- No foreign key to the store: messages of unknown stores are kept too, and every
-- delivery would take a lock on its store's row.
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
    body_key bytea,
    state text not null default 'waiting',
    note text,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    lease_epoch bigint not null default 0,
    finished_at timestamptz,
    order_id text,
    customer_id text,
    primary key (program_id, message_id),
    unique (program_id, platform, domain, delivery_id),
    check (state in ('waiting', 'settled', 'ignored', 'quarantined'))
) with (fillfactor = 70, toast_tuple_target = 128);

-- Bodies are sealed, so they do not compress, and they lie apart from rows that change.
alter table inbox alter body set storage external;

create index inbox_waiting on inbox (message_id) where state = 'waiting';
create index inbox_quarantined on inbox (message_id) where state = 'quarantined';
create index inbox_bodies on inbox (finished_at) where body is not null;
create index inbox_asked on inbox (program_id, customer_id, received_at)
    where platform = 'tallymark' and customer_id is not null;
create index inbox_received on inbox using brin (received_at);
create index inbox_body_key on inbox (body_key) where body_key is not null;

-- A member: the end of the chain, what the accounts hold, when time will next act, and
-- how often something else that they see has changed.
create table member (
    program_id bigint not null references program,
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
    versions bigint[] not null default '{}',
    settled_to timestamptz,
    settled_rank smallint,
    due_at timestamptz,
    changes bigint not null default 0,
    tier text,
    tier_since timestamptz,
    tier_until timestamptz,
    tier_told json,
    primary key (program_id, member_id),
    check (pending >= 0 and available >= 0 and reserved >= 0 and owed <= 0),
    check (
        pending + available + reserved + owed
        + issued + redeemed + expired + adjusted = 0
    )
) with (fillfactor = 70);

create index member_due on member (due_at) where due_at is not null;

create table lot (
    program_id bigint not null,
    member_id bigint not null,
    lot text not null,
    expires_at timestamptz,
    pending bigint not null default 0,
    available bigint not null default 0,
    reserved bigint not null default 0,
    reversals integer not null default 0,
    fingerprint text,
    lapses_at timestamptz,
    is_doubtful boolean not null default false,
    primary key (program_id, member_id, lot),
    foreign key (program_id, member_id) references member,
    check (pending >= 0 and available >= 0 and reserved >= 0)
) with (fillfactor = 90);

create index lot_doubtful on lot (program_id) where is_doubtful;

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
    primary key (program_id, member_id, sequence),
    foreign key (program_id, member_id) references member,
    check (points <> 0)
);

-- An effect is posted once; whatever is known later only corrects it.
create unique index ledger_effect on ledger_transaction
    (program_id, member_id, effect_key) where corrects is null;

create table ledger_entry (
    program_id bigint not null,
    member_id bigint not null,
    sequence bigint not null,
    line smallint not null,
    account text not null,
    amount bigint not null,
    balance_after bigint not null,
    account_version bigint not null,
    primary key (program_id, member_id, sequence, line),
    foreign key (program_id, member_id, sequence) references ledger_transaction,
    check (line in (1, 2)),
    check (amount <> 0)
);

create table customer (
    program_id bigint not null,
    store_id bigint not null,
    customer_id text not null,
    member_id bigint not null,
    email_key text,
    email_at timestamptz,
    merged_into text,
    deleted_at timestamptz,
    marks text[] not null default '{}',
    marks_at timestamptz,
    primary key (program_id, store_id, customer_id),
    foreign key (program_id, store_id) references store,
    foreign key (program_id, member_id) references member
);

create index customer_email on customer (program_id, email_key)
    where email_key is not null;
create index customer_member on customer (program_id, member_id);

-- An address under which guests wait, until the customer who proved it first claims it.
create table address (
    program_id bigint not null,
    store_id bigint not null,
    email_key text not null,
    member_id bigint,
    claimed_by text,
    claimed_at timestamptz,
    primary key (program_id, store_id, email_key),
    foreign key (program_id, store_id) references store,
    foreign key (program_id, member_id) references member
);

create index address_claimed on address (program_id, claimed_by);

create table tombstone (
    program_id bigint not null,
    store_id bigint not null,
    customer_key text not null,
    install_count integer not null,
    primary key (program_id, store_id, customer_key, install_count),
    foreign key (program_id, store_id) references store
);

create table order_fact (
    program_id bigint not null,
    store_id bigint not null,
    order_id text not null,
    member_id bigint,
    customer_id text,
    email_key text,
    is_forgotten boolean not null default false,
    facts json not null,
    pinned_version integer,
    pinned_tags json,
    unearned_because text,
    missed_surprises json,
    primary key (program_id, store_id, order_id),
    foreign key (program_id, store_id) references store,
    foreign key (program_id, member_id) references member,
    foreign key (program_id, pinned_version) references program_version
);

create index order_fact_member on order_fact (program_id, member_id);
create index order_fact_customer on order_fact (program_id, customer_id);
create index order_fact_email on order_fact (program_id, email_key)
    where email_key is not null;

create table product (
    program_id bigint not null,
    store_id bigint not null,
    product_id text not null,
    tags text[] not null default '{}',
    tags_at timestamptz,
    collection_ids text[] not null default '{}',
    collections_at timestamptz,
    primary key (program_id, store_id, product_id),
    foreign key (program_id, store_id) references store
);

-- What was asked for and accepted; never decided again.
create table command (
    program_id bigint not null,
    command_id text not null,
    member_id bigint not null,
    kind text not null,
    points bigint not null,
    accepted_at timestamptz not null,
    captured_at timestamptz,
    voided_at timestamptz,
    reason text not null default '',
    primary key (program_id, command_id),
    foreign key (program_id, member_id) references member
);

create index command_member on command (program_id, member_id);

-- A wish for a reward and what became of it; where it was accepted, the command of the
-- same id moves its points. The code is not kept: it follows from the id and a secret.
-- A slot is a moment by the clock of the store's walls; a prize names what won the reward.
create table redemption (
    program_id bigint not null,
    redemption_id text not null,
    member_id bigint not null,
    store_id bigint not null,
    customer_id text,
    reward_id text not null,
    reward json not null,
    points bigint not null,
    slot timestamp, -- squawk-ignore prefer-timestamp-tz
    prize text,
    state text not null,
    reason text not null default '',
    reason_told json,
    code_key text not null,
    order_amount_min_minor bigint not null default 0,
    requested_at timestamptz not null,
    valid_until timestamptz,
    used_order_id text,
    used_at timestamptz,
    ended_at timestamptz,
    gives_back boolean not null default false,
    points_back bigint,
    store_ref text,
    decided_by text,
    is_given_back boolean not null default false,
    due_at timestamptz,
    sent_at timestamptz,
    shut_at timestamptz,
    attempts integer not null default 0,
    note text,
    lease_until timestamptz,
    lease_epoch bigint not null default 0,
    primary key (program_id, redemption_id),
    unique (program_id, code_key),
    foreign key (program_id, member_id) references member,
    foreign key (program_id, store_id) references store,
    check (prize is null or points = 0),
    check (points_back between 0 and points),
    check (state in ('refused', 'asked', 'granting', 'granted', 'used', 'ending',
                     'ended'))
) with (fillfactor = 80);

create index redemption_member on redemption (program_id, member_id, requested_at);
create index redemption_reward on redemption (program_id, reward_id);
create index redemption_asked on redemption (program_id, requested_at)
    where state = 'asked';
create index redemption_due on redemption (due_at) where due_at is not null;
create index redemption_donated on redemption (program_id)
    where state = 'used' and reward ->> 'kind' = 'donation';

-- How far the reading of a store's products is: by what name the store makes its file of
-- them now, as of when the last was read, and when collections changed since.
create table catalogue (
    program_id bigint not null,
    store_id bigint not null,
    operation text,
    read_at timestamptz,
    changed_at timestamptz,
    due_at timestamptz,
    attempts integer not null default 0,
    note text,
    lease_until timestamptz,
    lease_epoch bigint not null default 0,
    primary key (program_id, store_id),
    foreign key (program_id, store_id) references store
);

-- What a look at a store's own lists of orders and of customers found that its messages
-- had not told.
create table reconciliation (
    program_id bigint not null,
    store_id bigint not null,
    finished_at timestamptz not null default clock_timestamp(),
    since timestamptz not null,
    until timestamptz not null,
    looked_at integer not null,
    unknown integer not null,
    outdated integer not null,
    customers integer not null default 0,
    customers_missed integer not null default 0,
    looked_for integer not null default 0,
    gone integer not null default 0,
    deleted integer not null default 0,
    disputes integer not null default 0,
    segments_missed integer not null default 0,
    primary key (program_id, store_id, finished_at),
    foreign key (program_id, store_id) references store
);

-- A draw of a giveaway: its seed was promised first, and all of it is published then.
create table giveaway (
    program_id bigint not null references program,
    reward_id text not null,
    number integer not null,
    commitment text not null,
    committed_at timestamptz not null default clock_timestamp(),
    drawn_at timestamptz,
    document json,
    primary key (program_id, reward_id, number)
);

-- A tier that the owner gave a member; never decided again.
create table tier_grant (
    program_id bigint not null,
    command_id text not null,
    member_id bigint not null,
    tier text not null,
    since timestamptz not null,
    until timestamptz,
    accepted_at timestamptz not null,
    reason text not null default '',
    primary key (program_id, command_id),
    foreign key (program_id, member_id) references member
);

create index tier_grant_member on tier_grant (program_id, member_id);

-- What members did beside ordering: reported once under a key, decided at most once.
create table action (
    program_id bigint not null,
    action text not null,
    key text not null,
    store_id bigint not null,
    member_id bigint not null,
    at timestamptz not null,
    state text not null,
    reported_by text not null,
    decided_by text,
    decided_at timestamptz,
    points bigint,
    unearned_because json,
    missed_surprises json,
    open_at timestamptz,
    shut_at timestamptz,
    primary key (program_id, action, key),
    foreign key (program_id, store_id) references store,
    foreign key (program_id, member_id) references member,
    check (state in ('accepted', 'waiting', 'refused')),
    check ((decided_by is null) = (decided_at is null)),
    check (state <> 'refused' or decided_at is not null),
    check (points >= 0),
    check ((points = 0) = (unearned_because is not null)),
    check (points = 0 or state = 'accepted'),
    check (missed_surprises is null or state = 'accepted')
);

create index action_member on action (program_id, member_id);
create index action_waiting on action (program_id, at) where state = 'waiting';

-- A random key of each member who said something of themselves, sealed by the app's own.
-- It is deleted once the member is to be forgotten, and all that it sealed with it.
create table personal_key (
    program_id bigint not null,
    member_id bigint not null,
    sealed bytea not null,
    primary key (program_id, member_id),
    foreign key (program_id, member_id) references member
);

-- What members said of themselves, sealed under their keys; each time that they said it.
create table personal (
    program_id bigint not null,
    field text not null,
    key text not null,
    store_id bigint not null,
    member_id bigint not null,
    at timestamptz not null,
    sealed bytea not null,
    primary key (program_id, field, key),
    foreign key (program_id, store_id) references store,
    foreign key (program_id, member_id) references personal_key on delete cascade,
    check (field in ('birthday'))
);

create index personal_member on personal (program_id, member_id);

-- Tags and segments of customers: when they got each, and when they lost it. What is
-- left of somebody who was forgotten has no customer's id.
create table customer_label (
    program_id bigint not null,
    store_id bigint not null,
    customer_id text not null,
    kind text not null,
    name text not null,
    at timestamptz not null,
    is_given boolean not null,
    member_id bigint not null,
    primary key (program_id, store_id, customer_id, kind, name, at, is_given),
    foreign key (program_id, store_id) references store,
    foreign key (program_id, member_id) references member,
    check (kind in ('tag', 'segment'))
);

create index customer_label_member on customer_label (program_id, member_id);

create table member_progress (
    program_id bigint not null,
    member_id bigint not null,
    document json not null,
    primary key (program_id, member_id),
    foreign key (program_id, member_id) references member
) with (fillfactor = 70);

-- A friend's claim to have been brought by a member. Reasons are what was found to speak
-- against it, marks and device keyed hashes of what one person is known again by.
create table referral (
    program_id bigint not null,
    referral_id text not null,
    store_id bigint not null,
    advocate_id bigint not null,
    friend_id bigint not null,
    customer_id text,
    version integer not null,
    state text not null,
    claimed_at timestamptz not null,
    reasons text[] not null default '{}',
    marks text[] not null default '{}',
    device text,
    is_own_browser boolean not null default false,
    overruled_at timestamptz,
    refused_at timestamptz,
    decided_by text,
    primary key (program_id, referral_id),
    foreign key (program_id, store_id) references store,
    foreign key (program_id, advocate_id) references member,
    foreign key (program_id, friend_id) references member,
    foreign key (program_id, version) references program_version,
    check (state in ('waiting', 'review', 'accepted', 'refused'))
);

create index referral_advocate on referral (program_id, advocate_id, claimed_at);
create index referral_friend on referral (program_id, friend_id);
create index referral_open on referral (program_id, claimed_at)
    where overruled_at is null and refused_at is null and state = 'review';
create index referral_device on referral (program_id, device) where device is not null;

-- What a store's own pages show of a member: `written` is what they say as far as we
-- know, by the digests of the store. It is due once that may not be so any more, and
-- `noted` counts what happened while somebody was at it.
create table showing (
    program_id bigint not null,
    store_id bigint not null,
    member_id bigint not null,
    version integer not null default 0,
    written json not null default '{}',
    tag text,
    noted bigint not null default 0,
    due_at timestamptz,
    attempts integer not null default 0,
    note text,
    lease_until timestamptz,
    lease_epoch bigint not null default 0,
    primary key (program_id, store_id, member_id),
    foreign key (program_id, store_id) references store,
    foreign key (program_id, member_id) references member
) with (fillfactor = 80);

create index showing_due on showing (due_at) where due_at is not null;
create index showing_version on showing (program_id, version);

-- An order of which the store is to be asked by which selling plans its lines were
-- bought. The row goes when its answer is in the inbox.
create table plan_reading (
    program_id bigint not null,
    store_id bigint not null,
    order_id text not null,
    due_at timestamptz not null,
    attempts integer not null default 0,
    note text,
    lease_until timestamptz,
    lease_epoch bigint not null default 0,
    primary key (program_id, store_id, order_id),
    foreign key (program_id, store_id) references store
);

create index plan_reading_due on plan_reading (due_at);

-- How much of a budget is used, all members together. The row is locked while points are
-- allotted, so that nobody allots more than there is.
create table budget_use (
    program_id bigint not null references program,
    name text not null,
    used bigint not null default 0,
    primary key (program_id, name)
) with (fillfactor = 50);

-- What an order or a surprise was allotted of a budget, by its lot, and what it holds of
-- that. It names no member: an order that moves takes it along.
create table allotment (
    program_id bigint not null,
    lot text not null,
    budget text not null,
    allotted bigint not null,
    used bigint not null,
    ran_out boolean not null,
    primary key (program_id, lot, budget),
    foreign key (program_id, budget) references budget_use,
    check (used between 0 and allotted)
);

create index allotment_budget on allotment (program_id, budget);

-- One seal a day over the ends of all members' chains; the ends are kept outside.
create table checkpoint (
    program_id bigint not null references program,
    number integer not null,
    sealed_at timestamptz not null,
    members bigint not null,
    transactions bigint not null,
    root bytea not null,
    primary key (program_id, number)
);
