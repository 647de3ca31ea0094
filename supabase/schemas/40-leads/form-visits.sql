-- What becomes of a visit that was let in: quarantined, or sent, in line with the others or after them.

create function amocrm.pass_of(p_email text, p_phone text, p_limit_count int, p_limit_seconds int) returns bytea
language plpgsql stable set search_path = '' set enable_seqscan = off
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_hash bytea;
begin
  -- Somebody whom amoCRM has, or who was here before the flood. Whoever guesses such a person's address gets a few notes
  -- through, and no more than that.
  select amocrm.keyed_hash('person ' || keys.type || ' ' || keys.key) into v_hash
  from (values ('email', amocrm.normalize_email(p_email)), ('phone', amocrm.normalize_phone(p_phone))) as keys (type, key)
  where exists (select from amocrm.contact_keys
      where contact_keys.type = keys.type and contact_keys.key = keys.key and contact_keys.account = amocrm.account())
    or exists (select from amocrm.person_keys join amocrm.people on people.person_id = person_keys.person_id
      where person_keys.type = keys.type and person_keys.key = keys.key and person_keys.account = amocrm.account()
        and people.created_at < v_now - interval '1 day')
  limit 1;
  return case when amocrm.arrived(v_hash, v_now - make_interval(secs => p_limit_seconds), p_limit_count) < p_limit_count then v_hash end;
end
$$;
comment on function amocrm.pass_of(text, text, int, int) is
  'Returns the key of a known person with passes through a flood left; null for everybody else.';

create function amocrm.may_pass_flood(p_email text, p_phone text, p_limit_count int, p_limit_seconds int) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_hash bytea := amocrm.pass_of(p_email, p_phone, p_limit_count, p_limit_seconds);
begin
  if v_hash is null then
    return false;
  end if;
  insert into amocrm.arrivals (counted, key_hash, row_count) values ('person', v_hash, 1);
  return true;
end
$$;
comment on function amocrm.may_pass_flood(text, text, int, int) is
  'True, and counts it, if this is a known person with passes through a flood left.';

create function amocrm.weight_of(p_lead_id uuid) returns int
language plpgsql stable set search_path = '' set enable_seqscan = off
as $$
begin
  -- The copy and the submission, and what the indexes and the quarantine itself take.
  return (select 2 * pg_column_size(lead) + 500 from public.unified_lead_tracking as lead where lead.id = p_lead_id);
end
$$;
comment on function amocrm.weight_of(uuid) is 'Estimates how many bytes a lead takes in all tables.';

create function amocrm.robots_among(p_landing_lead_ids uuid[]) returns uuid[]
language plpgsql stable set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
as $$
begin
  return array(select landing_leads.id from public.landing_leads
    where landing_leads.id = any (p_landing_lead_ids) and landing_leads.left_empty is not null
      and amocrm.trimmed(landing_leads.left_empty) is not null);
end
$$;
comment on function amocrm.robots_among(uuid[]) is 'Lists the submissions that have something in left_empty.';

create function amocrm.quarantine_leads(p_leads jsonb, p_reason text, p_key_hash bytea, p_robots uuid[]) returns uuid[]
language plpgsql set search_path = ''
as $$
declare
  v_limits public.amocrm_form_limits;
  v_quarantined uuid[];
  v_kb bigint;
begin
  select * into v_limits from public.amocrm_form_limits;
  with caught as (
    insert into amocrm.quarantined_leads (lead_id, reason, key_hash, byte_count)
    select judged.id, judged.reason, p_key_hash, coalesce(amocrm.weight_of(judged.id), 0) from (
      select lead.id, case
        when lead.landing_lead_id = any (p_robots) then 'honeypot'
        when p_reason = 'flood' and amocrm.may_pass_flood(lead.email, lead.phone, v_limits.fair_count, v_limits.total_seconds) then null
        else p_reason end as reason
      from jsonb_to_recordset(p_leads) as lead (id uuid, landing_lead_id uuid, email text, phone text)
    ) as judged
    where judged.reason is not null
    returning quarantined_leads.lead_id, quarantined_leads.byte_count
  )
  select coalesce(array_agg(caught.lead_id), '{}'), sum(1 + caught.byte_count / 1024) into v_quarantined, v_kb from caught;
  if v_kb > 0 then
    -- Two visits at once may count as one; cron counts anew each minute.
    perform setval('amocrm.quarantined_kb_seq', quarantined_kb_seq.last_value + v_kb) from amocrm.quarantined_kb_seq;
  end if;
  return v_quarantined;
end
$$;
comment on function amocrm.quarantine_leads(jsonb, text, bytea, uuid[]) is
  'Quarantines leads for the reason, robots as such; known people pass a flood. Returns which were quarantined.';

create function amocrm.screen_visit(
  p_headers jsonb, p_leads jsonb, p_may_refuse boolean, out places_back int, out quarantined uuid[])
language plpgsql set search_path = ''
as $$
declare
  v_limits public.amocrm_form_limits;
  v_count int := jsonb_array_length(p_leads);
  v_is_verified boolean := coalesce(current_setting('amocrm.form_captcha', true), '') = 'solved';
  v_now timestamptz := amocrm.clock();
  v_address inet;
  v_key bytea;
  v_network bytea;
  v_share record;
  v_reason text;
  v_robots uuid[] := '{}';
begin
  places_back := 0;
  quarantined := '{}';
  select * into v_limits from public.amocrm_form_limits;
  if p_may_refuse and v_count > v_limits.rows_per_request then
    perform amocrm.refuse_visit(413, 'too_many_rows_at_once', 'a visitor may insert ' || v_limits.rows_per_request || ' leads at once',
      'Send fewer in one request, or use a secret key.');
  end if;
  if v_limits.requires_captcha and not v_is_verified then
    v_reason := 'captcha';
  end if;
  if coalesce(v_limits.is_enabled, true) then
    v_address := amocrm.address_of(p_headers, v_limits.address_header);
    if v_address is not null then
      v_key := amocrm.address_hash(v_address);
      v_network := amocrm.network_hash(v_address);
      if not p_may_refuse then
        if amocrm.arrived(v_key, v_now - make_interval(secs => v_limits.per_address_seconds), v_limits.per_address_count) + v_count
          > v_limits.per_address_count then
          v_reason := coalesce(v_reason, 'address');
        end if;
      elsif v_count > 1 then
        -- A second time, now that all rows are known: the first ones may have come in between.
        perform amocrm.refuse_source(v_limits, v_address, v_count);
      end if;
    end if;
    v_share := amocrm.judge_share(v_limits, v_key, v_network, v_count);
    places_back := v_share.places_back;
    if v_share.is_flood and not v_is_verified then
      v_reason := coalesce(v_reason, 'flood');
    end if;
    insert into amocrm.arrivals (counted, key_hash, row_count)
    select arrival.counted, arrival.key_hash, v_count
    from (values (case when v_share.is_fair then 'fair' else 'further' end, v_key), ('network', nullif(v_network, v_key))) as arrival (counted, key_hash)
    where arrival.counted <> 'network' or arrival.key_hash is not null;
  end if;
  if v_limits.has_honeypot then
    v_robots := amocrm.robots_among(array(select (lead ->> 'landing_lead_id')::uuid from jsonb_array_elements(p_leads) as lead));
  end if;
  if v_reason is null and v_robots = '{}' then
    return;
  end if;
  quarantined := amocrm.quarantine_leads(p_leads, v_reason, v_network, v_robots);
end
$$;
comment on function amocrm.screen_visit(jsonb, jsonb, boolean) is
  'Counts a visit and judges its leads: which are quarantined, and behind how many others of their network they stand.';

create function public.amocrm_form_submit(p_lead jsonb, p_headers jsonb, p_has_captcha boolean) returns void
language plpgsql set search_path = ''
as $$
begin
  -- The visitor's address is in these headers and not in those of the function's own call.
  perform set_config('amocrm.form_headers', coalesce(p_headers, '{}')::text, true),
    set_config('amocrm.form_captcha', case when p_has_captcha then 'solved' else '' end, true);
  insert into public.landing_leads (submission_id, full_name, email, phone, source, utm_source, utm_medium, utm_campaign,
    utm_content, utm_term, metadata, consent_at, left_empty)
  select lead.submission_id, lead.full_name, lead.email, lead.phone, lead.source, lead.utm_source, lead.utm_medium, lead.utm_campaign,
    lead.utm_content, lead.utm_term, lead.metadata, lead.consent_at, lead.left_empty
  from jsonb_to_record(p_lead) as lead (submission_id uuid, full_name text, email text, phone text, source text, utm_source text,
    utm_medium text, utm_campaign text, utm_content text, utm_term text, metadata jsonb, consent_at timestamptz, left_empty text);
  perform set_config('amocrm.form_headers', '', true), set_config('amocrm.form_captcha', '', true);
end
$$;
comment on function public.amocrm_form_submit(jsonb, jsonb, boolean) is
  'Saves a visitor''s lead for form-submit with the headers of the visitor''s request; quarantined if a required captcha could not be checked.';

revoke all on function amocrm.pass_of(text, text, int, int), amocrm.may_pass_flood(text, text, int, int), amocrm.robots_among(uuid[]),
  amocrm.weight_of(uuid), amocrm.quarantine_leads(jsonb, text, bytea, uuid[]), amocrm.screen_visit(jsonb, jsonb, boolean) from public;
revoke all on function public.amocrm_form_submit(jsonb, jsonb, boolean) from public, anon, authenticated;
grant execute on function public.amocrm_form_submit(jsonb, jsonb, boolean) to service_role;
