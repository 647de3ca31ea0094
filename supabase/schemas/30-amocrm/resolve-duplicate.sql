-- What a person decides about a listed pair. Nothing is merged in amoCRM, which is the manager's to do: 'same' makes one of
-- the people of ours, and whatever comes later goes to the contact that is kept.

create function amocrm.kept_contact(p_kept_id bigint, p_other_id bigint) returns bigint
language sql stable set search_path = ''
as $$
  -- One that amoCRM has deleted or merged away is none any more, as far as the mirror tells.
  select contact.id from (values (1, p_kept_id), (2, p_other_id)) as contact (place, id)
  left join amocrm.contacts on contacts.amocrm_contact_id = contact.id and contacts.account = amocrm.account()
  where contact.id is not null
  order by coalesce(contacts.is_deleted, false), contact.place limit 1
$$;
comment on function amocrm.kept_contact(bigint, bigint) is
  'Returns which of two contacts is used from now on: the kept one, unless only the other still exists.';

create function amocrm.join_listed(p_from bigint, p_into bigint) returns void
language plpgsql set search_path = ''
as $$
begin
  if amocrm.has_in_flight(amocrm.account(), p_into) or amocrm.has_in_flight(amocrm.account(), p_from) then
    raise exception 'messages of person % or % are on their way', p_into, p_from using errcode = '55006',
      hint = 'Try again when they have landed, in a minute or so; select * from amocrm_blocked_people names those that cannot.';
  end if;
  perform amocrm.join_people(amocrm.account(), p_from, p_into);
end
$$;
comment on function amocrm.join_listed(bigint, bigint) is 'Merges two listed people; raises 55006 while a message of theirs is in flight.';

create function amocrm.merge_listed_people(p_kept_id bigint, p_other_id bigint) returns text
language plpgsql set search_path = ''
as $$
declare
  v_into bigint := amocrm.person_now(p_kept_id);
  v_from bigint := amocrm.person_now(p_other_id);
  v_kept bigint;
  v_other bigint;
begin
  if v_into is null or v_from is null then
    return 'one of them is not known any more';
  elsif v_into = v_from then
    return 'they are one person already';
  end if;
  select people.amocrm_contact_id into v_kept from amocrm.people where people.person_id = v_into;
  select people.amocrm_contact_id into v_other from amocrm.people where people.person_id = v_from;
  perform amocrm.join_listed(v_from, v_into);
  update amocrm.people set amocrm_contact_id = amocrm.kept_contact(v_kept, v_other) where people.person_id = v_into;
  -- Noted of the contacts, too: what stands on the other one's card is this person's.
  if v_kept <> v_other then
    insert into amocrm.duplicates (type, kept_id, other_id, reason, resolved_at, resolution)
    values ('contact', v_kept, v_other, 'their people were said to be one', amocrm.clock(), 'same')
    on conflict on constraint duplicates_are_listed_once do update set resolved_at = excluded.resolved_at, resolution = excluded.resolution;
  end if;
  perform amocrm.promote(amocrm.account(), v_into);
  return format('person %s is person %s from now on', v_from, v_into);
end
$$;
comment on function amocrm.merge_listed_people(bigint, bigint) is
  'Merges two listed people, whose later leads go to the kept contact; raises 55006 while messages are in flight.';

create function amocrm.merge_listed_contacts(p_kept_id bigint, p_other_id bigint) returns text
language plpgsql set search_path = ''
as $$
declare
  v_contact bigint := amocrm.kept_contact(p_kept_id, p_other_id);
  v_into bigint;
  v_from bigint;
begin
  select min(people.person_id) into v_into from amocrm.people
  where people.amocrm_contact_id = v_contact and people.account = amocrm.account() and people.merged_into is null and people.merging_into is null;
  -- Somebody whom only amoCRM knows becomes known here, so that later leads find the kept contact by any of the two's keys.
  if v_into is null then
    insert into amocrm.people (amocrm_contact_id) values (v_contact) returning people.person_id into v_into;
  end if;
  for v_from in
    select people.person_id from amocrm.people
    where people.amocrm_contact_id in (p_kept_id, p_other_id) and people.account = amocrm.account() and people.person_id <> v_into
      and people.merged_into is null and people.merging_into is null order by people.person_id
  loop
    perform amocrm.join_listed(v_from, v_into);
  end loop;
  update amocrm.people set amocrm_contact_id = v_contact where people.person_id = v_into;
  insert into amocrm.person_keys (type, key, person_id)
  select distinct contact_keys.type, contact_keys.key, v_into from amocrm.contact_keys
  where contact_keys.amocrm_contact_id in (p_kept_id, p_other_id) and contact_keys.account = amocrm.account();
  perform amocrm.promote(amocrm.account(), v_into);
  return format('leads of both go to contact %s from now on; nothing is merged in amoCRM', v_contact);
end
$$;
comment on function amocrm.merge_listed_contacts(bigint, bigint) is
  'Merges the people behind two contacts, whose later leads go to the kept one; raises 55006 while messages are in flight.';

create function amocrm.resolve_duplicate(p_id bigint, p_resolution text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_pair amocrm.duplicates;
  v_outcome text;
begin
  perform amocrm.require_admin();
  if p_resolution is null or p_resolution not in ('same', 'different') then
    raise exception 'p_resolution is %, must be same or different', coalesce(p_resolution, 'null') using errcode = '22023',
      hint = 'same: the two are one; different: they are two, and the pair is not listed again.';
  end if;
  perform amocrm.lock_queue(amocrm.account());
  select * into v_pair from amocrm.duplicates where duplicates.id = p_id and duplicates.account = amocrm.account() for update;
  if v_pair.id is null then
    raise exception 'no pair % in amocrm_duplicates', p_id using errcode = '22023', hint = 'select * from amocrm_duplicates lists them.';
  elsif v_pair.resolved_at is not null then
    raise exception 'pair % was resolved on % as %', p_id, v_pair.resolved_at::date, coalesce(v_pair.resolution, 'unknown') using errcode = '22023';
  end if;
  v_outcome := case
    when p_resolution = 'different' then 'they stay two'
    when v_pair.type = 'people' then amocrm.merge_listed_people(v_pair.kept_id, v_pair.other_id)
    when v_pair.type = 'contact' then amocrm.merge_listed_contacts(v_pair.kept_id, v_pair.other_id)
    else format('merge %s %s and %s in amoCRM; nothing of ours changes', v_pair.type, v_pair.kept_id, v_pair.other_id) end;
  update amocrm.duplicates set resolved_at = amocrm.clock(), resolution = p_resolution where duplicates.id = p_id;
  perform amocrm.note_action('resolve_duplicate', jsonb_build_object('id', p_id, 'resolution', p_resolution),
    jsonb_build_object('outcome', v_outcome), '{}',
    case when v_pair.type = 'people' then array[v_pair.kept_id, v_pair.other_id] else '{}' end);
  return v_outcome;
end
$$;
comment on function amocrm.resolve_duplicate(bigint, text) is
  'Settles a pair of amocrm_duplicates as same or different; returns what was done.';

create function public.amocrm_resolve_duplicate(p_id bigint, p_resolution text) returns text
language sql set search_path = ''
begin atomic select amocrm.resolve_duplicate(p_id, p_resolution); end;
comment on function public.amocrm_resolve_duplicate(bigint, text) is
  'Settles a pair of amocrm_duplicates: same merges the people, different keeps them apart for good; returns what was done.';

revoke all on function amocrm.kept_contact(bigint, bigint), amocrm.join_listed(bigint, bigint), amocrm.merge_listed_people(bigint, bigint),
  amocrm.merge_listed_contacts(bigint, bigint) from public;
revoke all on function amocrm.resolve_duplicate(bigint, text), public.amocrm_resolve_duplicate(bigint, text) from public, anon, authenticated;
grant execute on function amocrm.resolve_duplicate(bigint, text), public.amocrm_resolve_duplicate(bigint, text) to authenticated, service_role;

create function amocrm.duplicate_rows()
returns table (id bigint, type text, kept_id bigint, other_id bigint, reason text, outbox_id bigint, found_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return query
  select duplicates.id, duplicates.type, duplicates.kept_id, duplicates.other_id, duplicates.reason,
    duplicates.outbox_id, duplicates.found_at
  from amocrm.duplicates where duplicates.account = amocrm.account() and duplicates.resolved_at is null order by duplicates.id;
end
$$;
comment on function amocrm.duplicate_rows() is 'Returns the rows of amocrm_duplicates.';

create view public.amocrm_duplicates with (security_invoker = true) as
select id, type, kept_id, other_id, reason, outbox_id, found_at from amocrm.duplicate_rows();
comment on view public.amocrm_duplicates is
  'Which people, contacts or deals seem to be one and were not merged? People have our ids, the others amoCRM''s.';
revoke all on function amocrm.duplicate_rows() from public, anon;
grant execute on function amocrm.duplicate_rows() to authenticated, service_role;
revoke all on public.amocrm_duplicates from public, anon, authenticated, service_role;
grant select on public.amocrm_duplicates to authenticated, service_role;
