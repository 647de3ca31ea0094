-- The drain is called when something is due: by cron each ten seconds, and by a doorbell at the end of an inserting
-- statement. pg_net carries only the ring, never data; it sends after commit. The URL and what opens the functions come from Vault.

create function amocrm.post(p_function text) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_url text := rtrim(amocrm.vault_secret('amocrm_functions_url'), '/');
  v_headers jsonb := amocrm.call_headers();
begin
  if p_function is null or v_url is null or v_headers is null or to_regclass('net.http_request_queue') is null then
    return null;
  end if;
  -- pg_net sends a batch in one transaction, which has deleted the rows: what is on its way already is seen by its xmax. While
  -- somebody's slow request holds such a batch up, the next ring must be queued, or it comes ten seconds late.
  if exists (select from net.http_request_queue where http_request_queue.url = v_url || '/' || p_function and http_request_queue.xmax = '0') then
    return null;
  end if;
  return net.http_post(
    url := v_url || '/' || p_function,
    body := '{}'::jsonb,
    headers := v_headers,
    timeout_milliseconds := 5000);
end
$$;
comment on function amocrm.post(text) is
  'Queues one call of an edge function and returns pg_net''s request id; null if one is queued or the call is not configured.';

create function amocrm.has_slot_soon(p_control amocrm.queue_control) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  -- A drain waits ten seconds for a slot (pacer.ts). Called sooner it would end at once, and ring at its end, and so on.
  select coalesce(greatest(p_control.cool_off_until,
      p_control.last_slot_at + amocrm.interval_in_force(p_control, 0) * interval '1 millisecond')
    <= amocrm.clock() + interval '10 seconds', true));
end $$;
comment on function amocrm.has_slot_soon(amocrm.queue_control) is
  'True unless a 429 has put the next slot further away than a drain waits.';

create function amocrm.ring(p_queue text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_function text;
begin
  -- Reads only: this runs inside the visitor's transaction and must wait for nobody. In a rush a drain is called or at work
  -- already, which is asked first and in one statement each: all else costs more than the message.
  -- A call by the end of its address, so that Vault need not be read; what has an xmax is on its way. A call to an old address
  -- counts, too: cron comes in ten seconds.
  perform from net.http_request_queue as call
  join amocrm.queues on queues.drain = split_part(call.url, '/', -1)
  where call.xmax = '0' and queues.queue = p_queue;
  if found then
    return false;
  end if;
  perform from amocrm.queue_control
  where queue_control.queue = p_queue and queue_control.paused_at is null
    and (queue_control.drain_expires_at is null or queue_control.drain_expires_at <= amocrm.clock())
    and (queue_control.breaker_probe_at is null or queue_control.breaker_probe_at <= amocrm.clock());
  if not found then
    return false;
  end if;
  if not (select amocrm.has_slot_soon(queue_control) from amocrm.queue_control where queue_control.queue = p_queue) then
    return false;
  end if;
  v_function := amocrm.function_due(p_queue);
  if amocrm.is_resting(v_function) then
    return false;
  end if;
  return amocrm.post(v_function) is not null;
exception
  -- Without pg_net nobody can be called, which amocrm_health says.
  when undefined_table then return false;
  -- A broken pg_net or Vault costs the ring only, never the message or the settled work around it: cron calls as well.
  when others then
    raise warning 'the drain of queue % was not called: % (%)', p_queue, sqlerrm, sqlstate;
    return false;
end
$$;
comment on function amocrm.ring(text) is
  'Calls the drain unless paused, breaker open, long wait, drain at work, recent failure or call queued; true if it did. Never fails.';

create function amocrm.end_and_ring(p_queue text, p_token uuid, p_has_failed boolean) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_is_due boolean := amocrm.end_drain(p_queue, p_token);
begin
  -- Whatever ended this drain would end the next one as well: cron calls when the pause is over.
  if v_is_due and not p_has_failed then
    perform amocrm.ring(p_queue);
  end if;
  return v_is_due;
end
$$;
comment on function amocrm.end_and_ring(text, uuid, boolean) is 'Gives the drain lease back and rings again if something is due, unless the drain ended by an error.';

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
comment on function amocrm.look_again(text) is 'Rings for rows that a drain could not see because they were uncommitted when it ended.';

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
    or not amocrm.has_slot_soon(v_control) or amocrm.is_resting(v_function) then
    return;
  end if;
  select * into v_beat from amocrm.heartbeats where heartbeats.component = v_function;
  -- A function that says it is switched off or not configured is asked once a minute, not each ten seconds.
  if v_beat.state in ('disabled', 'unconfigured') and v_beat.last_seen_at > v_now - interval '55 seconds' then
    return;
  end if;
  if amocrm.is_due(p_queue) then
    -- A pull may go before the drain.
    v_function := amocrm.function_due(p_queue);
    if v_function is not null then
      perform amocrm.note_post(v_function, amocrm.post(v_function));
    end if;
  end if;
end
$$;
comment on function amocrm.tick(text) is 'Calls the drain of one queue if something is due.';

revoke all on function amocrm.post(text), amocrm.has_slot_soon(amocrm.queue_control), amocrm.ring(text), amocrm.end_and_ring(text, uuid, boolean), amocrm.look_again(text), amocrm.tick(text) from public;
