-- Two logs for the admin: every request to amoCRM, and every try of a message. They hold no body, no query and nothing
-- about a person. Each day is a partition of its own, so that forgetting a day is dropping a table and no row is ever
-- deleted one by one. What fits no day's partition, because cron has stood still, goes to the one named rest: a row always
-- has a place, and writing a log never makes a table in the middle of a delivery.

create sequence amocrm.log_id_seq as bigint;
comment on sequence amocrm.log_id_seq is 'Distinguishes log rows written at the same moment.';
revoke all on sequence amocrm.log_id_seq from public, anon, authenticated;

create table amocrm.requests (
  log_id bigint not null default nextval('amocrm.log_id_seq'),
  at timestamptz not null,
  function_name text not null,
  method text not null,
  path text not null,
  http_status int,
  verdict text not null,
  error_code text,
  duration_ms int not null,
  waited_ms int not null,
  item_count int not null,
  dropped_count int not null default 0,
  message_ids bigint[] not null default '{}',
  primary key (at, log_id),
  constraint path_has_no_query check (position('?' in path) = 0)
) partition by range (at);
comment on table amocrm.requests is 'Requests to amoCRM with sender and outcome, without bodies and queries and so without personal data.';
comment on column amocrm.requests.at is 'When the request was sent, by the database''s clock.';
comment on column amocrm.requests.http_status is 'The HTTP status; null if no status line arrived.';
comment on column amocrm.requests.waited_ms is 'How long the request waited for its slot.';
comment on column amocrm.requests.item_count is 'How many contacts, deals or notes the request was about.';
comment on column amocrm.requests.dropped_count is 'Rows of the answer that could not be read and were left out.';
comment on column amocrm.requests.message_ids is 'The messages for which the request was sent; empty if for none in particular.';

create table amocrm.attempts (
  log_id bigint not null default nextval('amocrm.log_id_seq'),
  queue text not null,
  message_id bigint not null,
  kind text not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  state text not null,
  error_code text,
  wait_ms bigint,
  primary key (ended_at, log_id)
) partition by range (ended_at);
comment on table amocrm.attempts is 'Tries of messages: when each was claimed, and how it ended.';
comment on column amocrm.attempts.state is 'The state the message was in afterwards.';
comment on column amocrm.attempts.wait_ms is 'How long the message waits before the next try; null if there is none.';
-- Few and far between: asked for by amocrm_health.
create index requests_dropped_idx on amocrm.requests (at) where dropped_count > 0;
create index attempts_of_message_idx on amocrm.attempts (message_id);

create table amocrm.requests_rest partition of amocrm.requests default;
create table amocrm.attempts_rest partition of amocrm.attempts default;
comment on table amocrm.requests_rest is 'Requests of days that have no partition.';
comment on table amocrm.attempts_rest is 'Tries of days that have no partition.';

alter table amocrm.requests enable row level security;
alter table amocrm.requests_rest enable row level security;
alter table amocrm.attempts enable row level security;
alter table amocrm.attempts_rest enable row level security;
revoke all on amocrm.requests, amocrm.requests_rest, amocrm.attempts, amocrm.attempts_rest
  from public, anon, authenticated, service_role;
grant select on amocrm.requests, amocrm.attempts to service_role;

create function amocrm.make_log_day(p_log text, p_column text, p_day date) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_name text := p_log || '_' || to_char(p_day, 'YYYYMMDD');
  v_from text := p_day::text || ' 00:00+00';
  v_to text := (p_day + 1)::text || ' 00:00+00';
begin
  if to_regclass('amocrm.' || v_name) is not null then
    return false;
  end if;
  -- Attached and not created in place: that locks out the drain's next row only for the moment of attaching.
  execute format('create table amocrm.%I (like amocrm.%I including all)', v_name, p_log);
  execute format('alter table amocrm.%I enable row level security', v_name);
  execute format('revoke all on amocrm.%I from public, anon, authenticated, service_role', v_name);
  execute format('comment on table amocrm.%I is %L', v_name, 'One day, in UTC, of amocrm.' || p_log || '.');
  execute format('with late as (delete from amocrm.%I where %I >= %L and %I < %L returning *) insert into amocrm.%I select * from late',
    p_log || '_rest', p_column, v_from, p_column, v_to, v_name);
  execute format('alter table amocrm.%I attach partition amocrm.%I for values from (%L) to (%L)', p_log, v_name, v_from, v_to);
  return true;
end
$$;
comment on function amocrm.make_log_day(text, text, date) is
  'Creates a log''s partition for a day and moves stray rows into it; false if it exists.';

create function amocrm.log_attempts(p_queue text, p_tries jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.attempts (queue, message_id, kind, started_at, ended_at, state, error_code, wait_ms)
  select p_queue, tries.id, tries.kind, tries.started_at, amocrm.clock(), tries.state, tries.code,
    case when tries.state in ('pending', 'uncertain') then tries.wait_ms end
  from jsonb_to_recordset(p_tries) as tries (id bigint, kind text, started_at timestamptz, state text, code text, wait_ms bigint);
exception when others then
  raise warning 'tries were not logged: % (%)', sqlerrm, sqlstate;
end
$$;
comment on function amocrm.log_attempts(text, jsonb) is
  'Logs how tries ended, [{id, kind, started_at, state, code, wait_ms}]; never fails, since settling does not depend on it.';

create function amocrm.log_requests(p_function text, p_requests jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.requests (at, function_name, method, path, http_status, verdict, error_code, duration_ms, waited_ms, item_count, dropped_count, message_ids)
  select amocrm.clock() - greatest(request.ago_ms, 0) * interval '1 millisecond', left(p_function, 100), request.method,
    left(split_part(request.path, '?', 1), 300), request.http_status, request.verdict, request.error_code,
    request.duration_ms, request.waited_ms, request.item_count, coalesce(request.dropped_count, 0),
    coalesce((select array_agg(id.value::bigint) from jsonb_array_elements_text(request.message_ids) as id), '{}')
  from jsonb_to_recordset(p_requests) as request (ago_ms float8, method text, path text, http_status int, verdict text, error_code text,
    duration_ms int, waited_ms int, item_count int, dropped_count int, message_ids jsonb);
end $$;
comment on function amocrm.log_requests(text, jsonb) is
  'Logs requests to amoCRM, [{ago_ms, method, path, http_status, verdict, error_code, duration_ms, waited_ms, item_count, dropped_count, message_ids}]; ago_ms counts back from now.';

revoke all on function amocrm.make_log_day(text, text, date), amocrm.log_attempts(text, jsonb), amocrm.log_requests(text, jsonb) from public;
