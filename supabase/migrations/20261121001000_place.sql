-- Placing: a fresh message finds its person, and the person's oldest unfinished message becomes the head.
-- This is done by the drain, under the queue's lock, and not by the trigger: resolving people inside a visitor's
-- transaction was tried and lost inserts to lock waits and deadlocks.

create function amocrm.promote(p_queue text, p_person_id bigint) returns void
language plpgsql set search_path = ''
as $$
declare
  v_lane text;
begin
  -- A person in the middle of a merge sends nothing new until what is in flight has landed.
  -- Two probes and not one "or", for which no index serves: it read all people for each message.
  if exists (select from amocrm.people where people.person_id = p_person_id and people.merging_into is not null)
    or exists (select from amocrm.people where people.merging_into = p_person_id) then
    return;
  end if;
  select outbox.lane into v_lane from amocrm.outbox
  where outbox.queue = p_queue and outbox.person_id = p_person_id and outbox.is_head;
  if not found then
    update amocrm.outbox set is_head = true
    where outbox.queue = p_queue and outbox.id = (
      select waiting.id from amocrm.outbox as waiting
      where waiting.queue = p_queue and waiting.person_id = p_person_id and not waiting.is_fresh
        and waiting.state in ('pending', 'leased', 'uncertain')
      order by waiting.id limit 1)
    returning outbox.lane into v_lane;
  end if;
  -- Somebody who writes again while his history waits in the backfill gets that history sent now: his messages go out
  -- in order, so his new lead would wait for the whole backfill otherwise.
  if v_lane = 'backfill' then
    update amocrm.outbox set lane = 'live'
    where outbox.queue = p_queue and outbox.person_id = p_person_id and outbox.is_head
      and exists (select from amocrm.outbox as waiting
        where waiting.queue = p_queue and waiting.person_id = p_person_id and not waiting.is_fresh
          and waiting.state in ('pending', 'leased', 'uncertain') and waiting.lane = 'live');
  end if;
end
$$;
comment on function amocrm.promote(text, bigint) is
  'Makes the oldest unfinished message of a person its head, if there is none. A probe of one index, however long the backlog.';

create function amocrm.has_in_flight(p_queue text, p_person_id bigint) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from amocrm.outbox
    where outbox.queue = p_queue and outbox.person_id = p_person_id and outbox.is_head
      and outbox.state in ('leased', 'uncertain'))
$$;
comment on function amocrm.has_in_flight(text, bigint) is 'Is something of this person on its way, or was sent without an answer?';

create function amocrm.join_people(p_queue text, p_from bigint, p_into bigint) returns void
language plpgsql set search_path = ''
as $$
begin
  update amocrm.person_keys set person_id = p_into where person_keys.person_id = p_from;
  update amocrm.people set amocrm_contact_id = coalesce(people.amocrm_contact_id,
    (select source.amocrm_contact_id from amocrm.people as source where source.person_id = p_from))
  where people.person_id = p_into;
  -- Who was to become the one becomes the other.
  update amocrm.people set merging_into = p_into where people.merging_into = p_from;
  update amocrm.people set merged_into = p_into, merged_at = amocrm.clock() where people.person_id = p_from;
  -- The younger head steps back, so that the messages of both go out in the order of their ids.
  update amocrm.outbox set is_head = false
  where outbox.queue = p_queue and outbox.person_id in (p_from, p_into) and outbox.is_head and outbox.state = 'pending';
  update amocrm.outbox set person_id = p_into
  where outbox.queue = p_queue and outbox.person_id = p_from and not outbox.is_fresh
    and outbox.state in ('pending', 'leased', 'uncertain');
end
$$;
comment on function amocrm.join_people(text, bigint, bigint) is
  'Makes one person of two that have nothing in flight, whether or not that is wise: keys, contact and waiting messages. The caller promotes.';

create function amocrm.finish_merge(p_queue text, p_from bigint, p_into bigint) returns void
language plpgsql set search_path = ''
as $$
begin
  update amocrm.people set merging_into = null where people.person_id = p_from;
  if amocrm.may_merge(p_into, p_from) then
    perform amocrm.join_people(p_queue, p_from, p_into);
  else
    perform amocrm.note_duplicate('people', p_into, p_from, 'both got a contact while their messages were on the way', null);
    -- What came meanwhile was placed with the one whom both were to become; what names the other alone goes back.
    update amocrm.outbox set person_id = p_from
    where outbox.queue = p_queue and outbox.person_id = p_into and outbox.state = 'pending' and not outbox.is_head
      and outbox.step is null and outbox.amocrm_deal_id is null and not amocrm.follows_subject(outbox.kind)
      and exists (select from amocrm.person_keys where person_keys.person_id = p_from
        and (person_keys.type, person_keys.key) in (('email', outbox.email_key), ('phone', outbox.phone_key)))
      and not exists (select from amocrm.person_keys where person_keys.person_id = p_into
        and (person_keys.type, person_keys.key) in (('email', outbox.email_key), ('phone', outbox.phone_key)));
    update amocrm.outbox set person_id = p_from
    where outbox.queue = p_queue and outbox.person_id = p_into and outbox.state = 'pending' and amocrm.follows_subject(outbox.kind)
      and exists (select from amocrm.outbox as created where created.queue = p_queue and created.id < outbox.id
        and created.subject_id = outbox.subject_id and created.person_id = p_from);
    perform amocrm.promote(p_queue, p_from);
  end if;
  perform amocrm.promote(p_queue, p_into);
end
$$;
comment on function amocrm.finish_merge(text, bigint, bigint) is
  'Joins two people that have nothing in flight: keys, contact and waiting messages.';

create function amocrm.merge_people(p_queue text, p_from bigint, p_into bigint) returns void
language plpgsql set search_path = ''
as $$
begin
  if amocrm.has_in_flight(p_queue, p_from) or amocrm.has_in_flight(p_queue, p_into) then
    -- Two requests about one person at the same time could make two contacts, so the rest waits.
    update amocrm.people set merging_into = p_into where people.person_id = p_from;
    update amocrm.outbox set is_head = false
    where outbox.queue = p_queue and outbox.person_id in (p_from, p_into) and outbox.is_head and outbox.state = 'pending';
  else
    perform amocrm.finish_merge(p_queue, p_from, p_into);
  end if;
end
$$;
comment on function amocrm.merge_people(text, bigint, bigint) is 'Merges now, or marks the merge for when what is in flight has landed.';

create function amocrm.landed(p_queue text, p_person_id bigint) returns void
language plpgsql set search_path = ''
as $$
declare
  v_from bigint;
  v_into bigint;
begin
  -- What was in flight for this person is over: a merge that waited for it may be finished now.
  for v_from in
    select people.person_id from amocrm.people where people.merging_into = p_person_id
    union
    select people.person_id from amocrm.people where people.person_id = p_person_id and people.merging_into is not null
    order by person_id
  loop
    -- Read anew each time: the merge before may have changed where this one leads.
    select people.merging_into into v_into from amocrm.people where people.person_id = v_from;
    if not amocrm.has_in_flight(p_queue, v_from) and not amocrm.has_in_flight(p_queue, v_into) then
      perform amocrm.finish_merge(p_queue, v_from, v_into);
    else
      -- The other one is still on its way: what came back to be tried again waits for it with the rest.
      update amocrm.outbox set is_head = false
      where outbox.queue = p_queue and outbox.person_id in (v_from, v_into) and outbox.is_head and outbox.state = 'pending';
    end if;
  end loop;
  perform amocrm.promote(p_queue, p_person_id);
end
$$;
comment on function amocrm.landed(text, bigint) is
  'Called when a message is settled, given back or rescued: finishes a waiting merge and promotes the person''s next message.';

create function amocrm.person_of(
  p_queue text, p_email text, p_phone text, p_outbox_id bigint
) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_by_email bigint := amocrm.person_of_key('email', p_email);
  v_by_phone bigint := amocrm.person_of_key('phone', p_phone);
  v_person bigint := coalesce(v_by_email, v_by_phone);
begin
  if v_person is null then
    insert into amocrm.people default values returning people.person_id into v_person;
  elsif v_by_email <> v_by_phone then
    if amocrm.may_merge(v_by_email, v_by_phone) then
      perform amocrm.merge_people(p_queue, v_by_phone, v_by_email);
    else
      perform amocrm.note_duplicate('people', v_by_email, v_by_phone, 'one submission names the e-mail of one and the phone of the other', p_outbox_id);
    end if;
  end if;
  if p_email is not null and v_by_email is null then
    insert into amocrm.person_keys (type, key, person_id) values ('email', p_email, v_person) on conflict do nothing;
  end if;
  if p_phone is not null and v_by_phone is null then
    insert into amocrm.person_keys (type, key, person_id) values ('phone', p_phone, v_person) on conflict do nothing;
  end if;
  return v_person;
end
$$;
comment on function amocrm.person_of(text, text, text, bigint) is
  'The person behind an e-mail and a phone, made if new. If they name two people the e-mail wins, and both are merged or listed.';

create function amocrm.person_of_subject(
  p_queue text, p_subject_table text, p_subject_id uuid, p_email text, p_phone text, p_outbox_id bigint
) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_person bigint;
  v_into bigint;
  v_key record;
begin
  -- A changed lead or student belongs to the person it was placed with, even if e-mail and phone are both new.
  select earlier.person_id into v_person from amocrm.outbox as earlier
  where earlier.subject_id = p_subject_id and earlier.queue = p_queue and earlier.person_id is not null
  order by earlier.id limit 1;
  if v_person is null then
    select people.person_id into v_person from amocrm.links
    join amocrm.people on people.amocrm_contact_id = links.amocrm_id
    where links.subject_table = p_subject_table and links.subject_id = p_subject_id and links.object = 'contact'
    order by people.person_id limit 1;
  end if;
  if v_person is null then
    return amocrm.person_of(p_queue, p_email, p_phone, p_outbox_id);
  end if;
  loop
    select coalesce(people.merged_into, people.merging_into) into v_into from amocrm.people where people.person_id = v_person;
    exit when v_into is null;
    v_person := v_into;
  end loop;
  for v_key in
    select keys.type, keys.key, amocrm.person_of_key(keys.type, keys.key) as owner_id
    from (values ('email', p_email), ('phone', p_phone)) as keys (type, key)
    where keys.key is not null
  loop
    if v_key.owner_id is null then
      insert into amocrm.person_keys (type, key, person_id) values (v_key.type, v_key.key, v_person) on conflict do nothing;
    elsif v_key.owner_id <> v_person then
      perform amocrm.note_duplicate('people', v_person, v_key.owner_id, 'a changed row names the ' || v_key.type || ' of another person', p_outbox_id);
    end if;
  end loop;
  return v_person;
end
$$;
comment on function amocrm.person_of_subject(text, text, uuid, text, text, bigint) is
  'The person that a changed row was placed with before; new keys are added to that person.';

create function amocrm.place_strangers(p_queue text, p_ids bigint[]) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Whose e-mail and phone nobody has, neither a person nor another of these messages, is a new person for certain:
  -- all of them are made in one statement, which is several times faster than one by one.
  with fresh as materialized (
    select outbox.id, outbox.kind, outbox.email_key, outbox.phone_key from amocrm.outbox
    where outbox.queue = p_queue and outbox.id = any (p_ids) and outbox.is_fresh
  ), named as materialized (
    select fresh.id, keys.type, keys.key, count(*) over (partition by keys.type, keys.key) as message_count
    from fresh cross join lateral (values ('email', fresh.email_key), ('phone', fresh.phone_key)) as keys (type, key)
    where keys.key is not null
  ), known as materialized (
    select named.id from named where named.message_count > 1
    union
    select named.id from named cross join lateral (
      -- With a limit it stays one probe for each key, however many people there are.
      select from amocrm.person_keys where person_keys.type = named.type and person_keys.key = named.key limit 1) as owner
  ), strangers as materialized (
    select fresh.id, nextval('amocrm.people_person_id_seq') as person_id from fresh
    where fresh.kind not in (select kinds.kind from amocrm.kinds where kinds.follows_subject) and not exists (select from known where known.id = fresh.id)
  ), made as (
    insert into amocrm.people (person_id) overriding system value select strangers.person_id from strangers
  ), keyed as (
    insert into amocrm.person_keys (type, key, person_id)
    select named.type, named.key, strangers.person_id from named join strangers on strangers.id = named.id
  )
  update amocrm.outbox set is_fresh = false, person_id = strangers.person_id, is_head = true
  -- Named twice, so that also a plan made while the table was small reads no more than these.
  from strangers where outbox.queue = p_queue and outbox.id = any (p_ids) and outbox.id = strangers.id;
end
$$;
comment on function amocrm.place_strangers(text, bigint[]) is
  'Places those of the fresh messages whose person is new; the others stay fresh.';

create function amocrm.place(p_queue text, p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_ids bigint[];
  v_message record;
  v_person bigint;
begin
  perform amocrm.lock_queue(p_queue);
  v_ids := array(select outbox.id from amocrm.outbox
    where outbox.queue = p_queue and outbox.is_fresh order by outbox.id limit p_limit);
  -- People are amoCRM's matter and change under its queue's lock alone; mail goes by its address, and asks nobody.
  if p_queue = 'amocrm' then
    perform amocrm.place_strangers(p_queue, v_ids);
  end if;
  for v_message in
    select outbox.id, outbox.kind, outbox.subject_table, outbox.subject_id, outbox.email_key, outbox.phone_key
    from amocrm.outbox
    where outbox.queue = p_queue and outbox.id = any (v_ids) and outbox.is_fresh order by outbox.id
  loop
    v_person := case
      when p_queue <> 'amocrm' then amocrm.recipient_of(v_message.email_key, v_message.phone_key, v_message.subject_id)
      when amocrm.follows_subject(v_message.kind)
        then amocrm.person_of_subject(p_queue, v_message.subject_table, v_message.subject_id, v_message.email_key, v_message.phone_key, v_message.id)
      else amocrm.person_of(p_queue, v_message.email_key, v_message.phone_key, v_message.id) end;
    update amocrm.outbox set is_fresh = false, person_id = v_person
    where outbox.queue = p_queue and outbox.id = v_message.id;
    perform amocrm.promote(p_queue, v_person);
  end loop;
  return cardinality(v_ids);
end
$$;
comment on function amocrm.place(text, int) is 'Places up to p_limit fresh messages in the order of their ids; tells how many.';

revoke all on function amocrm.promote(text, bigint), amocrm.has_in_flight(text, bigint), amocrm.join_people(text, bigint, bigint),
  amocrm.finish_merge(text, bigint, bigint), amocrm.merge_people(text, bigint, bigint), amocrm.landed(text, bigint),
  amocrm.person_of(text, text, text, bigint),
  amocrm.person_of_subject(text, text, uuid, text, text, bigint), amocrm.place_strangers(text, bigint[]),
  amocrm.place(text, int) from public;
