-- What is done with told messages when a drain claims: many travel together, and what looks like a loop is held until a person
-- has looked at it.

create function amocrm.claim_tells(p_token uuid, p_ids bigint[]) returns bigint[]
language plpgsql set search_path = ''
as $$
declare
  v_kinds text[] := array(select kinds.kind from amocrm.kinds where kinds.checks is not null);
  v_room int := (select amocrm_settings.patch_batch_size from public.amocrm_settings) - cardinality(p_ids);
begin
  -- Notes, tasks and values travel by hundreds, where deals are made by fifty at most. Only behind one that has come in its
  -- turn, and not while the account is in trouble or a suspect goes alone.
  if v_room <= 0 or amocrm.suspects(amocrm.account()) is not null or 'live' <> all (amocrm.lanes_of(amocrm.account()))
    or not exists (select from amocrm.outbox where outbox.queue = amocrm.account() and outbox.id = any (p_ids) and outbox.kind = any (v_kinds))
    or exists (select from amocrm.outbox where outbox.queue = amocrm.account() and outbox.id = any (p_ids) and outbox.goes_alone) then
    return '{}';
  end if;
  perform amocrm.place(amocrm.account(), v_room);
  return amocrm.claim_also(amocrm.account(), p_token, v_kinds, p_ids, v_room);
end
$$;
comment on function amocrm.claim_tells(uuid, bigint[]) is 'Leases further messages of amocrm_tell, as many as one request may change; returns their ids.';

create function amocrm.most_tells_an_hour() returns int
language sql immutable set search_path = ''
as $$ select 20 $$;
comment on function amocrm.most_tells_an_hour() is 'Returns how many messages of amocrm_tell one deal takes in an hour before the next is held.';

create function amocrm.hold_tells(p_ids bigint[]) returns bigint[]
language plpgsql set search_path = ''
as $$
declare
  v_held bigint[];
begin
  update amocrm.tells set person_id = outbox.person_id, amocrm_deal_id = coalesce(outbox.amocrm_deal_id, linked.deal_id)
  from amocrm.outbox
  left join amocrm.linked on linked.subject_id = outbox.subject_id and linked.subject_table = outbox.subject_table and linked.account = amocrm.account()
  where outbox.queue = amocrm.account() and outbox.id = any (p_ids) and tells.message_id = outbox.id
    -- One that was on its way already is not held: it may have arrived.
    and outbox.step is null;
  v_held := array(
    select told.message_id from amocrm.tells as told
    join amocrm.outbox on outbox.queue = amocrm.account() and outbox.id = told.message_id
    where told.message_id = any (p_ids) and told.released_at is null and outbox.step is null and outbox.state = 'leased'
      and amocrm.tells_before(told) >= amocrm.most_tells_an_hour());
  if cardinality(v_held) > 0 then
    -- As good as for ever: only a person lets them go.
    perform amocrm.put_back(amocrm.account(), v_held, 'tells_held',
      'More than ' || amocrm.most_tells_an_hour() || ' messages were told within an hour for one deal: held until a person releases or cancels them',
      amocrm.clock() + interval '100 years');
    perform amocrm.landed(amocrm.account(), outbox.person_id) from amocrm.outbox where outbox.queue = amocrm.account() and outbox.id = any (v_held);
  end if;
  return array(select claimed.id from unnest(p_ids) with ordinality as claimed (id, place) where claimed.id <> all (v_held) order by claimed.place);
end
$$;
comment on function amocrm.hold_tells(bigint[]) is 'Puts messages of amocrm_tell back if their deal had too many within an hour; returns what is still claimed.';

create function amocrm.tells_before(p_told amocrm.tells) returns bigint
language sql stable set search_path = ''
as $$
  -- Two branches, because each has an index of its own. What was merged into another counts with that one.
  select count(*) from (
    select earlier.message_id from amocrm.tells as earlier
    where p_told.amocrm_deal_id is not null and earlier.amocrm_deal_id = p_told.amocrm_deal_id and earlier.account = p_told.account
      and earlier.created_at between p_told.created_at - interval '1 hour' and p_told.created_at
    union all
    select earlier.message_id from amocrm.tells as earlier
    where p_told.amocrm_deal_id is null and earlier.person_id = p_told.person_id and earlier.amocrm_deal_id is null
      and earlier.created_at between p_told.created_at - interval '1 hour' and p_told.created_at) as earlier
  where earlier.message_id < p_told.message_id and not exists (select from amocrm.outbox
    where outbox.queue = amocrm.account() and outbox.id = earlier.message_id and outbox.state in ('superseded', 'cancelled'))
$$;
comment on function amocrm.tells_before(amocrm.tells) is 'Counts messages of amocrm_tell for the same deal in the hour before one.';

create function amocrm.held_tells() returns table (message_id bigint, person_id bigint, amocrm_deal_id bigint, kind text, held_since timestamptz, behind_count bigint)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.require_reader();
  return query
  select outbox.id, outbox.person_id, tells.amocrm_deal_id, outbox.kind, outbox.created_at,
    (select count(*) from amocrm.unfinished_of(amocrm.account(), array[outbox.person_id]) as unfinished (id)
      join amocrm.outbox as behind on behind.queue = amocrm.account() and behind.id = unfinished.id
      where behind.state = 'pending' and behind.id > outbox.id)
  from amocrm.outbox join amocrm.tells on tells.message_id = outbox.id
  where outbox.queue = amocrm.account() and outbox.state = 'pending' and not outbox.is_fresh and outbox.last_error_code = 'tells_held'
  order by outbox.id limit 1000;
end
$$;
comment on function amocrm.held_tells() is 'Returns the rows of amocrm_held_tells.';

create view public.amocrm_held_tells with (security_invoker = true) as
select message_id, person_id, amocrm_deal_id, kind, held_since, behind_count from amocrm.held_tells();
comment on view public.amocrm_held_tells is 'Which messages of amocrm_tell are held because their deal got too many, and how many wait behind each?';

create function amocrm.release_tells(p_deal_id bigint, p_cancel boolean) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_people bigint[];
  v_ids bigint[];
begin
  perform amocrm.require_admin();
  perform amocrm.lock_queue(amocrm.account());
  v_people := array(select distinct held.person_id from amocrm.held_tells() as held
    where p_deal_id is null or held.amocrm_deal_id = p_deal_id);
  -- With what waits behind the held one: whoever has looked has looked at all of them.
  v_ids := array(select outbox.id from amocrm.outbox join amocrm.tells on tells.message_id = outbox.id
    where outbox.queue = amocrm.account() and outbox.id in (select amocrm.unfinished_of(amocrm.account(), v_people)) and outbox.state = 'pending'
      and (p_deal_id is null or tells.amocrm_deal_id = p_deal_id or tells.amocrm_deal_id is null) order by outbox.id);
  update amocrm.tells set released_at = amocrm.clock() where tells.message_id = any (v_ids);
  if p_cancel then
    perform amocrm.cancel(told.id) from unnest(v_ids) as told (id);
  else
    perform amocrm.wake(amocrm.account(), array(select outbox.id from amocrm.outbox
      where outbox.queue = amocrm.account() and outbox.id = any (v_ids) and outbox.last_error_code = 'tells_held'));
    perform amocrm.landed(amocrm.account(), person.id) from unnest(v_people) as person (id);
    perform amocrm.ring(amocrm.account());
  end if;
  perform amocrm.note_action('release_tells', jsonb_build_object('deal_id', p_deal_id, 'cancel', p_cancel),
    jsonb_build_object('count', cardinality(v_ids)), v_ids);
  return cardinality(v_ids);
end
$$;
comment on function amocrm.release_tells(bigint, boolean) is 'Lets held messages go or cancels them, with those behind them; returns how many.';

create function public.amocrm_release_tells(p_deal_id bigint default null, p_cancel boolean default false) returns int
language sql set search_path = ''
begin atomic select amocrm.release_tells(p_deal_id, p_cancel); end;
comment on function public.amocrm_release_tells(bigint, boolean) is
  'Lets held messages of amocrm_tell go, or cancels them, for one deal or for all; returns how many.';

create function amocrm.tell_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select 'tells_held', 'warning', 'amocrm_tell was called more than ' || amocrm.most_tells_an_hour() || ' times in an hour for one deal; held now: '
      || count(*) || ', the first for ' || coalesce('deal ' || min(tells.amocrm_deal_id), 'person ' || min(outbox.person_id)),
    'Look for a loop, then: select amocrm_release_tells(), or to drop them amocrm_release_tells(null, true)', true
  from amocrm.outbox join amocrm.tells on tells.message_id = outbox.id
  where outbox.queue = amocrm.account() and outbox.state = 'pending' and not outbox.is_fresh and outbox.last_error_code = 'tells_held'
  having count(*) > 0;
end
$$;
comment on function amocrm.tell_conditions() is 'Lists the condition that messages of amocrm_tell are held, which may be a loop.';
insert into amocrm.conditions (name, rank, function) values ('tell', 55, 'amocrm.tell_conditions');

create function amocrm.tells_of(p_person_ids bigint[], p_deal_ids bigint[], p_emails text[], p_phones text[]) returns bigint[]
language sql stable set search_path = ''
as $$
  select array(
    select tells.message_id from amocrm.tells where tells.person_id = any (p_person_ids)
    union
    select tells.message_id from amocrm.tells where tells.amocrm_deal_id = any (p_deal_ids) and tells.account = amocrm.account()
    union
    select outbox.id from amocrm.outbox where outbox.queue = amocrm.account() and outbox.is_fresh
      and outbox.subject_table = 'amocrm_tells' and (outbox.email_key = any (p_emails) or outbox.phone_key = any (p_phones)))
$$;
comment on function amocrm.tells_of(bigint[], bigint[], text[], text[]) is 'Lists messages of amocrm_tell to people, their deals and their addresses.';

create function amocrm.forget_tells(p_ids bigint[]) returns void
language sql set search_path = ''
as $$
  -- The key stays: told once more under it, nothing is sent.
  update amocrm.tells set content_hash = null, person_id = null, amocrm_deal_id = null where tells.message_id = any (p_ids)
$$;
comment on function amocrm.forget_tells(bigint[]) is 'Reduces messages of amocrm_tell to their keys.';

create function amocrm.prune_tells(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  delete from amocrm.tells where tells.message_id in (
    select old.message_id from amocrm.tells as old
    where old.created_at < amocrm.clock() - case when old.key_hash is null then interval '2 hours' else interval '400 days' end
      and not exists (select from amocrm.outbox where outbox.queue = amocrm.account() and outbox.id = old.message_id)
    order by old.created_at limit p_limit);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.prune_tells(int) is 'Deletes up to p_limit records of messages of amocrm_tell that are gone; a key stays for 400 days.';
insert into amocrm.upkeep (step, rank, row_factor, function) values ('told messages', 25, 1, 'amocrm.prune_tells');

revoke all on function amocrm.claim_tells(uuid, bigint[]), amocrm.most_tells_an_hour(), amocrm.hold_tells(bigint[]), amocrm.tells_before(amocrm.tells),
  amocrm.tell_conditions(), amocrm.tells_of(bigint[], bigint[], text[], text[]), amocrm.forget_tells(bigint[]), amocrm.prune_tells(int) from public;
revoke all on function amocrm.held_tells(), amocrm.release_tells(bigint, boolean), public.amocrm_release_tells(bigint, boolean) from public, anon, authenticated;
grant execute on function amocrm.held_tells(), amocrm.release_tells(bigint, boolean), public.amocrm_release_tells(bigint, boolean) to authenticated, service_role;
revoke all on public.amocrm_held_tells from public, anon, authenticated, service_role;
grant select on public.amocrm_held_tells to authenticated, service_role;
