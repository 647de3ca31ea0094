-- History goes out on request only: rows that never reached amoCRM are enqueued in a lane behind live leads.

create function amocrm.check_backfill(p_table text, p_since timestamptz, p_limit int) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if p_table is null or p_table not in ('unified_lead_tracking', 'tripwire_users') then
    raise exception 'p_table is %, must be unified_lead_tracking or tripwire_users', coalesce(p_table, 'null')
      using errcode = '22023', hint = 'Leads are in unified_lead_tracking, students in tripwire_users.';
  elsif p_limit is null or p_limit not between 1 and 100000 then
    raise exception 'p_limit is %, must be between 1 and 100000', coalesce(p_limit::text, 'null')
      using errcode = '22023', hint = 'It is how many rows are enqueued at most; leave it out for 1000.';
  elsif p_since > amocrm.clock() then
    raise exception 'p_since lies in the future: %', p_since
      using errcode = '22023', hint = 'Rows created at p_since or later are taken; leave it out for all.';
  end if;
end
$$;
comment on function amocrm.check_backfill(text, timestamptz, int) is 'Raises 22023 for a senseless argument of a backfill, and names it.';

create function amocrm.backfill_rows(p_table text, p_since timestamptz, p_limit int)
returns table (id uuid, email text, phone text)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
begin
  -- A row with a message of its own is left alone, whatever became of that: what is dead or was cancelled comes back by
  -- amocrm_requeue, and a delivered one may only wait for its ids to be written back.
  if p_table = 'unified_lead_tracking' then
    return query select lead.id, lead.email, lead.phone from public.unified_lead_tracking as lead
    where lead.amocrm_synced_at is null and (p_since is null or lead.created_at >= p_since)
      and not exists (select from amocrm.outbox where outbox.subject_id = lead.id and outbox.kind = 'lead.created')
      -- A flood's leads are released by this; what only a robot can have typed is not.
      and not exists (select from amocrm.quarantined_leads
        where quarantined_leads.lead_id = lead.id and quarantined_leads.reason = 'honeypot')
    order by lead.created_at, lead.id limit p_limit;
  else
    return query select student.id, student.email, student.phone from public.tripwire_users as student
    where student.amocrm_synced_at is null and (p_since is null or student.created_at >= p_since)
      and not exists (select from amocrm.outbox where outbox.subject_id = student.id and outbox.kind = 'student.created')
    order by student.created_at, student.id limit p_limit;
  end if;
end
$$;
comment on function amocrm.backfill_rows(text, timestamptz, int) is 'Lists the oldest rows that never reached amoCRM and have no message.';

create function amocrm.backfill(p_table text, p_since timestamptz, p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  -- Placing them holds the queue's lock, in which no drain takes a slot, and must end within the eight seconds of the Data API.
  c_most constant int := 5000;
  v_count int;
  v_left int := 0;
  v_released uuid[];
begin
  perform amocrm.require_admin();
  perform amocrm.check_backfill(p_table, p_since, p_limit);
  -- Two backfills at once would find the same rows: the second waits here, and then finds what the first one left.
  perform amocrm.lock_queue('amocrm');
  v_count := amocrm.append(
    case p_table when 'unified_lead_tracking' then 'lead.created' else 'student.created' end, p_table, (
      select coalesce(jsonb_agg(jsonb_build_object('id', history.id, 'email', history.email, 'phone', history.phone,
        'lane', 'backfill') order by history.place), '[]')
      from amocrm.backfill_rows(p_table, p_since, least(p_limit, c_most))
        with ordinality as history (id, email, phone, place)));
  if p_limit > c_most then
    -- What has its message by now is not found again, so that the next call goes on where this one ends.
    select count(*) into v_left from amocrm.backfill_rows(p_table, p_since, p_limit - v_count);
  end if;
  -- Who comes out of quarantine by this is history: nobody is written to for it.
  with released as (
    delete from amocrm.quarantined_leads using amocrm.outbox
    where outbox.subject_id = quarantined_leads.lead_id and outbox.kind = 'lead.created' returning quarantined_leads.lead_id
  )
  select array_agg(released.lead_id) into v_released from released;
  if v_released is not null then
    perform amocrm.leave_out_history(v_released);
  end if;
  perform amocrm.place_all('amocrm');
  perform amocrm.note_action('backfill', jsonb_build_object('table', p_table, 'since', p_since, 'limit', p_limit),
    jsonb_build_object('message_count', v_count));
  if v_count > 0 then
    perform amocrm.ring('amocrm');
  end if;
  if v_left > 0 then
    raise notice '% of the oldest rows are enqueued, % are left', v_count, v_left
      using hint = format('A call takes %s at most: call it again with p_limit => %s, or use npm run amocrm -- backfill, which does.',
        c_most, v_left);
  end if;
  return v_count;
end
$$;
comment on function amocrm.backfill(text, timestamptz, int) is
  'Enqueues up to 5000 rows that never reached amoCRM, oldest first, behind live leads; returns how many.';

create function amocrm.backfill_estimate(p_table text, p_since timestamptz, p_limit int)
returns table (message_count int, request_count int, interval_ms int, minutes numeric)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_settings public.amocrm_settings;
begin
  perform amocrm.require_admin();
  perform amocrm.check_backfill(p_table, p_since, p_limit);
  select * into v_settings from public.amocrm_settings;
  select count(*) into message_count from amocrm.backfill_rows(p_table, p_since, p_limit);
  request_count := amocrm.requests_for(message_count);
  select amocrm.interval_in_force(queue_control, v_settings.min_interval_ms) into interval_ms
  from amocrm.queue_control where queue_control.queue = 'amocrm';
  minutes := round(request_count::numeric * interval_ms / 60000, 1);
  return next;
end
$$;
comment on function amocrm.backfill_estimate(text, timestamptz, int) is
  'Returns what a backfill would enqueue, and about how many requests and minutes it takes at the present pace.';

create function public.amocrm_backfill(p_table text, p_since timestamptz default null, p_limit int default 1000) returns int
language sql set search_path = ''
begin atomic select amocrm.backfill(p_table, p_since, p_limit); end;
comment on function public.amocrm_backfill(text, timestamptz, int) is
  'Enqueues up to 5000 leads or students that never reached amoCRM, oldest first, behind live leads; a notice says what is left.';

create function public.amocrm_backfill_estimate(p_table text, p_since timestamptz default null, p_limit int default 1000)
returns table (message_count int, request_count int, interval_ms int, minutes numeric)
language sql stable set search_path = ''
begin atomic
  select estimate.message_count, estimate.request_count, estimate.interval_ms, estimate.minutes
  from amocrm.backfill_estimate(p_table, p_since, p_limit) as estimate;
end;
comment on function public.amocrm_backfill_estimate(text, timestamptz, int) is
  'Returns what amocrm_backfill would enqueue and about how many requests and minutes that takes; changes nothing.';

revoke all on function amocrm.check_backfill(text, timestamptz, int), amocrm.backfill_rows(text, timestamptz, int) from public;
revoke all on function amocrm.backfill(text, timestamptz, int), amocrm.backfill_estimate(text, timestamptz, int),
  public.amocrm_backfill(text, timestamptz, int), public.amocrm_backfill_estimate(text, timestamptz, int)
  from public, anon, authenticated;
grant execute on function amocrm.backfill(text, timestamptz, int), amocrm.backfill_estimate(text, timestamptz, int),
  public.amocrm_backfill(text, timestamptz, int), public.amocrm_backfill_estimate(text, timestamptz, int)
  to authenticated, service_role;
