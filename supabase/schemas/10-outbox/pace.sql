-- One pace for the whole account. Whoever wants to send a request reserves the next slot and sleeps until then; a crash
-- wastes one slot. Fixed windows and token buckets were measured to allow twice the limit in one second.

create function amocrm.interval_in_force(p_control amocrm.queue_control, p_min_interval_ms int) returns int
language plpgsql stable set search_path = ''
as $$
begin return (
  -- After a 429 the interval is longer, and creeps back by 5 % a minute. A clock that was set back must not make it grow.
  select greatest(p_min_interval_ms, coalesce(p_control.slow_interval_ms
    * power(0.95, greatest(extract(epoch from amocrm.clock() - p_control.slow_since), 0) / 60.0), 0)::int));
end $$;
comment on function amocrm.interval_in_force(amocrm.queue_control, int) is
  'Returns the milliseconds between two requests now: the set pace, or slower after a 429.';

create function amocrm.reserve_slot(
  p_queue text, p_token uuid, p_min_interval_ms int, p_since_departure_ms int, p_max_wait_ms int, p_is_for_token boolean default false
) returns table (granted boolean, is_probe boolean, wait_ms int, interval_ms int, code text, message text)
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.queue_control;
  v_now timestamptz;
  v_interval interval;
  v_slot timestamptz;
begin
  v_control := amocrm.lock_queue(p_queue);
  v_now := amocrm.clock();
  interval_ms := amocrm.interval_in_force(v_control, p_min_interval_ms);
  v_interval := interval_ms * interval '1 millisecond';
  granted := false;
  -- Pause and breaker stop everything but the renewal of tokens, which would die in a long one; amocrm_tokens_claim keeps it rare.
  is_probe := v_control.breaker_code is not null and not p_is_for_token;
  if p_token is not null and (v_control.drain_token is distinct from p_token or v_control.drain_expires_at <= v_now) then
    code := 'lease_lost';
    message := 'Another drain took over';
  elsif v_control.paused_at is not null and not p_is_for_token then
    code := 'paused';
    message := 'Sending is paused: ' || v_control.pause_reason;
  elsif v_control.breaker_probe_at > v_now and not p_is_for_token then
    code := 'breaker_open';
    message := 'Sending stopped after ' || v_control.breaker_code;
    wait_ms := ceil(extract(epoch from v_control.breaker_probe_at - v_now) * 1000);
  else
    -- The later of slot and departure counts: a request that left late pushes the next one.
    v_slot := greatest(v_now, v_control.last_slot_at + v_interval, v_control.cool_off_until,
      v_now - p_since_departure_ms * interval '1 millisecond' + v_interval);
    wait_ms := ceil(extract(epoch from v_slot - v_now) * 1000);
    if wait_ms > p_max_wait_ms then
      code := 'wait_too_long';
      message := 'The next slot is further away than this call may last';
    else
      granted := true;
      update amocrm.queue_control set
        last_slot_at = v_slot,
        slots_since_pull = queue_control.slots_since_pull + (p_token is not null)::int,
        drain_expires_at = case when p_token is null then queue_control.drain_expires_at else v_slot + amocrm.drain_lease() end,
        -- While the breaker is open one probe goes, not one from each worker.
        breaker_probe_at = case when is_probe then v_slot + v_control.breaker_delay_seconds * interval '1 second' else queue_control.breaker_probe_at end
      where queue_control.queue = p_queue;
    end if;
  end if;
  return next;
end
$$;
comment on function amocrm.reserve_slot(text, uuid, int, int, int, boolean) is
  'Reserves the next slot and renews the lease: send after wait_ms. Refused: lease_lost, paused, breaker_open or wait_too_long.';

create function amocrm.untold_wait_ms(p_queue text, p_first_wait_ms int) returns int
language sql stable set search_path = ''
as $$
  -- The first request after a wait met a 429 again: that wait was too short.
  select case when queue_control.cool_off_until + interval '30 seconds' >= amocrm.clock()
      then least(greatest(2 * extract(epoch from queue_control.cool_off_until - queue_control.slow_since) * 1000, p_first_wait_ms), 120000)::int
    else p_first_wait_ms end
  from amocrm.queue_control where queue_control.queue = p_queue
$$;
comment on function amocrm.untold_wait_ms(text, int) is
  'Returns the wait after a 429 without Retry-After: a first wait that doubles up to two minutes while only 429 comes.';

create function amocrm.slow_down(p_queue text, p_min_interval_ms int, p_wait_ms int, p_reason text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.queue_control := amocrm.lock_queue(p_queue);
  v_now timestamptz := amocrm.clock();
begin
  update amocrm.queue_control set
    slow_interval_ms = least(greatest(amocrm.interval_in_force(v_control, p_min_interval_ms) * 3 / 2, 500), 10000),
    slow_since = v_now,
    slow_reason = p_reason,
    cool_off_until = greatest(queue_control.cool_off_until, v_now + p_wait_ms * interval '1 millisecond')
  where queue_control.queue = p_queue;
end
$$;
comment on function amocrm.slow_down(text, int, int, text) is
  'Honours a 429: waits as Retry-After says and makes the interval half as long again.';

create function amocrm.open_breaker(p_queue text, p_code text, p_message text, p_first_delay_seconds int, p_max_delay_seconds int) returns void
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.queue_control := amocrm.lock_queue(p_queue);
  v_now timestamptz := amocrm.clock();
  v_delay int := case when v_control.breaker_code is null then p_first_delay_seconds
    else least(v_control.breaker_delay_seconds * 2, p_max_delay_seconds) end;
begin
  -- Several requests may come back refused at once: they are one opening, not several doublings.
  if v_control.breaker_opened_at > v_now - interval '1 second' then
    return;
  end if;
  update amocrm.queue_control set breaker_code = p_code, breaker_message = p_message, breaker_delay_seconds = v_delay,
    breaker_opened_at = coalesce(queue_control.breaker_opened_at, v_now), breaker_probe_at = v_now + v_delay * interval '1 second'
  where queue_control.queue = p_queue;
end
$$;
comment on function amocrm.open_breaker(text, text, text, int, int) is
  'Stops sending for the whole account; each failed probe doubles the wait up to the maximum.';

create function amocrm.close_breaker(p_queue text) returns void
language sql set search_path = ''
as $$
  update amocrm.queue_control set breaker_code = null, breaker_message = null, breaker_opened_at = null,
    breaker_probe_at = null, breaker_delay_seconds = null
  where queue_control.queue = p_queue and queue_control.breaker_code is not null
$$;
comment on function amocrm.close_breaker(text) is 'Closes the breaker after a successful probe, so that sending goes on.';

create function amocrm.report_fault(
  p_queue text, p_min_interval_ms int, p_code text, p_cause_code text, p_message text, p_told_wait_ms bigint,
  p_operation text, p_message_ids bigint[], p_is_probe boolean
) returns text
language plpgsql set search_path = ''
as $$
declare
  v_policy amocrm.error_policies := amocrm.policy_of(p_code);
  v_failed amocrm.operations;
  v_any amocrm.operations;
  v_is_kinds boolean;
  v_is_anybodys boolean;
begin
  perform amocrm.lock_queue(p_queue);
  if v_policy.action = 'slow_down' then
    perform amocrm.slow_down(p_queue, p_min_interval_ms,
      coalesce(amocrm.told_wait_ms(p_told_wait_ms), amocrm.untold_wait_ms(p_queue, v_policy.first_wait_ms))::int, p_code);
    return 'stop';
  elsif v_policy.opens_breaker_after is null then
    return 'harmless';
  end if;
  v_failed := amocrm.note_failure(p_queue, p_operation, p_message_ids);
  v_any := amocrm.note_failure(p_queue, '*', p_message_ids);
  v_is_kinds := v_failed.stopped_at is not null or jsonb_array_length(v_failed.suspects) >= v_policy.opens_breaker_after;
  v_is_anybodys := v_any.stopped_at is not null or jsonb_array_length(v_any.suspects) >= v_policy.opens_breaker_after;
  if p_is_probe or v_is_kinds or v_is_anybodys then
    -- Why there is no token says more than that there is none; and it is closed when that is over (amocrm_tokens_connect).
    -- A probe by another kind of request may have closed the breaker meanwhile: the waits go on doubling all the same.
    perform amocrm.open_breaker(p_queue, coalesce(p_cause_code, p_code), p_message,
      least(coalesce(greatest(v_failed.breaker_delay_seconds, v_any.breaker_delay_seconds) * 2, v_policy.breaker_first_seconds),
        v_policy.breaker_longest_seconds), v_policy.breaker_longest_seconds);
    update amocrm.operations set stopped_at = amocrm.clock(),
      breaker_delay_seconds = (select queue_control.breaker_delay_seconds from amocrm.queue_control where queue_control.queue = p_queue)
    where operations.queue = p_queue
      and ((operations.operation = p_operation and v_is_kinds) or (operations.operation = '*' and v_is_anybodys));
    return 'stop';
  end if;
  return 'counts';
end
$$;
comment on function amocrm.report_fault(text, int, text, text, text, bigint, text, bigint[], boolean) is
  'Returns what an error means for the account by its policy: stop (slowed down or breaker opened), counts (not yet) or harmless.';

revoke all on function amocrm.interval_in_force(amocrm.queue_control, int),
  amocrm.reserve_slot(text, uuid, int, int, int, boolean), amocrm.slow_down(text, int, int, text),
  amocrm.open_breaker(text, text, text, int, int), amocrm.close_breaker(text),
  amocrm.untold_wait_ms(text, int), amocrm.report_fault(text, int, text, text, text, bigint, text, bigint[], boolean) from public;
