-- How fast messages go, hour by hour. What is read are the last 48 hours and no more, however long the history is.

create function amocrm.first_message_since(p_queue text, p_at timestamptz) returns bigint
language plpgsql stable set search_path = ''
as $$
declare
  v_low bigint;
  v_high bigint;
  v_middle bigint;
  v_created_at timestamptz;
begin
  -- Ids follow the order of creation, so the first one of an hour is found by halving: some thirty probes of the primary
  -- key, and no index by time for every insert to keep.
  select min(outbox.id), max(outbox.id) + 1 into v_low, v_high from amocrm.outbox where outbox.queue = p_queue;
  while v_low < v_high loop
    v_middle := v_low + (v_high - v_low) / 2;
    select outbox.created_at into v_created_at from amocrm.outbox
    where outbox.queue = p_queue and outbox.id >= v_middle order by outbox.id limit 1;
    if v_created_at < p_at then
      v_low := v_middle + 1;
    else
      v_high := v_middle;
    end if;
  end loop;
  return v_low;
end
$$;
comment on function amocrm.first_message_since(text, timestamptz) is
  'Estimates the smallest id of messages created since a moment; null without messages.';

create function amocrm.throughput_rows()
returns table (hour timestamptz, kind text, inserted_count bigint, delivered_count bigint, dead_count bigint,
  delay_median_seconds numeric, delay_95_seconds numeric, delay_longest_seconds numeric,
  request_count bigint, rate_limited_count bigint, slot_share numeric, waiting_count bigint, done_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := amocrm.clock();
  v_from timestamptz := date_trunc('hour', v_now) - interval '47 hours';
  v_first_id bigint := amocrm.first_message_since(amocrm.account(), v_from - interval '1 minute');
  v_interval_ms int := (select amocrm_settings.min_interval_ms from public.amocrm_settings);
  v_backlog record;
begin
  perform amocrm.require_reader();
  select * into v_backlog from amocrm.backlog();
  return query
  with inserted as (
    select date_trunc('hour', outbox.created_at) as hour, coalesce(outbox.kind, '*') as kind, count(*) as message_count
    from amocrm.outbox
    where outbox.queue = amocrm.account() and outbox.id >= v_first_id and outbox.created_at >= v_from
    group by grouping sets ((1, outbox.kind), (1))
  ), delivered as (
    select date_trunc('hour', outbox.delivered_at) as hour, coalesce(outbox.kind, '*') as kind, count(*) as message_count,
      -- A backfill waits on purpose and says nothing about how soon a lead arrives.
      percentile_cont(array[0.5, 0.95, 1]) within group (order by extract(epoch from outbox.delivered_at - outbox.created_at)::float8)
        filter (where outbox.lane = 'live') as delays
    from amocrm.outbox
    where outbox.queue = amocrm.account() and outbox.state = 'delivered' and outbox.delivered_at >= v_from
    group by grouping sets ((1, outbox.kind), (1))
  ), dead as (
    select date_trunc('hour', attempts.ended_at) as hour, coalesce(attempts.kind, '*') as kind, count(*) as message_count
    from amocrm.attempts where attempts.queue = amocrm.account() and attempts.state = 'dead' and attempts.ended_at >= v_from
    group by grouping sets ((1, attempts.kind), (1))
  ), sent as (
    select date_trunc('hour', requests.at) as hour, count(*) as request_count, count(*) filter (where requests.http_status = 429) as rate_limited_count
    from amocrm.requests where requests.at >= v_from group by 1
  ), lines as (
    select inserted.hour, inserted.kind from inserted union select delivered.hour, delivered.kind from delivered
    union select dead.hour, dead.kind from dead union select sent.hour, '*' from sent union select date_trunc('hour', v_now), '*'
  )
  select lines.hour, lines.kind, coalesce(inserted.message_count, 0), coalesce(delivered.message_count, 0), coalesce(dead.message_count, 0),
    round(delivered.delays[1]::numeric, 1), round(delivered.delays[2]::numeric, 1), round(delivered.delays[3]::numeric, 1),
    case when lines.kind = '*' then coalesce(sent.request_count, 0) end,
    case when lines.kind = '*' then coalesce(sent.rate_limited_count, 0) end,
    case when lines.kind = '*' then round(coalesce(sent.request_count, 0) * v_interval_ms::numeric
      / (greatest(extract(epoch from least(v_now, lines.hour + interval '1 hour') - lines.hour), 1) * 1000), 3) end,
    case when lines.kind = '*' and lines.hour = date_trunc('hour', v_now) then v_backlog.fresh_count + v_backlog.placed_count end,
    case when lines.kind = '*' and lines.hour = date_trunc('hour', v_now) then amocrm.backlog_done_at(v_backlog.fresh_count + v_backlog.placed_count) end
  from lines
  left join inserted on inserted.hour = lines.hour and inserted.kind = lines.kind
  left join delivered on delivered.hour = lines.hour and delivered.kind = lines.kind
  left join dead on dead.hour = lines.hour and dead.kind = lines.kind
  left join sent on sent.hour = lines.hour and lines.kind = '*'
  order by lines.hour desc, lines.kind;
end
$$;
comment on function amocrm.throughput_rows() is 'Returns the rows of amocrm_throughput.';

create view public.amocrm_throughput with (security_invoker = true) as
select hour, kind, inserted_count, delivered_count, dead_count, delay_median_seconds, delay_95_seconds, delay_longest_seconds,
  request_count, rate_limited_count, slot_share, waiting_count, done_at
from amocrm.throughput_rows();
comment on view public.amocrm_throughput is
  'How much came and went per hour and kind in 48 hours, how fast? Only the kind * has requests and backlog.';

revoke all on function amocrm.first_message_since(text, timestamptz) from public;
revoke all on function amocrm.throughput_rows() from public, anon;
grant execute on function amocrm.throughput_rows() to authenticated, service_role;
revoke all on public.amocrm_throughput from public, anon, authenticated, service_role;
grant select on public.amocrm_throughput to authenticated, service_role;
