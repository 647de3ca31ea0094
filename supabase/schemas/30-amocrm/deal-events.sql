-- What became of each deal: a row where the mirror's row changes, in that transaction, by comparing old and new. So each
-- change is told once, whoever brought it, hook or pull. The table is part of the public surface.

create table public.amocrm_deal_events (
  id bigint generated always as identity primary key,
  amocrm_deal_id bigint not null,
  lead_id uuid,
  student_id uuid,
  event text not null,
  from_pipeline_id bigint,
  from_status_id bigint,
  to_pipeline_id bigint,
  to_status_id bigint,
  price bigint,
  changed_by bigint,
  is_ours boolean not null,
  occurred_at timestamptz not null,
  seen_at timestamptz not null default amocrm.clock(),
  constraint event_is_known check (event in
    ('added', 'stage_changed', 'won', 'lost', 'reopened', 'responsible_changed', 'price_changed', 'deleted', 'restored'))
);
comment on table public.amocrm_deal_events is
  'What became of deals in amoCRM, each change once. Triggers of your own, Realtime and database webhooks may hang on it.';
comment on column public.amocrm_deal_events.lead_id is 'The lead whose deal it is, the oldest if there are several; null for deals of others.';
comment on column public.amocrm_deal_events.student_id is 'The student whose deal it is, or null.';
comment on column public.amocrm_deal_events.price is 'The deal''s price after the change.';
comment on column public.amocrm_deal_events.changed_by is 'The amoCRM user who changed the deal last; 0 is a robot.';
comment on column public.amocrm_deal_events.is_ours is 'True if the new values are those of our own last write.';
comment on column public.amocrm_deal_events.occurred_at is 'When it happened, by amoCRM''s clock; of several changes between two reads the last one counts.';
comment on column public.amocrm_deal_events.seen_at is 'When the mirror got to know.';
create index amocrm_deal_events_of_deal_idx on public.amocrm_deal_events (amocrm_deal_id, id desc);

alter table public.amocrm_deal_events enable row level security;
revoke all on public.amocrm_deal_events from public, anon, authenticated, service_role;
revoke all on sequence public.amocrm_deal_events_id_seq from public, anon, authenticated, service_role;
-- Append only, by the trigger below.
grant select on public.amocrm_deal_events to service_role, authenticated;
create policy admins_and_viewers_see_deal_events on public.amocrm_deal_events for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));

create table amocrm.deal_events_from (
  account text primary key default amocrm.account(),
  since timestamptz not null default amocrm.clock()
);
comment on table amocrm.deal_events_from is 'Since when changes of deals make events: not before the installation, nor before the first pull of an account.';
alter table amocrm.deal_events_from enable row level security;
revoke all on amocrm.deal_events_from from public, anon, authenticated, service_role;
grant select on amocrm.deal_events_from to service_role;
insert into amocrm.deal_events_from default values;

create function amocrm.begin_deal_events() returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.deal_events_from as known (account, since) values (new.account, coalesce(new.changed_until, amocrm.clock()))
  on conflict (account) do update set since = greatest(known.since, excluded.since);
  return null;
end
$$;
comment on function amocrm.begin_deal_events() is 'Lets events begin where the first pull of deals began.';
create trigger begin_deal_events after update of is_complete on amocrm.cursors
  for each row when (new.entity = 'deal' and new.is_complete and not old.is_complete) execute function amocrm.begin_deal_events();

create function amocrm.keep_deleted_deal() returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- Lists of deleted deals need not tell where they stood; restored, a deal would seem to have moved.
  new.pipeline_id := coalesce(old.pipeline_id, new.pipeline_id);
  new.status_id := coalesce(old.status_id, new.status_id);
  new.status_label := coalesce(old.status_label, new.status_label);
  new.responsible_user_id := coalesce(old.responsible_user_id, new.responsible_user_id);
  new.price := coalesce(old.price, new.price);
  return new;
end
$$;
comment on function amocrm.keep_deleted_deal() is 'Keeps the former stage, price and responsible user of a deal that was deleted.';
create trigger keep_deleted_deal before update on public.amocrm_deals
  for each row when (new.is_deleted) execute function amocrm.keep_deleted_deal();

create function amocrm.deal_changes(p_old public.amocrm_deals, p_new public.amocrm_deals, p_own amocrm.own_writes)
returns table (event text, is_ours boolean)
language sql immutable set search_path = ''
as $$
  select change.event, change.is_ours
  from (values
    (1, p_new.is_deleted and not p_old.is_deleted, 'deleted', false),
    (2, p_old.is_deleted and not p_new.is_deleted, 'restored', false),
    (3, not p_new.is_deleted and p_old.status_id is not null and p_new.status_id is not null
        and (p_old.pipeline_id, p_old.status_id) is distinct from (p_new.pipeline_id, p_new.status_id),
      case
        when p_new.status_id = 142 and p_old.status_id <> 142 then 'won'
        when p_new.status_id = 143 and p_old.status_id <> 143 then 'lost'
        when p_old.status_id in (142, 143) and p_new.status_id not in (142, 143) then 'reopened'
        else 'stage_changed' end,
      (p_own.pipeline_id, p_own.status_id) = (p_new.pipeline_id, p_new.status_id)),
    (4, not p_new.is_deleted and p_old.responsible_user_id <> p_new.responsible_user_id, 'responsible_changed',
      p_own.responsible_user_id = p_new.responsible_user_id),
    (5, not p_new.is_deleted and p_old.price <> p_new.price, 'price_changed', p_own.price = p_new.price)
  ) as change (rank, applies, event, is_ours)
  where change.applies
  order by change.rank
$$;
comment on function amocrm.deal_changes(public.amocrm_deals, public.amocrm_deals, amocrm.own_writes) is
  'Compares two versions of a deal and returns what happened between them; a value that is null in either has not changed.';

create function amocrm.note_deal_events() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_since timestamptz;
  v_own amocrm.own_writes;
begin
  -- By amoCRM's clock, as the deal's times are.
  select deal_events_from.since + coalesce(queue_control.clock_offset_ms, 0) * interval '1 millisecond' into v_since
  from amocrm.deal_events_from join amocrm.cursors on cursors.entity = 'deal' and cursors.account = deal_events_from.account and cursors.is_complete
  left join amocrm.queue_control on queue_control.queue = deal_events_from.account
  where deal_events_from.account = new.account;
  if v_since is null or coalesce(new.updated_at, amocrm.clock()) < v_since
    or (tg_op = 'INSERT' and (new.is_deleted or coalesce(new.created_at, '-infinity') < v_since)) then
    return null;
  end if;
  select * into v_own from amocrm.own_writes
  where own_writes.entity = 'deal' and own_writes.amocrm_id = new.amocrm_deal_id and own_writes.account = new.account;
  insert into public.amocrm_deal_events (amocrm_deal_id, lead_id, student_id, event, from_pipeline_id, from_status_id, to_pipeline_id,
    to_status_id, price, changed_by, is_ours, occurred_at)
  select new.amocrm_deal_id, ours.lead_id, ours.student_id, change.event,
    case when tg_op = 'UPDATE' then old.pipeline_id end, case when tg_op = 'UPDATE' then old.status_id end,
    case when not new.is_deleted then new.pipeline_id end, case when not new.is_deleted then new.status_id end,
    new.price, new.updated_by, coalesce(change.is_ours, false),
    coalesce(case when tg_op = 'INSERT' then new.created_at end, new.updated_at, amocrm.clock())
  from (
    select 'added' as event, v_own.is_created as is_ours where tg_op = 'INSERT'
    union all
    select found.event, found.is_ours from amocrm.deal_changes(case when tg_op = 'UPDATE' then old end, new, v_own) as found where tg_op = 'UPDATE') as change
  cross join (
    select (array_agg(links.subject_id order by links.created_at) filter (where links.subject_table = 'unified_lead_tracking'))[1] as lead_id,
      (array_agg(links.subject_id order by links.created_at) filter (where links.subject_table = 'tripwire_users'))[1] as student_id
    from amocrm.links where links.object = 'deal' and links.amocrm_id = new.amocrm_deal_id and links.account = new.account) as ours;
  return null;
end
$$;
comment on function amocrm.note_deal_events() is 'Appends the events of a mirrored deal that was added or changed.';
create trigger note_new_deal after insert on public.amocrm_deals
  for each row execute function amocrm.note_deal_events();
create trigger note_deal_events after update on public.amocrm_deals
  for each row when ((old.pipeline_id, old.status_id, old.responsible_user_id, old.price, old.is_deleted)
    is distinct from (new.pipeline_id, new.status_id, new.responsible_user_id, new.price, new.is_deleted))
  execute function amocrm.note_deal_events();

create function amocrm.forget_deal_events() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Another account's deals have other ids, or worse, the same.
  truncate public.amocrm_deal_events, amocrm.own_writes;
  return null;
end
$$;
comment on function amocrm.forget_deal_events() is 'Forgets events and our own writes together with the mirror of an account that is left.';
create trigger forget_deal_events after truncate on public.amocrm_deals
  for each statement execute function amocrm.forget_deal_events();

revoke all on function amocrm.begin_deal_events(), amocrm.keep_deleted_deal(), amocrm.note_deal_events(), amocrm.forget_deal_events(),
  amocrm.deal_changes(public.amocrm_deals, public.amocrm_deals, amocrm.own_writes) from public;
