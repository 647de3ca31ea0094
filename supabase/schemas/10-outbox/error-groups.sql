-- Errors that are one trouble: the same kind, the same code, and the same message but for its numbers, ids and quotations.

create function amocrm.error_pattern(p_message text) returns text
language sql immutable set search_path = ''
as $$
  select regexp_replace(regexp_replace(regexp_replace(left(p_message, 300), '"[^"]*"|«[^»]*»|''[^'']*''', '…', 'g'),
    '[^\s@<>,;:()]+@[^\s@<>,;:()]+', '…', 'g'), '[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\+?\d[\d\s.,:-]*\d|\d', '#', 'g')
$$;
comment on function amocrm.error_pattern(text) is 'Returns an error message without what differs from case to case: quotations, addresses, ids, numbers.';

-- In PL/pgSQL, which keeps the plan of what it calls from row to row.
create function amocrm.error_group(p_kind text, p_code text, p_message text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return left(md5(concat_ws('|', p_kind, p_code, amocrm.error_pattern(p_message))), 12);
end
$$;
comment on function amocrm.error_group(text, text, text) is 'Returns the short name of the group of an error: kind, code and pattern of the message.';

-- Only what is in error is in it, so a delivery without one costs nothing more.
create index messages_by_group_idx on amocrm.outbox
  (queue, state, amocrm.error_group(kind, last_error_code, last_error_message), id)
  where last_error_code is not null and state in ('pending', 'uncertain', 'dead');

create function amocrm.error_groups(p_queue text, p_most int, p_bound int)
returns table (error_group text, kind text, error_code text, message text, message_count bigint, is_more boolean, states jsonb,
  newest_id bigint, newest_at timestamptz, oldest_at timestamptz)
language plpgsql stable set search_path = ''
-- A limit makes the table look cheap to the planner: it would read past all of history before the first in error.
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  with recursive named as (
    -- From one group to the next by one probe, so that a rare one is not overlooked behind a hundred thousand.
    select states.state, states.rank, (select min(amocrm.error_group(outbox.kind, outbox.last_error_code, outbox.last_error_message)) from amocrm.outbox
      where outbox.queue = p_queue and outbox.state = states.state and outbox.last_error_code is not null
        and outbox.state in ('pending', 'uncertain', 'dead')) as name, 1 as place
    from (values ('dead', 1), ('uncertain', 2), ('pending', 3)) as states (state, rank)
    union all
    select named.state, named.rank, (select min(amocrm.error_group(outbox.kind, outbox.last_error_code, outbox.last_error_message)) from amocrm.outbox
      where outbox.queue = p_queue and outbox.state = named.state and outbox.last_error_code is not null
        and outbox.state in ('pending', 'uncertain', 'dead')
        and amocrm.error_group(outbox.kind, outbox.last_error_code, outbox.last_error_message) > named.name), named.place + 1
    from named where named.name is not null and named.place < 500
  ), counted as (
    select named.name, named.state, bounded.*
    from named cross join lateral (
      select count(*) as message_count, max(found.id) as newest_id, min(found.id) as oldest_id from (
        select outbox.id from amocrm.outbox
        where outbox.queue = p_queue and outbox.state = named.state and outbox.last_error_code is not null
          and outbox.state in ('pending', 'uncertain', 'dead')
          and amocrm.error_group(outbox.kind, outbox.last_error_code, outbox.last_error_message) = named.name
        order by outbox.id desc limit p_bound + 1) as found) as bounded
    where named.name is not null
  ), summed as (
    select counted.name, sum(least(counted.message_count, p_bound))::bigint as message_count,
      bool_or(counted.message_count > p_bound) as is_more,
      jsonb_object_agg(counted.state, least(counted.message_count, p_bound)) as states,
      max(counted.newest_id) as newest_id, min(counted.oldest_id) as oldest_id,
      sum(counted.message_count) filter (where counted.state = 'dead') as dead_count
    from counted group by counted.name
  )
  select summed.name, newest.kind, newest.last_error_code, amocrm.error_pattern(newest.last_error_message), summed.message_count, summed.is_more,
    summed.states, newest.id, newest.created_at, oldest.created_at
  from summed
  join amocrm.outbox as newest on newest.queue = p_queue and newest.id = summed.newest_id
  join amocrm.outbox as oldest on oldest.queue = p_queue and oldest.id = summed.oldest_id
  order by summed.dead_count desc nulls last, summed.message_count desc, summed.name
  limit p_most;
end
$$;
comment on function amocrm.error_groups(text, int, int) is
  'Lists groups of errors among waiting, uncertain and dead messages, those with most dead first; counts each state up to a bound.';

revoke all on function amocrm.error_pattern(text), amocrm.error_group(text, text, text), amocrm.error_groups(text, int, int) from public;
