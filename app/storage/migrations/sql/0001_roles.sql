-- Who may do what. A process takes one of these roles for each transaction:
--
-- tallymark_receiver  keeps deliveries in the inbox, and can read none of them;
-- tallymark_sweeper   sees of all programs what waits and what is due, nothing more;
-- tallymark_app       works on the one program that the transaction names;
-- tallymark_auditor   reads everything and changes nothing.
--
-- None of them owns a table, so none can switch row-level security or a trigger off.

-- The program that a transaction works on; none sees no row.
create function current_program() returns bigint stable parallel safe language sql
as $$ select nullif(current_setting('tallymark.program_id', true), '')::bigint $$;

do $$
declare
    ours text;
begin
    for ours in
        select relname from pg_class join pg_attribute on attrelid = pg_class.oid
        where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
          and attname = 'program_id'
    loop
        execute format('alter table %I enable row level security', ours);
        execute format('alter table %I force row level security', ours);
        execute format(
            'create policy own_program on %I to tallymark_app'
            ' using (program_id = (select current_program()))'
            ' with check (program_id = (select current_program()))', ours
        );
        execute format(
            'create policy reads_all on %I for select to tallymark_auditor using (true)',
            ours
        );
        execute format('grant select on %I to tallymark_auditor', ours);
    end loop;
end
$$;

grant select, insert on program, program_version, ledger_transaction, ledger_entry,
    checkpoint, reconciliation to tallymark_app;
grant select, insert, update on store, store_access, tool_key, inbox, member, command, tier_grant, redemption,
    catalogue, product, order_fact, action, member_progress, giveaway, referral, budget_use,
    allotment
    to tallymark_app;
grant select, insert, update, delete on lot, customer, address, personal,
    personal_key, customer_label, showing, plan_reading, shared_discount
    to tallymark_app;
grant select, insert on tombstone to tallymark_app;
grant usage on sequence program_id_seq, member_id_seq to tallymark_app;

create policy addresses on store for select
    to tallymark_receiver, tallymark_sweeper using (true);
grant select (program_id, store_id, platform, domain) on store
    to tallymark_receiver, tallymark_sweeper;

-- With the hash of a key the receiver finds whose it is, and nothing more of it.
create policy finds on tool_key for select to tallymark_receiver using (true);
grant select (program_id, key_hash) on tool_key to tallymark_receiver;

create policy keeps on inbox for insert to tallymark_receiver with check (true);
create policy keeps_once on inbox for select to tallymark_receiver using (true);
grant insert on inbox to tallymark_receiver;
grant select (program_id, platform, domain, delivery_id) on inbox
    to tallymark_receiver;

create policy sweeps on inbox to tallymark_sweeper using (true) with check (true);
grant select (
    program_id, message_id, store_id, platform, domain, topic, delivery_id, triggered_at,
    received_at, state, note, attempts, next_attempt_at, lease_until, lease_epoch,
    finished_at, body_key
) on inbox to tallymark_sweeper;
grant update (
    program_id, store_id, state, note, attempts, next_attempt_at, lease_until,
    lease_epoch, finished_at, body
) on inbox to tallymark_sweeper;

create policy sweeps on member for select to tallymark_sweeper using (true);
grant select (program_id, member_id, due_at) on member to tallymark_sweeper;

create policy sweeps on redemption to tallymark_sweeper
    using (true) with check (true);
grant select (
    program_id, redemption_id, store_id, due_at, attempts, lease_until, lease_epoch
) on redemption to tallymark_sweeper;
grant update (attempts, lease_until, lease_epoch) on redemption to tallymark_sweeper;

create policy sweeps on store_access to tallymark_sweeper
    using (true) with check (true);
grant select (
    program_id, store_id, perks_version, seen_version, due_at, attempts, lease_until,
    lease_epoch
) on store_access to tallymark_sweeper;
grant update (due_at, attempts, lease_until, lease_epoch) on store_access
    to tallymark_sweeper;

create policy sweeps on catalogue to tallymark_sweeper
    using (true) with check (true);
grant select (
    program_id, store_id, due_at, attempts, lease_until, lease_epoch
) on catalogue to tallymark_sweeper;
grant update (attempts, lease_until, lease_epoch) on catalogue to tallymark_sweeper;

create policy sweeps on showing to tallymark_sweeper using (true) with check (true);
create policy knows_versions on program_version for select
    to tallymark_sweeper using (true);
grant select (
    program_id, store_id, member_id, version, noted, due_at, attempts, lease_until,
    lease_epoch
) on showing to tallymark_sweeper;
grant update (version, noted, due_at, attempts, lease_until, lease_epoch) on showing
    to tallymark_sweeper;
grant select (program_id, version, effective_at) on program_version
    to tallymark_sweeper;

create policy sweeps on plan_reading to tallymark_sweeper
    using (true) with check (true);
grant select (
    program_id, store_id, order_id, due_at, attempts, lease_until, lease_epoch
) on plan_reading to tallymark_sweeper;
grant update (attempts, lease_until, lease_epoch) on plan_reading to tallymark_sweeper;

-- With these the auditor can make a backup of everything.
grant select on alembic_version to tallymark_auditor;
grant select on all sequences in schema public to tallymark_auditor;
