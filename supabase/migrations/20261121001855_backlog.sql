-- How much waits, and until when: for amocrm_health and amocrm_throughput.

create function amocrm.estimated_count(p_index regclass, p_partition regclass) returns bigint
language sql stable set search_path = ''
as $$
  -- Vacuum counts what is in an index and comes early here (outbox, autovacuum settings), so this is seldom far off.
  select greatest(class.reltuples, 0)::bigint
  from pg_catalog.pg_inherits
  join pg_catalog.pg_index on pg_index.indexrelid = pg_inherits.inhrelid and pg_index.indrelid = p_partition
  join pg_catalog.pg_class as class on class.oid = pg_inherits.inhrelid
  where pg_inherits.inhparent = p_index
$$;
comment on function amocrm.estimated_count(regclass, regclass) is
  'How many rows a partial index holds in a partition, as vacuum or analyze last counted them.';

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
    fresh_count := greatest(fresh_count, amocrm.estimated_count('amocrm.messages_fresh_idx', 'public.amocrm_outbox'));
  end if;
  if placed_count >= v_bound then
    placed_count := greatest(placed_count, amocrm.estimated_count('amocrm.messages_of_person_idx', 'public.amocrm_outbox'));
  end if;
end
$$;
comment on function amocrm.backlog() is
  'How many messages to amoCRM wait, not yet placed and placed: counted up to 5000 of each, estimated beyond that.';

create function amocrm.requests_for(p_message_count bigint) returns bigint
language sql stable set search_path = ''
as $$
  -- Each batch costs a look at what changed, the write and the notes. Until the mirror is complete each person costs
  -- up to two searches as well, by e-mail and by phone.
  select 3 * ceil(p_message_count::numeric / amocrm_settings.batch_size)::bigint
    + case when cursors.is_complete then 0 else 2 end * p_message_count
  from public.amocrm_settings, amocrm.cursors where cursors.entity = 'contact'
$$;
comment on function amocrm.requests_for(bigint) is 'About how many requests so many messages take.';

create function amocrm.backlog_done_at(p_message_count bigint) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_control amocrm.queue_control;
begin
  select * into v_control from amocrm.queue_control where queue_control.queue = 'amocrm';
  if p_message_count = 0 or v_control.paused_at is not null or v_control.breaker_code is not null
    or exists (select from amocrm.heartbeats where heartbeats.component = 'amocrm-drain' and heartbeats.state in ('disabled', 'unconfigured', 'failed')) then
    return null;
  end if;
  return greatest(v_now, v_control.cool_off_until) + amocrm.requests_for(p_message_count)
    * amocrm.interval_in_force(v_control, (select amocrm_settings.min_interval_ms from public.amocrm_settings)) * interval '1 millisecond';
end
$$;
comment on function amocrm.backlog_done_at(bigint) is
  'When so many messages will be through at the pace in force, if nothing comes between; null for none, and while sending is stopped.';

revoke all on function amocrm.estimated_count(regclass, regclass), amocrm.backlog(), amocrm.requests_for(bigint),
  amocrm.backlog_done_at(bigint) from public;
