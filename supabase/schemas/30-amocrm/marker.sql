-- The marker is the deal field that carries our lead's id, by which a deal is found again whose answer was lost. Where no
-- row of amocrm_fields names one, the drain finds or makes it, at most once a day: messages come first.

create table amocrm.marker_search (
  account text primary key default amocrm.account(),
  tried_at timestamptz not null,
  error_code text,
  error_message text,
  constraint marker_error_has_its_message check ((error_code is null) = (error_message is null))
);
comment on table amocrm.marker_search is 'When a drain last tried to find or make the marker field, and why it could not.';
alter table amocrm.marker_search enable row level security;
revoke all on amocrm.marker_search from public, anon, authenticated, service_role;
grant select on amocrm.marker_search to service_role;

create function amocrm.refuses_marker(p_error_code text) returns boolean
language sql immutable set search_path = ''
as $$
  select p_error_code in ('forbidden', 'refused', 'refusal_unexplained', 'refusal_unreadable', 'validation_failed', 'not_found',
    'method_not_allowed', 'payload_too_large', 'marker_unfit', 'marker_not_listed')
$$;
comment on function amocrm.refuses_marker(text) is
  'True if amoCRM refused the marker field itself; a missing answer or connection does not count.';

create function public.amocrm_marker_begin(p_token uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue_as_drain(amocrm.account(), p_token);
  if exists (select from amocrm.fields where fields.account = amocrm.account() and fields.entity = 'deal' and fields.path = 'id')
    or exists (select from amocrm.marker_search where marker_search.account = amocrm.account() and marker_search.tried_at > amocrm.clock()
      -- What was no answer about the field is asked again soon; what killed a drain, or was refused, is not.
      - case when marker_search.error_code = 'worker_died' or amocrm.refuses_marker(marker_search.error_code) then interval '1 day' else interval '15 minutes' end) then
    return false;
  end if;
  -- Committed before anything is asked: a drain that dies of it is not followed by another that dies of it.
  insert into amocrm.marker_search (tried_at, error_code, error_message)
  values (amocrm.clock(), 'worker_died', 'the drain ended before it knew')
  on conflict (account) do update set tried_at = excluded.tried_at, error_code = excluded.error_code,
    error_message = excluded.error_message;
  return true;
end
$$;
comment on function public.amocrm_marker_begin(uuid) is
  'Grants one drain the search for the marker field: only if none is set, once a day, after no answer each quarter-hour.';

create function public.amocrm_marker_end(p_token uuid, p_field_id bigint, p_error_code text, p_error_message text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue_as_drain(amocrm.account(), p_token);
  if p_field_id is not null then
    -- An admin who named one in the meantime knows better.
    insert into amocrm.fields (entity, path, field_id, account) values ('deal', 'id', p_field_id, amocrm.account()) on conflict do nothing;
  end if;
  update amocrm.marker_search set error_code = p_error_code, error_message = left(p_error_message, 500)
  where marker_search.account = amocrm.account();
end
$$;
comment on function public.amocrm_marker_end(uuid, bigint, text, text) is
  'Ends the search for the marker field: stores its id, or the error.';

create function amocrm.marker_notice() returns text
language sql stable set search_path = ''
as $$
  select 'Deals carry no marker field: when an answer is lost, the deal is recognised by its name only. '
    || coalesce((select case
        when amocrm.refuses_marker(marker_search.error_code) then 'It could not be made (' || marker_search.error_message
          || '). Give the token''s user the right to make fields, or make a text field of deals with the code SUPABASE_LEAD_ID by hand; '
          || 'it is tried again a day after ' || marker_search.tried_at || ', or at once by: '
        when marker_search.error_code = 'worker_died' then 'A drain was ended while it made it; it is tried again a day after '
          || marker_search.tried_at || ', or at once by: '
        else 'It is made with the next drain after amoCRM can be asked again (' || marker_search.error_message || '); at once by: ' end
        from amocrm.marker_search where marker_search.account = amocrm.account() and marker_search.error_code is not null), 'The next drain makes it; at once: ')
    || 'npm run amocrm -- setup --marker'
  where not exists (select from amocrm.fields where fields.account = amocrm.account() and fields.entity = 'deal' and fields.path = 'id')
    -- A drain that has just begun to make it has not failed.
    and not exists (select from amocrm.marker_search
      where marker_search.account = amocrm.account() and marker_search.error_code = 'worker_died' and marker_search.tried_at > amocrm.clock() - interval '5 minutes')
$$;
comment on function amocrm.marker_notice() is
  'Returns the notice of amocrm_health about a missing marker field: what is weaker, why it is missing, what to do.';

revoke all on function amocrm.refuses_marker(text), amocrm.marker_notice() from public;
revoke all on function public.amocrm_marker_begin(uuid), public.amocrm_marker_end(uuid, bigint, text, text)
  from public, anon, authenticated;
grant execute on function public.amocrm_marker_begin(uuid), public.amocrm_marker_end(uuid, bigint, text, text) to service_role;
