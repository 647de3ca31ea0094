-- A drain begins, claims heads, gives back what it could not send, and ends. A drain that died is found by the next one.

create function amocrm.rescue(p_queue text, p_living uuid) returns int
language plpgsql set search_path = ''
as $$
declare
  v_people bigint[];
  v_tries jsonb;
  v_died amocrm.error_policies := amocrm.policy_of('worker_died');
  v_unanswered amocrm.error_policies := amocrm.policy_of('worker_died_unanswered');
begin
  -- A message is only suspected of killing workers if it was leased when one died. After the second time it goes
  -- alone, so that innocent ones are not with it. If it was alone each time it is poison: dead if nothing of it is
  -- outstanding, else looked for, ever less often, and not sent again. Its step stays even when it is given up, so that
  -- also a requeued one is looked up first.
  with orphans as materialized (
    select orphan.*, orphan.was_alone and orphan.alone_death_count >= v_died.max_attempts as is_poison
    from (select outbox.id, outbox.leased_at, outbox.step is not null as is_unanswered,
        -- An attempt was spent only if a request went out in this lease, and not when one was only looked for.
        outbox.step is not null and outbox.sent_at >= outbox.leased_at as was_sent,
        count(*) over (partition by outbox.lease_token) = 1 as was_alone,
        outbox.alone_crash_count + (count(*) over (partition by outbox.lease_token) = 1)::int as alone_death_count
      from amocrm.outbox
      where outbox.queue = p_queue and outbox.state = 'leased' and outbox.lease_token is distinct from p_living) as orphan
  ), judged as materialized (
    select orphans.*,
      case
        when orphans.is_poison and (not orphans.is_unanswered or orphans.alone_death_count >= v_unanswered.max_attempts) then 'dead'
        when orphans.is_unanswered then 'uncertain'
        else 'pending'
      end as next_state,
      case when orphans.is_unanswered then v_unanswered.error_code else v_died.error_code end as code,
      case when orphans.is_poison
        then amocrm.wait_ms(v_unanswered, orphans.alone_death_count - v_died.max_attempts + 1, null, 0)
        else amocrm.wait_ms(v_died, orphans.alone_death_count, null, 0) end as due_in_ms
    from orphans
  ), freed as (
    update amocrm.outbox set
      state = judged.next_state,
      is_head = judged.next_state <> 'dead'
        or (select kinds.holds_when_dead from amocrm.kinds where kinds.kind = outbox.kind),
      lease_token = null,
      leased_at = null,
      crash_count = outbox.crash_count + 1,
      alone_crash_count = judged.alone_death_count,
      goes_alone = outbox.crash_count >= 1,
      attempt_count = outbox.attempt_count + judged.was_sent::int,
      next_attempt_at = amocrm.clock() + judged.due_in_ms * interval '1 millisecond',
      last_error_code = judged.code,
      last_error_message = case when judged.is_unanswered
        then 'The worker ended after the request ' || outbox.step || ' was sent and before its answer was recorded'
        else 'The worker ended before anything was sent' end,
      error_count = case when outbox.last_error_code = judged.code then outbox.error_count else 0 end + 1
    from judged where outbox.queue = p_queue and outbox.id = judged.id
    returning outbox.id, outbox.person_id, outbox.kind, outbox.state, judged.leased_at as started_at, judged.code, judged.due_in_ms as wait_ms
  )
  select coalesce(array_agg(freed.person_id), '{}'), coalesce(jsonb_agg(to_jsonb(freed)), '[]') into v_people, v_tries from freed;
  perform amocrm.log_attempts(p_queue, v_tries);
  -- Only now, when all are free: a merge looks at the messages of both people.
  perform amocrm.landed(p_queue, person.id) from unnest(v_people) as person (id);
  if cardinality(v_people) > 0 then
    update amocrm.queue_control set worker_died_at = amocrm.clock() where queue_control.queue = p_queue;
  end if;
  return cardinality(v_people);
end
$$;
comment on function amocrm.rescue(text, uuid) is
  'Frees messages of dead drains: pending if unsent, uncertain if unanswered, dead if they kill workers and nothing is outstanding.';

create function amocrm.begin_drain(p_queue text, p_token uuid) returns text
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.queue_control := amocrm.lock_queue(p_queue);
  v_now timestamptz := amocrm.clock();
begin
  if v_control.drain_expires_at > v_now then
    return 'busy';
  elsif v_control.paused_at is not null then
    return 'paused';
  end if;
  perform amocrm.rescue(p_queue, null);
  if v_control.breaker_probe_at > v_now then
    return 'breaker_open';
  end if;
  update amocrm.queue_control set drain_token = p_token, drain_expires_at = v_now + amocrm.drain_lease()
  where queue_control.queue = p_queue;
  return 'granted';
end
$$;
comment on function amocrm.begin_drain(text, uuid) is
  'Takes the drain lease and rescues messages of a dead drain; returns granted, busy, paused or breaker_open.';

create function amocrm.claim(p_queue text, p_token uuid, p_limit int) returns setof amocrm.outbox
language plpgsql set search_path = ''
-- Planning this costs more than running it, so it is planned once in a session; and as that may be while the table is
-- small, nothing but an index is offered: a plan that fits ten messages must also fit a million.
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  v_now timestamptz;
  v_ids bigint[];
  v_suspects bigint[];
  v_has_fillers boolean;
  v_has_fresh boolean;
  v_is_stopped boolean;
  v_setting text;
begin
  perform amocrm.lock_queue_as_drain(p_queue, p_token);
  -- Three questions that nearly every claim answers with no, asked at once: each by itself costs as much as all.
  select exists (select from amocrm.queue_fillers where queue_fillers.queue = p_queue),
    exists (select from amocrm.outbox where outbox.queue = p_queue and outbox.is_fresh),
    exists (select from amocrm.operations where operations.queue = p_queue and operations.stopped_at is not null)
  into v_has_fillers, v_has_fresh, v_is_stopped;
  if v_has_fillers then
    v_has_fresh := amocrm.fill(p_queue, p_limit) > 0 or v_has_fresh;
  end if;
  if v_has_fresh then
    perform amocrm.place(p_queue, 2 * p_limit);
  end if;
  v_now := amocrm.clock();
  v_suspects := case when v_is_stopped then amocrm.suspects(p_queue) end;
  if v_suspects is null then
    -- Which lanes are open costs as much as the rest of the claim, and is unimportant where the first one fills it.
    v_ids := amocrm.due_ids(p_queue, p_limit, v_now, '{live}');
    if cardinality(v_ids) < p_limit then
      v_ids := amocrm.due_ids(p_queue, p_limit, v_now, amocrm.lanes_of(p_queue));
    end if;
  else
    -- The breaker was opened and nothing shows yet that its cause is over: first a few messages that did not open it, else
    -- one that did. So some that can never pass keep nobody waiting, and an account in trouble gets few requests.
    v_ids := amocrm.due_ids(p_queue, least(p_limit, 5), v_now, amocrm.lanes_of(p_queue), v_suspects);
    if cardinality(v_ids) = 0 then
      v_ids := amocrm.due_ids(p_queue, 1, v_now, amocrm.lanes_of(p_queue));
    end if;
  end if;
  -- What is written here is sound (10-outbox/sound). Assigned, since performed each would be a query of its own.
  v_setting := set_config('amocrm.is_claiming', 'true', true);
  return query
  update amocrm.outbox set state = 'leased', lease_token = p_token, leased_at = v_now
  where outbox.queue = p_queue and outbox.id = any (v_ids)
  returning outbox.*;
  v_setting := set_config('amocrm.is_claiming', '', true);
end
$$;
comment on function amocrm.claim(text, uuid, int) is
  'Leases up to p_limit due heads of different people, live lane first, then by priority and age; raises OB001 without the lease.';

create function amocrm.claim_also(p_queue text, p_token uuid, p_kinds text[], p_without bigint[], p_limit int) returns bigint[]
language plpgsql set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_ids bigint[];
begin
  perform amocrm.lock_queue_as_drain(p_queue, p_token);
  -- A bounded walk along the ready index: these kinds have a priority of their own, so few others are met.
  v_ids := array(
    select ready.id from (
      select outbox.id, outbox.kind, outbox.goes_alone, outbox.next_attempt_at from amocrm.outbox
      where outbox.queue = p_queue and outbox.lane = 'live' and outbox.is_head and outbox.state in ('pending', 'uncertain')
        and outbox.priority = (select min(kinds.priority) from amocrm.kinds where kinds.kind = any (p_kinds))
        and outbox.next_attempt_at <= v_now and outbox.id <> all (p_without)
      order by outbox.next_attempt_at, outbox.id limit 2 * p_limit) as ready
    where ready.kind = any (p_kinds) and not ready.goes_alone
    order by ready.next_attempt_at, ready.id limit p_limit);
  update amocrm.outbox set state = 'leased', lease_token = p_token, leased_at = v_now
  where outbox.queue = p_queue and outbox.id = any (v_ids);
  return v_ids;
end
$$;
comment on function amocrm.claim_also(text, uuid, text[], bigint[], int) is
  'Leases up to p_limit further due heads of these kinds, which share one priority, for a drain that has claimed already.';

create function amocrm.put_back(p_queue text, p_ids bigint[], p_code text, p_message text, p_until timestamptz) returns void
language sql set search_path = ''
as $$
  -- What is in doubt stays so: only the hour of its repeat changes.
  update amocrm.outbox set state = case when outbox.step is null then 'pending' else 'uncertain' end, lease_token = null, leased_at = null,
    next_attempt_at = p_until, last_error_code = p_code, last_error_message = p_message
  where outbox.queue = p_queue and outbox.id = any (p_ids) and outbox.state = 'leased'
$$;
comment on function amocrm.put_back(text, bigint[], text, text, timestamptz) is
  'Gives claimed messages back to wait for a moment with a reason, and spends no attempt; the caller promotes.';

create function amocrm.wake(p_queue text, p_ids bigint[]) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  update amocrm.outbox set next_attempt_at = amocrm.clock(), last_error_code = null, last_error_message = null, error_count = 0
  where outbox.queue = p_queue and outbox.id = any (p_ids) and outbox.state = 'pending';
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.wake(text, bigint[]) is 'Lets waiting messages try again at once, as if nothing had been in the way.';

create function amocrm.wake_stepped_back(p_queue text, p_person_ids bigint[]) returns void
language plpgsql set search_path = ''
as $$
begin
  perform amocrm.wake(p_queue, array_agg(outbox.id))
  from amocrm.unfinished_of(p_queue, p_person_ids) as unfinished (id)
  join amocrm.outbox on outbox.queue = p_queue and outbox.id = unfinished.id
  join amocrm.kinds on kinds.kind = outbox.kind
  where outbox.state = 'pending' and outbox.last_error_code = any (kinds.steps_back_for) and outbox.last_error_code in ('no_deal', 'no_contact')
  having count(*) > 0;
end $$;
comment on function amocrm.wake_stepped_back(text, bigint[]) is
  'Wakes what waited for these people''s deals, since one was delivered; it goes out in the old order.';

create function amocrm.release(p_queue text, p_token uuid, p_ids bigint[]) returns int
language plpgsql set search_path = ''
as $$
declare
  v_people bigint[];
begin
  perform amocrm.lock_queue(p_queue);
  with freed as (
    update amocrm.outbox set state = case when outbox.step is null then 'pending' else 'uncertain' end,
      lease_token = null, leased_at = null
    where outbox.queue = p_queue and outbox.state = 'leased' and outbox.lease_token = p_token
      and (p_ids is null or outbox.id = any (p_ids))
    returning outbox.person_id
  )
  select coalesce(array_agg(freed.person_id), '{}') into v_people from freed;
  perform amocrm.landed(p_queue, person.id) from unnest(v_people) as person (id);
  return cardinality(v_people);
end
$$;
comment on function amocrm.release(text, uuid, bigint[]) is
  'Gives messages back unsent without spending an attempt; null for all messages of the drain.';

create function amocrm.end_drain(p_queue text, p_token uuid) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.queue_control := amocrm.lock_queue(p_queue);
begin
  if v_control.drain_token = p_token then
    perform amocrm.release(p_queue, p_token, null);
    update amocrm.queue_control set drain_token = null, drain_expires_at = null where queue_control.queue = p_queue;
  end if;
  -- Looked at under the lock: what was inserted while this drain lived rang no bell.
  return amocrm.is_due(p_queue);
end
$$;
comment on function amocrm.end_drain(text, uuid) is 'Gives the drain lease back; true if something is due by now.';

revoke all on function amocrm.rescue(text, uuid), amocrm.begin_drain(text, uuid), amocrm.claim(text, uuid, int), amocrm.claim_also(text, uuid, text[], bigint[], int),
  amocrm.put_back(text, bigint[], text, text, timestamptz), amocrm.wake(text, bigint[]), amocrm.wake_stepped_back(text, bigint[]), amocrm.release(text, uuid, bigint[]), amocrm.end_drain(text, uuid) from public;
