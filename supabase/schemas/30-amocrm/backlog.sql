-- How long amoCRM's queue will take for what waits in it.

create function amocrm.requests_for(p_message_count bigint) returns bigint
language sql stable set search_path = ''
as $$
  -- Each batch costs a look at what changed, the write and the notes. Until the mirror is complete each person costs
  -- up to two searches as well, by e-mail and by phone.
  select 3 * ceil(p_message_count::numeric / amocrm_settings.batch_size)::bigint
    + case when cursors.is_complete then 0 else 2 end * p_message_count
  from public.amocrm_settings, amocrm.cursors where cursors.entity = 'contact' and cursors.account = amocrm.account()
$$;
comment on function amocrm.requests_for(bigint) is 'Estimates how many requests so many messages take.';

create function amocrm.backlog_done_at(p_message_count bigint) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_control amocrm.queue_control;
begin
  select * into v_control from amocrm.queue_control where queue_control.queue = amocrm.account();
  if p_message_count = 0 or v_control.paused_at is not null or v_control.breaker_code is not null
    or exists (select from amocrm.heartbeats where heartbeats.component = 'amocrm-drain' and heartbeats.state in ('disabled', 'unconfigured', 'failed')) then
    return null;
  end if;
  return greatest(v_now, v_control.cool_off_until) + amocrm.requests_for(p_message_count)
    * amocrm.interval_in_force(v_control, (select amocrm_settings.min_interval_ms from public.amocrm_settings)) * interval '1 millisecond';
end
$$;
comment on function amocrm.backlog_done_at(bigint) is
  'Estimates when so many messages will be sent at the present pace; null for none, and while sending is stopped.';

revoke all on function amocrm.requests_for(bigint), amocrm.backlog_done_at(bigint) from public;
