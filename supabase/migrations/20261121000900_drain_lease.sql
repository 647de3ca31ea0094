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
  cool_off_until timestamptz,
  slow_interval_ms int,
  slow_since timestamptz,
  slow_reason text,
  batch_size_in_force int,
  live_delivered_at timestamptz,
  backfill_delivered_at timestamptz,
  breaker_code text,
  breaker_message text,
  breaker_opened_at timestamptz,
  breaker_probe_at timestamptz,
  breaker_delay_seconds int,
  constraint batch_size_in_force_is_positive check (batch_size_in_force >= 1),
  constraint drain_lease_has_token_and_expiry check ((drain_token is null) = (drain_expires_at is null)),
  constraint open_breaker_has_a_probe check ((breaker_code is null) = (breaker_probe_at is null))
) with (fillfactor = 50);
comment on table amocrm.queue_control is 'One row per queue: drain lease, pause, pace and breaker.';
comment on column amocrm.queue_control.drain_token is 'The drain at work; a message is leased as long as its lease_token is this one and has not expired.';
comment on column amocrm.queue_control.last_slot_at is 'The last slot given out; the next one is at least the interval in force later.';
comment on column amocrm.queue_control.slow_interval_ms is 'The interval after the last 429; it shrinks by 5 % a minute from slow_since on.';
comment on column amocrm.queue_control.batch_size_in_force is 'Set when amoCRM could not cope with larger batches; successes raise it until it is null again.';
comment on column amocrm.queue_control.live_delivered_at is 'When a message of the lane live was last delivered; backfill_delivered_at likewise.';
comment on column amocrm.queue_control.breaker_probe_at is 'While the breaker is open: when one request may try again.';

create table amocrm.heartbeats (
  component text primary key,
  last_post_at timestamptz,
  unanswered_post_count int not null default 0,
  last_request_id bigint,
  last_seen_at timestamptz,
  last_ok_at timestamptz,
  state text not null default 'unknown',
  missing text[] not null default '{}',
  detail text,
  constraint state_is_known check (state in ('unknown', 'ok', 'disabled', 'unconfigured', 'failed'))
) with (fillfactor = 50);
comment on table amocrm.heartbeats is 'When each edge function was last called by cron and when it last showed that it is alive.';
comment on column amocrm.heartbeats.last_request_id is 'pg_net''s id of the last call by cron; net._http_response tells how it ended.';
comment on column amocrm.heartbeats.missing is 'Settings that are missing or malformed, by name.';

alter table amocrm.queue_control enable row level security;
alter table amocrm.heartbeats enable row level security;
revoke all on amocrm.queue_control, amocrm.heartbeats from public, anon, authenticated, service_role;
grant select on amocrm.queue_control, amocrm.heartbeats to service_role;

insert into amocrm.queue_control (queue) values ('amocrm'), ('message');
insert into amocrm.heartbeats (component) values ('amocrm-drain');

create function amocrm.drain_lease() returns interval
language sql immutable set search_path = ''
as $$ select interval '15 seconds' $$;
comment on function amocrm.drain_lease() is
  'How long a drain lives without a sign. Short, so that a killed one is replaced soon; each slot and heartbeat renews it.';

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
comment on function amocrm.lock_queue(text) is 'Takes the queue''s lock until the transaction ends and tells its control row.';

create function amocrm.lock_queue_as_drain(p_queue text, p_token uuid) returns amocrm.queue_control
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.queue_control := amocrm.lock_queue(p_queue);
begin
  if v_control.drain_token is distinct from p_token or v_control.drain_expires_at <= amocrm.clock() then
    raise exception 'drain lease of queue % is lost', p_queue
      using errcode = 'OB001', hint = 'Another drain may be at work: stop without sending.';
  end if;
  return v_control;
end
$$;
comment on function amocrm.lock_queue_as_drain(text, uuid) is
  'The same for a drain that must still hold its lease; raises OB001 if it does not.';

create function amocrm.extend_drain(p_queue text, p_token uuid) returns void
language plpgsql set search_path = ''
as $$
begin
  perform amocrm.lock_queue_as_drain(p_queue, p_token);
  update amocrm.queue_control set drain_expires_at = amocrm.clock() + amocrm.drain_lease()
  where queue_control.queue = p_queue;
end
$$;
comment on function amocrm.extend_drain(text, uuid) is 'The drain''s sign of life during a long request.';

create function amocrm.beat(p_component text, p_state text, p_missing text[], p_detail text) returns void
language sql set search_path = ''
as $$
  insert into amocrm.heartbeats (component, last_seen_at, last_ok_at, state, missing, detail)
  values (p_component, amocrm.clock(), case when p_state = 'ok' then amocrm.clock() end, p_state, p_missing, p_detail)
  on conflict (component) do update set
    last_seen_at = excluded.last_seen_at,
    last_ok_at = coalesce(excluded.last_ok_at, heartbeats.last_ok_at),
    unanswered_post_count = 0,
    state = excluded.state,
    missing = excluded.missing,
    detail = excluded.detail
$$;
comment on function amocrm.beat(text, text, text[], text) is
  'Heartbeat of an edge function: ok, disabled, unconfigured (with the names that are missing) or failed.';

revoke all on function amocrm.drain_lease(), amocrm.lock_queue(text), amocrm.lock_queue_as_drain(text, uuid),
  amocrm.extend_drain(text, uuid), amocrm.beat(text, text, text[], text) from public;
