-- The job behind the funnel: notes whose numbers may have changed, and folds them into the buckets.

create function amocrm.note_changed_people(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_progress amocrm.funnel_progress;
  -- What was not committed yet when somebody looked is seen the next time.
  v_overlap constant interval := '5 minutes';
  v_now timestamptz := amocrm.clock();
  v_since timestamptz;
  v_until timestamptz;
  v_count int;
begin
  select * into v_progress from amocrm.funnel_progress for update;
  v_since := v_progress.changes_until - v_overlap;
  -- History is taken up in parts, so that no minute has to read all of it.
  v_until := coalesce((select max(part.created_at) from (select lead.created_at from public.unified_lead_tracking as lead
    where lead.created_at > v_progress.leads_until - v_overlap order by lead.created_at limit p_limit) as part), v_progress.leads_until);
  insert into amocrm.funnel_dirty (person_key)
  select amocrm.funnel_key(lead.email, lead.phone, lead.id) from public.unified_lead_tracking as lead
  where lead.created_at > v_progress.leads_until - v_overlap and lead.created_at <= v_until
  union
  select amocrm.funnel_key(lead.email, lead.phone, lead.id)
  from (
    select outbox.subject_id from amocrm.outbox where outbox.queue in ('amocrm', 'message', 'sms') and outbox.state = 'delivered' and outbox.delivered_at > v_since
    union
    select mails.subject_id from amocrm.mail_events join amocrm.mails on mails.message_id = mail_events.message_id where mail_events.received_at > v_since
    union
    select sms.subject_id from amocrm.sms where sms.sent_at > v_now - interval '2 days' and sms.outcome_at > v_since
    union
    select short_links.lead_id from public.link_clicks join public.short_links on short_links.code = link_clicks.code where link_clicks.clicked_at > v_since
    union
    select amocrm_deal_events.lead_id from public.amocrm_deal_events where amocrm_deal_events.id > v_progress.deal_event_id - 1000) as changed
  join public.unified_lead_tracking as lead on lead.id = changed.subject_id
  on conflict (person_key) do nothing;
  get diagnostics v_count = row_count;
  update amocrm.funnel_progress set leads_until = greatest(funnel_progress.leads_until, v_until), changes_until = v_now,
    deal_event_id = coalesce((select max(amocrm_deal_events.id) from public.amocrm_deal_events), 0) where funnel_progress.is_the_only_row;
  return v_count;
end
$$;
comment on function amocrm.note_changed_people(int) is 'Notes people whose numbers may have changed since the last call, and up to p_limit of history; returns how many.';

create function amocrm.fold_people(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_keys uuid[];
  v_zone text := (select message_settings.time_zone from public.message_settings);
begin
  v_keys := array(select funnel_dirty.person_key from amocrm.funnel_dirty order by funnel_dirty.noted_at, funnel_dirty.person_key limit p_limit for update);
  create temporary table if not exists funnel_delta (sign int, day date, source text, campaign text, counts jsonb, move_buckets int[]) on commit drop;
  truncate pg_temp.funnel_delta;
  with gone as (
    delete from amocrm.funnel_people where funnel_people.person_key = any (v_keys) returning funnel_people.*
  )
  insert into pg_temp.funnel_delta select -1, gone.day, gone.source, gone.campaign, gone.counts, gone.move_buckets from gone;
  with counted as (
    insert into amocrm.funnel_people select one.* from unnest(v_keys) as listed (key) cross join lateral amocrm.count_person(listed.key, v_zone) as one
    returning funnel_people.*
  )
  insert into pg_temp.funnel_delta select 1, counted.day, counted.source, counted.campaign, counted.counts, counted.move_buckets from counted;
  insert into amocrm.funnel_buckets as known (day, source, campaign, leads, people, delivered_to_crm, mails_sent, mails_delivered, mails_opened, sms_sent,
    sms_delivered, human_clicks, deals_open, deals_won, deals_lost, revenue)
  select delta.day, delta.source, delta.campaign, coalesce(sum(delta.sign * one.leads), 0), coalesce(sum(delta.sign * one.people), 0), coalesce(sum(delta.sign * one.delivered_to_crm), 0),
    coalesce(sum(delta.sign * one.mails_sent), 0), coalesce(sum(delta.sign * one.mails_delivered), 0), coalesce(sum(delta.sign * one.mails_opened), 0), coalesce(sum(delta.sign * one.sms_sent), 0),
    coalesce(sum(delta.sign * one.sms_delivered), 0), coalesce(sum(delta.sign * one.human_clicks), 0), coalesce(sum(delta.sign * one.deals_open), 0), coalesce(sum(delta.sign * one.deals_won), 0),
    coalesce(sum(delta.sign * one.deals_lost), 0), coalesce(sum(delta.sign * one.revenue), 0)
  from pg_temp.funnel_delta as delta cross join lateral jsonb_to_record(delta.counts) as one (leads bigint, people bigint, delivered_to_crm bigint,
    mails_sent bigint, mails_delivered bigint, mails_opened bigint, sms_sent bigint, sms_delivered bigint, human_clicks bigint, deals_open bigint,
    deals_won bigint, deals_lost bigint, revenue bigint)
  group by delta.day, delta.source, delta.campaign
  on conflict (day, source, campaign) do update set leads = known.leads + excluded.leads, people = known.people + excluded.people,
    delivered_to_crm = known.delivered_to_crm + excluded.delivered_to_crm, mails_sent = known.mails_sent + excluded.mails_sent,
    mails_delivered = known.mails_delivered + excluded.mails_delivered, mails_opened = known.mails_opened + excluded.mails_opened,
    sms_sent = known.sms_sent + excluded.sms_sent, sms_delivered = known.sms_delivered + excluded.sms_delivered,
    human_clicks = known.human_clicks + excluded.human_clicks, deals_open = known.deals_open + excluded.deals_open,
    deals_won = known.deals_won + excluded.deals_won, deals_lost = known.deals_lost + excluded.deals_lost, revenue = known.revenue + excluded.revenue;
  insert into amocrm.funnel_move_buckets as known (day, source, campaign, bucket, count)
  select delta.day, delta.source, delta.campaign, move.bucket, sum(delta.sign)
  from pg_temp.funnel_delta as delta cross join lateral unnest(delta.move_buckets) as move (bucket)
  group by delta.day, delta.source, delta.campaign, move.bucket
  on conflict (day, source, campaign, bucket) do update set count = known.count + excluded.count;
  update amocrm.funnel_buckets set median_minutes = (
    select amocrm.bucket_minutes(run.bucket) from (
      select move.bucket, sum(move.count) over (order by move.bucket) as until, sum(move.count) over () as total
      from amocrm.funnel_move_buckets as move
      where move.day = touched.day and move.source = touched.source and move.campaign = touched.campaign and move.count > 0) as run
    where 2 * run.until >= run.total order by run.bucket limit 1)
  from (select distinct delta.day, delta.source, delta.campaign from pg_temp.funnel_delta as delta where cardinality(delta.move_buckets) > 0) as touched
  where funnel_buckets.day = touched.day and funnel_buckets.source = touched.source and funnel_buckets.campaign = touched.campaign;
  delete from amocrm.funnel_dirty where funnel_dirty.person_key = any (v_keys);
  return cardinality(v_keys);
end
$$;
comment on function amocrm.fold_people(int) is 'Counts up to p_limit noted people anew and moves the difference into the buckets; returns how many.';

create function amocrm.fold_funnel() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  -- One at a time: a second one, should the first be long, leaves it alone.
  if not pg_try_advisory_xact_lock(hashtextextended('amocrm funnel', 0)) then
    return 0;
  end if;
  perform amocrm.note_changed_people(5000);
  v_count := amocrm.fold_people(5000);
  update amocrm.funnel_progress set folded_at = amocrm.clock() where funnel_progress.is_the_only_row;
  return v_count;
end
$$;
comment on function amocrm.fold_funnel() is 'Brings the funnel up to date; returns how many people it counted. Called each minute.';

create function amocrm.forget_funnel(p_emails text[], p_phones text[]) returns void
language plpgsql set search_path = ''
as $$
begin
  -- They stay in the sums, which name nobody; their own rows go.
  delete from amocrm.funnel_people where funnel_people.person_key in (
    select amocrm.funnel_key(email.key, null, null) from unnest(p_emails) as email (key)
    union select amocrm.funnel_key(null, phone.key, null) from unnest(p_phones) as phone (key));
end
$$;
comment on function amocrm.forget_funnel(text[], text[]) is 'Deletes what the funnel keeps of a person; the sums stay.';

revoke all on function amocrm.note_changed_people(int), amocrm.fold_people(int), amocrm.fold_funnel(), amocrm.forget_funnel(text[], text[]) from public;
select amocrm.schedule_job('amocrm-funnel', '* * * * *', 'select amocrm.fold_funnel()');
