-- Forms and lessons go on while this is installed, upgraded or taken out: their tables may belong to a project that is at
-- work. Whoever waits for a table makes everybody who comes later wait behind him, and a visitor's statement has 3 seconds.

create function amocrm.lock_quickly(p_mode text, variadic p_tables text[]) returns void
language plpgsql set search_path = ''
as $$
declare
  v_table record;
  v_holders text;
begin
  -- Also for whatever the migration locks afterwards: rather rolled back and tried again than in everybody's way.
  perform set_config('lock_timeout', '500ms', true);
  for v_try in 1 .. 12 loop
    begin
      for v_table in
        select namespace.nspname as schema, class.relname as name
        from unnest(p_tables) with ordinality as named (name, place) join pg_catalog.pg_class as class on class.oid = to_regclass(named.name)
          join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace order by named.place
      loop
        -- Each text as a whole, so that what may run can be read.
        case p_mode
          when 'access exclusive' then execute format('lock table %I.%I in access exclusive mode', v_table.schema, v_table.name);
          when 'share row exclusive' then execute format('lock table %I.%I in share row exclusive mode', v_table.schema, v_table.name);
        end case;
      end loop;
      return;
    exception when lock_not_available or deadlock_detected then
      -- With the block its locks are gone as well, so nobody waits for us during the pause.
      null;
    end;
    if v_try < 12 then
      perform pg_sleep(1);
    end if;
  end loop;
  select string_agg(distinct format('process %s of %s (%s)', activity.pid, activity.usename, coalesce(nullif(activity.application_name, ''), 'no name')), ', ')
  into v_holders from pg_catalog.pg_locks as held join pg_catalog.pg_stat_activity as activity on activity.pid = held.pid
  where held.granted and held.relation in (select to_regclass(named.name) from unnest(p_tables) as named (name)) and held.pid <> pg_backend_pid();
  raise exception 'visitors must not wait behind us, and somebody keeps % busy: %. Nothing was changed: try again once that has ended',
    array_to_string(p_tables, ' or '), coalesce(v_holders, 'gone by now') using errcode = '55P03';
end
$$;
comment on function amocrm.lock_quickly(text, text[]) is
  'Locks existing tables for a migration, all or none, half a second at a time, twelve times with pauses.';

revoke all on function amocrm.lock_quickly(text, text[]) from public;
