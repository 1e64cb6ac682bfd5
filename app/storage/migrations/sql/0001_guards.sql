-- What is only ever added to, the database itself guards against everybody.

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is only ever added to', tg_table_name;
end
$$;

do $$
declare
    guarded text;
begin
    foreach guarded in array array[
        'ledger_transaction', 'ledger_entry', 'program_version', 'checkpoint'
    ] loop
        execute format(
            'create trigger only_added_to before update or delete on %I'
            ' for each row execute function refuse_change()', guarded
        );
        execute format(
            'create trigger never_emptied before truncate on %I'
            ' for each statement execute function refuse_change()', guarded
        );
    end loop;
end
$$;

-- A transaction's entries come together, two of them, and sum to zero. Looked at once a
-- statement: a trigger that waits for the commit can only be asked row by row.
create function refuse_half() returns trigger language plpgsql as $$
begin
    if exists (
        select from fresh
        group by program_id, member_id, sequence
        having count(*) <> 2 or sum(amount) <> 0
    ) then
        raise exception 'a transaction has two entries, and they sum to zero';
    end if;
    return null;
end
$$;

create trigger only_whole after insert on ledger_entry
    referencing new table as fresh
    for each statement execute function refuse_half();
