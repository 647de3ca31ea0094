-- What each delivery of amoCRM's hooks named, until it is gathered to one row of amocrm.hints each. A delivery only appends, so
-- that it is answered at once and none waits for another that names the same deals.

create table amocrm.hint_notes (
  id bigint generated always as identity primary key,
  account text not null default amocrm.account(),
  hints jsonb not null,
  noted_at timestamptz not null default amocrm.clock()
);
comment on table amocrm.hint_notes is 'What each delivery of amoCRM''s hooks named, until it is gathered: deliveries only append, so that none waits for another.';
alter table amocrm.hint_notes set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table amocrm.hint_notes enable row level security;
revoke all on amocrm.hint_notes from public, anon, authenticated, service_role;
grant select on amocrm.hint_notes to service_role;

create function amocrm.note_hints(p_hints jsonb) returns void
language sql set search_path = ''
as $$ insert into amocrm.hint_notes (hints) values (p_hints) $$;
comment on function amocrm.note_hints(jsonb) is 'Notes which contacts and deals a hook named, [{entity, id, action, updatedAt, place}].';

create function amocrm.gather_hints() returns void
language sql set search_path = ''
as $$
  with taken as (
    delete from amocrm.hint_notes where hint_notes.account = amocrm.account() returning hint_notes.hints, hint_notes.noted_at
  )
  insert into amocrm.hints as known (entity, amocrm_id, updated_from, updated_at, has_deletion, is_new_only, must_read, places, noted_at, due_at)
  select hint.entity, hint.id, min(amocrm.unix_time(hint."updatedAt")), max(amocrm.unix_time(hint."updatedAt")), bool_or(hint.action = 'delete'), bool_and(hint.action = 'add'),
    -- A deletion names no time.
    bool_or(hint.action = 'restore' or hint."updatedAt" is null and hint.action <> 'delete'),
    coalesce(array_agg(distinct hint.place) filter (where hint.place is not null), '{}'), max(taken.noted_at), min(taken.noted_at) + amocrm.hint_rest()
  from taken cross join jsonb_to_recordset(taken.hints) as hint (entity text, id bigint, action text, "updatedAt" bigint, place text)
  group by hint.entity, hint.id
  -- Everybody locks in the same order.
  order by hint.entity, hint.id
  on conflict (entity, amocrm_id, account) do update set
    updated_from = case when known.due_at is null then excluded.updated_from else least(known.updated_from, excluded.updated_from) end,
    updated_at = case when known.due_at is null then excluded.updated_at else greatest(known.updated_at, excluded.updated_at) end,
    has_deletion = excluded.has_deletion or (known.due_at is not null and known.has_deletion),
    is_new_only = excluded.is_new_only and (known.due_at is null or known.is_new_only),
    must_read = excluded.must_read or (known.due_at is not null and known.must_read),
    places = case when known.due_at is null then excluded.places
      else array(select distinct place from unnest(known.places || excluded.places) as place) end,
    attempt_count = case when known.due_at is null then 0 else known.attempt_count end,
    noted_at = excluded.noted_at, due_at = coalesce(known.due_at, excluded.due_at)
$$;
comment on function amocrm.gather_hints() is 'Makes one row of amocrm.hints of each entity that hooks have named since.';

revoke all on function amocrm.note_hints(jsonb), amocrm.gather_hints() from public;
