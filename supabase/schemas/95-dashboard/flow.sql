-- How much comes and goes, minute by minute and hour by hour, and how long it takes: counts and histograms that can be added
-- up, so that the dashboard never counts history. The latest minutes are made anew each time: whoever commits late is in.

create table amocrm.flow_counts (
  span text not null,
  at timestamptz not null,
  queue text not null,
  kind text not null,
  in_count int not null default 0,
  delivered_count int not null default 0,
  dead_count int not null default 0,
  failed_count int not null default 0,
  primary key (span, at, queue, kind),
  constraint span_is_known check (span in ('minute', 'hour'))
);
comment on table amocrm.flow_counts is 'Messages that came, were delivered, died or failed a try, by kind, minute and hour.';
comment on column amocrm.flow_counts.failed_count is 'Tries after which the message waits again or is uncertain, with an error.';

create table amocrm.flow_buckets (
  span text not null,
  at timestamptz not null,
  queue text not null,
  kind text not null,
  measure text not null,
  bucket smallint not null,
  message_count int not null,
  primary key (span, at, queue, kind, measure, bucket),
  constraint span_is_known check (span in ('minute', 'hour')),
  constraint measure_is_known check (measure in ('wait', 'run'))
);
comment on table amocrm.flow_buckets is 'Histograms of how long messages waited and tries ran, by kind, minute and hour; the sum of two is one.';
comment on column amocrm.flow_buckets.bucket is 'The bucket of amocrm.bucket_of; four of them double the time.';

create table amocrm.flow_control (
  is_the_only_row boolean primary key default true,
  folded_to timestamptz,
  constraint flow_has_one_row check (is_the_only_row)
);
comment on table amocrm.flow_control is 'One row with the minute up to which the flow was counted.';
insert into amocrm.flow_control default values;
alter table amocrm.flow_counts enable row level security;
alter table amocrm.flow_buckets enable row level security;
alter table amocrm.flow_control enable row level security;
revoke all on amocrm.flow_counts, amocrm.flow_buckets, amocrm.flow_control from public, anon, authenticated, service_role;
grant select on amocrm.flow_counts, amocrm.flow_buckets, amocrm.flow_control to service_role;

create function amocrm.bucket_of(p_ms float8) returns smallint
language sql immutable set search_path = ''
as $$ select ceil(4 * log(2.0, (greatest(p_ms, 0) + 1)::numeric))::smallint $$;
comment on function amocrm.bucket_of(float8) is 'Returns the bucket of a histogram for so many milliseconds, at most 19 % too large.';

create function amocrm.bucket_ms(p_bucket int) returns float8
language sql immutable set search_path = ''
as $$ select round((power(2.0, p_bucket / 4.0) - 1)::numeric)::float8 $$;
comment on function amocrm.bucket_ms(int) is 'Returns the upper bound of a bucket in milliseconds.';

create function amocrm.fold_flow() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_folded_to timestamptz;
  v_from timestamptz;
  v_hour timestamptz;
  v_queue text;
  v_first_id bigint;
  v_count int;
begin
  select flow_control.folded_to into v_folded_to from amocrm.flow_control for update;
  -- After a standstill, or at first, a day is caught up and no more.
  v_from := date_trunc('minute', greatest(least(v_folded_to, v_now) - interval '5 minutes', v_now - interval '24 hours'));
  v_hour := date_trunc('hour', v_from);
  delete from amocrm.flow_counts where flow_counts.span = 'minute' and flow_counts.at >= v_from;
  delete from amocrm.flow_buckets where flow_buckets.span = 'minute' and flow_buckets.at >= v_from;
  for v_queue in select queues.queue from amocrm.queues order by queues.queue loop
    v_first_id := amocrm.first_message_since(v_queue, v_from - interval '1 minute');
    insert into amocrm.flow_counts (span, at, queue, kind, in_count)
    select 'minute', date_trunc('minute', outbox.created_at), v_queue, outbox.kind, count(*)
    from amocrm.outbox
    where outbox.queue = v_queue and outbox.id >= v_first_id and outbox.created_at >= v_from
    group by 2, outbox.kind;
  end loop;
  insert into amocrm.flow_counts (span, at, queue, kind, delivered_count, dead_count, failed_count)
  select 'minute', date_trunc('minute', attempts.ended_at), attempts.queue, attempts.kind,
    count(*) filter (where attempts.state = 'delivered'), count(*) filter (where attempts.state = 'dead'),
    count(*) filter (where attempts.state in ('pending', 'uncertain') and attempts.error_code is not null)
  from amocrm.attempts where attempts.ended_at >= v_from
  group by 2, attempts.queue, attempts.kind
  on conflict (span, at, queue, kind) do update set delivered_count = excluded.delivered_count,
    dead_count = excluded.dead_count, failed_count = excluded.failed_count;
  insert into amocrm.flow_buckets (span, at, queue, kind, measure, bucket, message_count)
  select 'minute', date_trunc('minute', attempts.ended_at), attempts.queue, attempts.kind, took.measure, amocrm.bucket_of(took.ms), count(*)
  from amocrm.attempts
  -- A backfill waits on purpose and says nothing about how soon a lead arrives.
  left join amocrm.outbox on outbox.queue = attempts.queue and outbox.id = attempts.message_id and outbox.lane = 'live' and attempts.state = 'delivered'
  cross join lateral (values ('run', 1000 * extract(epoch from attempts.ended_at - attempts.started_at)),
    ('wait', 1000 * extract(epoch from attempts.started_at - outbox.created_at))) as took (measure, ms)
  where attempts.ended_at >= v_from and took.ms is not null
  group by 2, attempts.queue, attempts.kind, took.measure, 6;
  -- The hours that these minutes are part of.
  delete from amocrm.flow_counts where flow_counts.span = 'hour' and flow_counts.at >= v_hour;
  delete from amocrm.flow_buckets where flow_buckets.span = 'hour' and flow_buckets.at >= v_hour;
  insert into amocrm.flow_counts (span, at, queue, kind, in_count, delivered_count, dead_count, failed_count)
  select 'hour', date_trunc('hour', minutes.at), minutes.queue, minutes.kind, sum(minutes.in_count), sum(minutes.delivered_count), sum(minutes.dead_count), sum(minutes.failed_count)
  from amocrm.flow_counts as minutes where minutes.span = 'minute' and minutes.at >= v_hour group by 2, minutes.queue, minutes.kind;
  get diagnostics v_count = row_count;
  insert into amocrm.flow_buckets (span, at, queue, kind, measure, bucket, message_count)
  select 'hour', date_trunc('hour', minutes.at), minutes.queue, minutes.kind, minutes.measure, minutes.bucket, sum(minutes.message_count)
  from amocrm.flow_buckets as minutes where minutes.span = 'minute' and minutes.at >= v_hour
  group by 2, minutes.queue, minutes.kind, minutes.measure, minutes.bucket;
  update amocrm.flow_control set folded_to = v_now where flow_control.is_the_only_row;
  return v_count;
end
$$;
comment on function amocrm.fold_flow() is 'Counts the latest minutes and hours of the flow anew; returns how many rows the hours have.';

create function amocrm.prune_flow(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
  v_bucket_count int;
begin
  -- An hour is only made of all its minutes, so these stay a while longer than a day.
  with old as (
    select kept.span, kept.at, kept.queue, kept.kind from amocrm.flow_counts as kept
    where (kept.span = 'minute' and kept.at < amocrm.clock() - interval '26 hours') or (kept.span = 'hour' and kept.at < amocrm.clock() - interval '35 days')
    limit p_limit
  )
  delete from amocrm.flow_counts using old
  where flow_counts.span = old.span and flow_counts.at = old.at and flow_counts.queue = old.queue and flow_counts.kind = old.kind;
  get diagnostics v_count = row_count;
  with old as (
    select kept.span, kept.at, kept.queue, kept.kind, kept.measure, kept.bucket from amocrm.flow_buckets as kept
    where (kept.span = 'minute' and kept.at < amocrm.clock() - interval '26 hours') or (kept.span = 'hour' and kept.at < amocrm.clock() - interval '35 days')
    limit p_limit
  )
  delete from amocrm.flow_buckets using old
  where flow_buckets.span = old.span and flow_buckets.at = old.at and flow_buckets.queue = old.queue and flow_buckets.kind = old.kind
    and flow_buckets.measure = old.measure and flow_buckets.bucket = old.bucket;
  get diagnostics v_bucket_count = row_count;
  return v_count + v_bucket_count;
end
$$;
comment on function amocrm.prune_flow(int) is 'Deletes up to p_limit minutes older than 26 hours and hours older than 35 days.';

create function amocrm.percentiles(p_queue text, p_span text, p_since timestamptz)
returns table (kind text, measure text, message_count bigint, half_ms float8, most_ms float8, nearly_all_ms float8)
language sql stable set search_path = ''
as $$
  with summed as (
    select coalesce(buckets.kind, '*') as kind, buckets.measure, buckets.bucket, sum(buckets.message_count) as message_count
    from amocrm.flow_buckets as buckets
    where buckets.span = p_span and buckets.at >= p_since and buckets.queue = p_queue
    group by grouping sets ((buckets.kind, buckets.measure, buckets.bucket), (buckets.measure, buckets.bucket))
  ), placed as (
    select summed.*, sum(summed.message_count) over (partition by summed.kind, summed.measure order by summed.bucket) as up_to,
      sum(summed.message_count) over (partition by summed.kind, summed.measure) as total
    from summed
  )
  select placed.kind, placed.measure, max(placed.total)::bigint,
    amocrm.bucket_ms(min(placed.bucket) filter (where placed.up_to >= 0.5 * placed.total)),
    amocrm.bucket_ms(min(placed.bucket) filter (where placed.up_to >= 0.95 * placed.total)),
    amocrm.bucket_ms(min(placed.bucket) filter (where placed.up_to >= 0.99 * placed.total))
  from placed group by placed.kind, placed.measure order by 1, 2
$$;
comment on function amocrm.percentiles(text, text, timestamptz) is
  'Returns the 50th, 95th and 99th percentile of wait and run since a moment, by kind and for all (*), of minutes or hours.';

revoke all on function amocrm.bucket_of(float8), amocrm.bucket_ms(int), amocrm.fold_flow(), amocrm.prune_flow(int),
  amocrm.percentiles(text, text, timestamptz) from public;
insert into amocrm.upkeep (step, rank, row_factor, function) values ('flow', 50, 1, 'amocrm.prune_flow');
select amocrm.schedule_job('amocrm-flow', '* * * * *', 'select amocrm.fold_flow()');
