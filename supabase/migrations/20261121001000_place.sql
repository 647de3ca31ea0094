-- Placing: a fresh message finds its person, and the person's oldest unfinished message becomes the head.
-- This is done by the drain, under the queue's lock, and not by the trigger: resolving people inside a visitor's
-- transaction was tried and lost inserts to lock waits and deadlocks.

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

create function amocrm.place_all(p_queue text) returns void
language plpgsql set search_path = ''
as $$
begin
  while amocrm.place(p_queue, 1000) > 0 loop
  end loop;
end
$$;
comment on function amocrm.place_all(text) is
  'Places all fresh messages. For whoever appends behind the live ones: they are placed in the order they came, so a live lead would stand behind all of these.';

revoke all on function amocrm.person_of(text, text, text, bigint),
  amocrm.person_of_subject(text, text, uuid, text, text, bigint), amocrm.place_strangers(text, bigint[]),
  amocrm.place(text, int), amocrm.place_all(text) from public;
