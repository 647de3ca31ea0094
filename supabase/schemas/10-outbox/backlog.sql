-- How much waits, and until when: for amocrm_health and amocrm_throughput.

create function amocrm.estimated_count(p_index regclass) returns bigint
language sql stable set search_path = ''
as $$
  -- Vacuum counts what is in an index and comes early here (message-tables), so this is seldom far off.
  select greatest(class.reltuples, 0)::bigint from pg_catalog.pg_class as class where class.oid = p_index
$$;
comment on function amocrm.estimated_count(regclass) is 'Estimates the rows of a partial index, as vacuum or analyze last counted them.';

create function amocrm.backlog(out fresh_count bigint, out placed_count bigint, out is_estimate boolean)
language plpgsql stable set search_path = ''
-- A limit makes the table look cheap to the planner: it would read past all of history before the first that waits.
set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  v_bound constant int := 5000;
begin
  select count(*) into fresh_count from (
    select from amocrm.outbox where outbox.queue = 'amocrm' and outbox.is_fresh limit v_bound) as fresh;
  -- By the states as constants, or the index that holds them only could not be used.
  select count(*) into placed_count from (
    (select from amocrm.outbox where outbox.queue = 'amocrm' and outbox.state = 'pending' and not outbox.is_fresh limit v_bound)
    union all
    (select from amocrm.outbox where outbox.queue = 'amocrm' and outbox.state = 'leased' and not outbox.is_fresh limit v_bound)) as placed;
  is_estimate := fresh_count >= v_bound or placed_count >= v_bound;
  if fresh_count >= v_bound then
    fresh_count := greatest(fresh_count, amocrm.estimated_count('public.amocrm_outbox_fresh_idx'));
  end if;
  if placed_count >= v_bound then
    -- The heads of all, and whatever waits behind one.
    placed_count := greatest(placed_count, amocrm.estimated_count('public.amocrm_outbox_one_head_per_person') + (
      select amocrm.estimated_count(pg_index.indexrelid) from pg_catalog.pg_inherits
      join pg_catalog.pg_index on pg_index.indexrelid = pg_inherits.inhrelid and pg_index.indrelid = 'public.amocrm_outbox'::regclass
      where pg_inherits.inhparent = 'amocrm.messages_behind_idx'::regclass));
  end if;
end
$$;
comment on function amocrm.backlog() is 'Counts waiting messages to amoCRM, unplaced and placed; beyond 5000 of each it estimates.';

create function amocrm.oldest_live(out created_at timestamptz, out stuck_since timestamptz, out unplaced_reason text)
language plpgsql stable set search_path = ''
as $$
begin
  select found.* into created_at, stuck_since, unplaced_reason from (
  -- History may wait for days, so only the live lane counts; and only its front is read, however long it is.
  select min(first.created_at) filter (where first.last_error_code is null
      or first.last_error_code not in ('no_route', 'no_main_pipeline', 'no_stage', 'no_deal', 'no_contact', 'tells_held')),
    -- What was there already when another one got through has a trouble of its own.
    min(first.created_at) filter (where (first.last_error_code is null
        or first.last_error_code not in ('no_route', 'no_main_pipeline', 'no_stage', 'no_deal', 'no_contact', 'tells_held'))
      and first.created_at > coalesce(queue_control.live_delivered_at, '-infinity')),
    min(first.last_error_message) filter (where first.last_error_code in ('no_route', 'no_main_pipeline', 'no_stage'))
  from (
    (select fresh.created_at, fresh.last_error_code, fresh.last_error_message from (
      select outbox.lane, outbox.created_at, outbox.last_error_code, outbox.last_error_message from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.is_fresh order by outbox.id limit 1) as fresh where fresh.lane = 'live')
    union all
    (select outbox.created_at, outbox.last_error_code, outbox.last_error_message from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.lane = 'live' and outbox.is_head and outbox.state in ('pending', 'uncertain')
      order by outbox.priority, outbox.next_attempt_at, outbox.id limit 200)) as first
  cross join amocrm.queue_control where queue_control.queue = 'amocrm') as found;
end
$$;
comment on function amocrm.oldest_live() is
  'Returns since when the oldest live message waits, and since when none succeeds; nulls if none waits.';

create function amocrm.is_stuck() returns boolean
language sql stable set search_path = ''
as $$
  -- What a person has stopped waits because of it, and says so itself.
  select queue_control.paused_at is null and coalesce(heartbeats.state, 'unknown') <> 'disabled'
    and coalesce(oldest.stuck_since < amocrm.clock() - interval '1 hour', false)
  from amocrm.oldest_live() as oldest cross join amocrm.queue_control
  left join amocrm.heartbeats on heartbeats.component = 'amocrm-drain'
  where queue_control.queue = 'amocrm'
$$;
comment on function amocrm.is_stuck() is 'True if a live message has waited an hour in which none succeeded and nobody paused sending.';

revoke all on function amocrm.estimated_count(regclass), amocrm.backlog(), amocrm.oldest_live(), amocrm.is_stuck()
  from public;
