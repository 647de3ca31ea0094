-- Two cleaners, run by cron: the sweep finds what was saved without its message, pruning removes what is long delivered.

create function amocrm.sweep() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_since timestamptz := amocrm.sweep_since();
  v_copied_count int;
  v_count int;
begin
  perform amocrm.prune_oauth();
  v_copied_count := amocrm.copy_left_out();
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
    select coalesce(jsonb_agg(jsonb_build_object('kind', late.kind, 'subject_table', late.subject_table, 'subject_id', late.subject_id,
      'contact_id', late.amocrm_contact_id, 'deal_id', late.amocrm_deal_id)), '[]')
    from (select delivered.* from amocrm.outbox as delivered
      where delivered.queue = 'amocrm' and delivered.state = 'delivered' and delivered.delivered_at >= amocrm.clock() - interval '1 day'
        and (delivered.amocrm_contact_id is not null or delivered.amocrm_deal_id is not null)
        and delivered.kind not in (select kinds.kind from amocrm.kinds where not kinds.settles_subject)
        and (exists (select from public.unified_lead_tracking as lead
            where lead.id = delivered.subject_id and lead.amocrm_synced_at is null)
          or exists (select from public.tripwire_users as student
            where student.id = delivered.subject_id and student.amocrm_synced_at is null))
      order by delivered.delivered_at limit 1000) as late));
  return v_copied_count + v_count;
end
$$;
comment on function amocrm.sweep() is
  'Copies and enqueues rows of the last day that were missed, writes ids back, forgets old links; returns how many it enqueued.';

create function amocrm.prune_messages(p_states text[], p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
  v_before timestamptz := amocrm.clock() - make_interval(days => (select amocrm_settings.keep_delivered_days from public.amocrm_settings));
  -- What was delivered is old by that moment, which has an index; what came to nothing by when it was appended.
  v_moment text := case when p_states = '{delivered}' then 'delivered_at' else 'created_at' end;
begin
  -- A row to which nothing is written back yet keeps its messages: they are the proof that it was sent, or the only sign that
  -- somebody cancelled it, without which a backfill would take it for history. Which rows those are the areas say.
  execute format('delete from amocrm.outbox using (
      select old.queue, old.id from amocrm.outbox as old
      where old.state = any (%2$L) and old.queue in (select queue_control.queue from amocrm.queue_control)
        and old.%1$I < $1 and not amocrm.is_unwritten(old.queue, old.subject_table, old.subject_id)
      order by old.%1$I limit $2
    ) as old
    where outbox.queue = old.queue and outbox.id = old.id', v_moment, p_states)
  using v_before, p_limit;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.prune_messages(text[], int) is 'Deletes up to p_limit messages that ended in these states long ago.';

create function amocrm.prune_delivered(p_limit int) returns int
language sql set search_path = ''
as $$ select amocrm.prune_messages('{delivered}', p_limit) $$;
comment on function amocrm.prune_delivered(int) is 'Deletes up to p_limit messages that were delivered long ago.';

create function amocrm.prune_ended(p_limit int) returns int
language sql set search_path = ''
as $$ select amocrm.prune_messages('{superseded,cancelled}', p_limit) $$;
comment on function amocrm.prune_ended(int) is 'Deletes up to p_limit messages that came to nothing long ago.';

create function amocrm.prune(p_limit int) returns int
language sql security definer set search_path = ''
as $$ select amocrm.run_upkeep(p_limit) $$;
comment on function amocrm.prune(int) is
  'Deletes up to p_limit each of finished messages, run records, actions and resolved alerts that are old; returns how many.';

create function amocrm.prune_records(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
  v_action_count int;
begin
  delete from public.amocrm_alerts where amocrm_alerts.id in (
    select alert.id from public.amocrm_alerts as alert
    where alert.resolved_at < amocrm.clock() - interval '90 days' order by alert.id limit p_limit);
  get diagnostics v_count = row_count;
  delete from amocrm.actions where actions.id in (
    select old.id from amocrm.actions as old where old.at < amocrm.clock() - interval '1 year' order by old.at limit p_limit);
  get diagnostics v_action_count = row_count;
  return v_count + v_action_count;
end
$$;
comment on function amocrm.prune_records(int) is 'Deletes up to p_limit alerts resolved 90 days ago and as many actions older than a year.';

create table amocrm.prune_control (
  is_the_only_row boolean primary key default true,
  runs_pruned_to bigint not null default 0,
  constraint prune_has_one_row check (is_the_only_row)
);
comment on table amocrm.prune_control is 'One row with the progress of pruning cron''s run log, which has no index by job or time.';
comment on column amocrm.prune_control.runs_pruned_to is
  'The newest run of cron that was old enough to prune; runs before it are not checked again.';
insert into amocrm.prune_control default values;
alter table amocrm.prune_control enable row level security;
revoke all on amocrm.prune_control from public, anon, authenticated, service_role;
grant select on amocrm.prune_control to service_role;

create function amocrm.prune_runs(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_before timestamptz := amocrm.clock() - interval '7 days';
  v_from bigint;
  v_to bigint;
  v_count int;
begin
  -- After a restore the numbers may begin anew.
  select case when prune_control.runs_pruned_to <= amocrm.newest_run() then prune_control.runs_pruned_to else 0 end into v_from from amocrm.prune_control for update;
  -- Each run is looked at once: the project's own jobs may have left a million of theirs between ours.
  select max(looked_at.runid) into v_to from (
    select details.runid, details.start_time, details.end_time from cron.job_run_details as details
    where details.runid > v_from order by details.runid limit p_limit) as looked_at
  -- A run that a crash of the server cut off has no end.
  where coalesce(looked_at.end_time, looked_at.start_time) < v_before;
  if v_to is null then
    return 0;
  end if;
  delete from cron.job_run_details where job_run_details.runid > v_from and job_run_details.runid <= v_to
    and coalesce(job_run_details.end_time, job_run_details.start_time, '-infinity') < v_before
    -- The project's own jobs are not ours to tidy.
    and job_run_details.jobid in (select job.jobid from cron.job where job.jobname like 'amocrm-%');
  get diagnostics v_count = row_count;
  update amocrm.prune_control set runs_pruned_to = v_to where prune_control.is_the_only_row;
  return v_count;
end
$$;
comment on function amocrm.prune_runs(int) is 'Deletes week-old run records of our cron jobs among the next p_limit records.';

revoke all on function amocrm.sweep(), amocrm.prune(int), amocrm.prune_messages(text[], int), amocrm.prune_delivered(int), amocrm.prune_ended(int), amocrm.prune_records(int), amocrm.prune_runs(int) from public;

insert into amocrm.upkeep (step, rank, row_factor, function) values
  ('delivered messages', 10, 1, 'amocrm.prune_delivered'),
  ('ended messages', 20, 1, 'amocrm.prune_ended'),
  ('alerts and actions', 30, 1, 'amocrm.prune_records'),
  ('runs of cron', 40, 10, 'amocrm.prune_runs');
select amocrm.schedule_job('amocrm-sweep', '*/5 * * * *', 'select amocrm.sweep()');
select amocrm.schedule_job('amocrm-prune', '17 * * * *', 'select amocrm.prune(5000)');
