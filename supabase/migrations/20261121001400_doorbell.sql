-- The drain is called when something is due: by cron each ten seconds, and by a doorbell at the end of an inserting
-- statement. pg_net carries only the ring, never data; it sends after commit. The URL and the key come from Vault.

create function amocrm.post(p_function text) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_url text := rtrim(amocrm.vault_secret('amocrm_functions_url'), '/');
  v_key text := amocrm.vault_secret('amocrm_cron_key');
begin
  if v_url is null or v_key is null or to_regclass('net.http_request_queue') is null then
    return null;
  end if;
  if exists (select from net.http_request_queue where http_request_queue.url = v_url || '/' || p_function) then
    return null;
  end if;
  return net.http_post(
    url := v_url || '/' || p_function,
    body := '{}'::jsonb,
    headers := jsonb_build_object('Content-Type', 'application/json', 'apikey', v_key),
    timeout_milliseconds := 5000);
end
$$;
comment on function amocrm.post(text) is
  'Queues one call of an edge function and tells pg_net''s request id. Null if a call is queued already, if Vault has no amocrm_functions_url or amocrm_cron_key, or without pg_net.';

create function amocrm.function_of(p_queue text) returns text
language sql immutable set search_path = ''
as $$ select case p_queue when 'amocrm' then 'amocrm-drain' when 'message' then 'message-drain' end $$;
comment on function amocrm.function_of(text) is 'The edge function that drains a queue.';

create function amocrm.has_slot_soon(p_control amocrm.queue_control) returns boolean
language sql stable set search_path = ''
as $$
  -- A drain waits ten seconds for a slot (pacer.ts). Called sooner it would end at once, and ring at its end, and so on.
  select coalesce(greatest(p_control.cool_off_until,
      p_control.last_slot_at + amocrm.interval_in_force(p_control, 0) * interval '1 millisecond')
    <= amocrm.clock() + interval '10 seconds', true)
$$;
comment on function amocrm.has_slot_soon(amocrm.queue_control) is
  'False while a 429 has put the next slot further away than a drain would wait for it.';

create function amocrm.ring(p_queue text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_control amocrm.queue_control;
  v_now timestamptz := amocrm.clock();
begin
  -- Reads only: this runs inside the visitor's transaction and must wait for nobody.
  select * into v_control from amocrm.queue_control where queue_control.queue = p_queue;
  if v_control.paused_at is null
    and (v_control.drain_expires_at is null or v_control.drain_expires_at <= v_now)
    and (v_control.breaker_probe_at is null or v_control.breaker_probe_at <= v_now)
    and amocrm.has_slot_soon(v_control) then
    perform amocrm.post(amocrm.function_of(p_queue));
  end if;
exception when others then
  -- A broken pg_net or Vault costs the ring only, never the message or the settled work around it: cron calls as well.
  raise warning 'the drain of queue % was not called: % (%)', p_queue, sqlerrm, sqlstate;
end
$$;
comment on function amocrm.ring(text) is
  'Calls the drain unless that gains nothing: paused, breaker open, a long wait after a 429, a drain at work, or a call queued already. Never fails.';

create function amocrm.end_and_ring(p_queue text, p_token uuid) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_is_due boolean := amocrm.end_drain(p_queue, p_token);
begin
  if v_is_due then
    perform amocrm.ring(p_queue);
  end if;
  return v_is_due;
end
$$;
comment on function amocrm.end_and_ring(text, uuid) is 'Gives the drain lease back and rings again if something is due.';

create function amocrm.look_again(p_queue text) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_is_due boolean := amocrm.is_due(p_queue);
begin
  if v_is_due then
    perform amocrm.ring(p_queue);
  end if;
  return v_is_due;
end
$$;
comment on function amocrm.look_again(text) is
  'For a drain that has ended a moment ago: an insert that was not committed then saw a drain at work and rang no bell.';

create function amocrm.ring_for_refresh() returns void
language plpgsql set search_path = ''
as $$
declare
  v_beat amocrm.heartbeats;
  v_now timestamptz := amocrm.clock();
begin
  if not exists (select from amocrm.accounts where accounts.queue = 'amocrm' and amocrm.is_refresh_due(accounts)) then
    return;
  end if;
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-oauth';
  -- Once a minute at most; a refresh that failed says itself when it is due again. What is switched off is asked now and then.
  if v_beat.last_post_at > v_now - (case when v_beat.state in ('disabled', 'unconfigured') then interval '10 minutes' else interval '55 seconds' end) then
    return;
  end if;
  insert into amocrm.heartbeats as beat (component, last_post_at, unanswered_post_count, last_request_id)
  values ('amocrm-oauth', v_now, 1, amocrm.post('amocrm-oauth/refresh'))
  on conflict (component) do update set last_post_at = excluded.last_post_at,
    unanswered_post_count = beat.unanswered_post_count + 1,
    last_request_id = coalesce(excluded.last_request_id, beat.last_request_id);
exception when others then
  raise warning 'the refresh of the token was not called: % (%)', sqlerrm, sqlstate;
end
$$;
comment on function amocrm.ring_for_refresh() is
  'Calls for a refresh of the token if one is due, whether or not sending is stopped. Never fails: a drain refreshes too, if need be.';

create function amocrm.tick(p_queue text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_function text := amocrm.function_of(p_queue);
  v_control amocrm.queue_control;
  v_beat amocrm.heartbeats;
  v_now timestamptz := amocrm.clock();
begin
  select * into v_control from amocrm.queue_control where queue_control.queue = p_queue;
  if v_control.paused_at is not null or v_control.drain_expires_at > v_now or v_control.breaker_probe_at > v_now
    or not amocrm.has_slot_soon(v_control) then
    return;
  end if;
  select * into v_beat from amocrm.heartbeats where heartbeats.component = v_function;
  -- A function that says it is switched off or not configured is asked once a minute, not each ten seconds.
  if v_beat.state in ('disabled', 'unconfigured') and v_beat.last_seen_at > v_now - interval '55 seconds' then
    return;
  end if;
  if amocrm.is_due(p_queue) then
    update amocrm.heartbeats set
      last_post_at = v_now,
      unanswered_post_count = heartbeats.unanswered_post_count + 1,
      last_request_id = coalesce(amocrm.post(v_function), heartbeats.last_request_id)
    where heartbeats.component = v_function;
  end if;
end
$$;
comment on function amocrm.tick(text) is 'Calls the drain of one queue if something is due.';

create function public.amocrm_tick() returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_queue text;
begin
  perform amocrm.ring_for_refresh();
  for v_queue in select queue_control.queue from amocrm.queue_control order by queue_control.queue loop
    begin
      perform amocrm.tick(v_queue);
    exception when others then
      -- What is wrong with one queue's call must not silence the other's. It counts as a call that nobody heard, so
      -- that health names it.
      raise warning 'the drain of queue % was not called: % (%)', v_queue, sqlerrm, sqlstate;
      update amocrm.heartbeats set last_post_at = amocrm.clock(), unanswered_post_count = heartbeats.unanswered_post_count + 1
      where heartbeats.component = amocrm.function_of(v_queue);
    end;
  end loop;
end
$$;
comment on function public.amocrm_tick() is
  'Called by pg_cron each ten seconds: calls the drain of each queue that has something due, and the refresh of the token. Nothing due, no call.';

revoke all on function amocrm.post(text), amocrm.function_of(text),
  amocrm.has_slot_soon(amocrm.queue_control), amocrm.ring(text), amocrm.end_and_ring(text, uuid), amocrm.look_again(text), amocrm.ring_for_refresh(), amocrm.tick(text) from public;
revoke all on function public.amocrm_tick() from public, anon, authenticated;
grant execute on function public.amocrm_tick() to service_role;

select amocrm.schedule_job('amocrm-tick', '10 seconds', 'select public.amocrm_tick()');
