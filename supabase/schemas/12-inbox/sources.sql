-- The registry of inboxes: whoever sends events to us from outside. An area adds the row of its source in its own files. An
-- event is kept before it is answered and worked off later, so that a sender who does not wait loses nothing.

create table amocrm.inbox_sources (
  source text primary key,
  keeps_body boolean not null default true,
  max_rows int not null default 10000,
  max_mb int not null default 50,
  keep_unreadable interval not null default '30 days',
  keep_worked interval not null default '90 days',
  max_attempts int not null default 12,
  constraint source_is_a_name check (source ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint bounds_are_sensible check (max_rows between 1 and 1000000 and max_mb between 1 and 10000 and max_attempts between 1 and 100)
);
comment on table amocrm.inbox_sources is 'The senders of events from outside, and how much of each is kept for how long.';
comment on column amocrm.inbox_sources.keeps_body is
  'False: only the key of an event is stored, since its work is done in the transaction that receives it.';
comment on column amocrm.inbox_sources.max_rows is 'Events that may wait or lie unreadable at once; further ones are answered with 429.';
comment on column amocrm.inbox_sources.max_mb is 'Megabytes that the bodies of those events may have.';
comment on column amocrm.inbox_sources.keep_unreadable is 'The time for which an event that nobody could read is kept with its body.';
comment on column amocrm.inbox_sources.keep_worked is
  'The time for which the key of an event is kept without its body, so that a repeated delivery is recognised.';
comment on column amocrm.inbox_sources.max_attempts is 'The number of attempts after which an event whose work never ends is set aside as unreadable.';
alter table amocrm.inbox_sources enable row level security;
revoke all on amocrm.inbox_sources from public, anon, authenticated, service_role;
grant select on amocrm.inbox_sources to service_role;

create table amocrm.inbox (
  id bigint generated always as identity primary key,
  source text not null references amocrm.inbox_sources (source),
  key text not null,
  origin text,
  state text not null default 'waiting',
  body jsonb,
  byte_count int not null default 0,
  received_at timestamptz not null default amocrm.clock(),
  attempt_count int not null default 0,
  due_at timestamptz not null default amocrm.clock(),
  ended_at timestamptz,
  error text,
  constraint state_is_known check (state in ('waiting', 'unreadable', 'worked')),
  constraint end_has_its_time check ((state = 'waiting') = (ended_at is null)),
  constraint key_is_not_too_long check (length(key) between 1 and 200),
  constraint one_row_per_event unique (source, key)
);
comment on table amocrm.inbox is 'Events from outside, each once. The body goes when the event is worked off.';
comment on column amocrm.inbox.key is 'The sender''s id of the event, or a hash of what was sent: the same when a delivery is repeated.';
comment on column amocrm.inbox.origin is 'Which of a source''s senders it came from, such as the id of a row of form_sources.';
comment on column amocrm.inbox.due_at is 'The time before which no worker may take it: the end of a claim, or of the wait after a failure.';
comment on column amocrm.inbox.ended_at is 'When it was worked off or set aside as unreadable.';
create index inbox_due_idx on amocrm.inbox (source, due_at, id) where state = 'waiting';
create index inbox_held_idx on amocrm.inbox (source) include (byte_count) where state <> 'worked';
create index inbox_by_end_idx on amocrm.inbox (source, ended_at) where state <> 'waiting';
alter table amocrm.inbox set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
alter table amocrm.inbox enable row level security;
revoke all on amocrm.inbox from public, anon, authenticated, service_role;
grant select on amocrm.inbox to service_role;

create table amocrm.inbox_counts (
  source text not null references amocrm.inbox_sources (source),
  hour timestamptz not null,
  outcome text not null,
  shard smallint not null,
  delivery_count bigint not null,
  last_at timestamptz not null,
  primary key (source, hour, outcome, shard),
  constraint outcome_is_known check (outcome in ('stored', 'unreadable', 'duplicate', 'full', 'ignored'))
);
comment on table amocrm.inbox_counts is 'Deliveries of each source by hour and outcome, spread over a few rows so that deliveries seldom wait for one another.';
alter table amocrm.inbox_counts enable row level security;
revoke all on amocrm.inbox_counts from public, anon, authenticated, service_role;
grant select on amocrm.inbox_counts to service_role;

create function amocrm.inbox_count(p_source text, p_outcome text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
begin
  insert into amocrm.inbox_counts as counts (source, hour, outcome, shard, delivery_count, last_at)
  values (p_source, date_trunc('hour', v_now), p_outcome, pg_backend_pid() % 16, 1, v_now)
  on conflict (source, hour, outcome, shard) do update
  set delivery_count = counts.delivery_count + 1, last_at = greatest(counts.last_at, excluded.last_at);
end
$$;
comment on function amocrm.inbox_count(text, text) is
  'Counts a delivery: stored, unreadable, duplicate, full, or ignored if nothing of it is kept. Call it last, since it locks a row.';

revoke all on function amocrm.inbox_count(text, text) from public;
