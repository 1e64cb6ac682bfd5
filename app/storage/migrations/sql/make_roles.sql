-- The roles are of the whole server rather than of one database: made with the first
-- tables, and before tables that a backup brings back. Again is no harm.

do $$
declare
    named text;
begin
    foreach named in array array[
        'tallymark_receiver', 'tallymark_sweeper', 'tallymark_app', 'tallymark_auditor'
    ] loop
        begin
            execute format('create role %I nologin', named);
        exception when duplicate_object or unique_violation then
            null;  -- another database of this server has them already
        end;
        -- Since PostgreSQL 16 whoever makes a role may not yet take it.
        if not pg_has_role(current_user, named, case
            when current_setting('server_version_num')::integer >= 160000
            then 'set' else 'member' end)
        then
            execute format('grant %I to current_user', named);
        end if;
        execute format('grant usage on schema public to %I', named);
    end loop;
end
$$;
