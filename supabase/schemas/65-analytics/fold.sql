-- The job behind the funnel: notes whose numbers may have changed, and folds them into the buckets.

create function amocrm.funnel_people_of(p_subject_ids uuid[]) returns setof uuid
language sql stable set search_path = ''
as $$
  with subjects as materialized (
    select changed.id from unnest(p_subject_ids) as changed (id)
    union
    -- A deal counts for one of them: what one gets, another loses.
    select other.subject_id from unnest(p_subject_ids) as changed (id)
    join amocrm.links as own on own.subject_table in ('unified_lead_tracking', 'tripwire_users') and own.subject_id = changed.id and own.object = 'deal' and own.account = amocrm.account()
    join amocrm.links as other on other.object = 'deal' and other.amocrm_id = own.amocrm_id and other.account = own.account
  )
  select amocrm.funnel_key(lead.email, lead.phone, lead.id) from subjects join public.unified_lead_tracking as lead on lead.id = subjects.id
  union
  select amocrm.funnel_key(student.email_key, null, student.id) from subjects join public.tripwire_users as student on student.id = subjects.id
$$;
comment on function amocrm.funnel_people_of(uuid[]) is 'Returns the keys of the people whom leads and students are, and of those who share a deal with them.';

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
  select concerned.person_key from amocrm.funnel_people_of(array(
    select outbox.subject_id from amocrm.outbox where outbox.queue in ('amocrm', 'message', 'sms') and outbox.state = 'delivered' and outbox.delivered_at > v_since
    union
    select mails.subject_id from amocrm.mail_events join amocrm.mails on mails.message_id = mail_events.message_id where mail_events.received_at > v_since
    union
    select sms.subject_id from amocrm.sms where sms.sent_at > v_now - interval '3 days' and sms.outcome_at > v_since
    union
    -- By their numbers: one that was counted late was clicked long before.
    select coalesce(short_links.lead_id, short_links.student_id) from public.link_clicks join public.short_links on short_links.code = link_clicks.code
    where link_clicks.id > v_progress.click_id - 1000 and (link_clicks.id > v_progress.click_id or link_clicks.clicked_at > v_since)
    union
    select links.subject_id from public.amocrm_deal_events as event
    join amocrm.links on links.object = 'deal' and links.amocrm_id = event.amocrm_deal_id and links.account = amocrm.account()
    where event.id > v_progress.deal_event_id - 1000 and (event.id > v_progress.deal_event_id or event.seen_at > v_since))) as concerned (person_key)
  on conflict (person_key) do nothing;
  get diagnostics v_count = row_count;
  update amocrm.funnel_progress set leads_until = greatest(funnel_progress.leads_until, v_until), changes_until = v_now,
    click_id = coalesce((select max(link_clicks.id) from public.link_clicks), 0),
    deal_event_id = coalesce((select max(amocrm_deal_events.id) from public.amocrm_deal_events), 0) where funnel_progress.is_the_only_row;
  return v_count;
end
$$;
comment on function amocrm.note_changed_people(int) is 'Notes people whose numbers may have changed since the last call, and up to p_limit of history; returns how many.';

create function amocrm.note_some_people(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_progress amocrm.funnel_progress;
  v_leads uuid[];
  v_people uuid[];
begin
  select * into v_progress from amocrm.funnel_progress for update;
  v_leads := array(select lead.id from public.unified_lead_tracking as lead
    where lead.id > v_progress.seen_lead_id order by lead.id limit p_limit);
  -- Also those of whom no lead is left.
  v_people := array(select known.person_key from amocrm.funnel_people as known
    where known.person_key > v_progress.seen_person_key order by known.person_key limit p_limit);
  insert into amocrm.funnel_dirty (person_key)
  select amocrm.funnel_key(lead.email, lead.phone, lead.id) from public.unified_lead_tracking as lead where lead.id = any (v_leads)
  union
  select gone.person_key from unnest(v_people) as gone (person_key) where not exists (select from public.unified_lead_tracking as lead
    where md5(coalesce('email ' || lead.email, 'phone ' || lead.phone, 'lead ' || lead.id::text))::uuid = gone.person_key)
  on conflict (person_key) do nothing;
  update amocrm.funnel_progress set
    seen_lead_id = coalesce(case when cardinality(v_leads) = p_limit then v_leads[p_limit] end, '00000000-0000-0000-0000-000000000000'),
    seen_person_key = coalesce(case when cardinality(v_people) = p_limit then v_people[p_limit] end, '00000000-0000-0000-0000-000000000000')
  where funnel_progress.is_the_only_row;
  return cardinality(v_leads);
end
$$;
-- An import of last year's leads, an address that was corrected, a deal that a first pull brought: no event tells of them.
comment on function amocrm.note_some_people(int) is
  'Notes the people of the next p_limit leads without an event, starting over after the last; returns how many leads.';

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
  perform amocrm.note_some_people(500);
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

revoke all on function amocrm.funnel_people_of(uuid[]), amocrm.note_changed_people(int), amocrm.note_some_people(int), amocrm.fold_people(int), amocrm.fold_funnel(), amocrm.forget_funnel(text[], text[]) from public;
select amocrm.schedule_job('amocrm-funnel', '* * * * *', 'select amocrm.fold_funnel()');
