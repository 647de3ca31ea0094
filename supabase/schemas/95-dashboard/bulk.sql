-- One action on many messages: seen before it starts, exactly those that were there then, in steps, stoppable, with what came
-- of each. The messages are written down at the start: an id as an upper bound would let in older ones that die meanwhile.

create table amocrm.bulk_jobs (
  id bigint generated always as identity primary key,
  action text not null,
  filter jsonb not null,
  queue text not null,
  state text not null default 'running',
  user_id uuid,
  created_at timestamptz not null default amocrm.clock(),
  ended_at timestamptz,
  message_count int not null,
  done_count int not null default 0,
  left_count int not null default 0,
  constraint action_is_known check (action in ('requeue', 'cancel')),
  constraint state_is_known check (state in ('running', 'stopped', 'done')),
  constraint end_has_its_time check ((state = 'running') = (ended_at is null))
);
comment on table amocrm.bulk_jobs is 'Bulk actions of admins: what was asked, how far each is, and how it ended.';
comment on column amocrm.bulk_jobs.done_count is 'Messages on which the action was done.';
comment on column amocrm.bulk_jobs.left_count is 'Messages that were left alone, because they had changed or a person has to look first.';
create index bulk_jobs_running_idx on amocrm.bulk_jobs (id) where state = 'running';

create table amocrm.bulk_messages (
  job_id bigint not null references amocrm.bulk_jobs (id) on delete cascade,
  message_id bigint not null,
  was text not null,
  result text,
  primary key (job_id, message_id),
  constraint result_is_known check (result in ('done', 'changed', 'look_first', 'gone'))
);
comment on table amocrm.bulk_messages is 'The messages of each bulk action as frozen at its start, and what came of each.';
comment on column amocrm.bulk_messages.was is 'The state when the action was started.';
comment on column amocrm.bulk_messages.result is 'Null until its turn: done, changed (another state by then), look_first (nobody has looked in amoCRM) or gone.';
create index bulk_messages_open_idx on amocrm.bulk_messages (job_id, message_id) where result is null;
alter table amocrm.bulk_jobs enable row level security;
alter table amocrm.bulk_messages enable row level security;
revoke all on amocrm.bulk_jobs, amocrm.bulk_messages from public, anon, authenticated, service_role;
grant select on amocrm.bulk_jobs, amocrm.bulk_messages to service_role;

create function amocrm.bulk_filter(p_action text, p_filter jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_able text[] := case p_action when 'requeue' then '{dead,cancelled,pending}'::text[] when 'cancel' then '{pending,uncertain,dead}'::text[] end;
begin
  if v_able is null then
    raise exception 'p_action is %, must be requeue or cancel', coalesce(p_action, 'null') using errcode = '22023';
  end if;
  perform amocrm.check_filter(p_filter);
  return p_filter || jsonb_build_object('states', array(
    select state from unnest(amocrm.filter_states(p_filter)) as state where state = any (v_able)));
end
$$;
comment on function amocrm.bulk_filter(text, jsonb) is 'Returns the filter with those of its states only in which a bulk action makes sense.';

create function amocrm.bulk_previewed(p_action text, p_filter jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_filter jsonb;
  v_ids bigint[];
begin
  perform amocrm.require_admin();
  v_filter := amocrm.bulk_filter(p_action, p_filter);
  v_ids := amocrm.filtered_ids(v_filter, null, 100001);
  return jsonb_build_object('count', least(cardinality(v_ids), 100000), 'is_more', cardinality(v_ids) > 100000,
    'kinds', (select coalesce(jsonb_object_agg(kinds.kind, kinds.message_count), '{}') from (
      select outbox.kind, count(*) as message_count from amocrm.outbox
      where outbox.queue = coalesce(p_filter ->> 'queue', 'amocrm') and outbox.id = any (v_ids[1:100000]) group by 1) as kinds),
    'oldest_at', (select outbox.created_at from amocrm.outbox where outbox.queue = coalesce(p_filter ->> 'queue', 'amocrm') and outbox.id = v_ids[least(cardinality(v_ids), 100000)]),
    'samples', (select coalesce(jsonb_agg(amocrm.message_row(outbox, true) order by outbox.id desc), '[]') from amocrm.outbox
      where outbox.queue = coalesce(p_filter ->> 'queue', 'amocrm') and outbox.id = any (v_ids[1:3])));
end
$$;
comment on function amocrm.bulk_previewed(text, jsonb) is 'Returns what amocrm_bulk_preview returns.';

create function amocrm.run_bulk(p_job bigint, p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_job amocrm.bulk_jobs;
  v_able text[];
  v_ids bigint[];
  v_done bigint[];
begin
  select * into v_job from amocrm.bulk_jobs where bulk_jobs.id = p_job and bulk_jobs.state = 'running' for update;
  if v_job.id is null then
    return 0;
  end if;
  v_able := case v_job.action when 'requeue' then '{dead,cancelled,pending}'::text[] else '{pending,uncertain,dead}'::text[] end;
  perform amocrm.lock_queue(v_job.queue);
  v_ids := array(select frozen.message_id from amocrm.bulk_messages as frozen
    where frozen.job_id = p_job and frozen.result is null order by frozen.message_id limit p_limit);
  with judged as (
    select frozen.message_id, case when outbox.id is null then 'gone'
      -- Tried again, ended or cancelled by somebody else meanwhile: then it is not what was asked about any more.
      when outbox.state <> frozen.was or not outbox.state = any (v_able) then 'changed'
      when v_job.action = 'requeue' and outbox.last_error_code = 'look_unclear' and v_job.filter ->> 'error_code' is distinct from 'look_unclear' then 'look_first'
      else 'done' end as result
    from amocrm.bulk_messages as frozen
    left join amocrm.outbox on outbox.queue = v_job.queue and outbox.id = frozen.message_id
    where frozen.job_id = p_job and frozen.message_id = any (v_ids)
  ), written as (
    update amocrm.bulk_messages as frozen set result = judged.result from judged
    where frozen.job_id = p_job and frozen.message_id = judged.message_id
    returning frozen.message_id, frozen.result
  )
  select coalesce(array_agg(written.message_id) filter (where written.result = 'done'), '{}') into v_done from written;
  if v_job.action = 'requeue' then
    perform amocrm.requeue_all(v_job.queue, v_done);
  else
    perform amocrm.landed(v_job.queue, person.id) from unnest(amocrm.cancel_all(v_job.queue, v_done)) as person (id);
  end if;
  update amocrm.bulk_jobs set done_count = bulk_jobs.done_count + cardinality(v_done),
    left_count = bulk_jobs.left_count + cardinality(v_ids) - cardinality(v_done),
    state = case when cardinality(v_ids) < p_limit then 'done' else 'running' end,
    ended_at = case when cardinality(v_ids) < p_limit then amocrm.clock() end
  where bulk_jobs.id = p_job;
  if v_job.action = 'requeue' and v_done <> '{}' then
    perform amocrm.ring(v_job.queue);
  end if;
  return cardinality(v_ids);
end
$$;
comment on function amocrm.run_bulk(bigint, int) is 'Does the next p_limit messages of a bulk action; returns how many it judged.';

create function amocrm.run_bulks() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_job bigint;
  v_count int := 0;
begin
  for v_job in select bulk_jobs.id from amocrm.bulk_jobs where bulk_jobs.state = 'running' order by bulk_jobs.id limit 5 loop
    v_count := v_count + amocrm.run_bulk(v_job, 1000);
  end loop;
  return v_count;
end
$$;
comment on function amocrm.run_bulks() is 'Does a step of each running bulk action; returns how many messages it judged.';

create function amocrm.bulk_started(p_action text, p_filter jsonb, p_confirmed_count int) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_filter jsonb;
  v_ids bigint[];
  v_job bigint;
begin
  perform amocrm.require_admin();
  v_filter := amocrm.bulk_filter(p_action, p_filter);
  v_ids := amocrm.filtered_ids(v_filter, null, 100000);
  -- Many want their number typed; few want it only not to have grown since the preview.
  if p_confirmed_count is null or cardinality(v_ids) > p_confirmed_count and cardinality(v_ids) > 100 then
    raise exception '% messages match, % were confirmed', cardinality(v_ids), coalesce(p_confirmed_count::text, '0') using errcode = '22023',
      hint = 'Look at amocrm_bulk_preview again, then give its count.';
  end if;
  -- The newest that were not in the preview stay out.
  v_ids := v_ids[greatest(cardinality(v_ids) - p_confirmed_count, 0) + 1:];
  insert into amocrm.bulk_jobs (action, filter, queue, user_id, message_count)
  values (p_action, v_filter - '{email,phone}'::text[], coalesce(p_filter ->> 'queue', 'amocrm'),
    case when current_setting('role', true) not in ('none', 'service_role') then ((select auth.jwt()) ->> 'sub')::uuid end, cardinality(v_ids))
  returning bulk_jobs.id into v_job;
  insert into amocrm.bulk_messages (job_id, message_id, was)
  select v_job, outbox.id, outbox.state from amocrm.outbox where outbox.queue = coalesce(p_filter ->> 'queue', 'amocrm') and outbox.id = any (v_ids);
  perform amocrm.note_action('bulk_' || p_action, jsonb_build_object('job', v_job, 'filter', v_filter - '{email,phone}'::text[]),
    jsonb_build_object('message_count', cardinality(v_ids)), v_ids);
  perform amocrm.run_bulk(v_job, 500);
  return v_job;
end
$$;
comment on function amocrm.bulk_started(text, jsonb, int) is 'Returns what amocrm_bulk_start returns.';

create function amocrm.bulk_stopped(p_job bigint) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_stopped int;
begin
  perform amocrm.require_admin();
  update amocrm.bulk_jobs set state = 'stopped', ended_at = amocrm.clock() where bulk_jobs.id = p_job and bulk_jobs.state = 'running';
  get diagnostics v_stopped = row_count;
  if v_stopped > 0 then
    perform amocrm.note_action('bulk_stop', jsonb_build_object('job', p_job));
  end if;
  return v_stopped > 0;
end
$$;
comment on function amocrm.bulk_stopped(bigint) is 'Returns what amocrm_bulk_stop returns.';

create function amocrm.bulk_rows(p_job bigint)
returns table (id bigint, action text, filter jsonb, state text, user_id uuid, created_at timestamptz, ended_at timestamptz, message_count int, done_count int,
  left_count int, left_alone jsonb)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.require_reader();
  return query
  select jobs.id, jobs.action, jobs.filter, jobs.state, jobs.user_id, jobs.created_at, jobs.ended_at, jobs.message_count, jobs.done_count, jobs.left_count,
    (select coalesce(jsonb_agg(jsonb_build_object('id', kept.message_id, 'was', kept.was, 'result', kept.result) order by kept.message_id), '[]')
      from (select * from amocrm.bulk_messages as frozen where frozen.job_id = jobs.id and frozen.result <> 'done' order by frozen.message_id limit 200) as kept)
  from amocrm.bulk_jobs as jobs where p_job is null or jobs.id = p_job order by jobs.id desc limit 50;
end
$$;
comment on function amocrm.bulk_rows(bigint) is 'Returns the rows of amocrm_bulk_jobs.';

create view public.amocrm_bulk_jobs with (security_invoker = true) as
select id, action, filter, state, user_id, created_at, ended_at, message_count, done_count, left_count, left_alone from amocrm.bulk_rows(null);
comment on view public.amocrm_bulk_jobs is 'Which bulk actions ran, how far are they, and what did they leave alone? Lists the latest fifty.';

create function public.amocrm_bulk_preview(p_action text, p_filter jsonb) returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.bulk_previewed(p_action, p_filter); end;
comment on function public.amocrm_bulk_preview(text, jsonb) is
  'Returns what a bulk action (requeue, cancel) would touch, {count, is_more, kinds, oldest_at, samples}; changes nothing.';

create function public.amocrm_bulk_start(p_action text, p_filter jsonb, p_confirmed_count int) returns bigint
language sql set search_path = ''
begin atomic select amocrm.bulk_started(p_action, p_filter, p_confirmed_count); end;
comment on function public.amocrm_bulk_start(text, jsonb, int) is
  'Starts a bulk action on the messages that a filter has now; refused if there are more than confirmed. Returns its id.';

create function public.amocrm_bulk_stop(p_job bigint) returns boolean
language sql set search_path = ''
begin atomic select amocrm.bulk_stopped(p_job); end;
comment on function public.amocrm_bulk_stop(bigint) is 'Stops a running bulk action; what is done stays done. False if it was over.';

create function amocrm.prune_bulk(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  delete from amocrm.bulk_messages using (
    select frozen.job_id, frozen.message_id from amocrm.bulk_jobs as jobs join amocrm.bulk_messages as frozen on frozen.job_id = jobs.id
    where jobs.ended_at < amocrm.clock() - interval '90 days' limit p_limit) as old
  where bulk_messages.job_id = old.job_id and bulk_messages.message_id = old.message_id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.prune_bulk(int) is 'Deletes up to p_limit messages of bulk actions that ended 90 days ago; the actions stay.';

revoke all on function amocrm.bulk_filter(text, jsonb), amocrm.run_bulk(bigint, int), amocrm.run_bulks(), amocrm.prune_bulk(int) from public;
revoke all on function amocrm.bulk_rows(bigint) from public, anon;
grant execute on function amocrm.bulk_rows(bigint) to authenticated, service_role;
revoke all on public.amocrm_bulk_jobs from public, anon, authenticated, service_role;
grant select on public.amocrm_bulk_jobs to authenticated, service_role;
revoke all on function amocrm.bulk_previewed(text, jsonb), amocrm.bulk_started(text, jsonb, int), amocrm.bulk_stopped(bigint),
  public.amocrm_bulk_preview(text, jsonb), public.amocrm_bulk_start(text, jsonb, int), public.amocrm_bulk_stop(bigint) from public, anon, authenticated;
grant execute on function amocrm.bulk_previewed(text, jsonb), amocrm.bulk_started(text, jsonb, int), amocrm.bulk_stopped(bigint),
  public.amocrm_bulk_preview(text, jsonb), public.amocrm_bulk_start(text, jsonb, int), public.amocrm_bulk_stop(bigint) to authenticated, service_role;
insert into amocrm.upkeep (step, rank, row_factor, function) values ('bulk actions', 60, 1, 'amocrm.prune_bulk');
select amocrm.schedule_job('amocrm-bulk', '10 seconds', 'select amocrm.run_bulks()');
