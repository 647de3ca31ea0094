-- Whose turn it is, and how two people become one. All of it happens under the queue's lock: when a drain claims and when
-- a message has landed, never in a visitor's transaction.

create function amocrm.instead_of(p_queue text, p_person_id bigint, p_id bigint) returns bigint
language plpgsql stable set search_path = ''
as $$
begin return (
  -- What waits for a deal must not hold up the very lead that makes it. The one that waits is the head, or about to be.
  select other.id from amocrm.outbox as waiting
  join amocrm.kinds on kinds.kind = waiting.kind and waiting.last_error_code = any (kinds.steps_back_for)
  join amocrm.outbox as other on other.queue = p_queue and other.person_id = p_person_id and not other.is_head and not other.is_fresh
    and other.state in ('pending', 'uncertain') and other.id <> waiting.id
    and other.kind not in (select stepping.kind from amocrm.kinds as stepping where stepping.steps_back_for <> '{}')
  where waiting.queue = p_queue and waiting.id = p_id and waiting.state = 'pending'
  order by other.id limit 1);
end $$;
comment on function amocrm.instead_of(text, bigint, bigint) is
  'The message of a person that goes before one which waits for what others bring; null if there is none.';

create function amocrm.promote(p_queue text, p_person_id bigint) returns void
language plpgsql set search_path = ''
as $$
declare
  v_lane text;
  v_head record;
  v_other_id bigint;
begin
  -- A person in the middle of a merge sends nothing new until what is in flight has landed.
  -- Two probes and not one "or", for which no index serves: it read all people for each message.
  if exists (select from amocrm.people where people.person_id = p_person_id and people.merging_into is not null)
    or exists (select from amocrm.people where people.merging_into = p_person_id) then
    return;
  end if;
  select outbox.id, outbox.lane, outbox.state, outbox.last_error_code, outbox.is_head into v_head from amocrm.outbox
  where outbox.queue = p_queue and outbox.person_id = p_person_id and outbox.is_head;
  if not found then
    select waiting.id, waiting.lane, waiting.state, waiting.last_error_code, waiting.is_head into v_head from amocrm.outbox as waiting
    where waiting.queue = p_queue and waiting.person_id = p_person_id and not waiting.is_head and not waiting.is_fresh
      and waiting.state in ('pending', 'uncertain')
    order by waiting.id limit 1;
  end if;
  v_lane := v_head.lane;
  if v_head.state = 'pending' and v_head.last_error_code is not null then
    v_other_id := amocrm.instead_of(p_queue, p_person_id, v_head.id);
  end if;
  if v_other_id is not null or not v_head.is_head then
    -- Two statements: the index that proves one head per person is asked row by row.
    update amocrm.outbox set is_head = false where outbox.queue = p_queue and outbox.person_id = p_person_id and outbox.is_head;
    update amocrm.outbox set is_head = true where outbox.queue = p_queue and outbox.id = coalesce(v_other_id, v_head.id)
    returning outbox.lane into v_lane;
  end if;
  -- Somebody who writes again while his history waits in the backfill gets that history sent now: his messages go out
  -- in order, so his new lead would wait for the whole backfill otherwise.
  if v_lane = 'backfill' then
    update amocrm.outbox set lane = 'live'
    where outbox.queue = p_queue and outbox.person_id = p_person_id and outbox.is_head
      and exists (select from amocrm.outbox as waiting
        where waiting.queue = p_queue and waiting.person_id = p_person_id and not waiting.is_head and not waiting.is_fresh
          and waiting.state in ('pending', 'uncertain') and waiting.lane = 'live');
  end if;
end
$$;
comment on function amocrm.promote(text, bigint) is
  'Makes a person''s oldest unfinished message the head if there is none, or if the head waits for what another brings.';

create function amocrm.has_in_flight(p_queue text, p_person_id bigint) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from amocrm.outbox
    where outbox.queue = p_queue and outbox.person_id = p_person_id and outbox.is_head
      and outbox.state in ('leased', 'uncertain'))
$$;
comment on function amocrm.has_in_flight(text, bigint) is 'True if a message of this person is being sent or was sent without an answer.';

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
  where outbox.queue = p_queue and outbox.person_id = p_from and not outbox.is_head and not outbox.is_fresh
    and outbox.state in ('pending', 'uncertain');
end
$$;
comment on function amocrm.join_people(text, bigint, bigint) is
  'Merges two people that have nothing in flight, without checking the rules; the caller promotes.';

create function amocrm.finish_merge(p_queue text, p_from bigint, p_into bigint) returns void
language plpgsql set search_path = ''
as $$
begin
  update amocrm.people set merging_into = null where people.person_id = p_from;
  if amocrm.may_merge(p_into, p_from) then
    perform amocrm.join_people(p_queue, p_from, p_into);
  else
    perform amocrm.note_duplicate('people', p_into, p_from, 'both got a contact while their messages were on the way', null, p_queue);
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
  'Merges two people that have nothing in flight: keys, contact and waiting messages.';

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
comment on function amocrm.merge_people(text, bigint, bigint) is
  'Merges two people now, or marks the merge for when their messages in flight are settled.';

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
  'Finishes a person''s waiting merge and promotes the next message, after one was settled, given back or rescued.';

revoke all on function amocrm.instead_of(text, bigint, bigint), amocrm.promote(text, bigint), amocrm.has_in_flight(text, bigint),
  amocrm.join_people(text, bigint, bigint), amocrm.finish_merge(text, bigint, bigint),
  amocrm.merge_people(text, bigint, bigint), amocrm.landed(text, bigint) from public;
