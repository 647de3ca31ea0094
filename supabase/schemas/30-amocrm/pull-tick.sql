-- When amocrm-pull is called: each minute by cron if something is due, by itself while a run goes on, and at the operator's wish.

create function public.amocrm_pull_tick() returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_queue amocrm.queue_control;
  v_beat amocrm.heartbeats;
  v_request_id bigint;
begin
  perform amocrm.refresh_deals(20000);
  select * into v_queue from amocrm.queue_control where queue_control.queue = amocrm.account();
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-pull';
  if v_queue.paused_at is not null or v_queue.breaker_probe_at > v_now
    or exists (select from amocrm.pull_control where pull_control.account = amocrm.account() and pull_control.lease_expires_at > v_now)
    -- One that says it is switched off or not configured is asked each five minutes, or when the drain says that this is over.
    or (v_beat.state in ('disabled', 'unconfigured') and v_beat.last_seen_at > v_now - interval '290 seconds'
      and not exists (select from amocrm.heartbeats as drain
        where drain.component = 'amocrm-drain' and drain.state = 'ok' and drain.last_seen_at > v_beat.last_seen_at))
    or amocrm.is_resting('amocrm-pull')
    or amocrm.due_pull() is null and not amocrm.hints_due()
    -- Leads go first, but whether a pull could spare them their searches shows only when it is called.
    or (amocrm.lane_in_turn() = 'live' and not amocrm.mirror_is_behind() and amocrm.is_due(amocrm.account(), array['live'])) then
    return;
  end if;
  v_request_id := amocrm.post('amocrm-pull');
  if v_request_id is not null then
    perform amocrm.note_post('amocrm-pull', v_request_id);
  end if;
end
$$;
comment on function public.amocrm_pull_tick() is 'Calls the pull each minute by pg_cron if one is due and nothing prevents it.';

create function amocrm.pull_hindrance() returns text
language sql stable set search_path = ''
as $$
  select case
    when queue_control.paused_at is not null then 'Sending is paused: ' || queue_control.pause_reason
    when queue_control.breaker_probe_at > amocrm.clock() then queue_control.breaker_message
    else coalesce((amocrm.extension_problem('pg_net')).problem, amocrm.vault_problem('amocrm_functions_url'), amocrm.call_problem()) end
  from amocrm.queue_control where queue_control.queue = amocrm.account()
$$;
comment on function amocrm.pull_hindrance() is 'Returns why no pull can work now, in words; null if one can.';

create function public.amocrm_pull_progress() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'is_working', exists (select from amocrm.pull_control where pull_control.account = amocrm.account() and pull_control.lease_expires_at > amocrm.clock()),
    'is_due', exists (select from amocrm.cursors join amocrm.pull_control on pull_control.account = cursors.account
      where cursors.account = amocrm.account() and (not cursors.is_complete or cursors.position <> '{}'
        or pull_control.wanted_at > coalesce(cursors.pull_began_at, '-infinity') or pull_control.wanted_since is not null)),
    'hindrance', amocrm.pull_hindrance(),
    'interval_ms', amocrm.interval_in_force((select queue_control from amocrm.queue_control where queue_control.queue = amocrm.account()),
      (select amocrm_settings.min_interval_ms from public.amocrm_settings)),
    'entities', (select jsonb_agg(jsonb_build_object(
        'entity', cursors.entity, 'is_complete', cursors.is_complete, 'changed_until', cursors.changed_until, 'pulled_at', cursors.pulled_at,
        'is_waiting', not cursors.is_complete or cursors.position <> '{}' or coalesce(pull_control.wanted_at > coalesce(cursors.pull_began_at, '-infinity'), false)
          or (cursors.entity = 'deal' and pull_control.wanted_since is not null),
        -- Not while it is asked for each two seconds.
        'total_count', case when not (not cursors.is_complete or cursors.position <> '{}' or coalesce(pull_control.wanted_at > coalesce(cursors.pull_began_at, '-infinity'), false)
            or (cursors.entity = 'deal' and pull_control.wanted_since is not null))
          then case cursors.entity when 'contact' then (select count(*) from amocrm.contacts where contacts.account = cursors.account and not contacts.is_deleted)
            else (select count(*) from amocrm.deals where deals.account = cursors.account and not deals.is_deleted) end end,
        'run', case when pulls.pull_id is not null then jsonb_build_object('id', pulls.pull_id, 'kind', pulls.kind, 'state', pulls.state,
          'started_at', pulls.started_at, 'ended_at', pulls.ended_at, 'page_count', pulls.page_count, 'new_count', pulls.new_count,
          'changed_count', pulls.changed_count, 'deleted_count', pulls.deleted_count, 'pages_left', pulls.pages_left,
          'error_code', pulls.error_code, 'error_message', pulls.error_message) end) order by cursors.entity)
      from amocrm.cursors join amocrm.pull_control on pull_control.account = cursors.account
      left join lateral (select * from amocrm.pulls where pulls.entity = cursors.entity and pulls.account = cursors.account
        order by pulls.pull_id desc limit 1) as pulls on true
      where cursors.account = amocrm.account()))
$$;
comment on function public.amocrm_pull_progress() is
  'Returns the state of the pulls: each entity''s last run, what is left, and what prevents it.';

create function public.amocrm_pull_request(p_since timestamptz, p_accepts_deletions boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  update amocrm.pull_control set wanted_at = amocrm.clock(), wanted_since = least(pull_control.wanted_since, p_since),
    deletions_accepted_at = case when p_accepts_deletions then amocrm.clock() else pull_control.deletions_accepted_at end
  where pull_control.account = amocrm.account();
  update amocrm.cursors set next_attempt_at = null where cursors.account = amocrm.account() and cursors.next_attempt_at is not null;
  if amocrm.pull_hindrance() is null and not exists (select from amocrm.pull_control where pull_control.account = amocrm.account() and pull_control.lease_expires_at > amocrm.clock()) then
    perform amocrm.post('amocrm-pull');
  end if;
  perform amocrm.note_action('pull', jsonb_build_object('since', p_since, 'accepts_deletions', p_accepts_deletions));
  return public.amocrm_pull_progress();
end
$$;
comment on function public.amocrm_pull_request(timestamptz, boolean) is
  'Requests a pull for the operator, optionally of deals changed since p_since or with mass deletions accepted; returns the progress.';

revoke all on function amocrm.pull_hindrance() from public;
revoke all on function public.amocrm_pull_tick(), public.amocrm_pull_progress(), public.amocrm_pull_request(timestamptz, boolean)
  from public, anon, authenticated;
grant execute on function public.amocrm_pull_tick(), public.amocrm_pull_progress(), public.amocrm_pull_request(timestamptz, boolean)
  to service_role;

select amocrm.schedule_job('amocrm-pull-tick', '* * * * *', 'select public.amocrm_pull_tick()');
