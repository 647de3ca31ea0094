-- What becomes of a visit: refused, quarantined, or let through, in line with the others or after them.

create function amocrm.refuse_visit(p_status int, p_rule text, p_message text, p_hint text, p_retry_after int default null) returns void
language plpgsql set search_path = ''
as $$
begin
  -- PostgREST's form for an error that brings its own HTTP status and headers.
  raise sqlstate 'PGRST' using
    message = json_build_object('code', 'PT' || p_status, 'message', p_message, 'details', p_rule, 'hint', p_hint)::text,
    detail = json_build_object('status', p_status, 'headers',
      case when p_retry_after is null then '{}' else json_build_object('Retry-After', p_retry_after::text) end)::text;
end
$$;
comment on function amocrm.refuse_visit(int, text, text, text, int) is
  'Refuses the insert with an HTTP status; the answer has code PTnnn, and in details the stable name of the rule.';

-- The sessions of the Data API live long, and plan once, often while the tables are empty: a plan must fit a flood as well.
create function amocrm.arrived(p_key_hash bytea, p_since timestamptz, p_bound int) returns int
language plpgsql stable set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
as $$
begin
  return (select coalesce(sum(counted.row_count), 0)::int from (
    select arrivals.row_count from amocrm.arrivals
    where arrivals.key_hash = p_key_hash and arrivals.arrived_at > p_since limit p_bound) as counted);
end
$$;
comment on function amocrm.arrived(bytea, timestamptz, int) is 'Leads counted for a key since a moment; past the bound it only matters that it is past.';

create function amocrm.arrived_in_all(p_counted text, p_since timestamptz, p_bound int) returns int
language plpgsql stable set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
as $$
begin
  return (select coalesce(sum(latest.row_count), 0)::int from (
    select arrivals.row_count from amocrm.arrivals
    where arrivals.counted = p_counted and arrivals.arrived_at > p_since
    order by arrivals.arrived_at desc limit p_bound) as latest);
end
$$;
comment on function amocrm.arrived_in_all(text, timestamptz, int) is 'Leads of all visits of a sort since a moment; past the bound it only matters that it is past.';

create function amocrm.refuse_address(p_key_hash bytea, p_row_count int, p_limit_count int, p_limit_seconds int) returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_window interval := make_interval(secs => p_limit_seconds);
  v_wait_seconds int;
begin
  if amocrm.arrived(p_key_hash, v_now - v_window, p_limit_count) + p_row_count <= p_limit_count then
    return;
  end if;
  select ceil(extract(epoch from min(arrivals.arrived_at) + v_window - v_now)) into v_wait_seconds from amocrm.arrivals
  where arrivals.key_hash = p_key_hash and arrivals.arrived_at > v_now - v_window;
  -- A single insert of more than the whole limit gets no place by waiting either; it waits the window.
  v_wait_seconds := greatest(coalesce(v_wait_seconds, p_limit_seconds), 1);
  perform amocrm.refuse_visit(429, 'too_many_from_this_address',
    'too many leads from this address: ' || p_limit_count || ' in ' || p_limit_seconds || ' seconds are let in',
    'Try again in ' || v_wait_seconds || ' seconds. A server that passes leads on needs a secret key.', v_wait_seconds);
end
$$;
comment on function amocrm.refuse_address(bytea, int, int, int) is
  'Refuses with 429 and Retry-After if an address would be past its limit with so many rows more.';

create function amocrm.address_hash(p_address inet) returns bytea
language sql stable set search_path = ''
-- Whoever has an IPv6 connection has a /64 of addresses at least.
as $$ select amocrm.keyed_hash('address ' || case family(p_address) when 6 then network(set_masklen(p_address, 64))::text else host(p_address) end) $$;
comment on function amocrm.address_hash(inet) is 'The key of an address: all of an IPv4 one, the /64 of an IPv6 one.';

create function amocrm.network_hash(p_address inet) returns bytea
language sql stable set search_path = ''
-- A rented server comes with a /48 for nothing, which is 65,536 of the above.
as $$ select case family(p_address) when 6 then amocrm.keyed_hash('network ' || network(set_masklen(p_address, 48))::text) else amocrm.address_hash(p_address) end $$;
comment on function amocrm.network_hash(inet) is 'The key by which shares are fair: an IPv4 address, or the /48 of an IPv6 one.';

create function amocrm.check_visit() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_headers jsonb;
  v_limits public.amocrm_form_limits;
  v_address inet;
begin
  v_headers := amocrm.visit_headers();
  if v_headers is null then
    return null;
  end if;
  select * into v_limits from public.amocrm_form_limits;
  if v_limits.requires_captcha and coalesce(current_setting('amocrm.form_headers', true), '') = '' then
    perform amocrm.refuse_visit(403, 'captcha_is_required', 'leads are taken with a solved captcha only',
      'Send the lead and the captcha''s token to the function form-submit.');
  end if;
  if coalesce(v_limits.is_enabled, true) then
    v_address := amocrm.address_of(v_headers, v_limits.address_header);
    if v_address is not null then
      perform amocrm.refuse_address(amocrm.address_hash(v_address), 1,
        v_limits.per_address_count, v_limits.per_address_seconds);
    end if;
  end if;
  return null;
exception
  when sqlstate 'PGRST' then raise;
  when others then
    -- What is broken here must not keep a lead out.
    raise warning 'a visit to % was not checked: % (%)', tg_table_name, sqlerrm, sqlstate;
    return null;
end
$$;
comment on function amocrm.check_visit() is
  'Turns a visitor away who is past the limit before any row is written, so that a flood leaves no dead rows.';
-- Inserts of other triggers are looked at where they are counted; they are never refused, since the statement is not theirs.
create trigger amocrm_050_check_visit before insert on public.landing_leads
  for each statement when (pg_trigger_depth() = 0) execute function amocrm.check_visit();
create trigger amocrm_050_check_visit before insert on public.unified_lead_tracking
  for each statement when (pg_trigger_depth() = 0) execute function amocrm.check_visit();

create function amocrm.may_pass_flood(p_email text, p_phone text, p_limit_count int, p_limit_seconds int) returns boolean
language plpgsql set search_path = '' set enable_seqscan = off
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_hash bytea;
begin
  -- Somebody whom amoCRM has, or who was here before the flood. Whoever guesses such a person's address gets a few notes
  -- through, and no more than that.
  select amocrm.keyed_hash('person ' || keys.type || ' ' || keys.key) into v_hash
  from (values ('email', amocrm.normalize_email(p_email)), ('phone', amocrm.normalize_phone(p_phone))) as keys (type, key)
  where exists (select from amocrm.contact_keys where contact_keys.type = keys.type and contact_keys.key = keys.key)
    or exists (select from amocrm.person_keys join amocrm.people on people.person_id = person_keys.person_id
      where person_keys.type = keys.type and person_keys.key = keys.key and people.created_at < v_now - interval '1 day')
  limit 1;
  if v_hash is null or amocrm.arrived(v_hash, v_now - make_interval(secs => p_limit_seconds), p_limit_count) >= p_limit_count then
    return false;
  end if;
  insert into amocrm.arrivals (counted, key_hash, row_count) values ('person', v_hash, 1);
  return true;
end
$$;
comment on function amocrm.may_pass_flood(text, text, int, int) is
  'Is this somebody known, who has not used up the few leads that are let through for one person? Counts him if so.';

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
comment on function amocrm.robots_among(uuid[]) is 'Those of the submissions that have something in left_empty.';

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
  v_since timestamptz;
  v_fair_total int;
  v_is_fair boolean;
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
        -- A single row was looked at before it was written.
        perform amocrm.refuse_address(v_key, v_count, v_limits.per_address_count, v_limits.per_address_seconds);
      end if;
    end if;
    v_since := v_now - make_interval(secs => v_limits.total_seconds);
    -- The first lead of each network goes before the second one of any: who sends much stands behind himself.
    places_back := coalesce(amocrm.arrived(v_network, v_since, 9 + v_limits.fair_count) + v_count - 1, 0);
    v_is_fair := v_key is not null and places_back < v_limits.fair_count;
    v_fair_total := amocrm.arrived_in_all('fair', v_since, v_limits.flood_count);
    if not v_is_verified and (
      (v_is_fair and v_fair_total + v_count > v_limits.flood_count)
      or (not v_is_fair and v_fair_total + amocrm.arrived_in_all('further', v_since, v_limits.total_count) + v_count > v_limits.total_count)) then
      v_reason := coalesce(v_reason, 'flood');
    end if;
    insert into amocrm.arrivals (counted, key_hash, row_count)
    select arrival.counted, arrival.key_hash, v_count
    from (values (case when v_is_fair then 'fair' else 'further' end, v_key), ('network', nullif(v_network, v_key))) as arrival (counted, key_hash)
    where arrival.counted <> 'network' or arrival.key_hash is not null;
  end if;
  if v_limits.has_honeypot then
    v_robots := amocrm.robots_among(array(select (lead ->> 'landing_lead_id')::uuid from jsonb_array_elements(p_leads) as lead));
  end if;
  if v_reason is null and v_robots = '{}' then
    return;
  end if;
  with caught as (
    insert into amocrm.quarantined_leads (lead_id, reason, key_hash)
    select judged.id, judged.reason, v_network from (
      select lead.id, case
        when lead.landing_lead_id = any (v_robots) then 'honeypot'
        when v_reason = 'flood' and amocrm.may_pass_flood(lead.email, lead.phone, v_limits.fair_count, v_limits.total_seconds) then null
        else v_reason end as reason
      from jsonb_to_recordset(p_leads) as lead (id uuid, landing_lead_id uuid, email text, phone text)
    ) as judged
    where judged.reason is not null
    returning quarantined_leads.lead_id
  )
  select coalesce(array_agg(caught.lead_id), '{}') into quarantined from caught;
end
$$;
comment on function amocrm.screen_visit(jsonb, jsonb, boolean) is
  'Counts a visit and judges its leads: which are quarantined, and how many leads of the same network the others stand behind. Refuses if it may.';

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
  'Saves a visitor''s lead for form-submit. p_headers are those of the visitor''s own request; p_has_captcha: it was found solved. If one is required and could not be checked, the lead is quarantined.';

revoke all on function amocrm.refuse_visit(int, text, text, text, int), amocrm.arrived(bytea, timestamptz, int),
  amocrm.arrived_in_all(text, timestamptz, int), amocrm.refuse_address(bytea, int, int, int),
  amocrm.address_hash(inet), amocrm.network_hash(inet), amocrm.check_visit(),
  amocrm.may_pass_flood(text, text, int, int), amocrm.robots_among(uuid[]),
  amocrm.screen_visit(jsonb, jsonb, boolean) from public;
revoke all on function public.amocrm_form_submit(jsonb, jsonb, boolean) from public, anon, authenticated;
grant execute on function public.amocrm_form_submit(jsonb, jsonb, boolean) to service_role;
