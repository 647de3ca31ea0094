-- Placing: a fresh message finds its person, and the person's oldest unfinished message becomes the head.
-- This is done by the drain, under the queue's lock, and not by the trigger: resolving people inside a visitor's
-- transaction was tried and lost inserts to lock waits and deadlocks.

create function amocrm.person_of(
  p_queue text, p_email text, p_phone text, p_outbox_id bigint, p_student_id uuid
) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_by_email bigint := amocrm.person_of_key('email', p_email, p_queue);
  v_by_phone bigint := amocrm.person_of_key('phone', p_phone, p_queue);
  v_person bigint;
  v_other record;
begin
  select
    case when not exists (select from amocrm.students_of(v_by_email) as student (id) where student.id <> p_student_id) then v_by_email end as by_email,
    case when not exists (select from amocrm.students_of(v_by_phone) as student (id) where student.id <> p_student_id)
      and (p_email is null or v_by_email is not null or not amocrm.is_anothers_phone(v_by_phone, p_email)) then v_by_phone end as by_phone
  into v_other;
  v_person := coalesce(v_other.by_email, v_other.by_phone);
  if v_person is null then
    insert into amocrm.people (account) values (p_queue) returning people.person_id into v_person;
  elsif v_other.by_email <> v_other.by_phone and amocrm.may_merge(v_other.by_email, v_other.by_phone) then
    perform amocrm.merge_people(p_queue, v_other.by_phone, v_other.by_email);
    v_by_phone := null;
  end if;
  if v_by_email <> v_person then
    perform amocrm.note_duplicate('people', v_by_email, v_person, 'a student has the e-mail of another student''s person', p_outbox_id, p_queue);
  end if;
  if v_by_phone <> v_person then
    -- Kept is whom the e-mail names; a new one comes after those who were there.
    if v_other.by_email is null then
      perform amocrm.note_duplicate('people', v_by_phone, v_person, 'a new e-mail came with the phone of somebody who has another one', p_outbox_id, p_queue);
    else
      perform amocrm.note_duplicate('people', v_person, v_by_phone, 'one submission names the e-mail of one and the phone of the other', p_outbox_id, p_queue);
    end if;
  end if;
  -- A key that is somebody else's stays theirs.
  insert into amocrm.person_keys (type, key, person_id, account)
  select keys.type, keys.key, v_person, p_queue from (values ('email', p_email), ('phone', p_phone)) as keys (type, key)
  where keys.key is not null and amocrm.person_of_key(keys.type, keys.key, p_queue) is null;
  return v_person;
end
$$;
comment on function amocrm.person_of(text, text, text, bigint, uuid) is
  'Finds or creates the person of an e-mail and a phone; if they name two people, the e-mail wins and both are merged or listed.';

create function amocrm.one_person(p_queue text, p_subject_table text, p_subject_id uuid) returns uuid
language sql stable set search_path = ''
as $$
  select p_subject_id from amocrm.queue_subjects
  where queue_subjects.queue = p_queue and queue_subjects.subject_table = p_subject_table and queue_subjects.is_one_person
$$;
comment on function amocrm.one_person(text, text, uuid) is
  'The id of a row that is a person of its own, whatever keys it shares with another: a student. Else null.';

create function amocrm.person_of_subject(
  p_queue text, p_subject_table text, p_subject_id uuid, p_email text, p_phone text, p_outbox_id bigint, p_was jsonb
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
    join amocrm.people on people.amocrm_contact_id = links.amocrm_id and people.account = links.account
    where links.account = p_queue and links.subject_table = p_subject_table and links.subject_id = p_subject_id and links.object = 'contact'
    order by people.person_id limit 1;
  end if;
  if v_person is null then
    return amocrm.person_of(p_queue, p_email, p_phone, p_outbox_id, amocrm.one_person(p_queue, p_subject_table, p_subject_id));
  end if;
  loop
    select coalesce(people.merged_into, people.merging_into) into v_into from amocrm.people where people.person_id = v_person;
    exit when v_into is null;
    v_person := v_into;
  end loop;
  perform amocrm.drop_corrected_keys(v_person, p_was);
  -- What has not been sent yet goes out as corrected.
  update amocrm.outbox set
    email_key = case when outbox.email_key = p_was ->> 'email' then p_email else outbox.email_key end,
    phone_key = case when outbox.phone_key = p_was ->> 'phone' then p_phone else outbox.phone_key end
  where p_was is not null and outbox.queue = p_queue and outbox.subject_id = p_subject_id and outbox.id < p_outbox_id
    and outbox.state = 'pending' and outbox.step is null;
  for v_key in
    select keys.type, keys.key, amocrm.person_of_key(keys.type, keys.key, p_queue) as owner_id
    from (values ('email', p_email), ('phone', p_phone)) as keys (type, key)
    where keys.key is not null
  loop
    if v_key.owner_id is null then
      insert into amocrm.person_keys (type, key, person_id, account) values (v_key.type, v_key.key, v_person, p_queue);
    elsif v_key.owner_id <> v_person then
      perform amocrm.note_duplicate('people', v_person, v_key.owner_id, 'a changed row names the ' || v_key.type || ' of another person', p_outbox_id, p_queue);
    end if;
  end loop;
  return v_person;
end
$$;
comment on function amocrm.person_of_subject(text, text, uuid, text, text, bigint, jsonb) is
  'Returns the person of a row placed before, adds the row''s new keys and removes those that it no longer names.';

create function amocrm.place_strangers(p_queue text, p_ids bigint[]) returns void
language plpgsql set search_path = ''
as $$
declare
  v_other_account text := amocrm.other_account(p_queue);
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
      select from amocrm.person_keys where person_keys.type = named.type and person_keys.key = named.key
        and person_keys.account = p_queue limit 1) as owner
  ), strangers as materialized (
    select fresh.id, nextval('amocrm.people_person_id_seq') as person_id from fresh
    where fresh.kind not in (select kinds.kind from amocrm.kinds where kinds.follows_subject) and not exists (select from known where known.id = fresh.id)
  ), made as (
    insert into amocrm.people (person_id, account) overriding system value select strangers.person_id, p_queue from strangers
  ), keyed as (
    -- Into the table itself: all of them at once, and not one by one by the view's trigger.
    insert into amocrm.known_keys (key, person_id, other_account)
    select named.key, strangers.person_id, v_other_account from named join strangers on strangers.id = named.id
  )
  update amocrm.outbox set is_fresh = false, person_id = strangers.person_id, is_head = true
  -- Named twice, so that also a plan made while the table was small reads no more than these.
  from strangers where outbox.queue = p_queue and outbox.id = any (p_ids) and outbox.id = strangers.id;
end
$$;
comment on function amocrm.place_strangers(text, bigint[]) is 'Places those fresh messages whose person is new; the others stay fresh.';

create function amocrm.normalize_keys(p_queue text, p_ids bigint[]) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Most keys stood in their row in normal form, and nothing is written.
  update amocrm.outbox set email_key = amocrm.normalize_email(outbox.email_key), phone_key = amocrm.normalize_phone(outbox.phone_key)
  where outbox.queue = p_queue and outbox.id = any (p_ids)
    and (outbox.email_key is distinct from amocrm.normalize_email(outbox.email_key)
      or outbox.phone_key is distinct from amocrm.normalize_phone(outbox.phone_key));
end
$$;
comment on function amocrm.normalize_keys(text, bigint[]) is
  'Gives messages the keys by which people are recognised for what their row showed; null for what is no address or number.';

create function amocrm.place(p_queue text, p_limit int, p_last_id bigint default null) returns int
language plpgsql set search_path = ''
as $$
declare
  v_keeps_people boolean := (select queues.keeps_people from amocrm.queues where queues.queue = p_queue);
  v_ids bigint[];
  v_message record;
  v_person bigint;
begin
  perform amocrm.lock_queue(p_queue);
  v_ids := array(select outbox.id from amocrm.outbox
    where outbox.queue = p_queue and outbox.is_fresh and (p_last_id is null or outbox.id <= p_last_id) order by outbox.id limit p_limit);
  perform amocrm.normalize_keys(p_queue, v_ids);
  -- People are amoCRM's matter and change under its queue's lock alone; mail goes by its address, and asks nobody.
  if v_keeps_people then
    perform amocrm.place_strangers(p_queue, v_ids);
  end if;
  for v_message in
    select outbox.id, outbox.kind, outbox.subject_table, outbox.subject_id, outbox.email_key, outbox.phone_key, outbox.payload -> 'was' as was,
      (select subject.places from amocrm.queue_subjects as subject
        where subject.queue = p_queue and subject.subject_table = outbox.subject_table) as places
    from amocrm.outbox
    where outbox.queue = p_queue and outbox.id = any (v_ids) and outbox.is_fresh order by outbox.id
  loop
    v_person := null;
    if v_message.places is not null then
      execute format('select %I.%I($1)', split_part(v_message.places, '.', 1), split_part(v_message.places, '.', 2)) into v_person using v_message.id;
    end if;
    v_person := case
      when v_person is not null then v_person
      when not v_keeps_people then amocrm.recipient_of(v_message.email_key, v_message.phone_key, v_message.subject_id)
      when amocrm.follows_subject(v_message.kind)
        then amocrm.person_of_subject(p_queue, v_message.subject_table, v_message.subject_id, v_message.email_key, v_message.phone_key, v_message.id, v_message.was)
      else amocrm.person_of(p_queue, v_message.email_key, v_message.phone_key, v_message.id,
        amocrm.one_person(p_queue, v_message.subject_table, v_message.subject_id)) end;
    update amocrm.outbox set is_fresh = false, person_id = v_person
    where outbox.queue = p_queue and outbox.id = v_message.id;
    perform amocrm.promote(p_queue, v_person);
  end loop;
  return cardinality(v_ids);
end
$$;
comment on function amocrm.place(text, int, bigint) is
  'Places up to p_limit fresh messages in id order, up to an id if given; returns how many.';

create function amocrm.place_all(p_queue text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_last_id bigint;
begin
  perform amocrm.lock_queue(p_queue);
  -- Those that are there now: leads that come faster than they are placed would keep everybody waiting for ever.
  select max(outbox.id) into v_last_id from amocrm.outbox where outbox.queue = p_queue and outbox.is_fresh;
  while amocrm.place(p_queue, 1000, v_last_id) > 0 loop
  end loop;
end
$$;
comment on function amocrm.place_all(text) is
  'Places all fresh messages. Call it after a bulk append; otherwise the next live lead waits until the whole backlog is placed.';

revoke all on function amocrm.one_person(text, text, uuid), amocrm.person_of(text, text, text, bigint, uuid),
  amocrm.person_of_subject(text, text, uuid, text, text, bigint, jsonb), amocrm.place_strangers(text, bigint[]), amocrm.normalize_keys(text, bigint[]),
  amocrm.place(text, int, bigint), amocrm.place_all(text) from public;
