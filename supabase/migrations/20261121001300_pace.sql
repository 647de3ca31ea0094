-- One pace for the whole account. Whoever wants to send a request reserves the next slot and sleeps until then; a crash
-- wastes one slot. Fixed windows and token buckets were measured to allow twice the limit in one second.

create function amocrm.interval_in_force(p_control amocrm.queue_control, p_min_interval_ms int) returns int
language sql stable set search_path = ''
as $$
  -- After a 429 the interval is longer, and creeps back by 5 % a minute. A clock that was set back must not make it grow.
  select greatest(p_min_interval_ms, coalesce(p_control.slow_interval_ms
    * power(0.95, greatest(extract(epoch from amocrm.clock() - p_control.slow_since), 0) / 60.0), 0)::int)
$$;
comment on function amocrm.interval_in_force(amocrm.queue_control, int) is
  'Milliseconds between two requests now: the set pace, or slower after amoCRM said 429.';

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
  'Reserves the next slot and renews the drain lease: send after wait_ms. Not granted: lease_lost, paused, breaker_open or wait_too_long.';

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
comment on function amocrm.slow_down(text, int, int, text) is 'After a 429: wait as told, and half as slow again from then on.';

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
comment on function amocrm.close_breaker(text) is 'A probe was answered: sending goes on.';

create function amocrm.report_fault(
  p_queue text, p_min_interval_ms int, p_code text, p_cause_code text, p_message text, p_told_wait_ms bigint, p_count int, p_is_probe boolean
) returns text
language plpgsql set search_path = ''
as $$
declare
  v_policy amocrm.error_policies := amocrm.policy_of(p_code);
begin
  if v_policy.action = 'slow_down' then
    perform amocrm.slow_down(p_queue, p_min_interval_ms,
      coalesce(amocrm.told_wait_ms(p_told_wait_ms), v_policy.first_wait_ms)::int, p_code);
    return 'stop';
  elsif v_policy.opens_breaker_after is null then
    return 'harmless';
  elsif p_is_probe or p_count >= v_policy.opens_breaker_after then
    -- Why there is no token says more than that there is none; and it is closed when that is over (amocrm_tokens_connect).
    perform amocrm.open_breaker(p_queue, coalesce(p_cause_code, p_code), p_message, v_policy.breaker_first_seconds, v_policy.breaker_longest_seconds);
    return 'stop';
  end if;
  return 'counts';
end
$$;
comment on function amocrm.report_fault(text, int, text, text, text, bigint, int, boolean) is
  'What an error means for the whole account, by its policy: stop (sending slowed down or the breaker opened), counts (the p_count-th in a row, not enough yet) or harmless.';

revoke all on function amocrm.interval_in_force(amocrm.queue_control, int),
  amocrm.reserve_slot(text, uuid, int, int, int, boolean), amocrm.slow_down(text, int, int, text),
  amocrm.open_breaker(text, text, text, int, int), amocrm.close_breaker(text),
  amocrm.report_fault(text, int, text, text, text, bigint, int, boolean) from public;
