-- Two cleaners, run by cron: the sweep finds what was saved without its message, pruning removes what is long delivered.

create function amocrm.sweep() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_since timestamptz := amocrm.sweep_since();
  v_count int;
begin
  perform amocrm.prune_oauth();
  perform amocrm.lock_queue('amocrm');
  v_count := amocrm.append('lead.created', 'unified_lead_tracking', (
    select coalesce(jsonb_agg(jsonb_build_object('id', lead.id, 'email', lead.email, 'phone', lead.phone) order by lead.created_at), '[]')
    from (select * from public.unified_lead_tracking as lead
      where lead.created_at >= v_since and lead.amocrm_synced_at is null
        and not exists (select from amocrm.outbox where outbox.subject_id = lead.id and outbox.kind = 'lead.created')
        -- Those have no message because they are meant to have none.
        and not exists (select from amocrm.quarantined_leads where quarantined_leads.lead_id = lead.id)
      order by lead.created_at limit 1000) as lead));
  v_count := v_count + amocrm.append('student.created', 'tripwire_users', (
    select coalesce(jsonb_agg(jsonb_build_object('id', student.id, 'email', student.email, 'phone', student.phone) order by student.created_at), '[]')
    from (select * from public.tripwire_users as student
      where student.created_at >= v_since and student.amocrm_synced_at is null
        and not exists (select from amocrm.outbox where outbox.subject_id = student.id and outbox.kind = 'student.created')
      order by student.created_at limit 1000) as student));
  -- Ids that could not be written back because somebody held the row.
  perform amocrm.write_back((
    select coalesce(jsonb_agg(jsonb_build_object('subject_table', late.subject_table, 'subject_id', late.subject_id,
      'contact_id', late.amocrm_contact_id, 'deal_id', late.amocrm_deal_id)), '[]')
    from (select delivered.* from amocrm.outbox as delivered
      where delivered.queue = 'amocrm' and delivered.state = 'delivered' and delivered.delivered_at >= amocrm.clock() - interval '1 day'
        and (delivered.amocrm_contact_id is not null or delivered.amocrm_deal_id is not null)
        and (exists (select from public.unified_lead_tracking as lead
            where lead.id = delivered.subject_id and lead.amocrm_synced_at is null)
          or exists (select from public.tripwire_users as student
            where student.id = delivered.subject_id and student.amocrm_synced_at is null))
      order by delivered.delivered_at limit 1000) as late));
  return v_count;
end
$$;
comment on function amocrm.sweep() is
  'Enqueues leads and students of the last day that have no message, writes back ids that were left out, and forgets old links. Tells how many it enqueued.';

create function amocrm.prune(p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  -- A lead or student whose ids are not written back yet keeps its message: the message is the proof that it was sent.
  delete from amocrm.outbox using (
    select old.queue, old.id from amocrm.outbox as old
    where old.state = 'delivered' and old.queue in (select queue_control.queue from amocrm.queue_control)
      and old.delivered_at < amocrm.clock() - make_interval(days => (select amocrm_settings.keep_delivered_days from public.amocrm_settings))
      and not exists (select from public.unified_lead_tracking
        where unified_lead_tracking.id = old.subject_id and unified_lead_tracking.amocrm_synced_at is null)
      and not exists (select from public.tripwire_users where tripwire_users.id = old.subject_id
        and case old.queue when 'amocrm' then tripwire_users.amocrm_synced_at else tripwire_users.welcome_email_sent_at end is null)
    order by old.delivered_at limit p_limit
  ) as old
  where outbox.queue = old.queue and outbox.id = old.id;
  get diagnostics v_count = row_count;
  return v_count + amocrm.prune_over(p_limit) + amocrm.prune_records(p_limit);
end
$$;
comment on function amocrm.prune(int) is
  'Deletes what is old: delivered, superseded and cancelled messages, run records of our cron jobs, actions and resolved alerts; up to p_limit of each. Tells how many rows.';

create function amocrm.prune_over(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  -- A cancelled message of a lead that was never sent is the only sign that somebody decided so; without it a backfill
  -- would take the lead for history.
  delete from amocrm.outbox using (
    select over.queue, over.id from amocrm.outbox as over
    where over.state in ('superseded', 'cancelled') and over.queue in (select queue_control.queue from amocrm.queue_control)
      and over.created_at < amocrm.clock() - make_interval(days => (select amocrm_settings.keep_delivered_days from public.amocrm_settings))
      and not exists (select from public.unified_lead_tracking
        where unified_lead_tracking.id = over.subject_id and unified_lead_tracking.amocrm_synced_at is null)
      and not exists (select from public.tripwire_users where tripwire_users.id = over.subject_id
        and case over.queue when 'amocrm' then tripwire_users.amocrm_synced_at else tripwire_users.welcome_email_sent_at end is null)
    order by over.created_at limit p_limit
  ) as over
  where outbox.queue = over.queue and outbox.id = over.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.prune_over(int) is 'Deletes up to p_limit messages that came to nothing long ago.';

create function amocrm.prune_records(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
  v_run_count int;
  v_action_count int;
begin
  delete from public.amocrm_alerts where amocrm_alerts.id in (
    select alert.id from public.amocrm_alerts as alert
    where alert.resolved_at < amocrm.clock() - interval '90 days' order by alert.id limit p_limit);
  get diagnostics v_count = row_count;
  delete from amocrm.actions where actions.id in (
    select old.id from amocrm.actions as old where old.at < amocrm.clock() - interval '1 year' order by old.at limit p_limit);
  get diagnostics v_action_count = row_count;
  delete from cron.job_run_details where job_run_details.runid in (
    select details.runid from cron.job_run_details as details
    where details.end_time < amocrm.clock() - interval '7 days'
      -- The project's own jobs are not ours to tidy.
      and details.jobid in (select job.jobid from cron.job where job.jobname like 'amocrm-%')
    order by details.runid limit p_limit);
  get diagnostics v_run_count = row_count;
  return v_count + v_action_count + v_run_count;
end
$$;
comment on function amocrm.prune_records(int) is
  'Deletes up to p_limit each of: alerts resolved 90 days ago, actions of a year ago, run records of our cron jobs of a week ago.';

revoke all on function amocrm.sweep(), amocrm.prune(int), amocrm.prune_over(int), amocrm.prune_records(int) from public;

select amocrm.schedule_job('amocrm-sweep', '*/5 * * * *', 'select amocrm.sweep()');
select amocrm.schedule_job('amocrm-prune', '17 * * * *', 'select amocrm.prune(5000)');
