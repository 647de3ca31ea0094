-- Who is turned away, before anything of his is written: an insert that is refused later leaves dead rows, which fill the disk
-- sooner than they are cleared away. So a statement is looked at before its first row, by what is known of it by then, and
-- each row before it is written.

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
  'Refuses the insert with an HTTP status: code PTnnn, and the stable name of the rule in details.';

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
comment on function amocrm.arrived(bytea, timestamptz, int) is 'Counts a key''s leads since a moment, no further than the bound.';

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
comment on function amocrm.arrived_in_all(text, timestamptz, int) is
  'Counts the leads of all visits of a sort since a moment, no further than the bound.';

create function amocrm.refuse_key(p_what text, p_key_hash bytea, p_row_count int, p_limit_count int, p_limit_seconds int) returns void
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
  perform amocrm.refuse_visit(429, 'too_many_from_this_' || p_what,
    'too many leads from this ' || p_what || ': ' || p_limit_count || ' in ' || p_limit_seconds || ' seconds are let in',
    'Try again in ' || v_wait_seconds || ' seconds. A server that passes leads on needs a secret key.', v_wait_seconds);
end
$$;
comment on function amocrm.refuse_key(text, bytea, int, int, int) is
  'Refuses with 429 and Retry-After if more rows would take an address or network past its limit.';

create function amocrm.address_hash(p_address inet) returns bytea
language sql stable set search_path = ''
-- Whoever has an IPv6 connection has a /64 of addresses at least.
as $$ select amocrm.keyed_hash('address ' || case family(p_address) when 6 then network(set_masklen(p_address, 64))::text else host(p_address) end) $$;
comment on function amocrm.address_hash(inet) is 'Returns the key of an address: the whole IPv4 address, or the /64 of an IPv6 one.';

create function amocrm.network_hash(p_address inet) returns bytea
language sql stable set search_path = ''
-- A rented server comes with a /48 for nothing, which is 65,536 of the above.
as $$ select case family(p_address) when 6 then amocrm.keyed_hash('network ' || network(set_masklen(p_address, 48))::text) else amocrm.address_hash(p_address) end $$;
comment on function amocrm.network_hash(inet) is 'Returns the key of a fair share: the IPv4 address, or the /48 of an IPv6 one.';

create function amocrm.refuse_source(p_limits public.amocrm_form_limits, p_address inet, p_row_count int) returns void
language plpgsql set search_path = ''
as $$
begin
  if p_address is null then
    return;
  end if;
  perform amocrm.refuse_key('address', amocrm.address_hash(p_address), p_row_count, p_limits.per_address_count, p_limits.per_address_seconds);
  -- Ten addresses' worth: an office has one /48, and so has whoever rents a server and changes the /64 with each lead.
  if family(p_address) = 6 then
    perform amocrm.refuse_key('network', amocrm.network_hash(p_address), p_row_count, 10 * p_limits.per_address_count, p_limits.per_address_seconds);
  end if;
end
$$;
comment on function amocrm.refuse_source(public.amocrm_form_limits, inet, int) is
  'Refuses with 429 if more rows would take the address, or its IPv6 /48, past the limit.';

create function amocrm.judge_share(p_limits public.amocrm_form_limits, p_key bytea, p_network bytea, p_row_count int,
  out places_back int, out is_fair boolean, out is_flood boolean)
language plpgsql stable set search_path = ''
as $$
declare
  v_since timestamptz := amocrm.clock() - make_interval(secs => p_limits.total_seconds);
  v_fair_total int := amocrm.arrived_in_all('fair', v_since, p_limits.flood_count);
begin
  -- The first lead of each network goes before the second one of any: who sends much stands behind himself.
  places_back := coalesce(amocrm.arrived(p_network, v_since, 9 + p_limits.fair_count) + p_row_count - 1, 0);
  is_fair := p_key is not null and places_back < p_limits.fair_count;
  is_flood := case when is_fair then v_fair_total + p_row_count > p_limits.flood_count
    else v_fair_total + amocrm.arrived_in_all('further', v_since, p_limits.total_count) + p_row_count > p_limits.total_count end;
end
$$;
comment on function amocrm.judge_share(public.amocrm_form_limits, bytea, bytea, int) is
  'Returns a visit''s place among its network''s leads, whether that is within the fair share, and whether it must be quarantined.';

create function amocrm.flood_mode(p_limits public.amocrm_form_limits, p_address inet) returns text
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
declare
  v_kb bigint := (select quarantined_kb_seq.last_value from amocrm.quarantined_kb_seq);
begin
  if v_kb = 0 or not (amocrm.judge_share(p_limits, amocrm.address_hash(p_address), amocrm.network_hash(p_address), 1)).is_flood then
    return 'counted';
  elsif v_kb >= p_limits.quarantine_mb * 1024::bigint then
    return 'full';
  end if;
  return case when (select count(*) from (select from amocrm.quarantined_leads
    where quarantined_leads.reason in ('flood', 'address', 'captcha') limit p_limits.flood_count) as held) >= p_limits.flood_count
    then 'cut' else 'counted' end;
end
$$;
comment on function amocrm.flood_mode(public.amocrm_form_limits, inet) is
  'Returns how a visit is stored: counted as usual, cut when flood_count leads are quarantined, full when quarantine_mb is reached.';

create function amocrm.check_visit() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_headers jsonb;
  v_limits public.amocrm_form_limits;
  v_address inet;
  v_places int;
  v_mode text := '';
begin
  -- Of the statement before, in the same transaction.
  perform set_config('amocrm.form_places', '', true), set_config('amocrm.form_rows', '0', true), set_config('amocrm.form_mode', '', true);
  v_headers := amocrm.visit_headers();
  if v_headers is null then
    return null;
  end if;
  select * into v_limits from public.amocrm_form_limits;
  if v_limits.requires_captcha and coalesce(current_setting('amocrm.form_headers', true), '') = '' then
    perform amocrm.refuse_visit(403, 'captcha_is_required', 'leads are taken with a solved captcha only',
      'Send the lead and the captcha''s token to the function form-submit.');
  end if;
  v_places := v_limits.rows_per_request;
  if coalesce(v_limits.is_enabled, true) then
    v_address := amocrm.address_of(v_headers, v_limits.address_header);
    perform amocrm.refuse_source(v_limits, v_address, 1);
    v_places := amocrm.free_places(v_limits, v_address);
    v_mode := case when coalesce(current_setting('amocrm.form_captcha', true), '') = 'solved' then 'counted' else amocrm.flood_mode(v_limits, v_address) end;
  end if;
  perform set_config('amocrm.form_places', v_places::text, true), set_config('amocrm.form_mode', v_mode, true);
  -- No lead is longer than form-submit takes, so a body of that many times as much has more of them than may come.
  if v_headers ->> 'content-length' ~ '^[0-9]{1,12}$' and (v_headers ->> 'content-length')::bigint > v_places * 131072::bigint then
    perform amocrm.refuse_rows(v_places + 1);
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
  'Refuses a visitor past the limit before any row is written, and sets how many rows the insert may have.';

create function amocrm.free_places(p_limits public.amocrm_form_limits, p_address inet) returns int
language plpgsql stable set search_path = ''
as $$
declare
  v_since timestamptz := amocrm.clock() - make_interval(secs => p_limits.per_address_seconds);
begin
  if (select bulk_rows_seq.last_value from amocrm.bulk_rows_seq) >= p_limits.rows_per_request then
    return 1;
  elsif p_address is null then
    return p_limits.rows_per_request;
  end if;
  return greatest(1, least(p_limits.rows_per_request,
    p_limits.per_address_count - amocrm.arrived(amocrm.address_hash(p_address), v_since, p_limits.per_address_count),
    case when family(p_address) = 6 then 10 * p_limits.per_address_count
      - amocrm.arrived(amocrm.network_hash(p_address), v_since, 10 * p_limits.per_address_count) end));
end
$$;
comment on function amocrm.free_places(public.amocrm_form_limits, inet) is
  'Returns how many rows this address may insert now; one after many bulk rows, since late refusals leave dead rows.';

create function amocrm.refuse_rows(p_row_count int) returns void
language plpgsql set search_path = ''
as $$
declare
  v_limits public.amocrm_form_limits;
begin
  select * into v_limits from public.amocrm_form_limits;
  if p_row_count > v_limits.rows_per_request then
    perform amocrm.refuse_visit(413, 'too_many_rows_at_once', 'a visitor may insert ' || v_limits.rows_per_request || ' leads at once',
      'Send fewer in one request, or use a secret key.');
  end if;
  perform amocrm.refuse_source(v_limits, amocrm.address_of(amocrm.visit_headers(), v_limits.address_header), p_row_count);
  perform amocrm.refuse_visit(429, 'one_lead_at_a_time', 'many requests with several leads come in: for now one lead a request is taken',
    'Send one lead, or try again in 60 seconds. A server that passes leads on needs a secret key.', 60);
end
$$;
comment on function amocrm.refuse_rows(int) is 'Refuses an insert with more rows than were allowed, by the limit that it breaks.';

create function amocrm.take_row() returns trigger
language plpgsql security definer set search_path = '' set enable_seqscan = off
as $$
declare
  v_row_count int := current_setting('amocrm.form_rows')::int + 1;
  v_mode text := current_setting('amocrm.form_mode');
  v_limits public.amocrm_form_limits;
begin
  perform set_config('amocrm.form_rows', v_row_count::text, true);
  -- At the row that is too many, and not at the end of the statement, when all of them are written.
  if v_row_count > current_setting('amocrm.form_places')::int then
    perform amocrm.refuse_rows(v_row_count);
  elsif v_row_count > 1 and v_mode <> '' then
    perform nextval('amocrm.bulk_rows_seq');
  end if;
  if v_mode in ('cut', 'full') then
    select * into v_limits from public.amocrm_form_limits;
    if amocrm.pass_of(new.email, new.phone, v_limits.fair_count, v_limits.total_seconds) is null then
      if v_mode = 'full' then
        perform amocrm.refuse_visit(429, 'quarantine_is_full', 'more comes in than can be told from a flood, and nothing more of it is kept for now',
          'Try again in ten minutes.', 600);
      end if;
      new.source := left(new.source, 100);
      new.utm_source := left(new.utm_source, 100);
      new.utm_medium := left(new.utm_medium, 100);
      new.utm_campaign := left(new.utm_campaign, 100);
      new.utm_content := left(new.utm_content, 100);
      new.utm_term := left(new.utm_term, 100);
      if octet_length(new.metadata::text) > 1024 then
        new.metadata := jsonb_build_object('cut_in_a_flood', left(new.metadata::text, 250));
      end if;
    end if;
  end if;
  return new;
exception
  when sqlstate 'PGRST' then raise;
  when others then
    raise warning 'a row of a visit to % was not checked: % (%)', tg_table_name, sqlerrm, sqlstate;
    return new;
end
$$;
comment on function amocrm.take_row() is
  'Counts an insert''s rows, refuses one too many, and cuts or drops what a full quarantine has no room for.';

create function amocrm.refuse_known_submission() returns trigger
language plpgsql security definer set search_path = '' set enable_seqscan = off
as $$
begin
  -- The unique index says so only when the row is written, and one row a try is left behind.
  if exists (select from public.landing_leads where landing_leads.submission_id = new.submission_id) then
    raise exception 'duplicate key value violates unique constraint "landing_leads_one_per_submission"'
      using errcode = '23505', constraint = 'landing_leads_one_per_submission', table = 'landing_leads', schema = 'public';
  end if;
  return new;
end
$$;
comment on function amocrm.refuse_known_submission() is
  'Refuses a repeated submission before anything is written, as the unique index would later.';

-- Inserts of other triggers are looked at where they are counted; they are never refused, since the statement is not theirs.
create trigger amocrm_050_check_visit before insert on public.landing_leads
  for each statement when (pg_trigger_depth() = 0) execute function amocrm.check_visit();
create trigger amocrm_050_check_visit before insert on public.unified_lead_tracking
  for each statement when (pg_trigger_depth() = 0) execute function amocrm.check_visit();
create trigger amocrm_060_take_row before insert on public.landing_leads
  for each row when (pg_trigger_depth() = 0 and current_setting('amocrm.form_places', true) <> '') execute function amocrm.take_row();
create trigger amocrm_060_take_row before insert on public.unified_lead_tracking
  for each row when (pg_trigger_depth() = 0 and current_setting('amocrm.form_places', true) <> '') execute function amocrm.take_row();
create trigger amocrm_070_known_submission before insert on public.landing_leads
  for each row when (new.submission_id is not null and pg_trigger_depth() = 0 and current_setting('amocrm.form_places', true) <> '')
  execute function amocrm.refuse_known_submission();

revoke all on function amocrm.refuse_visit(int, text, text, text, int), amocrm.arrived(bytea, timestamptz, int),
  amocrm.arrived_in_all(text, timestamptz, int), amocrm.refuse_key(text, bytea, int, int, int), amocrm.address_hash(inet),
  amocrm.network_hash(inet), amocrm.refuse_source(public.amocrm_form_limits, inet, int),
  amocrm.judge_share(public.amocrm_form_limits, bytea, bytea, int), amocrm.flood_mode(public.amocrm_form_limits, inet),
  amocrm.check_visit(), amocrm.free_places(public.amocrm_form_limits, inet), amocrm.refuse_rows(int), amocrm.take_row(),
  amocrm.refuse_known_submission() from public;
