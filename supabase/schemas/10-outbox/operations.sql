-- Whose trouble is it, the account's or one message's? What tells them apart is how the same kind of request fares for
-- others. So each kind, an operation, remembers here when it was last answered and which requests failed since. Requests that
-- share a message are one: a repeat, or a part of a batch, says nothing new about the account.

create table amocrm.operations (
  queue text not null,
  operation text not null,
  answered_at timestamptz,
  suspects jsonb not null default '[]',
  failed_at timestamptz,
  stopped_at timestamptz,
  breaker_delay_seconds int,
  primary key (queue, operation),
  constraint suspects_are_a_list check (jsonb_typeof(suspects) = 'array'),
  constraint what_stopped_has_its_delay check ((stopped_at is null) = (breaker_delay_seconds is null))
) with (fillfactor = 50);
comment on table amocrm.operations is
  'One row per kind of request with its last answer and the requests that failed since; the kind * stands for any.';
comment on column amocrm.operations.answered_at is 'When the operation was last answered for a message that is delivered now.';
comment on column amocrm.operations.suspects is
  'The requests that failed since the last answer, each a list of messages, disjoint; [0] is a request of the queue itself.';
comment on column amocrm.operations.stopped_at is
  'When the operation''s failures last opened the breaker; null once it is answered, until then one failure reopens it.';
comment on column amocrm.operations.breaker_delay_seconds is
  'The wait before the operation''s first probe; it doubles although probes by other operations succeed.';

alter table amocrm.operations enable row level security;
revoke all on amocrm.operations from public, anon, authenticated, service_role;
grant select on amocrm.operations to service_role;

create function amocrm.most_suspects() returns int
language sql immutable set search_path = ''
as $$ select 10 $$;
comment on function amocrm.most_suspects() is 'Returns how many failed requests of one operation are remembered; more add no information.';

create function amocrm.with_suspect(p_suspects jsonb, p_message_ids bigint[]) returns jsonb
language sql immutable set search_path = ''
as $$
  with new as (
    select case when cardinality(p_message_ids) = 0 then '[0]'::jsonb else to_jsonb(p_message_ids) end as ids
  ), known as (
    select suspect.ids, suspect.ids @> new.ids as is_whole,
      exists (select from jsonb_array_elements(suspect.ids) as one (id) where new.ids @> one.id) as has_common, suspect.place
    from new cross join jsonb_array_elements(p_suspects) with ordinality as suspect (ids, place)
  )
  -- A part that fails by itself says more than the whole did.
  select coalesce(jsonb_agg(named.ids order by named.place) filter (where named.place <= amocrm.most_suspects()), '[]')
  from (
    select case when known.is_whole then new.ids else known.ids end as ids, known.place from known cross join new
    union all
    select new.ids, jsonb_array_length(p_suspects) + 1 from new where not exists (select from known where known.has_common)
  ) as named
$$;
comment on function amocrm.with_suspect(jsonb, bigint[]) is
  'Adds a failed request to the list: beside the others, or in place of a request that contains it.';

create function amocrm.note_failure(p_queue text, p_operation text, p_message_ids bigint[]) returns amocrm.operations
language sql set search_path = ''
as $$
  insert into amocrm.operations as known (queue, operation, suspects, failed_at)
  values (p_queue, p_operation, amocrm.with_suspect('[]', p_message_ids), amocrm.clock())
  on conflict (queue, operation) do update set suspects = amocrm.with_suspect(known.suspects, p_message_ids), failed_at = amocrm.clock()
  returning *
$$;
comment on function amocrm.note_failure(text, text, bigint[]) is
  'Records that a request of an operation failed for a reason that accuses nobody.';

create function amocrm.note_answer(p_queue text, p_operations text[]) returns void
language sql set search_path = ''
as $$
  update amocrm.operations set suspects = '[]', stopped_at = null, breaker_delay_seconds = null
  where operations.queue = p_queue and operations.operation = any (p_operations)
$$;
comment on function amocrm.note_answer(text, text[]) is 'Records that operations were answered, which clears their earlier failures.';

create function amocrm.note_delivered(p_queue text, p_operations text[]) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.operations as known (queue, operation, answered_at)
  select p_queue, named.operation, amocrm.clock() from (select distinct unnest(p_operations) as operation) as named
  on conflict (queue, operation) do update set answered_at = excluded.answered_at;
end $$;
comment on function amocrm.note_delivered(text, text[]) is
  'Records that operations were answered for delivered messages; a later failure then concerns its own message only.';

create function amocrm.troubles(p_queue text) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(operations.operation order by operations.operation), '[]')
  from amocrm.operations where operations.queue = p_queue and operations.suspects <> '[]'
$$;
comment on function amocrm.troubles(text) is 'Lists operations that failed since they were last answered.';

create function amocrm.suspects(p_queue text) returns bigint[]
language plpgsql stable set search_path = ''
as $$
begin return (
  -- In plpgsql, whose plans a session keeps: each claim asks. Long after it failed last, the operation is nobody's hindrance.
  select array_agg(distinct suspect.id::bigint)
  from amocrm.operations cross join jsonb_array_elements(operations.suspects) as request (ids)
  cross join jsonb_array_elements_text(request.ids) as suspect (id)
  where operations.queue = p_queue and operations.stopped_at is not null
    and operations.failed_at > amocrm.clock() - interval '15 minutes');
end $$;
comment on function amocrm.suspects(text) is
  'Lists messages whose failures opened the breaker while nothing shows it is over; others are sent first, a few at a time.';

revoke all on function amocrm.most_suspects(), amocrm.with_suspect(jsonb, bigint[]), amocrm.note_failure(text, text, bigint[]),
  amocrm.note_answer(text, text[]), amocrm.note_delivered(text, text[]), amocrm.troubles(text), amocrm.suspects(text) from public;
