-- What becomes of a posted form. It is kept in the inbox first, and read in the same transaction, so that a lead is there at
-- once; what the reading stumbles over undoes no more than itself and is tried again by cron. A form that does not fit a lead
-- is kept for a person, who says which field is which.

-- What cannot be worked off for a reason of ours is tried for days: a lead waits behind it.
insert into amocrm.inbox_sources (source, max_attempts) values ('forms', 100);

create function amocrm.source_flood(p_source_id uuid) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_limits public.amocrm_form_limits;
begin
  select * into v_limits from public.amocrm_form_limits;
  if not coalesce(v_limits.is_enabled, true) or amocrm.arrived(amocrm.keyed_hash('source ' || p_source_id),
      amocrm.clock() - make_interval(secs => v_limits.total_seconds), v_limits.total_count) < v_limits.total_count then
    return null;
  end if;
  return case when (select quarantined_kb_seq.last_value from amocrm.quarantined_kb_seq) >= v_limits.quarantine_mb * 1024::bigint then 'full' else 'flood' end;
end
$$;
comment on function amocrm.source_flood(uuid) is
  'Returns flood if a source has sent total_count leads within total_seconds, full if the quarantine has no room either; else null.';

create function amocrm.screen_source(p_source_id uuid, p_leads jsonb) returns uuid[]
language plpgsql set search_path = ''
as $$
declare
  v_limits public.amocrm_form_limits;
  v_key bytea := amocrm.keyed_hash('source ' || p_source_id);
  v_quarantined uuid[] := '{}';
begin
  select * into v_limits from public.amocrm_form_limits;
  if amocrm.source_flood(p_source_id) is not null then
    v_quarantined := amocrm.quarantine_leads(p_leads, 'flood', v_key, '{}');
  end if;
  if coalesce(v_limits.is_enabled, true) then
    insert into amocrm.arrivals (counted, key_hash, row_count) values ('source', v_key, jsonb_array_length(p_leads));
  end if;
  return v_quarantined;
end
$$;
comment on function amocrm.screen_source(uuid, jsonb) is
  'Counts leads of a form source by the source, whatever address they came from; returns those that are quarantined.';

create function amocrm.form_lead(p_source public.form_sources, p_body jsonb, p_received_at timestamptz, out outcome text, out error text)
language plpgsql set search_path = ''
as $$
declare
  v_code text;
  v_constraint text;
  v_lead jsonb;
begin
  if jsonb_typeof(p_body -> 'fields') is distinct from 'object' then
    outcome := 'unreadable';
    error := 'no_form';
    return;
  end if;
  if amocrm.source_flood(p_source.id) = 'full' then
    outcome := 'again';
    error := 'quarantine_is_full';
    return;
  end if;
  v_lead := amocrm.read_form(p_source, p_body, p_received_at);
  if v_lead ->> 'email' is null and v_lead ->> 'phone' is null then
    outcome := 'unreadable';
    error := 'no_email_or_phone';
    return;
  end if;
  perform set_config('amocrm.form_source', p_source.id::text, true);
  insert into public.landing_leads (created_at, submission_id, full_name, email, phone, source, utm_source, utm_medium, utm_campaign,
    utm_content, utm_term, metadata, consent_at)
  select p_received_at, lead.submission_id, lead.full_name, lead.email, lead.phone, lead.source, lead.utm_source, lead.utm_medium, lead.utm_campaign,
    lead.utm_content, lead.utm_term, lead.metadata, lead.consent_at
  from jsonb_to_record(v_lead) as lead (submission_id uuid, full_name text, email text, phone text, source text, utm_source text,
    utm_medium text, utm_campaign text, utm_content text, utm_term text, metadata jsonb, consent_at timestamptz);
  perform set_config('amocrm.form_source', '', true);
  outcome := 'worked';
exception when others then
  get stacked diagnostics v_code = returned_sqlstate, v_constraint = constraint_name;
  -- Undone with the block if it had been set in here.
  perform set_config('amocrm.form_source', '', true);
  if v_constraint = 'landing_leads_one_per_submission' then
    outcome := 'worked';
    return;
  end if;
  -- What a lead may not be, or what no lead can hold, only a person can mend.
  outcome := case when v_code ~ '^(22|23)' then 'unreadable' else 'again' end;
  error := coalesce(nullif(v_constraint, ''), v_code);
end
$$;
comment on function amocrm.form_lead(public.form_sources, jsonb, timestamptz) is
  'Makes a lead of a kept form; returns worked, unreadable if it does not fit a lead, or again, with a code that says why.';

create function amocrm.form_work(p_events jsonb) returns int
language plpgsql set search_path = ''
as $$
declare
  v_event record;
  v_source public.form_sources;
  v_end record;
  v_results jsonb := '[]';
  v_count int := 0;
begin
  for v_event in
    select event.* from jsonb_to_recordset(p_events) as event (id bigint, attempt int, origin uuid, body jsonb, received_at timestamptz) order by event.id
  loop
    select * into v_source from public.form_sources where form_sources.id = v_event.origin;
    v_end := amocrm.form_lead(v_source, v_event.body, v_event.received_at);
    v_count := v_count + case v_end.outcome when 'worked' then 1 else 0 end;
    v_results := v_results || jsonb_build_object('id', v_event.id, 'attempt', v_event.attempt, 'outcome', v_end.outcome, 'error', v_end.error);
  end loop;
  perform public.inbox_settle(v_results);
  return v_count;
end
$$;
comment on function amocrm.form_work(jsonb) is 'Makes leads of claimed forms, and ends their claims; returns how many fitted.';

create function amocrm.tend_form_inbox() returns int
language plpgsql security definer set search_path = ''
as $$
begin
  -- What could not be worked off when it came, and what a new map may make readable.
  return amocrm.form_work(public.inbox_claim('forms', 500, 60));
exception when others then
  -- What else cron does for the forms in the same call must not stop for it.
  raise warning 'posted forms could not be worked off: % (%)', sqlerrm, sqlstate;
  return 0;
end
$$;
comment on function amocrm.tend_form_inbox() is 'Makes leads of up to 500 forms that wait; returns how many fitted.';

create function public.form_intake(p_source_id uuid, p_event jsonb) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_key text := p_event ->> 'key';
  v_hash text := p_event ->> 'hash';
  v_slot bigint := floor(extract(epoch from amocrm.clock()) / 600);
  v_source public.form_sources;
  v_outcome text;
begin
  select * into v_source from public.form_sources where form_sources.id = p_source_id and form_sources.is_on;
  if v_source.id is null then
    return 'unknown';
  end if;
  if v_key is null then
    -- A form without a number of its own: the same words again within ten minutes are a repeated delivery, later another lead.
    v_key := case when amocrm.inbox_knows('forms', format('%s %s %s', p_source_id, v_hash, v_slot - 1))
      then format('%s %s %s', p_source_id, v_hash, v_slot - 1) else format('%s %s %s', p_source_id, v_hash, v_slot) end;
  else
    v_key := format('%s %s', p_source_id, v_key);
  end if;
  v_outcome := public.inbox_append('forms', v_key, p_event -> 'body', 'waiting', p_source_id::text);
  if v_outcome = 'stored' then
    perform amocrm.form_work(amocrm.inbox_of('forms', v_key));
  end if;
  return v_outcome;
end
$$;
comment on function public.form_intake(uuid, jsonb) is
  'Keeps a posted form, {key, hash, body}, and makes its lead: stored, duplicate, full, or unknown if the source is off.';

create function amocrm.form_source_remap(p_id uuid, p_field_map jsonb) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
  v_retried int;
begin
  perform amocrm.require_admin();
  update public.form_sources set field_map = p_field_map where form_sources.id = p_id;
  if not found then
    raise exception 'form_sources has no row %', coalesce(p_id::text, 'null') using errcode = '22023', hint = 'select id, kind, source from form_sources';
  end if;
  v_retried := amocrm.inbox_retry('forms', p_id::text);
  -- The rest by cron, in the same steps: nobody waits for ten thousand.
  v_count := amocrm.form_work(public.inbox_claim('forms', 500, 60));
  perform amocrm.note_action('form_source_remap', jsonb_build_object('id', p_id), jsonb_build_object('read_again', v_retried, 'fitted', v_count));
  return v_count;
end
$$;
comment on function amocrm.form_source_remap(uuid, jsonb) is 'Sets the names of a source''s fields and reads kept forms again.';

create function public.form_source_remap(p_id uuid, p_field_map jsonb) returns int
language sql set search_path = ''
begin atomic select amocrm.form_source_remap(p_id, p_field_map); end;
comment on function public.form_source_remap(uuid, jsonb) is
  'Says how a source names its fields, and reads its unmapped forms again; returns how many of the first 500 fit now.';

create function amocrm.unmapped_rows()
returns table (id bigint, form_source_id uuid, kind text, source text, received_at timestamptz, reason text, fields jsonb, remedy text)
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return query
  select kept.id, form_sources.id, form_sources.kind, form_sources.source, kept.received_at, kept.error,
    case when amocrm.sees_people() then coalesce(kept.body -> 'fields', kept.body) else amocrm.masked_values(coalesce(kept.body -> 'fields', kept.body)) end,
    format('select form_source_remap(%L, ''{"full_name": "…", "phone": "…"}'')', form_sources.id)
  from amocrm.inbox as kept join public.form_sources on form_sources.id = kept.origin::uuid
  where kept.source = 'forms' and kept.state = 'unreadable'
  order by kept.received_at desc, kept.id desc limit 1000;
end
$$;
comment on function amocrm.unmapped_rows() is 'Returns the rows of amocrm_unmapped_forms.';

create view public.amocrm_unmapped_forms with (security_invoker = true) as
select id, form_source_id, kind, source, received_at, reason, fields, remedy from amocrm.unmapped_rows();
comment on view public.amocrm_unmapped_forms is 'Which posted forms fit no lead, and what are their fields? Lists the latest thousand, newest first.';

create function amocrm.form_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_state record := amocrm.inbox_state('forms');
begin
  return query
  select 'forms_unmapped', 'warning', v_state.unreadable || case v_state.unreadable when 1 then ' posted form fits no lead' else ' posted forms fit no lead' end
      || ', since nobody has said yet which field is which', 'npm run amocrm -- forms unmapped', true
  where v_state.unreadable > 0;
end
$$;
comment on function amocrm.form_conditions() is 'Lists the condition that posted forms wait for somebody who maps their fields.';

create function amocrm.form_source_rows()
returns table (id uuid, kind text, source text, is_on boolean, created_at timestamptz, last_form_at timestamptz, form_count bigint, waiting_count bigint, unmapped_count bigint)
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return query
  select form_sources.id, form_sources.kind, form_sources.source, form_sources.is_on, form_sources.created_at, kept.last_at, coalesce(kept.all_count, 0),
    coalesce(kept.waiting_count, 0), coalesce(kept.unmapped_count, 0)
  from public.form_sources
  left join (select inbox.origin, max(inbox.received_at) as last_at, count(*) as all_count, count(*) filter (where inbox.state = 'waiting') as waiting_count,
      count(*) filter (where inbox.state = 'unreadable') as unmapped_count
    from amocrm.inbox where inbox.source = 'forms' group by inbox.origin) as kept on kept.origin = form_sources.id::text;
end
$$;
comment on function amocrm.form_source_rows() is 'Lists the form sources with what the inbox has of each: forms of 90 days, waiting ones, unmapped ones.';

create function public.form_source_list() returns jsonb
language sql stable set search_path = ''
begin atomic
  select coalesce(jsonb_agg(to_jsonb(listed) order by listed.source, listed.created_at, listed.id), '[]') from amocrm.form_source_rows() as listed;
end;
comment on function public.form_source_list() is 'Lists the form sources with the counts of their forms, as npm run amocrm -- forms list shows them.';

revoke all on function amocrm.form_conditions(), amocrm.source_flood(uuid), amocrm.screen_source(uuid, jsonb), amocrm.form_lead(public.form_sources, jsonb, timestamptz),
  amocrm.form_work(jsonb), amocrm.tend_form_inbox() from public;
revoke all on function public.form_intake(uuid, jsonb), amocrm.form_source_remap(uuid, jsonb), public.form_source_remap(uuid, jsonb),
  amocrm.unmapped_rows(), amocrm.form_source_rows(), public.form_source_list() from public, anon, authenticated;
grant execute on function public.form_intake(uuid, jsonb) to service_role;
grant execute on function amocrm.form_source_remap(uuid, jsonb), public.form_source_remap(uuid, jsonb), amocrm.unmapped_rows(),
  amocrm.form_source_rows(), public.form_source_list() to authenticated, service_role;
revoke all on public.amocrm_unmapped_forms from public, anon, authenticated, service_role;
grant select on public.amocrm_unmapped_forms to authenticated, service_role;

insert into amocrm.conditions (name, rank, function) values ('form', 84, 'amocrm.form_conditions');
