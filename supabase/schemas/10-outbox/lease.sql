-- One control row per queue is the queue's lock and its memory: who drains, how fast, whether it may send at all.
-- Claims, settles and slots lock it first; so there is one lock order, no deadlock, and heads need no cleverness.
-- The producers' triggers never lock it.

create table amocrm.queue_control (
  queue text primary key,
  drain_token uuid,
  drain_expires_at timestamptz,
  paused_at timestamptz,
  pause_reason text,
  last_slot_at timestamptz,
  slots_since_pull int not null default 0,
  clock_offset_ms int,
  cool_off_until timestamptz,
  slow_interval_ms int,
  slow_since timestamptz,
  slow_reason text,
  batch_size_in_force int,
  large_batch_size_in_force int,
  large_batch_limited_at timestamptz,
  worker_died_at timestamptz,
  live_delivered_at timestamptz,
  backfill_delivered_at timestamptz,
  breaker_code text,
  breaker_message text,
  breaker_opened_at timestamptz,
  breaker_probe_at timestamptz,
  breaker_delay_seconds int,
  constraint batch_size_in_force_is_positive check (batch_size_in_force >= 1 and large_batch_size_in_force >= 1),
  constraint drain_lease_has_token_and_expiry check ((drain_token is null) = (drain_expires_at is null)),
  constraint open_breaker_has_a_probe check ((breaker_code is null) = (breaker_probe_at is null))
) with (fillfactor = 50);
comment on table amocrm.queue_control is 'One row per queue: drain lease, pause, pace and breaker.';
comment on column amocrm.queue_control.drain_token is 'The drain at work; a message is leased as long as its lease_token is this one and has not expired.';
comment on column amocrm.queue_control.last_slot_at is 'The last slot given out; the next one is at least the interval in force later.';
comment on column amocrm.queue_control.slots_since_pull is 'How many slots drains got since a pull last got one.';
comment on column amocrm.queue_control.clock_offset_ms is
  'How far the other side''s clock was ahead of ours at its last answer, by which amoCRM''s lists are filtered; null if unknown.';
comment on column amocrm.queue_control.slow_interval_ms is 'The interval after the last 429; it shrinks by 5 % a minute from slow_since on.';
comment on column amocrm.queue_control.batch_size_in_force is 'Set when amoCRM could not cope with larger batches; successes raise it until it is null again.';
comment on column amocrm.queue_control.large_batch_size_in_force is
  'Set when amoCRM could not cope with a request of more items than are advised; forgotten an hour after large_batch_limited_at.';
comment on column amocrm.queue_control.worker_died_at is 'When messages of a dead drain were last found; claims are small for a while then.';
comment on column amocrm.queue_control.live_delivered_at is 'When a message of the lane live was last delivered; backfill_delivered_at likewise.';
comment on column amocrm.queue_control.breaker_probe_at is 'While the breaker is open: when one request may try again.';

alter table amocrm.queue_control enable row level security;
revoke all on amocrm.queue_control from public, anon, authenticated, service_role;
grant select on amocrm.queue_control to service_role;

create function amocrm.drain_lease() returns interval
language sql immutable set search_path = ''
as $$ select interval '15 seconds' $$;
comment on function amocrm.drain_lease() is
  'Returns how long a drain''s lease lasts without renewal; it is short so that a killed drain is replaced soon.';

create function amocrm.lock_queue(p_queue text) returns amocrm.queue_control
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.queue_control;
begin
  select * into v_control from amocrm.queue_control where queue_control.queue = p_queue for update;
  if not found then
    raise exception 'no queue named %', p_queue using errcode = '22023';
  end if;
  return v_control;
end
$$;
comment on function amocrm.lock_queue(text) is 'Locks a queue until the transaction ends and returns its control row.';

create function amocrm.lock_queue_as_drain(p_queue text, p_token uuid) returns amocrm.queue_control
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.queue_control := amocrm.lock_queue(p_queue);
begin
  if p_token is null or v_control.drain_token is distinct from p_token or v_control.drain_expires_at <= amocrm.clock() then
    raise exception 'drain lease of queue % is lost', p_queue
      using errcode = 'OB001', hint = 'Another drain may be at work: stop without sending.';
  end if;
  return v_control;
end
$$;
comment on function amocrm.lock_queue_as_drain(text, uuid) is
  'Locks a queue for a drain that holds its lease and returns its control row; raises OB001 otherwise.';

create function amocrm.extend_drain(p_queue text, p_token uuid) returns void
language plpgsql set search_path = ''
as $$
begin
  perform amocrm.lock_queue_as_drain(p_queue, p_token);
  update amocrm.queue_control set drain_expires_at = amocrm.clock() + amocrm.drain_lease()
  where queue_control.queue = p_queue;
end
$$;
comment on function amocrm.extend_drain(text, uuid) is 'Renews the drain''s lease during a long request.';

create function amocrm.rehearse(p_queue text, p_token uuid, p_subject_id uuid) returns void
language plpgsql set search_path = ''
as $$
begin
  perform amocrm.lock_queue(p_queue);
  update amocrm.queue_control set drain_token = p_token, drain_expires_at = amocrm.clock() + interval '1 minute',
    paused_at = null, breaker_code = null, breaker_probe_at = null
  where queue_control.queue = p_queue;
  -- All that waits is due, or only what is about one row.
  update amocrm.outbox set next_attempt_at = amocrm.clock() + case when p_subject_id is null or outbox.subject_id = p_subject_id
    then interval '0' else interval '1 year' end
  where outbox.queue = p_queue and outbox.is_head and outbox.state in ('pending', 'uncertain');
end
$$;
comment on function amocrm.rehearse(text, uuid, uuid) is
  'Takes a queue''s lease and makes waiting heads due, of one row if given. Only for a block that is rolled back.';

revoke all on function amocrm.rehearse(text, uuid, uuid), amocrm.drain_lease(), amocrm.lock_queue(text), amocrm.lock_queue_as_drain(text, uuid),
  amocrm.extend_drain(text, uuid) from public;
