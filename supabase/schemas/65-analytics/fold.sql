-- The job behind the funnel: notes whose numbers may have changed, and folds them into the buckets.

create function amocrm.funnel_people_of(p_subject_ids uuid[]) returns setof bigint
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
  v_people bigint[];
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
    where hashtextextended(coalesce('email ' || lead.email, 'phone ' || lead.phone, 'lead ' || lead.id::text), 0) = gone.person_key)
  on conflict (person_key) do nothing;
  update amocrm.funnel_progress set
    seen_lead_id = coalesce(case when cardinality(v_leads) = p_limit then v_leads[p_limit] end, '00000000-0000-0000-0000-000000000000'),
    seen_person_key = coalesce(case when cardinality(v_people) = p_limit then v_people[p_limit] end, (-9223372036854775808)::bigint)
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
  v_keys bigint[];
  v_zone text := (select message_settings.time_zone from public.message_settings);
begin
  v_keys := array(select funnel_dirty.person_key from amocrm.funnel_dirty order by funnel_dirty.noted_at, funnel_dirty.person_key limit p_limit for update);
  create temporary table if not exists funnel_counted (person_key bigint, day date, source text, campaign text, counts text, move_buckets text) on commit drop;
  create temporary table if not exists funnel_delta (sign int, bucket_id int, counts text, move_buckets text) on commit drop;
  truncate pg_temp.funnel_counted, pg_temp.funnel_delta;
  insert into pg_temp.funnel_counted
  select listed.key, one.* from unnest(v_keys) as listed (key) cross join lateral amocrm.count_person(listed.key, v_zone) as one;
  insert into amocrm.funnel_buckets (day, source, campaign)
  select distinct counted.day, counted.source, counted.campaign from pg_temp.funnel_counted as counted
  where not exists (select from amocrm.funnel_buckets as known
    where known.day = counted.day and known.source = counted.source and known.campaign = counted.campaign);
  -- People are noted several times while their lead is on its way: whose numbers are as before stays untouched, and leaves no dead row.
  with one as materialized (
    select counted.person_key, bucket.bucket_id, counted.counts, counted.move_buckets
    from pg_temp.funnel_counted as counted
    join amocrm.funnel_buckets as bucket on bucket.day = counted.day and bucket.source = counted.source and bucket.campaign = counted.campaign
  ), gone as (
    delete from amocrm.funnel_people as known
    where known.person_key = any (v_keys) and not exists (select from one where one.person_key = known.person_key)
    returning known.bucket_id, known.counts, known.move_buckets
  ), changed as (
    update amocrm.funnel_people as known set bucket_id = one.bucket_id, counts = one.counts, move_buckets = one.move_buckets
    from amocrm.funnel_people as former join one on one.person_key = former.person_key
    where known.person_key = former.person_key
      and (former.bucket_id, former.counts, former.move_buckets) is distinct from (one.bucket_id, one.counts, one.move_buckets)
    returning former.bucket_id as former_id, former.counts as former_counts, former.move_buckets as former_moves,
      known.bucket_id, known.counts, known.move_buckets
  ), added as (
    insert into amocrm.funnel_people (person_key, bucket_id, counts, move_buckets)
    select one.person_key, one.bucket_id, one.counts, one.move_buckets from one
    where not exists (select from amocrm.funnel_people as known where known.person_key = one.person_key)
    returning funnel_people.bucket_id, funnel_people.counts, funnel_people.move_buckets
  )
  insert into pg_temp.funnel_delta (sign, bucket_id, counts, move_buckets)
  select -1, gone.bucket_id, gone.counts, gone.move_buckets from gone
  union all select -1, changed.former_id, changed.former_counts, changed.former_moves from changed
  union all select 1, changed.bucket_id, changed.counts, changed.move_buckets from changed
  union all select 1, added.bucket_id, added.counts, added.move_buckets from added;
  update amocrm.funnel_buckets as known set people = known.people + sums.people, leads = known.leads + sums.n[1], delivered_to_crm = known.delivered_to_crm + sums.n[2],
    deals_open = known.deals_open + sums.n[3], deals_lost = known.deals_lost + sums.n[4], deals_won = known.deals_won + sums.n[5], revenue = known.revenue + sums.n[6],
    mails_sent = known.mails_sent + sums.n[7], mails_delivered = known.mails_delivered + sums.n[8], mails_opened = known.mails_opened + sums.n[9],
    sms_sent = known.sms_sent + sums.n[10], sms_delivered = known.sms_delivered + sums.n[11], human_clicks = known.human_clicks + sums.n[12]
  from (
    select delta.bucket_id, sum(delta.sign) as people, array[
      coalesce(sum(delta.sign * one.n[1]), 0), coalesce(sum(delta.sign * one.n[2]), 0), coalesce(sum(delta.sign * one.n[3]), 0), coalesce(sum(delta.sign * one.n[4]), 0),
      coalesce(sum(delta.sign * one.n[5]), 0), coalesce(sum(delta.sign * one.n[6]), 0), coalesce(sum(delta.sign * one.n[7]), 0), coalesce(sum(delta.sign * one.n[8]), 0),
      coalesce(sum(delta.sign * one.n[9]), 0), coalesce(sum(delta.sign * one.n[10]), 0), coalesce(sum(delta.sign * one.n[11]), 0), coalesce(sum(delta.sign * one.n[12]), 0)] as n
    from pg_temp.funnel_delta as delta cross join lateral (select string_to_array(delta.counts, ',', '')::bigint[] as n) as one
    group by delta.bucket_id) as sums
  where known.bucket_id = sums.bucket_id;
  insert into amocrm.funnel_move_buckets as known (day, source, campaign, bucket, count)
  select bucket.day, bucket.source, bucket.campaign, move.bucket, sum(delta.sign)
  from pg_temp.funnel_delta as delta join amocrm.funnel_buckets as bucket on bucket.bucket_id = delta.bucket_id
  cross join lateral unnest(string_to_array(delta.move_buckets, ' ')::int[]) as move (bucket)
  group by bucket.day, bucket.source, bucket.campaign, move.bucket
  having sum(delta.sign) <> 0
  on conflict (day, source, campaign, bucket) do update set count = known.count + excluded.count;
  update amocrm.funnel_buckets as touched set median_minutes = (
    select amocrm.bucket_minutes(run.bucket) from (
      select move.bucket, sum(move.count) over (order by move.bucket) as until, sum(move.count) over () as total
      from amocrm.funnel_move_buckets as move
      where move.day = touched.day and move.source = touched.source and move.campaign = touched.campaign and move.count > 0) as run
    where 2 * run.until >= run.total order by run.bucket limit 1)
  where touched.bucket_id in (select delta.bucket_id from pg_temp.funnel_delta as delta where delta.move_buckets is not null);
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
