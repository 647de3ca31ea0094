-- The marker is the deal field that carries our lead's id, by which a deal is found again whose answer was lost. Where no
-- row of amocrm_fields names one, the drain finds or makes it, at most once a day: messages come first.

create table amocrm.marker_search (
  is_the_only_row boolean primary key default true,
  tried_at timestamptz not null,
  error_code text,
  error_message text,
  constraint marker_search_has_one_row check (is_the_only_row),
  constraint marker_error_has_its_message check ((error_code is null) = (error_message is null))
);
comment on table amocrm.marker_search is 'When a drain last tried to find or make the marker field, and why it could not.';
alter table amocrm.marker_search enable row level security;
revoke all on amocrm.marker_search from public, anon, authenticated, service_role;
grant select on amocrm.marker_search to service_role;

create function public.amocrm_marker_begin(p_token uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue_as_drain('amocrm', p_token);
  if exists (select from public.amocrm_fields where amocrm_fields.entity = 'deal' and amocrm_fields.path = 'id')
    or exists (select from amocrm.marker_search where marker_search.tried_at > amocrm.clock() - interval '1 day') then
    return false;
  end if;
  -- Committed before anything is asked: a drain that dies of it is not followed by another that dies of it.
  insert into amocrm.marker_search (tried_at, error_code, error_message)
  values (amocrm.clock(), 'worker_died', 'the drain ended before it knew')
  on conflict (is_the_only_row) do update set tried_at = excluded.tried_at, error_code = excluded.error_code,
    error_message = excluded.error_message;
  return true;
end
$$;
comment on function public.amocrm_marker_begin(uuid) is
  'May this drain find or make the marker field now? Only if none is set and no drain has tried for a day.';

create function public.amocrm_marker_end(p_token uuid, p_field_id bigint, p_error_code text, p_error_message text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue_as_drain('amocrm', p_token);
  if p_field_id is not null then
    -- An admin who named one in the meantime knows better.
    insert into public.amocrm_fields (entity, path, field_id) values ('deal', 'id', p_field_id) on conflict do nothing;
  end if;
  update amocrm.marker_search set error_code = p_error_code, error_message = left(p_error_message, 500);
end
$$;
comment on function public.amocrm_marker_end(uuid, bigint, text, text) is
  'What came of it: the field, which is set from now on, or why there is none.';

create function amocrm.marker_notice() returns text
language sql stable set search_path = ''
as $$
  select 'Deals carry no marker field: when an answer is lost, the deal is recognised by its name only. '
    || coalesce((select 'It could not be made (' || marker_search.error_message || '). Give the token''s user the right to make fields, or make a '
        || 'text field of deals with the code SUPABASE_LEAD_ID by hand; it is tried again a day after ' || marker_search.tried_at || ', or at once by: '
        from amocrm.marker_search where marker_search.error_code is not null), 'The next drain makes it; at once: ')
    || 'npm run amocrm -- setup --marker'
  where not exists (select from public.amocrm_fields where amocrm_fields.entity = 'deal' and amocrm_fields.path = 'id')
$$;
comment on function amocrm.marker_notice() is 'The notice of amocrm_health: what is promised less without a marker field, why there is none, and what to do.';

revoke all on function amocrm.marker_notice() from public;
revoke all on function public.amocrm_marker_begin(uuid), public.amocrm_marker_end(uuid, bigint, text, text)
  from public, anon, authenticated;
grant execute on function public.amocrm_marker_begin(uuid), public.amocrm_marker_end(uuid, bigint, text, text) to service_role;
