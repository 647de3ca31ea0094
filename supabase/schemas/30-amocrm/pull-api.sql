-- What the edge function amocrm-pull may call by rpc. A pull runs in the lowest lane: it gets a slot
-- only while nothing live is due and no drain is at work, at the account's one pace and behind its one breaker.

insert into amocrm.heartbeats (component) values ('amocrm-pull');

create function amocrm.pull_lease() returns interval
language sql immutable set search_path = ''
as $$ select interval '30 seconds' $$;
comment on function amocrm.pull_lease() is
  'Returns how long a pull''s lease lasts without renewal: the longest slot wait, request and storing of a page.';

create function amocrm.lock_pull(p_token uuid) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Only one pull at a time; the row's lock also puts the pages of one that was taken for dead in order.
  perform from amocrm.pull_control
  where pull_control.account = amocrm.account() and pull_control.lease_token = p_token
    and pull_control.lease_expires_at > amocrm.clock() for update;
  if not found then
    raise exception 'pull lease is lost' using errcode = 'OB001', hint = 'Another pull may be at work: stop without sending.';
  end if;
  update amocrm.pull_control set lease_expires_at = amocrm.clock() + amocrm.pull_lease() where pull_control.account = amocrm.account();
end
$$;
comment on function amocrm.lock_pull(uuid) is 'Locks the pull and renews its lease; raises OB001 if another pull took over.';

create function public.amocrm_pull_begin(p_token uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_control amocrm.pull_control;
  v_queue amocrm.queue_control;
  v_cursor amocrm.cursors;
  v_pull amocrm.pulls;
begin
  select * into v_control from amocrm.pull_control where pull_control.account = amocrm.account() for update;
  select * into v_queue from amocrm.queue_control where queue_control.queue = amocrm.account();
  if v_control.lease_token is distinct from p_token and v_control.lease_expires_at > v_now then
    return jsonb_build_object('outcome', 'busy');
  elsif v_queue.paused_at is not null then
    return jsonb_build_object('outcome', 'paused');
  elsif v_queue.breaker_probe_at > v_now then
    return jsonb_build_object('outcome', 'breaker_open');
  end if;
  if amocrm.hints_due() then
    perform amocrm.sieve_hints();
    if amocrm.hints_due() then
      update amocrm.pull_control set lease_token = p_token, lease_expires_at = v_now + amocrm.pull_lease() where pull_control.account = amocrm.account();
      return jsonb_build_object('outcome', 'hints', 'clockOffsetMs', v_queue.clock_offset_ms);
    end if;
  end if;
  select * into v_cursor from amocrm.cursors where cursors.entity = amocrm.due_pull() and cursors.account = amocrm.account();
  if not found then
    return jsonb_build_object('outcome', 'not_due');
  end if;
  update amocrm.pull_control set lease_token = p_token, lease_expires_at = v_now + amocrm.pull_lease(),
    first_since = case when amocrm.mirror_is_behind() then coalesce(pull_control.first_since, v_now) end where pull_control.account = amocrm.account();
  select * into v_pull from amocrm.pulls where pulls.entity = v_cursor.entity and pulls.account = v_cursor.account and pulls.state = 'running';
  if not found then
    insert into amocrm.pulls (entity, kind, since)
    select v_cursor.entity,
      -- A failed run is gone on with as what it was.
      coalesce(v_cursor.position ->> 'kind', case when not v_cursor.is_complete then 'first'
        when v_cursor.entity = 'deal' and v_control.wanted_since is not null then 'since' else 'window' end),
      case when v_cursor.entity = 'deal' and v_cursor.position = '{}' then v_control.wanted_since end
    returning * into v_pull;
    if v_pull.since is not null then
      update amocrm.pull_control set wanted_since = null where pull_control.account = amocrm.account();
    end if;
  end if;
  if v_cursor.entity = 'deal' then
    perform amocrm.refresh_deals(2000);
  end if;
  return jsonb_build_object('outcome', 'granted', 'clock', v_now, 'isHookCheckDue', public.amocrm_webhook_state() -> 'isCheckDue',
    'pipelinesReadAt', (select min(pipelines.read_at) from amocrm.pipelines where pipelines.account = amocrm.account()),
    'pull', jsonb_build_object('id', v_pull.pull_id, 'entity', v_pull.entity, 'kind', v_pull.kind, 'since', v_pull.since,
      'position', v_cursor.position, 'clockOffsetMs', v_queue.clock_offset_ms, 'changedUntil', v_cursor.changed_until, 'deletedUntil', v_cursor.deleted_until));
end
$$;
comment on function public.amocrm_pull_begin(uuid) is
  'Takes the pull lease for what hooks named, or resumes or starts a run: {outcome, clock, pipelinesReadAt, pull}; granted, hints, busy, not_due, paused or breaker_open.';

create function amocrm.pull_counts(p_entity text, p_rows jsonb) returns table (new_count int, changed_count int, deleted_count int)
language sql stable set search_path = ''
as $$
  select count(*) filter (where known.id is null and not read.is_deleted)::int,
    count(*) filter (where known.updated_at < read.updated_at and not (read.is_deleted and not known.is_deleted))::int,
    count(*) filter (where read.is_deleted and not known.is_deleted and known.updated_at <= read.updated_at)::int
  from (
    -- As it is stored: a version of no known time is newer than any, and older than the next.
    select distinct on (entity.id) entity.id, coalesce(amocrm.version_time(entity."updatedAt"), 'infinity') as updated_at, coalesce(entity."isDeleted", false) as is_deleted
    from jsonb_to_recordset(p_rows) as entity (id bigint, "updatedAt" bigint, "isDeleted" boolean)
    order by entity.id, entity."updatedAt" desc) as read
  left join lateral (
    select contacts.amocrm_contact_id as id, contacts.updated_at, contacts.is_deleted from amocrm.contacts
    where p_entity = 'contact' and contacts.amocrm_contact_id = read.id and contacts.account = amocrm.account()
    union all
    select deals.amocrm_deal_id, coalesce(deals.updated_at, '-infinity'), deals.is_deleted from amocrm.deals
    where p_entity = 'deal' and deals.amocrm_deal_id = read.id and deals.account = amocrm.account()) as known on true
$$;
comment on function amocrm.pull_counts(text, jsonb) is 'Counts how many rows of a page are new, changed or newly deleted.';

create function amocrm.deletes_too_many(p_entity text, p_before int, p_more int) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_living bigint;
begin
  select count(*) into v_living from amocrm.contacts
  where p_entity = 'contact' and contacts.account = amocrm.account() and not contacts.is_deleted;
  if p_entity = 'deal' then
    select count(*) into v_living from amocrm.deals where deals.account = amocrm.account() and not deals.is_deleted;
  end if;
  -- A handful may always go: a fifth of a small mirror is one contact.
  return p_before + p_more > greatest(5, (v_living + p_before) / 5);
end
$$;
comment on function amocrm.deletes_too_many(text, int, int) is
  'True if a run would delete more than a fifth of the mirror, which suggests lost rights or a mistake.';

create function public.amocrm_pull_page(p_token uuid, p_pull_id bigint, p_rows jsonb, p_position jsonb, p_asked bigint[], p_pages_left int)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_pull amocrm.pulls;
  v_counts record;
begin
  perform amocrm.lock_pull(p_token);
  select * into strict v_pull from amocrm.pulls
  where pulls.pull_id = p_pull_id and pulls.account = amocrm.account() and pulls.state = 'running';
  p_rows := amocrm.without_forgotten(v_pull.entity, p_rows);
  select * into v_counts from amocrm.pull_counts(v_pull.entity, p_rows);
  if v_pull.kind = 'window' then
    perform amocrm.count_unreported(v_pull.entity, p_rows);
  end if;
  if v_counts.deleted_count > 0 and amocrm.deletes_too_many(v_pull.entity, v_pull.deleted_count, v_counts.deleted_count)
    and not exists (select from amocrm.pull_control where pull_control.account = v_pull.account and v_pull.started_at >= pull_control.deletions_accepted_at
      and v_pull.started_at < pull_control.deletions_accepted_at + interval '1 hour') then
    return jsonb_build_object('isRefused', true, 'deletedCount', v_counts.deleted_count);
  end if;
  if v_pull.entity = 'contact' then
    perform amocrm.store_contacts(p_rows);
    perform amocrm.note_missing_deals(p_rows);
  else
    perform amocrm.store_deals(p_rows);
    -- What was asked for by id and did not come is not asked for again: it is deleted, or not ours to see.
    delete from amocrm.missing_deals where missing_deals.account = v_pull.account
      and (p_asked is null or missing_deals.amocrm_deal_id = any (p_asked)
        or missing_deals.amocrm_deal_id in (select deal.id from jsonb_to_recordset(p_rows) as deal (id bigint)));
  end if;
  update amocrm.cursors set position = coalesce(p_position, cursors.position), updated_at = amocrm.clock()
  where cursors.entity = v_pull.entity and cursors.account = v_pull.account;
  update amocrm.pulls set page_count = pulls.page_count + (p_position is not null)::int, new_count = pulls.new_count + v_counts.new_count,
    changed_count = pulls.changed_count + v_counts.changed_count, deleted_count = pulls.deleted_count + v_counts.deleted_count,
    pages_left = p_pages_left
  where pulls.pull_id = p_pull_id;
  return jsonb_build_object('isRefused', false, 'deletedCount', v_counts.deleted_count);
end
$$;
comment on function public.amocrm_pull_page(uuid, bigint, jsonb, jsonb, bigint[], int) is
  'Stores a page together with the run''s position; {isRefused, deletedCount}. Refuses too many deletions and then stores nothing.';

create function public.amocrm_pull_missing(p_limit int) returns bigint[]
language sql security definer set search_path = ''
as $$
  select coalesce(array_agg(missing.amocrm_deal_id), '{}') from (
    select missing_deals.amocrm_deal_id from amocrm.missing_deals
    where missing_deals.account = amocrm.account()
      and not exists (select from amocrm.deals
        where deals.amocrm_deal_id = missing_deals.amocrm_deal_id and deals.account = missing_deals.account)
    order by missing_deals.amocrm_deal_id limit p_limit) as missing
$$;
comment on function public.amocrm_pull_missing(int) is 'Lists deals that mirrored contacts name and the mirror lacks.';

create function public.amocrm_pull_finish(p_token uuid, p_pull_id bigint, p_until timestamptz) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_pull amocrm.pulls;
begin
  perform amocrm.lock_pull(p_token);
  update amocrm.pulls set state = 'done', ended_at = amocrm.clock(), pages_left = 0
  where pulls.pull_id = p_pull_id and pulls.account = amocrm.account() and pulls.state = 'running' returning pulls.* into strict v_pull;
  update amocrm.cursors set is_complete = true, position = '{}', pulled_at = amocrm.clock(), updated_at = amocrm.clock(),
    -- One that resumed a failed run began with that: p_until is its beginning in whole seconds.
    pull_began_at = case when p_until > v_pull.started_at - interval '1 second' then v_pull.started_at else p_until end,
    changed_until = greatest(cursors.changed_until, p_until), deleted_until = greatest(cursors.deleted_until, p_until),
    failure_count = 0, next_attempt_at = null
  where cursors.entity = v_pull.entity and cursors.account = amocrm.account();
  if v_pull.entity = 'contact' then
    update amocrm.pull_control set first_since = null where pull_control.account = amocrm.account();
    -- Leads that stood behind it go on at once.
    if amocrm.is_due(amocrm.account()) then
      perform amocrm.ring(amocrm.account());
    end if;
  end if;
  -- A run's record is of use for a month; the two newest of each entity are always kept.
  delete from amocrm.pulls where pulls.ended_at < amocrm.clock() - interval '30 days'
    and exists (select from amocrm.pulls as newer where newer.entity = pulls.entity and newer.account = pulls.account and newer.pull_id > pulls.pull_id + 2);
end
$$;
comment on function public.amocrm_pull_finish(uuid, bigint, timestamptz) is
  'Ends a run: every change and deletion up to p_until is in the mirror.';

create function public.amocrm_pull_fail(p_token uuid, p_pull_id bigint, p_code text, p_message text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_entity text;
begin
  perform amocrm.lock_pull(p_token);
  update amocrm.pulls set state = 'failed', ended_at = amocrm.clock(), error_code = p_code, error_message = p_message
  where pulls.pull_id = p_pull_id and pulls.account = amocrm.account() and pulls.state = 'running' returning pulls.entity into strict v_entity;
  update amocrm.cursors set failure_count = cursors.failure_count + 1,
    next_attempt_at = amocrm.clock() + least(60 * power(2, least(cursors.failure_count, 10)), 3600) * interval '1 second'
  where cursors.entity = v_entity and cursors.account = amocrm.account();
end
$$;
comment on function public.amocrm_pull_fail(uuid, bigint, text, text) is
  'Records a failed run; the next one resumes after a minute, doubling to an hour.';

create function public.amocrm_pull_end(p_token uuid, p_rings boolean, p_clock_offset_ms int default null) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_is_due boolean := amocrm.due_pull() is not null or amocrm.hints_due();
begin
  update amocrm.pull_control set lease_token = null, lease_expires_at = null where pull_control.account = amocrm.account() and pull_control.lease_token = p_token;
  if p_clock_offset_ms is not null then
    perform public.amocrm_note_clock(p_clock_offset_ms);
  end if;
  if v_is_due and p_rings then
    perform amocrm.post('amocrm-pull');
  end if;
  return v_is_due;
end
$$;
comment on function public.amocrm_pull_end(uuid, boolean, int) is
  'Gives the pull lease back, rings for the next call if asked; true if something is due.';

create function public.amocrm_reserve_pull_slot(p_token uuid, p_since_departure_ms int, p_max_wait_ms int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_control amocrm.queue_control;
  v_turn text;
  v_slot jsonb;
begin
  perform amocrm.lock_pull(p_token);
  v_control := amocrm.lock_queue(amocrm.account());
  v_turn := amocrm.lane_in_turn();
  if (v_turn = 'live' or v_turn = 'shared' and v_control.slots_since_pull < 2)
    and (v_control.drain_expires_at > amocrm.clock() or amocrm.is_due(amocrm.account(), array['live'])) then
    return jsonb_build_object('granted', false, 'is_probe', false, 'wait_ms', 1000, 'interval_ms', null,
      'code', 'live_due', 'message', 'Leads go before pulls');
  end if;
  select to_jsonb(slot) into v_slot from amocrm.reserve_slot(amocrm.account(), null,
    (select amocrm_settings.min_interval_ms from public.amocrm_settings), p_since_departure_ms, p_max_wait_ms) as slot;
  if (v_slot ->> 'granted')::boolean then
    update amocrm.queue_control set slots_since_pull = 0 where queue_control.queue = amocrm.account();
  end if;
  return v_slot;
end
$$;
comment on function public.amocrm_reserve_pull_slot(uuid, int, int) is
  'Reserves the right to send one request of a pull after wait_ms; live_due if leads go first, OB001 without the lease.';

revoke all on function amocrm.pull_lease(), amocrm.lock_pull(uuid), amocrm.pull_counts(text, jsonb),
  amocrm.deletes_too_many(text, int, int) from public;
revoke all on function public.amocrm_pull_begin(uuid), public.amocrm_pull_page(uuid, bigint, jsonb, jsonb, bigint[], int),
  public.amocrm_pull_missing(int), public.amocrm_pull_finish(uuid, bigint, timestamptz), public.amocrm_pull_fail(uuid, bigint, text, text),
  public.amocrm_pull_end(uuid, boolean, int), public.amocrm_reserve_pull_slot(uuid, int, int)
  from public, anon, authenticated;
grant execute on function public.amocrm_pull_begin(uuid), public.amocrm_pull_page(uuid, bigint, jsonb, jsonb, bigint[], int),
  public.amocrm_pull_missing(int), public.amocrm_pull_finish(uuid, bigint, timestamptz), public.amocrm_pull_fail(uuid, bigint, text, text),
  public.amocrm_pull_end(uuid, boolean, int), public.amocrm_reserve_pull_slot(uuid, int, int)
  to service_role;
