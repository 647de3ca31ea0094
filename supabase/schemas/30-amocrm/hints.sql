-- What amoCRM's hooks hint at: which contact or deal changed, gathered to one row each, however many hooks there were. A hook is unsigned,
-- so nothing of it is believed: the entity is read again, in the lane of the pulls and before them, unless that tells nothing new.

create table amocrm.hints (
  entity text not null,
  amocrm_id bigint not null,
  account text not null default amocrm.account(),
  updated_from timestamptz,
  updated_at timestamptz,
  has_deletion boolean not null default false,
  is_new_only boolean not null default false,
  must_read boolean not null default false,
  places text[] not null default '{}',
  noted_at timestamptz not null default amocrm.clock(),
  due_at timestamptz,
  attempt_count int not null default 0,
  read_at timestamptz,
  primary key (entity, amocrm_id, account),
  constraint entity_is_known check (entity in ('contact', 'deal'))
) with (fillfactor = 70);
comment on table amocrm.hints is 'Contacts and deals of which amoCRM''s hooks reported a change: when each is read again, and when it was last.';
comment on column amocrm.hints.updated_from is 'The earliest change that hooks reported since it was last read, by amoCRM''s clock.';
comment on column amocrm.hints.updated_at is 'The latest change that hooks reported, by amoCRM''s clock; used only to skip a reading.';
comment on column amocrm.hints.has_deletion is 'True if a hook reported that it was deleted: looked for in amoCRM''s list of deleted ones.';
comment on column amocrm.hints.is_new_only is 'True if hooks reported nothing but that it was made.';
comment on column amocrm.hints.must_read is 'True if a hook named no time, or reported that it was restored.';
comment on column amocrm.hints.places is 'Pipeline and status of a deal as hooks named them since its last reading. They distinguish a manager''s move from our own write.';
comment on column amocrm.hints.noted_at is 'When a hook last named it.';
comment on column amocrm.hints.due_at is 'When it is to be read; null once it was, or if that is needless.';
comment on column amocrm.hints.read_at is 'When it was last read, by amoCRM''s clock.';
create index hints_due_idx on amocrm.hints (account, due_at) where due_at is not null;
create index hints_by_age_idx on amocrm.hints (noted_at);

create table amocrm.change_counts (
  account text not null default amocrm.account(),
  hour timestamptz not null,
  hook_count bigint not null default 0,
  pull_count bigint not null default 0,
  primary key (account, hour)
);
comment on table amocrm.change_counts is 'Changes by hour that hooks reported in time, and that only a pull found, while hooks are on.';
alter table amocrm.hints enable row level security;
alter table amocrm.change_counts enable row level security;
revoke all on amocrm.hints, amocrm.change_counts from public, anon, authenticated, service_role;
grant select on amocrm.hints, amocrm.change_counts to service_role;

create function amocrm.hint_rest() returns interval
language sql immutable set search_path = ''
as $$ select interval '3 seconds' $$;
comment on function amocrm.hint_rest() is 'How long what a hook named rests before it is read, so that several hooks are one reading.';

create function amocrm.is_own_place(p_places text[], p_own amocrm.own_writes) returns boolean
language sql stable set search_path = ''
as $$
  select case cardinality(p_places)
    when 0 then true
    -- What a hook names in the second of our own write may be a manager's move.
    when 1 then coalesce(p_places[1] = coalesce(p_own.pipeline_id || '.' || p_own.status_id,
      (select deals.pipeline_id || '.' || deals.status_id from amocrm.deals
        where deals.amocrm_deal_id = p_own.amocrm_id and deals.account = p_own.account)), true)
    else false end
$$;
comment on function amocrm.is_own_place(text[], amocrm.own_writes) is
  'True if hooks show a deal in the stage of our own last write, or of the mirror if we wrote none.';

create function amocrm.sieve_hints() returns void
language plpgsql set search_path = ''
as $$
declare
  v_offset interval := coalesce((select queue_control.clock_offset_ms from amocrm.queue_control where queue_control.queue = amocrm.account()), 0) * interval '1 millisecond';
begin
  perform amocrm.gather_hints();
  update amocrm.hints set due_at = null
  where hints.account = amocrm.account() and hints.due_at <= amocrm.clock() and (
    -- An echo: our own write, and nothing before or after it.
    not hints.has_deletion and exists (select from amocrm.own_writes as own
      where own.entity = hints.entity and own.amocrm_id = hints.amocrm_id and own.account = hints.account
        and (own.is_created and hints.is_new_only or not hints.must_read
          and hints.updated_from >= own.written_from and hints.updated_at <= own.written_until
          and amocrm.is_own_place(hints.places, own)))
    -- Times are whole seconds: what was read two seconds later has all that happened in one.
    or not hints.has_deletion and not hints.must_read and (hints.read_at >= hints.updated_at + interval '2 seconds'
      or exists (select from amocrm.cursors where cursors.entity = hints.entity and cursors.account = hints.account and cursors.is_complete
        and cursors.changed_until + v_offset >= hints.updated_at + interval '150 seconds'))
    or hints.has_deletion and case hints.entity
      when 'deal' then exists (select from amocrm.deals
        where deals.amocrm_deal_id = hints.amocrm_id and deals.account = hints.account and deals.is_deleted)
      else exists (select from amocrm.contacts
        where contacts.amocrm_contact_id = hints.amocrm_id and contacts.account = hints.account and contacts.is_deleted) end);
end
$$;
comment on function amocrm.sieve_hints() is 'Takes out of what is due whatever reading again would show nothing new of: echoes of our own writes, and what was read since.';

create function amocrm.hints_due() returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  select (exists (select from amocrm.hints where hints.account = amocrm.account() and hints.due_at <= amocrm.clock())
      or exists (select from amocrm.hint_notes where hint_notes.account = amocrm.account() and hint_notes.noted_at <= amocrm.clock() - amocrm.hint_rest()))
    -- Before the mirror is complete the first pull reads everything anyway.
    and not exists (select from amocrm.cursors where cursors.account = amocrm.account() and not cursors.is_complete));
end $$;
comment on function amocrm.hints_due() is 'True if contacts or deals wait to be read again.';

create function amocrm.ring_for_hints() returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_queue amocrm.queue_control;
  v_beat amocrm.heartbeats;
begin
  if not amocrm.hints_due() then
    return;
  end if;
  select * into v_queue from amocrm.queue_control where queue_control.queue = amocrm.account();
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-pull';
  if v_queue.paused_at is not null or v_queue.breaker_probe_at > v_now or v_queue.drain_expires_at > v_now
    or exists (select from amocrm.pull_control where pull_control.account = amocrm.account() and pull_control.lease_expires_at > v_now)
    or (v_beat.state in ('disabled', 'unconfigured') and v_beat.last_seen_at > v_now - interval '290 seconds')
    or amocrm.is_resting('amocrm-pull') or amocrm.is_due(amocrm.account(), array['live']) then
    return;
  end if;
  perform amocrm.sieve_hints();
  if amocrm.hints_due() then
    perform amocrm.note_post('amocrm-pull', amocrm.post('amocrm-pull'));
  end if;
exception when others then
  -- Whatever is wrong here, the regular pull reads the same changes.
  raise warning 'the pull was not called for hooks: % (%)', sqlerrm, sqlstate;
end
$$;
comment on function amocrm.ring_for_hints() is 'Calls the pull if hooks named something that is worth a reading and nothing prevents it.';

create function amocrm.count_changes(p_by_hook bigint, p_by_pull bigint) returns void
language sql set search_path = ''
as $$
  insert into amocrm.change_counts as known (hour, hook_count, pull_count)
  select date_trunc('hour', amocrm.clock()), p_by_hook, p_by_pull where p_by_hook + p_by_pull > 0
  on conflict (account, hour) do update set hook_count = known.hook_count + excluded.hook_count, pull_count = known.pull_count + excluded.pull_count
$$;
comment on function amocrm.count_changes(bigint, bigint) is 'Counts changes of this hour by what reported them first.';

create function amocrm.count_unreported(p_entity text, p_rows jsonb) returns void
language plpgsql set search_path = ''
as $$
declare
  v_offset interval := coalesce((select queue_control.clock_offset_ms from amocrm.queue_control where queue_control.queue = amocrm.account()), 0) * interval '1 millisecond';
begin
  if not exists (select from amocrm.webhook_control where webhook_control.account = amocrm.account() and webhook_control.made_at is not null) then
    return;
  end if;
  perform amocrm.gather_hints();
  perform amocrm.count_changes(0, count(*))
  from (select read.id, amocrm.unix_time(read."updatedAt") as updated_at from jsonb_to_recordset(p_rows) as read (id bigint, "updatedAt" bigint)) as read
  left join lateral (
    select deals.updated_at from amocrm.deals
    where p_entity = 'deal' and deals.amocrm_deal_id = read.id and deals.account = amocrm.account()
    union all
    select contacts.updated_at from amocrm.contacts
    where p_entity = 'contact' and contacts.amocrm_contact_id = read.id and contacts.account = amocrm.account()) as known on true
  -- A hook may be five minutes late, and one that was made before is no sign of anything.
  where read.updated_at < amocrm.clock() + v_offset - interval '5 minutes'
    and read.updated_at > (select webhook_control.made_at + v_offset from amocrm.webhook_control where webhook_control.account = amocrm.account())
    and (known.updated_at is null or known.updated_at < read.updated_at)
    and not exists (select from amocrm.own_writes as own where own.entity = p_entity and own.amocrm_id = read.id
      and own.account = amocrm.account() and own.written_until >= read.updated_at)
    and not exists (select from amocrm.hints where hints.entity = p_entity and hints.amocrm_id = read.id
      and hints.account = amocrm.account() and hints.updated_at >= read.updated_at);
end
$$;
comment on function amocrm.count_unreported(text, jsonb) is 'Counts the changes in a page of a pull that no hook reported; call it before the page is stored.';

create function public.amocrm_hints_take(p_token uuid, p_limit int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_entity text;
begin
  perform amocrm.lock_pull(p_token);
  perform amocrm.sieve_hints();
  -- Deals first: what happens to them is what others wait for.
  select max(hints.entity) into v_entity from amocrm.hints where hints.account = amocrm.account() and hints.due_at <= v_now;
  return (
    select jsonb_build_object('entity', v_entity, 'takenAt', v_now, 'since', extract(epoch from min(taken.noted_at))::bigint,
      'ids', coalesce(jsonb_agg(taken.amocrm_id order by taken.amocrm_id) filter (where not taken.has_deletion), '[]'),
      'deletedIds', coalesce(jsonb_agg(taken.amocrm_id order by taken.amocrm_id) filter (where taken.has_deletion), '[]'))
    from (select hints.amocrm_id, hints.has_deletion, hints.noted_at from amocrm.hints
      where hints.account = amocrm.account() and hints.entity = v_entity and hints.due_at <= v_now
      order by hints.has_deletion, hints.due_at, hints.amocrm_id limit p_limit) as taken);
end
$$;
comment on function public.amocrm_hints_take(uuid, int) is
  'Returns the next contacts or deals to read again, {entity, takenAt, since, ids, deletedIds}; entity is null if there is nothing.';

create function public.amocrm_hints_store(p_token uuid, p_entity text, p_rows jsonb, p_asked bigint[], p_taken_at timestamptz, p_read_at bigint)
returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_counts record;
begin
  perform amocrm.lock_pull(p_token);
  p_rows := amocrm.without_forgotten(p_entity, p_rows);
  -- Restored, it may be older than its deletion; what is shown is there.
  if p_entity = 'deal' then
    update amocrm.deals set updated_at = null
    from jsonb_to_recordset(p_rows) as read (id bigint, "isDeleted" boolean)
    where deals.amocrm_deal_id = read.id and deals.account = amocrm.account() and deals.is_deleted and read."isDeleted" is not true;
  else
    update amocrm.contacts set updated_at = to_timestamp(0)
    from jsonb_to_recordset(p_rows) as read (id bigint, "isDeleted" boolean)
    where contacts.amocrm_contact_id = read.id and contacts.account = amocrm.account() and contacts.is_deleted and read."isDeleted" is not true;
  end if;
  select * into v_counts from amocrm.pull_counts(p_entity, p_rows);
  if p_entity = 'deal' then
    perform amocrm.store_deals(p_rows);
  else
    perform amocrm.store_contacts(p_rows);
    perform amocrm.note_missing_deals(p_rows);
  end if;
  perform amocrm.count_changes(v_counts.new_count + v_counts.changed_count + v_counts.deleted_count, 0);
  update amocrm.hints set
    read_at = case when read.id is not null then coalesce(amocrm.unix_time(p_read_at), hints.read_at) else hints.read_at end,
    -- What did not come is asked for again and left to the regular pull after three times. A deletion may be listed late, so
    -- it is looked for once more among those, and then by its id: it may have been restored.
    has_deletion = hints.has_deletion and read.id is null and hints.attempt_count < 1, attempt_count = hints.attempt_count + 1,
    due_at = case
      -- Another hook came while it was read.
      when hints.noted_at > p_taken_at then hints.due_at
      when read.id is null and hints.attempt_count < 2 then amocrm.clock() + interval '30 seconds' * (hints.attempt_count + 1) end
  from unnest(p_asked) as asked (id)
  left join (select distinct row.id from jsonb_to_recordset(p_rows) as row (id bigint)) as read on read.id = asked.id
  where hints.entity = p_entity and hints.amocrm_id = asked.id and hints.account = amocrm.account() and hints.due_at is not null;
  return v_counts.new_count + v_counts.changed_count + v_counts.deleted_count;
end
$$;
comment on function public.amocrm_hints_store(uuid, text, jsonb, bigint[], timestamptz, bigint) is
  'Stores what was read again and returns how many rows changed; what of p_asked did not come is asked for later.';

create function public.amocrm_hints_wait(p_token uuid, p_ids bigint[], p_entity text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_pull(p_token);
  update amocrm.hints set due_at = amocrm.clock() + least(60 * power(2, least(hints.attempt_count, 6)), 3600) * interval '1 second',
    attempt_count = hints.attempt_count + 1
  where hints.entity = p_entity and hints.amocrm_id = any (p_ids) and hints.account = amocrm.account() and hints.due_at is not null;
end
$$;
comment on function public.amocrm_hints_wait(uuid, bigint[], text) is
  'Lets contacts or deals that could not be read again wait a minute, doubling to an hour; regular pulls go on meanwhile.';

create function amocrm.prune_hints(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  -- Also while no pull asks, as before the first one is complete.
  perform amocrm.gather_hints();
  delete from amocrm.hints where hints.ctid in (
    select old.ctid from amocrm.hints as old where old.noted_at < amocrm.clock() - interval '3 days' order by old.noted_at limit p_limit);
  get diagnostics v_count = row_count;
  delete from amocrm.change_counts where change_counts.hour < amocrm.clock() - interval '40 days';
  return v_count;
end
$$;
comment on function amocrm.prune_hints(int) is 'Deletes up to p_limit hints that no hook named for three days, and old counts; returns how many hints.';
insert into amocrm.upkeep (step, rank, row_factor, function) values ('hints of hooks', 46, 1, 'amocrm.prune_hints');

create function amocrm.forget_hints() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  truncate amocrm.hints;
  truncate amocrm.hint_notes;
  return null;
end
$$;
comment on function amocrm.forget_hints() is 'Forgets what hooks named together with the mirror of an account that is left.';
create trigger forget_hints after truncate on public.amocrm_deals
  for each statement execute function amocrm.forget_hints();

revoke all on function amocrm.hint_rest(), amocrm.is_own_place(text[], amocrm.own_writes), amocrm.sieve_hints(), amocrm.hints_due(), amocrm.ring_for_hints(), amocrm.count_changes(bigint, bigint),
  amocrm.count_unreported(text, jsonb), amocrm.prune_hints(int), amocrm.forget_hints() from public;
revoke all on function public.amocrm_hints_take(uuid, int), public.amocrm_hints_store(uuid, text, jsonb, bigint[], timestamptz, bigint),
  public.amocrm_hints_wait(uuid, bigint[], text) from public, anon, authenticated;
grant execute on function public.amocrm_hints_take(uuid, int), public.amocrm_hints_store(uuid, text, jsonb, bigint[], timestamptz, bigint),
  public.amocrm_hints_wait(uuid, bigint[], text) to service_role;
