-- What we wrote ourselves, as the log of requests tells it: amoCRM's hooks report our own changes like anybody's, and reading
-- them again would cost a request for nothing. Our own values also tell whether a deal's change is ours; of contacts only hooks
-- ask, so that those are noted only while hooks are taken.

create table amocrm.own_writes (
  amocrm_id bigint not null,
  written_from timestamptz not null,
  written_until timestamptz not null,
  pipeline_id bigint,
  status_id bigint,
  responsible_user_id bigint,
  price bigint,
  entity text not null,
  account text not null default amocrm.account(),
  is_created boolean not null default false,
  -- The entity first: each has ids of its own that grow, and pages fill up.
  primary key (entity, amocrm_id, account),
  constraint entity_is_known check (entity in ('contact', 'deal'))
);
comment on table amocrm.own_writes is 'The contacts and deals that we wrote lately, each with the values of our last write.';
comment on column amocrm.own_writes.is_created is 'True if we made it.';
comment on column amocrm.own_writes.written_from is 'When our last request about it began, or the first of several within seconds, by amoCRM''s clock.';
comment on column amocrm.own_writes.written_until is 'When our last request about it ended, by amoCRM''s clock; amocrm.prune_own_writes goes by it.';
-- Only pruning asks for it, and rows lie in the order of their age: a summary of pages takes no bytes to speak of.
create index own_writes_by_age_idx on amocrm.own_writes using brin (written_until) with (pages_per_range = 16);
alter table amocrm.own_writes enable row level security;
revoke all on amocrm.own_writes from public, anon, authenticated, service_role;
grant select on amocrm.own_writes to service_role;

create function amocrm.note_own_writes(p_requests jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.own_writes as known (entity, amocrm_id, is_created, written_from, written_until, pipeline_id, status_id, responsible_user_id, price)
  select distinct on (write.entity, write.id) write.entity, write.id, coalesce(write.is_created, false),
    -- amoCRM tells the end in whole seconds, and each of its servers by its own clock.
    min(amocrm.unix_time(write.until) - interval '2 seconds'
      - coalesce((request.value ->> 'duration_ms')::float8, 0) * interval '1 millisecond') over same, max(amocrm.unix_time(write.until)) over same,
    write.pipeline_id, write.status_id, write.responsible_user_id, write.price
  from jsonb_array_elements(p_requests) with ordinality as request (value, rank)
  cross join lateral jsonb_to_recordset(coalesce(request.value -> 'writes', '[]')) as write (entity text, id bigint, is_created boolean, until bigint,
    pipeline_id bigint, status_id bigint, responsible_user_id bigint, price bigint)
  where amocrm.unix_time(write.until) is not null and (write.entity = 'deal' or exists (select from amocrm.webhook_control
    where webhook_control.account = amocrm.account()
      and (webhook_control.secret_hash is not null or webhook_control.former_until > amocrm.clock())))
  window same as (partition by write.entity, write.id)
  order by write.entity, write.id, (write.status_id is not null) desc, request.rank desc
  on conflict (entity, amocrm_id, account) do update set
    is_created = known.is_created or excluded.is_created,
    -- What somebody else changed between two writes of ours must not pass for ours, unless they were seconds apart.
    written_from = case when excluded.written_until < known.written_from - interval '5 seconds' then known.written_from
      when excluded.written_from <= known.written_until + interval '5 seconds' then least(known.written_from, excluded.written_from)
      else excluded.written_from end,
    written_until = greatest(known.written_until, excluded.written_until),
    pipeline_id = case when excluded.status_id is null then known.pipeline_id else excluded.pipeline_id end,
    status_id = coalesce(excluded.status_id, known.status_id),
    responsible_user_id = coalesce(excluded.responsible_user_id, known.responsible_user_id),
    price = coalesce(excluded.price, known.price);
end
$$;
comment on function amocrm.note_own_writes(jsonb) is
  'Notes the deals that logged requests wrote, and contacts while hooks are taken; values that none wrote stay as they were noted.';

create function public.amocrm_log_requests(p_function text, p_requests jsonb) returns void
language sql security definer set search_path = ''
as $$
  select amocrm.log_requests(p_function, p_requests);
  select amocrm.note_own_writes(p_requests)
$$;
comment on function public.amocrm_log_requests(text, jsonb) is
  'Logs requests to amoCRM as amocrm.log_requests does, and notes what each wrote, writes: [{entity, id, is_created, until, pipeline_id, status_id, responsible_user_id, price}].';

create function amocrm.prune_own_writes(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
  v_now timestamptz := amocrm.clock();
begin
  -- What the mirror read days ago is no news of ours any more: its values are there, and hints of hooks last three days.
  delete from amocrm.own_writes where own_writes.ctid in (
    select old.ctid from amocrm.own_writes as old
    where old.written_until < v_now - interval '3 days' and (old.written_until < v_now - interval '30 days'
      or exists (select from amocrm.cursors where cursors.entity = old.entity and cursors.account = old.account and cursors.is_complete
        and cursors.changed_until > old.written_until + interval '3 days'))
    limit p_limit);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.prune_own_writes(int) is 'Deletes up to p_limit writes that the mirror read past three days ago, or that ended a month ago; returns how many.';
insert into amocrm.upkeep (step, rank, row_factor, function) values ('own writes', 45, 1, 'amocrm.prune_own_writes');

revoke all on function amocrm.note_own_writes(jsonb), amocrm.prune_own_writes(int) from public;
revoke all on function public.amocrm_log_requests(text, jsonb) from public, anon, authenticated;
grant execute on function public.amocrm_log_requests(text, jsonb) to service_role;
