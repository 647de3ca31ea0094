-- How many messages are where. Counting a backlog of a hundred thousand would cost more than it tells, so each reason is
-- found by a probe and counted up to a bound.

create function amocrm.outbox_status_rows()
returns table (kind text, lane text, state text, reason text, message_count bigint, oldest_at timestamptz, next_attempt_at timestamptz,
  is_more boolean)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  -- For each reason: there may be a dozen of them, and together they must not take longer than a glance.
  v_bound constant int := 2000;
  -- In a variable: called in a condition, the clock would be asked for each row.
  v_an_hour_ago constant timestamptz := amocrm.clock() - interval '1 hour';
begin
  perform amocrm.require_reader();
  return query
  with recursive places as (
    select states.state, lanes.lane, kinds.kind, kinds.has_handler
    from (values ('pending'), ('uncertain'), ('dead')) as states (state)
    cross join (values ('live'), ('backfill')) as lanes (lane)
    cross join amocrm.kinds where kinds.queue = 'amocrm'
  ), reasons as (
    -- From one reason to the next by one probe of the index, so that a rare one is not overlooked behind a hundred thousand.
    select places.*, (select min(outbox.last_error_code) from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.state = places.state and outbox.lane = places.lane and outbox.kind = places.kind
        and not outbox.is_fresh and outbox.state in ('pending', 'uncertain', 'dead')) as code
    from places
    union all
    select reasons.state, reasons.lane, reasons.kind, reasons.has_handler, (select min(outbox.last_error_code) from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.state = reasons.state and outbox.lane = reasons.lane and outbox.kind = reasons.kind
        and outbox.last_error_code > reasons.code
        and not outbox.is_fresh and outbox.state in ('pending', 'uncertain', 'dead'))
    from reasons where reasons.code is not null
  ), counted as (
    select reasons.kind, reasons.lane, reasons.state, case when reasons.has_handler then reasons.code else 'no_handler' end as reason,
      named.message_count, named.next_attempt_at, named.first_id
    from reasons cross join lateral (
      select count(*) as message_count, min(bounded.next_attempt_at) as next_attempt_at, min(bounded.id) as first_id from (
        select outbox.id, outbox.next_attempt_at from amocrm.outbox
        where outbox.queue = 'amocrm' and outbox.state = reasons.state and outbox.lane = reasons.lane and outbox.kind = reasons.kind
          and outbox.last_error_code = reasons.code and not outbox.is_fresh and outbox.state in ('pending', 'uncertain', 'dead')
        order by outbox.last_error_code, outbox.id limit v_bound) as bounded) as named
    where reasons.code is not null
    union all
    select places.kind, places.lane, places.state, case when not places.has_handler then 'no_handler' end,
      unnamed.message_count, unnamed.next_attempt_at, unnamed.first_id
    from places cross join lateral (
      select count(*) as message_count, min(bounded.next_attempt_at) as next_attempt_at, min(bounded.id) as first_id from (
        select outbox.id, outbox.next_attempt_at from amocrm.outbox
        where outbox.queue = 'amocrm' and outbox.state = places.state and outbox.lane = places.lane and outbox.kind = places.kind
          and outbox.last_error_code is null and not outbox.is_fresh and outbox.state in ('pending', 'uncertain', 'dead')
        order by outbox.last_error_code, outbox.id limit v_bound) as bounded) as unnamed
    union all
    -- A drain leases a few hundred at most.
    select leased.kind, leased.lane, 'leased', case when kinds.has_handler then leased.last_error_code else 'no_handler' end,
      count(*), min(leased.next_attempt_at), min(leased.id)
    from (select outbox.* from amocrm.outbox where outbox.queue = 'amocrm' and outbox.state = 'leased' limit v_bound) as leased
    join amocrm.kinds on kinds.kind = leased.kind
    group by leased.kind, leased.lane, 4
    union all
    select fresh.kind, fresh.lane, 'pending', 'new', count(*), min(fresh.next_attempt_at), min(fresh.id)
    from (select outbox.* from amocrm.outbox where outbox.queue = 'amocrm' and outbox.is_fresh order by outbox.id limit v_bound) as fresh
    group by fresh.kind, fresh.lane
  ), summed as (
    select counted.kind, counted.lane, counted.state, counted.reason, sum(counted.message_count)::bigint as message_count,
      min(counted.first_id) as first_id, min(counted.next_attempt_at) as next_attempt_at, bool_or(counted.message_count >= v_bound) as is_more
    from counted where counted.message_count > 0
    group by counted.kind, counted.lane, counted.state, counted.reason
  )
  select summed.kind, summed.lane, summed.state, summed.reason, summed.message_count,
    (select outbox.created_at from amocrm.outbox where outbox.queue = 'amocrm' and outbox.id = summed.first_id),
    case when summed.state in ('pending', 'uncertain') then summed.next_attempt_at end, summed.is_more
  from summed
  union all
  select recent.kind, recent.lane, 'delivered', 'last hour', count(*), min(recent.created_at), null, sum(count(*)) over () >= v_bound
  from (select outbox.* from amocrm.outbox
    where outbox.queue = 'amocrm' and outbox.state = 'delivered' and outbox.delivered_at > v_an_hour_ago
    order by outbox.delivered_at desc limit v_bound) as recent
  group by recent.kind, recent.lane
  order by 1, 2, 3, 4;
end
$$;
comment on function amocrm.outbox_status_rows() is 'Returns the rows of amocrm_outbox_status.';

create view public.amocrm_outbox_status with (security_invoker = true) as
select kind, lane, state, reason, message_count, oldest_at, next_attempt_at, is_more from amocrm.outbox_status_rows();
comment on view public.amocrm_outbox_status is
  'How many messages are where, and why? Delivered ones count for an hour; is_more marks counts that stopped at 2000.';

revoke all on function amocrm.outbox_status_rows() from public, anon;
grant execute on function amocrm.outbox_status_rows() to authenticated, service_role;
revoke all on public.amocrm_outbox_status from public, anon, authenticated, service_role;
grant select on public.amocrm_outbox_status to authenticated, service_role;
