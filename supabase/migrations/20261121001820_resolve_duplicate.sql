-- What a person decides about a listed pair. Of people of ours the decision is carried out here; contacts and deals are
-- amoCRM's, where merging is the manager's to do, so for them the decision is only noted.

create function amocrm.merge_listed_people(p_kept_id bigint, p_other_id bigint) returns text
language plpgsql set search_path = ''
as $$
declare
  v_into bigint := amocrm.person_now(p_kept_id);
  v_from bigint := amocrm.person_now(p_other_id);
  v_contacts bigint[];
begin
  if v_into is null or v_from is null then
    return 'one of them is not known any more';
  elsif v_into = v_from then
    return 'they are one person already';
  elsif amocrm.has_in_flight('amocrm', v_into) or amocrm.has_in_flight('amocrm', v_from) then
    raise exception 'messages of person % or % are on their way', v_into, v_from using errcode = '55006',
      hint = 'Try again when they have landed, in a minute or so; select * from amocrm_blocked_people names those that cannot.';
  end if;
  -- A contact that amoCRM has merged away is none any more, as far as the mirror tells.
  select array_agg(people.amocrm_contact_id order by people.person_id = v_into desc) into v_contacts from amocrm.people
  where people.person_id in (v_into, v_from) and people.amocrm_contact_id is not null
    and not exists (select from amocrm.contacts where contacts.amocrm_contact_id = people.amocrm_contact_id and contacts.is_deleted);
  if v_contacts[1] <> v_contacts[2] then
    raise exception 'person % has contact % and person % has contact %', v_into, v_contacts[1], v_from, v_contacts[2]
      using errcode = '55000', hint = 'Merge the two contacts in amoCRM, let the next pull see it (npm run amocrm -- pull), then do this again.';
  end if;
  perform amocrm.join_people('amocrm', v_from, v_into);
  update amocrm.people set amocrm_contact_id = v_contacts[1] where people.person_id = v_into;
  perform amocrm.promote('amocrm', v_into);
  return format('person %s is person %s from now on', v_from, v_into);
end
$$;
comment on function amocrm.merge_listed_people(bigint, bigint) is
  'Makes one of two listed people, if that is safe, and tells what was done; raises 55006 while messages are in flight and 55000 while both have a contact.';

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
  perform amocrm.lock_queue('amocrm');
  select * into v_pair from amocrm.duplicates where duplicates.id = p_id for update;
  if v_pair.id is null then
    raise exception 'no pair % in amocrm_duplicates', p_id using errcode = '22023', hint = 'select * from amocrm_duplicates lists them.';
  elsif v_pair.resolved_at is not null then
    raise exception 'pair % was resolved on % as %', p_id, v_pair.resolved_at::date, coalesce(v_pair.resolution, 'unknown') using errcode = '22023';
  end if;
  v_outcome := case
    when p_resolution = 'different' then 'they stay two'
    when v_pair.type = 'people' then amocrm.merge_listed_people(v_pair.kept_id, v_pair.other_id)
    else format('merge %s %s and %s in amoCRM; nothing of ours changes', v_pair.type, v_pair.kept_id, v_pair.other_id) end;
  update amocrm.duplicates set resolved_at = amocrm.clock(), resolution = p_resolution where duplicates.id = p_id;
  perform amocrm.note_action('resolve_duplicate', jsonb_build_object('id', p_id, 'resolution', p_resolution),
    jsonb_build_object('outcome', v_outcome), '{}',
    case when v_pair.type = 'people' then array[v_pair.kept_id, v_pair.other_id] else '{}' end);
  return v_outcome;
end
$$;
comment on function amocrm.resolve_duplicate(bigint, text) is 'Settles a pair of amocrm_duplicates as same or different; tells what was done.';

create function public.amocrm_resolve_duplicate(p_id bigint, p_resolution text) returns text
language sql set search_path = ''
begin atomic select amocrm.resolve_duplicate(p_id, p_resolution); end;
comment on function public.amocrm_resolve_duplicate(bigint, text) is
  'Settles a pair of amocrm_duplicates: same makes one of two people of ours, different keeps them two. Tells what was done, or what is to be done in amoCRM.';

revoke all on function amocrm.merge_listed_people(bigint, bigint) from public;
revoke all on function amocrm.resolve_duplicate(bigint, text), public.amocrm_resolve_duplicate(bigint, text) from public, anon, authenticated;
grant execute on function amocrm.resolve_duplicate(bigint, text), public.amocrm_resolve_duplicate(bigint, text) to authenticated, service_role;
