-- Each edge function shows here that it lives, how its last call ended, and how long it rests after one that failed.

create table amocrm.heartbeats (
  component text primary key,
  last_post_at timestamptz,
  unanswered_post_count int not null default 0,
  last_request_id bigint,
  last_request_at timestamptz,
  last_seen_at timestamptz,
  begun_at timestamptz,
  ended_at timestamptz,
  last_ok_at timestamptz,
  failure_count int not null default 0,
  unended_count int not null default 0,
  state text not null default 'unknown',
  missing text[] not null default '{}',
  detail text,
  constraint failure_count_is_not_negative check (failure_count >= 0),
  constraint unended_count_is_not_negative check (unended_count >= 0),
  constraint state_is_known check (state in ('unknown', 'ok', 'disabled', 'unconfigured', 'failed'))
) with (fillfactor = 50);
comment on table amocrm.heartbeats is 'When each edge function was last called by cron and when it last showed that it is alive.';
comment on column amocrm.heartbeats.last_request_id is 'pg_net''s id of the last call by cron; net._http_response holds how it ended.';
comment on column amocrm.heartbeats.last_request_at is
  'When that call was queued; pg_net restarts its ids after a crash, so older answers belong to other calls.';
comment on column amocrm.heartbeats.begun_at is
  'When the last call began to work; later than ended_at while it works, or if it never ended.';
comment on column amocrm.heartbeats.ended_at is 'When a call last came to an end, well or by an error.';
comment on column amocrm.heartbeats.failure_count is 'How many calls in a row ended by an error; each makes the next call wait longer.';
comment on column amocrm.heartbeats.unended_count is
  'How many calls in a row began and never ended, as when the platform kills a call for CPU, memory or time.';
comment on column amocrm.heartbeats.missing is 'Settings that are missing or malformed, by name.';
alter table amocrm.heartbeats enable row level security;
revoke all on amocrm.heartbeats from public, anon, authenticated, service_role;
grant select on amocrm.heartbeats to service_role;

create function amocrm.beat(p_component text, p_state text, p_missing text[], p_detail text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
begin
  if p_state = 'begun' then
    -- What has begun is not well yet: a failure stands until a call comes to a good end.
    insert into amocrm.heartbeats (component, last_seen_at, begun_at, state, missing)
    values (p_component, v_now, v_now, 'ok', p_missing)
    on conflict (component) do update set
      last_seen_at = v_now,
      unended_count = heartbeats.unended_count
        + (heartbeats.begun_at is not null and heartbeats.begun_at > coalesce(heartbeats.ended_at, '-infinity'))::int,
      begun_at = v_now,
      unanswered_post_count = 0,
      state = case when heartbeats.state = 'failed' then 'failed' else 'ok' end,
      missing = p_missing,
      detail = case when heartbeats.state = 'failed' then heartbeats.detail end;
    return;
  end if;
  insert into amocrm.heartbeats (component, last_seen_at, ended_at, last_ok_at, failure_count, state, missing, detail)
  values (p_component, v_now, v_now, case when p_state = 'ok' then v_now end, (p_state = 'failed')::int, p_state, p_missing, p_detail)
  on conflict (component) do update set
    last_seen_at = v_now,
    ended_at = v_now,
    last_ok_at = coalesce(excluded.last_ok_at, heartbeats.last_ok_at),
    failure_count = case when p_state = 'failed' then heartbeats.failure_count + 1 else 0 end,
    unended_count = 0,
    unanswered_post_count = 0,
    state = excluded.state,
    missing = excluded.missing,
    detail = excluded.detail;
end
$$;
comment on function amocrm.beat(text, text, text[], text) is
  'Records an edge function''s heartbeat: begun, ok, failed, disabled, or unconfigured with the names of missing settings.';

create function amocrm.is_resting(p_component text) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  -- What failed would fail again at once: 10 s after the first failure, doubling to five minutes.
  select coalesce((select heartbeats.failure_count > 0 and heartbeats.ended_at
      + least(10 * power(2, least(heartbeats.failure_count, 20) - 1), 300) * interval '1 second' > amocrm.clock()
    from amocrm.heartbeats where heartbeats.component = p_component), false));
end $$;
comment on function amocrm.is_resting(text) is
  'True while an edge function must not be called because its last calls failed; the pause doubles from 10 s to 5 min.';

revoke all on function amocrm.beat(text, text, text[], text), amocrm.is_resting(text) from public;

create function amocrm.note_post(p_component text, p_request_id bigint) returns void
language sql set search_path = ''
as $$
  insert into amocrm.heartbeats as beat (component, last_post_at, unanswered_post_count, last_request_id, last_request_at)
  select p_component, amocrm.clock(), 1, p_request_id, case when p_request_id is not null then amocrm.clock() end
  on conflict (component) do update set last_post_at = excluded.last_post_at,
    unanswered_post_count = beat.unanswered_post_count + 1,
    last_request_id = coalesce(excluded.last_request_id, beat.last_request_id),
    last_request_at = coalesce(excluded.last_request_at, beat.last_request_at)
$$;
comment on function amocrm.note_post(text, bigint) is
  'Records cron''s call of a function with its pg_net id; no id means none was made or an earlier one is queued.';

revoke all on function amocrm.note_post(text, bigint) from public;
