-- Where this database lives. A copy in another project, and a database that was restored, hold ids of an amoCRM account and
-- messages that may have gone out long ago from the original: nothing is sent from either until a person says so, by
-- `npm run amocrm -- setup --switch` or `connect`. A database cannot know that it was copied, but what it runs on differs.

create table amocrm.residence (
  one_row boolean primary key default true,
  project text not null,
  home text,
  since timestamptz not null default amocrm.clock(),
  constraint there_is_one_residence check (one_row)
);
comment on table amocrm.residence is
  'One row with the project and the database that send; after the first sender only a person changes it.';
comment on column amocrm.residence.project is 'The Supabase project, as the functions name it (platform/project.ts).';
comment on column amocrm.residence.home is 'amocrm.database_home() at that time; null where the server does not say.';
alter table amocrm.residence enable row level security;
revoke all on amocrm.residence from public, anon, authenticated, service_role;
grant select on amocrm.residence to service_role;

create function amocrm.database_home() returns text
language plpgsql stable set search_path = ''
as $$
begin
  -- A dump that is loaded anywhere has another oid and mostly another cluster; a restored backup of the files goes on at
  -- another timeline; so does a promoted replica, which may lack the last messages that were sent.
  return (select control.system_identifier from pg_catalog.pg_control_system() as control)
    || '/' || left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8)
    || '/' || (select pg_database.oid from pg_catalog.pg_database where pg_database.datname = current_database());
exception when others then
  return null;
end
$$;
comment on function amocrm.database_home() is
  'Returns cluster, timeline and oid of this database, which a copy or restore changes; null if the server does not say.';

create function amocrm.stranger(p_project text) returns text
language sql stable set search_path = ''
as $$
  select case when residence.project <> p_project then 'foreign' when residence.home <> amocrm.database_home() then 'restored' end
  from amocrm.residence
$$;
comment on function amocrm.stranger(text) is
  'Returns why the project may not send from here: foreign (it lives in another project) or restored; null if it may.';

create function amocrm.move_in(p_project text) returns void
language sql set search_path = ''
as $$
  insert into amocrm.residence (project, home) values (p_project, amocrm.database_home())
  on conflict (one_row) do update set project = excluded.project, home = excluded.home, since = amocrm.clock()
  where residence.project <> excluded.project or residence.home is distinct from excluded.home
$$;
comment on function amocrm.move_in(text) is
  'Makes this database the one from which the project sends, once a person confirmed it or none was known.';

create function amocrm.begin_at_home(p_queue text, p_token uuid, p_project text) returns text
language plpgsql set search_path = ''
as $$
declare
  v_stranger text := amocrm.stranger(p_project);
  v_breaker text := (select queue_control.breaker_code from amocrm.queue_control where queue_control.queue = p_queue);
begin
  if v_stranger is not null then
    perform amocrm.open_breaker(p_queue, case v_stranger when 'foreign' then 'foreign_project' else 'restored_database' end,
      'This database is a copy or was restored: what waits in it may have been sent long ago, so nothing is sent', 60, 300);
    return 'breaker_open';
  elsif v_breaker in ('foreign_project', 'restored_database') then
    perform amocrm.close_breaker(p_queue);
  end if;
  perform amocrm.move_in(p_project) where not exists (select from amocrm.residence);
  return amocrm.begin_drain(p_queue, p_token);
end
$$;
comment on function amocrm.begin_at_home(text, uuid, text) is
  'Begins a drain of a queue without an amoCRM token; breaker_open if the project does not live in this database.';

create function public.amocrm_move_in(p_project text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.note_action('move_in', '{}');
  perform amocrm.move_in(p_project);
end
$$;
comment on function public.amocrm_move_in(text) is
  'Makes this database the one that sends, on a person''s word, where no amoCRM account is connected yet.';

revoke all on function amocrm.begin_at_home(text, uuid, text) from public;
revoke all on function public.amocrm_move_in(text) from public, anon, authenticated;
grant execute on function public.amocrm_move_in(text) to service_role;
revoke all on function amocrm.database_home(), amocrm.stranger(text), amocrm.move_in(text) from public;
