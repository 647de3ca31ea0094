-- The quarantine, for a person to decide: what lies there, by what floods look like, and how it gets out. One cron job
-- keeps the alert, forgets old arrivals, and draws the key of their hashes anew each day.

create function amocrm.quarantine_rows()
returns table (reason text, source text, email_domain text, lead_count bigint, network_count bigint, first_at timestamptz,
  last_at timestamptz, remedy text)
language plpgsql stable security definer set search_path = ''
-- The few are looked up: a scan would read all leads for them.
set enable_seqscan = off set max_parallel_workers_per_gather = 0
as $$
begin
  perform amocrm.require_reader();
  return query
  select quarantined_leads.reason, lead.source, lower(split_part(lead.email, '@', 2)), count(*),
    count(distinct quarantined_leads.key_hash), min(quarantined_leads.quarantined_at), max(quarantined_leads.quarantined_at),
    format('select amocrm_discard_quarantine(p_reason => %L, p_source => %L, p_email_domain => %L), or amocrm_release_quarantine with the same',
      quarantined_leads.reason, lead.source, lower(split_part(lead.email, '@', 2)))
  from amocrm.quarantined_leads join public.unified_lead_tracking as lead on lead.id = quarantined_leads.lead_id
  group by 1, 2, 3
  order by 4 desc, 1, 2, 3;
end
$$;
comment on function amocrm.quarantine_rows() is 'Returns the rows of amocrm_quarantine.';

create view public.amocrm_quarantine with (security_invoker = true) as
select reason, source, email_domain, lead_count, network_count, first_at, last_at, remedy from amocrm.quarantine_rows();
comment on view public.amocrm_quarantine is
  'Which leads are quarantined, why, and what do they share? Counts them by reason, source and e-mail domain.';

create function amocrm.quarantined_ids(p_reason text, p_source text, p_email_domain text, p_since timestamptz, p_limit int)
returns setof uuid
language plpgsql stable set search_path = ''
as $$
begin
  if p_limit is null or p_limit not between 1 and 100000 then
    raise exception 'p_limit is %, must be between 1 and 100000', coalesce(p_limit::text, 'null')
      using errcode = '22023', hint = 'It is how many leads this call takes; leave it out for 1000.';
  elsif p_reason is not null and p_reason not in ('flood', 'address', 'captcha', 'honeypot') then
    raise exception 'p_reason is %, must be flood, address, captcha or honeypot', p_reason
      using errcode = '22023', hint = 'select * from amocrm_quarantine shows which there are.';
  end if;
  return query
  select quarantined_leads.lead_id
  from amocrm.quarantined_leads join public.unified_lead_tracking as lead on lead.id = quarantined_leads.lead_id
  where (p_reason is null or quarantined_leads.reason = p_reason)
    and (p_source is null or lead.source = p_source)
    and (p_email_domain is null or lower(split_part(lead.email, '@', 2)) = lower(p_email_domain))
    and (p_since is null or quarantined_leads.quarantined_at >= p_since)
  order by quarantined_leads.quarantined_at, quarantined_leads.lead_id limit p_limit;
end
$$;
comment on function amocrm.quarantined_ids(text, text, text, timestamptz, int) is
  'Lists the oldest quarantined leads of a kind; null means any, 22023 refuses a senseless argument.';

create function amocrm.quarantine_arguments(p_reason text, p_source text, p_email_domain text, p_since timestamptz, p_limit int) returns jsonb
language sql immutable set search_path = ''
as $$
  select jsonb_build_object('reason', p_reason, 'source', p_source, 'email_domain', p_email_domain, 'since', p_since, 'limit', p_limit)
$$;
comment on function amocrm.quarantine_arguments(text, text, text, timestamptz, int) is
  'Returns the arguments of an action on the quarantine in the form of amocrm_actions.';

create function amocrm.release_quarantine(p_reason text, p_source text, p_email_domain text, p_since timestamptz, p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids uuid[];
  v_count int;
begin
  perform amocrm.require_admin();
  -- Two calls at once would find the same leads: the second waits here, and then finds what the first one left.
  perform amocrm.lock_queue('amocrm');
  v_ids := array(select amocrm.quarantined_ids(p_reason, p_source, p_email_domain, p_since, p_limit));
  v_count := amocrm.append('lead.created', 'unified_lead_tracking', (
    select coalesce(jsonb_agg(jsonb_build_object('id', lead.id, 'email', lead.email, 'phone', lead.phone, 'lane', 'backfill')
      order by lead.created_at, lead.id), '[]')
    from public.unified_lead_tracking as lead
    where lead.id = any (v_ids) and lead.amocrm_synced_at is null
      and not exists (select from amocrm.outbox where outbox.subject_id = lead.id and outbox.kind = 'lead.created')));
  delete from amocrm.quarantined_leads where quarantined_leads.lead_id = any (v_ids);
  perform amocrm.count_quarantine();
  perform amocrm.place_all('amocrm');
  perform amocrm.note_action('release_quarantine', amocrm.quarantine_arguments(p_reason, p_source, p_email_domain, p_since, p_limit),
    jsonb_build_object('message_count', v_count));
  if v_count > 0 then
    perform amocrm.ring('amocrm');
  end if;
  return v_count;
end
$$;
comment on function amocrm.release_quarantine(text, text, text, timestamptz, int) is
  'Enqueues quarantined leads behind live ones, oldest first; returns how many.';

create function amocrm.discard_quarantine(p_reason text, p_source text, p_email_domain text, p_since timestamptz, p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_landing_ids uuid[];
  v_count int;
begin
  perform amocrm.require_admin();
  if p_reason is null and p_source is null and p_email_domain is null and p_since is null then
    raise exception 'nothing says which leads are junk'
      using errcode = '22023', hint = 'Give p_reason, p_source, p_email_domain or p_since; select * from amocrm_quarantine shows what there is.';
  end if;
  with junk as (
    delete from public.unified_lead_tracking as lead
    using amocrm.quarantined_ids(p_reason, p_source, p_email_domain, p_since, p_limit) as found (id)
    where lead.id = found.id
    returning lead.landing_lead_id
  )
  select count(*), array_agg(junk.landing_lead_id) into v_count, v_landing_ids from junk;
  delete from public.landing_leads where landing_leads.id = any (v_landing_ids);
  perform amocrm.count_quarantine();
  perform amocrm.note_action('discard_quarantine', amocrm.quarantine_arguments(p_reason, p_source, p_email_domain, p_since, p_limit),
    jsonb_build_object('lead_count', v_count));
  return v_count;
end
$$;
comment on function amocrm.discard_quarantine(text, text, text, timestamptz, int) is
  'Deletes quarantined leads and their landing_leads rows, oldest first; at least one argument must narrow it. Returns how many.';

create function public.amocrm_release_quarantine(p_reason text default null, p_source text default null,
  p_email_domain text default null, p_since timestamptz default null, p_limit int default 1000) returns int
language sql set search_path = ''
begin atomic select amocrm.release_quarantine(p_reason, p_source, p_email_domain, p_since, p_limit); end;
comment on function public.amocrm_release_quarantine(text, text, text, timestamptz, int) is
  'Enqueues quarantined leads for amoCRM behind live ones, oldest first; null means any. Returns how many.';

create function public.amocrm_discard_quarantine(p_reason text default null, p_source text default null,
  p_email_domain text default null, p_since timestamptz default null, p_limit int default 1000) returns int
language sql set search_path = ''
begin atomic select amocrm.discard_quarantine(p_reason, p_source, p_email_domain, p_since, p_limit); end;
comment on function public.amocrm_discard_quarantine(text, text, text, timestamptz, int) is
  'Deletes quarantined leads for good, oldest first; at least one argument must say which. Returns how many.';

create function amocrm.count_quarantine() returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_kb bigint := (select coalesce(sum(1 + quarantined_leads.byte_count / 1024), 0) from amocrm.quarantined_leads);
begin
  return setval('amocrm.quarantined_kb_seq', v_kb);
end
$$;
comment on function amocrm.count_quarantine() is 'Recounts how many kilobytes lie in quarantine.';

create function amocrm.tend_forms() returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_count int;
  v_detail text;
  v_is_full boolean := amocrm.count_quarantine() >= 1024 * (select amocrm_form_limits.quarantine_mb from public.amocrm_form_limits);
begin
  perform setval('amocrm.bulk_rows_seq', 1, false);
  -- Not done by the visitors: two who open the same alert would wait for each other. Robots' leads alarm nobody.
  select count(*) into v_count from (
    select from amocrm.quarantined_leads where quarantined_leads.reason in ('flood', 'address', 'captcha') limit 100000) as held;
  if v_count > 0 then
    v_detail := v_count || case v_count when 1 then ' lead is' else ' leads are' end
      || ' in quarantine: more came in than amocrm_form_limits lets through. They are saved and have no message'
      || case when v_is_full then '. They hold quarantine_mb: what the flood adds is refused until some are released or discarded' else '' end;
    update public.amocrm_alerts set last_seen_at = greatest(amocrm_alerts.first_seen_at, v_now), detail = v_detail,
      severity = case when v_is_full then 'critical' else 'warning' end
    where amocrm_alerts.code = 'form_flood' and amocrm_alerts.resolved_at is null;
    if not found then
      insert into public.amocrm_alerts (code, severity, first_seen_at, last_seen_at, detail, remedy)
      values ('form_flood', case when v_is_full then 'critical' else 'warning' end, v_now, v_now, v_detail,
        'select * from amocrm_quarantine; amocrm_discard_quarantine(…) what is junk, then select amocrm_release_quarantine()');
    end if;
  else
    update public.amocrm_alerts set resolved_at = v_now
    where amocrm_alerts.code = 'form_flood' and amocrm_alerts.resolved_at is null;
  end if;
  delete from amocrm.arrivals where arrivals.id in (
    select old.id from amocrm.arrivals as old
    where old.counted in ('fair', 'further', 'network', 'person', 'source') and old.arrived_at < v_now - make_interval(secs => (
      select greatest(amocrm_form_limits.per_address_seconds, amocrm_form_limits.total_seconds) from public.amocrm_form_limits))
    order by old.arrived_at limit 5000);
  if exists (select from amocrm.address_key where address_key.drawn_at < v_now - interval '1 day') then
    perform amocrm.draw_address_key();
  end if;
  perform amocrm.tend_form_inbox();
end
$$;
comment on function amocrm.tend_forms() is
  'Maintains the forms: updates the alert form_flood, recounts the quarantine, deletes old arrivals, renews the address key, works off posted forms.';

revoke all on function amocrm.quarantined_ids(text, text, text, timestamptz, int), amocrm.quarantine_arguments(text, text, text, timestamptz, int),
  amocrm.count_quarantine(), amocrm.tend_forms() from public;
revoke all on function amocrm.quarantine_rows(), amocrm.release_quarantine(text, text, text, timestamptz, int),
  amocrm.discard_quarantine(text, text, text, timestamptz, int),
  public.amocrm_release_quarantine(text, text, text, timestamptz, int),
  public.amocrm_discard_quarantine(text, text, text, timestamptz, int) from public, anon, authenticated;
grant execute on function amocrm.quarantine_rows(), amocrm.release_quarantine(text, text, text, timestamptz, int),
  amocrm.discard_quarantine(text, text, text, timestamptz, int),
  public.amocrm_release_quarantine(text, text, text, timestamptz, int),
  public.amocrm_discard_quarantine(text, text, text, timestamptz, int) to authenticated, service_role;
revoke all on public.amocrm_quarantine from public, anon, authenticated, service_role;
grant select on public.amocrm_quarantine to authenticated, service_role;

select amocrm.schedule_job('amocrm-forms', '* * * * *', 'select amocrm.tend_forms()');
