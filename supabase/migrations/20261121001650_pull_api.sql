-- What the edge function amocrm-pull may call by rpc. A pull runs in the lowest lane: it gets a slot
-- only while nothing live is due and no drain is at work, at the account's one pace and behind its one breaker.

insert into amocrm.heartbeats (component) values ('amocrm-pull');

create function amocrm.pull_lease() returns interval
language sql immutable set search_path = ''
as $$ select interval '30 seconds' $$;
comment on function amocrm.pull_lease() is
  'How long a pull lives without a sign: the longest wait for a slot, a request and the storing of its page. Each slot and page renews it.';

create function amocrm.due_pull() returns text
language sql stable set search_path = ''
as $$
  select cursors.entity
  from amocrm.cursors cross join amocrm.pull_control cross join public.amocrm_settings
  where (cursors.next_attempt_at is null or cursors.next_attempt_at <= amocrm.clock())
    and (not cursors.is_complete or cursors.position <> '{}' or cursors.pulled_at is null
      or cursors.pulled_at + amocrm_settings.pull_interval_seconds * interval '1 second' <= amocrm.clock()
      or pull_control.wanted_at > cursors.pulled_at
      or (cursors.entity = 'deal' and pull_control.wanted_since is not null))
    -- The first run of deals reads those that the contacts name.
    and (cursors.entity = 'contact' or (select contact.is_complete from amocrm.cursors as contact where contact.entity = 'contact'))
  order by cursors.entity limit 1
$$;
comment on function amocrm.due_pull() is
  'What is to be pulled now, contact before deal: never pulled, unfinished, asked for, or the interval is over. Null for nothing.';

create function amocrm.lock_pull(p_token uuid) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Only one pull at a time; the row's lock also puts the pages of one that was taken for dead in order.
  perform from amocrm.pull_control
  where pull_control.lease_token = p_token and pull_control.lease_expires_at > amocrm.clock() for update;
  if not found then
    raise exception 'pull lease is lost' using errcode = 'OB001', hint = 'Another pull may be at work: stop without sending.';
  end if;
  update amocrm.pull_control set lease_expires_at = amocrm.clock() + amocrm.pull_lease();
end
$$;
comment on function amocrm.lock_pull(uuid) is 'Takes the pull''s lock and renews its lease; raises OB001 if another pull took over.';

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
  select * into v_control from amocrm.pull_control for update;
  select * into v_queue from amocrm.queue_control where queue_control.queue = 'amocrm';
  if v_control.lease_token is distinct from p_token and v_control.lease_expires_at > v_now then
    return jsonb_build_object('outcome', 'busy');
  elsif v_queue.paused_at is not null then
    return jsonb_build_object('outcome', 'paused');
  elsif v_queue.breaker_probe_at > v_now then
    return jsonb_build_object('outcome', 'breaker_open');
  end if;
  select * into v_cursor from amocrm.cursors where cursors.entity = amocrm.due_pull();
  if not found then
    return jsonb_build_object('outcome', 'not_due');
  end if;
  update amocrm.pull_control set lease_token = p_token, lease_expires_at = v_now + amocrm.pull_lease();
  select * into v_pull from amocrm.pulls where pulls.entity = v_cursor.entity and pulls.state = 'running';
  if not found then
    insert into amocrm.pulls (entity, kind, since)
    select v_cursor.entity,
      -- A failed run is gone on with as what it was.
      coalesce(v_cursor.position ->> 'kind', case when not v_cursor.is_complete then 'first'
        when v_cursor.entity = 'deal' and v_control.wanted_since is not null then 'since' else 'window' end),
      case when v_cursor.entity = 'deal' and v_cursor.position = '{}' then v_control.wanted_since end
    returning * into v_pull;
    if v_pull.since is not null then
      update amocrm.pull_control set wanted_since = null;
    end if;
  end if;
  if v_cursor.entity = 'deal' then
    perform amocrm.refresh_deals(2000);
  end if;
  return jsonb_build_object('outcome', 'granted', 'clock', v_now,
    'pipelinesReadAt', (select min(pipelines.read_at) from amocrm.pipelines),
    'pull', jsonb_build_object('id', v_pull.pull_id, 'entity', v_pull.entity, 'kind', v_pull.kind, 'since', v_pull.since,
      'position', v_cursor.position, 'changedUntil', v_cursor.changed_until, 'deletedUntil', v_cursor.deleted_until));
end
$$;
comment on function public.amocrm_pull_begin(uuid) is
  '{outcome, clock, pipelinesReadAt, pull}: takes the pull lease for what is due; a run that did not end is gone on with. granted, busy, not_due, paused or breaker_open.';

create function amocrm.pull_counts(p_entity text, p_rows jsonb) returns table (new_count int, changed_count int, deleted_count int)
language sql stable set search_path = ''
as $$
  select count(*) filter (where known.id is null and not read.is_deleted)::int,
    count(*) filter (where known.updated_at < read.updated_at and not (read.is_deleted and not known.is_deleted))::int,
    count(*) filter (where read.is_deleted and not known.is_deleted and known.updated_at <= read.updated_at)::int
  from (
    select distinct on (entity.id) entity.id, amocrm.unix_time(entity."updatedAt") as updated_at, coalesce(entity."isDeleted", false) as is_deleted
    from jsonb_to_recordset(p_rows) as entity (id bigint, "updatedAt" bigint, "isDeleted" boolean)
    order by entity.id, entity."updatedAt" desc) as read
  left join lateral (
    select contacts.amocrm_contact_id as id, contacts.updated_at, contacts.is_deleted from amocrm.contacts
    where p_entity = 'contact' and contacts.amocrm_contact_id = read.id
    union all
    select amocrm_deals.amocrm_deal_id, amocrm_deals.updated_at, amocrm_deals.is_deleted from public.amocrm_deals
    where p_entity = 'deal' and amocrm_deals.amocrm_deal_id = read.id) as known on true
$$;
comment on function amocrm.pull_counts(text, jsonb) is 'How many rows of a page are new, changed and newly deleted against the mirror.';

create function amocrm.deletes_too_many(p_entity text, p_before int, p_more int) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_living bigint;
begin
  select count(*) into v_living from amocrm.contacts where p_entity = 'contact' and not contacts.is_deleted;
  if p_entity = 'deal' then
    select count(*) into v_living from public.amocrm_deals where not amocrm_deals.is_deleted;
  end if;
  -- A handful may always go: a fifth of a small mirror is one contact.
  return p_before + p_more > greatest(5, (v_living + p_before) / 5);
end
$$;
comment on function amocrm.deletes_too_many(text, int, int) is
  'Whether one run, with what it deleted before and would delete now, would bury more than a fifth of the mirror: that is an account read with lesser rights, or a mistake, before it is the truth.';

create function public.amocrm_pull_page(p_token uuid, p_pull_id bigint, p_rows jsonb, p_position jsonb, p_asked bigint[], p_pages_left int)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_pull amocrm.pulls;
  v_counts record;
begin
  perform amocrm.lock_pull(p_token);
  select * into strict v_pull from amocrm.pulls where pulls.pull_id = p_pull_id and pulls.state = 'running';
  p_rows := amocrm.without_forgotten(v_pull.entity, p_rows);
  select * into v_counts from amocrm.pull_counts(v_pull.entity, p_rows);
  if v_counts.deleted_count > 0 and amocrm.deletes_too_many(v_pull.entity, v_pull.deleted_count, v_counts.deleted_count)
    and not exists (select from amocrm.pull_control where v_pull.started_at >= pull_control.deletions_accepted_at
      and v_pull.started_at < pull_control.deletions_accepted_at + interval '1 hour') then
    return jsonb_build_object('isRefused', true, 'deletedCount', v_counts.deleted_count);
  end if;
  if v_pull.entity = 'contact' then
    perform amocrm.store_contacts(p_rows);
    insert into amocrm.missing_deals (amocrm_deal_id)
    select distinct deal.id::bigint
    from jsonb_to_recordset(p_rows) as contact ("dealIds" jsonb, "isDeleted" boolean)
    cross join lateral jsonb_array_elements_text(coalesce(contact."dealIds", '[]')) as deal (id)
    where contact."isDeleted" is not true
      and not exists (select from public.amocrm_deals where amocrm_deals.amocrm_deal_id = deal.id::bigint)
    on conflict do nothing;
  else
    perform amocrm.store_deals(p_rows);
    -- What was asked for by id and did not come is not asked for again: it is deleted, or not ours to see.
    delete from amocrm.missing_deals where p_asked is null or missing_deals.amocrm_deal_id = any (p_asked)
      or missing_deals.amocrm_deal_id in (select deal.id from jsonb_to_recordset(p_rows) as deal (id bigint));
  end if;
  update amocrm.cursors set position = p_position, updated_at = amocrm.clock() where cursors.entity = v_pull.entity;
  update amocrm.pulls set page_count = pulls.page_count + 1, new_count = pulls.new_count + v_counts.new_count,
    changed_count = pulls.changed_count + v_counts.changed_count, deleted_count = pulls.deleted_count + v_counts.deleted_count,
    pages_left = p_pages_left
  where pulls.pull_id = p_pull_id;
  return jsonb_build_object('isRefused', false, 'deletedCount', v_counts.deleted_count);
end
$$;
comment on function public.amocrm_pull_page(uuid, bigint, jsonb, jsonb, bigint[], int) is
  '{isRefused, deletedCount}: stores a page and where the run stands next, together. Refused, and then nothing is stored, if too much would be deleted. p_asked: ids that the page answers; null for all.';

create function public.amocrm_pull_missing(p_limit int) returns bigint[]
language sql security definer set search_path = ''
as $$
  select coalesce(array_agg(missing.amocrm_deal_id), '{}') from (
    select missing_deals.amocrm_deal_id from amocrm.missing_deals
    where not exists (select from public.amocrm_deals where amocrm_deals.amocrm_deal_id = missing_deals.amocrm_deal_id)
    order by missing_deals.amocrm_deal_id limit p_limit) as missing
$$;
comment on function public.amocrm_pull_missing(int) is 'Deals that mirrored contacts name and the mirror lacks.';

create function public.amocrm_pull_finish(p_token uuid, p_pull_id bigint, p_until timestamptz) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_entity text;
begin
  perform amocrm.lock_pull(p_token);
  update amocrm.pulls set state = 'done', ended_at = amocrm.clock(), pages_left = 0
  where pulls.pull_id = p_pull_id and pulls.state = 'running' returning pulls.entity into strict v_entity;
  update amocrm.cursors set is_complete = true, position = '{}', pulled_at = amocrm.clock(), updated_at = amocrm.clock(),
    changed_until = greatest(cursors.changed_until, p_until), deleted_until = greatest(cursors.deleted_until, p_until),
    failure_count = 0, next_attempt_at = null
  where cursors.entity = v_entity;
  -- A run's record is of use for a month; the two newest of each entity are always kept.
  delete from amocrm.pulls where pulls.ended_at < amocrm.clock() - interval '30 days'
    and exists (select from amocrm.pulls as newer where newer.entity = pulls.entity and newer.pull_id > pulls.pull_id + 2);
end
$$;
comment on function public.amocrm_pull_finish(uuid, bigint, timestamptz) is
  'The run is through: every change and deletion up to p_until is in the mirror.';

create function public.amocrm_pull_fail(p_token uuid, p_pull_id bigint, p_code text, p_message text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_entity text;
begin
  perform amocrm.lock_pull(p_token);
  update amocrm.pulls set state = 'failed', ended_at = amocrm.clock(), error_code = p_code, error_message = p_message
  where pulls.pull_id = p_pull_id and pulls.state = 'running' returning pulls.entity into strict v_entity;
  update amocrm.cursors set failure_count = cursors.failure_count + 1,
    next_attempt_at = amocrm.clock() + least(60 * power(2, least(cursors.failure_count, 10)), 3600) * interval '1 second'
  where cursors.entity = v_entity;
end
$$;
comment on function public.amocrm_pull_fail(uuid, bigint, text, text) is
  'The run failed; the next goes on where it stands, after a minute, then two, up to an hour.';

create function public.amocrm_pull_end(p_token uuid, p_rings boolean) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_is_due boolean := amocrm.due_pull() is not null;
begin
  update amocrm.pull_control set lease_token = null, lease_expires_at = null where pull_control.lease_token = p_token;
  if v_is_due and p_rings then
    perform amocrm.post('amocrm-pull');
  end if;
  return v_is_due;
end
$$;
comment on function public.amocrm_pull_end(uuid, boolean) is
  'Gives the pull lease back and tells whether something is due by now; if wished, it rings for the next call at once.';

create function public.amocrm_reserve_pull_slot(p_token uuid, p_since_departure_ms int, p_max_wait_ms int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_control amocrm.queue_control;
begin
  perform amocrm.lock_pull(p_token);
  v_control := amocrm.lock_queue('amocrm');
  if v_control.drain_expires_at > amocrm.clock() or amocrm.is_due('amocrm') then
    return jsonb_build_object('granted', false, 'is_probe', false, 'wait_ms', 1000, 'interval_ms', null,
      'code', 'live_due', 'message', 'Leads go before pulls');
  end if;
  return (select to_jsonb(slot) from amocrm.reserve_slot('amocrm', null,
    (select amocrm_settings.min_interval_ms from public.amocrm_settings), p_since_departure_ms, p_max_wait_ms) as slot);
end
$$;
comment on function public.amocrm_reserve_pull_slot(uuid, int, int) is
  'The right to send one request of a pull, after wait_ms. Refused as live_due while messages are due or a drain is at work; raises OB001 without the pull lease.';

revoke all on function amocrm.pull_lease(), amocrm.due_pull(), amocrm.lock_pull(uuid), amocrm.pull_counts(text, jsonb),
  amocrm.deletes_too_many(text, int, int) from public;
revoke all on function public.amocrm_pull_begin(uuid), public.amocrm_pull_page(uuid, bigint, jsonb, jsonb, bigint[], int),
  public.amocrm_pull_missing(int), public.amocrm_pull_finish(uuid, bigint, timestamptz), public.amocrm_pull_fail(uuid, bigint, text, text),
  public.amocrm_pull_end(uuid, boolean), public.amocrm_reserve_pull_slot(uuid, int, int)
  from public, anon, authenticated;
grant execute on function public.amocrm_pull_begin(uuid), public.amocrm_pull_page(uuid, bigint, jsonb, jsonb, bigint[], int),
  public.amocrm_pull_missing(int), public.amocrm_pull_finish(uuid, bigint, timestamptz), public.amocrm_pull_fail(uuid, bigint, text, text),
  public.amocrm_pull_end(uuid, boolean), public.amocrm_reserve_pull_slot(uuid, int, int)
  to service_role;
