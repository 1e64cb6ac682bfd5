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
