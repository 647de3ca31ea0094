-- What is due: whether anything is, and which heads a claim takes, in which order. Both go by the ready index in few probes,
-- so that they cost the same with a million messages as with ten.

create function amocrm.is_due(p_queue text, p_lanes text[] default null) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_lanes text[] := coalesce(p_lanes, amocrm.lanes_of(p_queue));
begin
  -- Each branch is one index probe, so asking costs the same with five million messages as with none.
  return exists (select from amocrm.outbox where outbox.queue = p_queue and outbox.is_fresh)
    or exists (select from unnest(v_lanes) as lanes (lane)
      cross join generate_series(0, 9) as priorities (priority)
      cross join lateral (
        -- With a limit it stays a probe; a nested exists would become a join that reads the whole backlog. The order
        -- makes it one of the ready index: without, statistics that know one lane only promise a hit in any row.
        select from amocrm.outbox
        where outbox.queue = p_queue and outbox.lane = lanes.lane and outbox.priority = priorities.priority
          and outbox.is_head and outbox.state in ('pending', 'uncertain') and outbox.next_attempt_at <= v_now
        order by outbox.next_attempt_at, outbox.id limit 1) as due)
    or exists (select from amocrm.outbox, amocrm.queue_control
      where outbox.queue = p_queue and outbox.state = 'leased' and queue_control.queue = p_queue
        and (outbox.lease_token is distinct from queue_control.drain_token or queue_control.drain_expires_at <= v_now))
    or amocrm.is_filler_due(p_queue);
end
$$;
comment on function amocrm.is_due(text, text[]) is
  'True if a drain has something to do now in these lanes, or by default in the open ones.';

create function amocrm.due_ids(
  p_queue text, p_limit int, p_now timestamptz, p_lanes text[] default '{live,backfill}', p_without bigint[] default '{}'
) returns bigint[]
language plpgsql stable set search_path = ''
as $$
declare
  v_lane text;
  v_priority int;
  v_next record;
  v_ids bigint[];
  v_alone boolean[];
  v_are_due boolean := false;
begin
  -- Nearly always the first ones of the live lane are due, and one walk along the index tells.
  if p_lanes = '{live}' and p_without = '{}' then
    select array_agg(first.id order by first.priority, first.next_attempt_at, first.id),
      array_agg(first.goes_alone order by first.priority, first.next_attempt_at, first.id),
      coalesce(bool_and(first.next_attempt_at <= p_now), false)
    into v_ids, v_alone, v_are_due
    from (
      select outbox.id, outbox.priority, outbox.next_attempt_at, outbox.goes_alone from amocrm.outbox
      where outbox.queue = p_queue and outbox.lane = 'live' and outbox.is_head and outbox.state in ('pending', 'uncertain')
      order by outbox.priority, outbox.next_attempt_at, outbox.id limit p_limit
    ) as first;
  end if;
  if not v_are_due then
    v_ids := '{}';
    v_alone := '{}';
    foreach v_lane in array array['live', 'backfill'] loop
      v_priority := -1;
      while v_lane = any (p_lanes) and cardinality(v_ids) < p_limit loop
        -- The next priority that a head has, and those of its heads that are due, in index order: two probes for each
        -- priority. Rows that are not due are never walked.
        select priorities.priority, ready.ids, ready.alone into v_next
        from (
          select outbox.priority from amocrm.outbox
          where outbox.queue = p_queue and outbox.lane = v_lane and outbox.priority > v_priority
            and outbox.is_head and outbox.state in ('pending', 'uncertain')
          order by outbox.priority limit 1
        ) as priorities
        cross join lateral (
          select array_agg(due.id order by due.next_attempt_at, due.id) as ids, array_agg(due.goes_alone order by due.next_attempt_at, due.id) as alone
          from (
            select outbox.id, outbox.next_attempt_at, outbox.goes_alone from amocrm.outbox
            where outbox.queue = p_queue and outbox.lane = v_lane and outbox.priority = priorities.priority
              and outbox.is_head and outbox.state in ('pending', 'uncertain') and outbox.next_attempt_at <= p_now
              and outbox.id <> all (p_without)
            order by outbox.next_attempt_at, outbox.id limit p_limit - cardinality(v_ids)
          ) as due
        ) as ready;
        exit when not found;
        v_priority := v_next.priority;
        v_ids := v_ids || v_next.ids;
        v_alone := v_alone || v_next.alone;
      end loop;
    end loop;
  end if;
  if v_alone[1] then
    return v_ids[:1];
  elsif true = any (v_alone) then
    return array(select due.id from unnest(v_ids, v_alone) with ordinality as due (id, goes_alone, turn) where not due.goes_alone order by due.turn);
  end if;
  return v_ids;
end
$$;
comment on function amocrm.due_ids(text, int, timestamptz, text[], bigint[]) is
  'Lists up to p_limit due heads except p_without, live lane first, then by priority and age; a suspect comes by itself.';

revoke all on function amocrm.is_due(text, text[]), amocrm.due_ids(text, int, timestamptz, text[], bigint[]) from public;
