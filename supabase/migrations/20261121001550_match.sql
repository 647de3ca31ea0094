-- Matching without requests: once the mirror is complete, a lead's contact is found in it. What the mirror cannot answer
-- is searched for in amoCRM, one request each; so the mirror is what makes batches of fifty possible.

create function amocrm.mirror_state() returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'isComplete', cursors.is_complete,
    'askedAt', amocrm.clock(),
    'changedUntil', cursors.changed_until,
    'ageMs', ceil(extract(epoch from amocrm.clock() - cursors.changed_until) * 1000))
  from amocrm.cursors where cursors.entity = 'contact'
$$;
comment on function amocrm.mirror_state() is 'Whether the mirror of contacts is complete, and up to when it knows every change.';

create function amocrm.claim_limit() returns int
language sql stable set search_path = ''
as $$
  -- Without the mirror new people cost up to two searches each, and nothing of a claim is written before all are
  -- through: so a claim is kept to about eight seconds of pace.
  select least(amocrm_settings.batch_size, case
    when (select cursors.is_complete from amocrm.cursors where cursors.entity = 'contact') then amocrm_settings.batch_size
    else greatest(1, 8000 / (2 * amocrm_settings.min_interval_ms)) end)
  from public.amocrm_settings
$$;
comment on function amocrm.claim_limit() is 'How many messages a drain takes at once.';

create function amocrm.deals_of_contact(p_contact_id bigint) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(distinct deals.id), '[]') from (
    select unnest(contacts.deal_ids) as id from amocrm.contacts where contacts.amocrm_contact_id = p_contact_id
    union
    select amocrm_deals.amocrm_deal_id from public.amocrm_deals
    where amocrm_deals.amocrm_contact_id = p_contact_id and not amocrm_deals.is_deleted
    union
    -- What we made ourselves is known before any pull tells it.
    select made.amocrm_id from amocrm.links as owner
    join amocrm.links as made on made.subject_table = owner.subject_table and made.subject_id = owner.subject_id and made.object = 'deal'
    where owner.object = 'contact' and owner.amocrm_id = p_contact_id) as deals
$$;
comment on function amocrm.deals_of_contact(bigint) is 'The ids of a contact''s deals as far as we know; they are read fresh before one is used.';

create function amocrm.contact_as_read(p_contact_id bigint) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('id', p_contact_id, 'name', coalesce(contacts.name, ''),
    'dealIds', amocrm.deals_of_contact(p_contact_id), 'fields', coalesce(contacts.custom_fields, '[]'))
  from (select) as always
  left join amocrm.contacts on contacts.amocrm_contact_id = p_contact_id
$$;
comment on function amocrm.contact_as_read(bigint) is 'A contact as the mirror has it, or as much as we know of one that we made a moment ago.';

create function amocrm.own_key(p_person_id bigint, p_type text, p_key text) returns text
language sql stable set search_path = ''
as $$
  select person_keys.key from amocrm.person_keys
  where person_keys.type = p_type and person_keys.key = p_key and person_keys.person_id = p_person_id
$$;
comment on function amocrm.own_key(bigint, text, text) is
  'The e-mail or phone if it is this person''s; null if it is another''s, which must not get onto this person''s contact.';

create function amocrm.match_message(p_outbox_id bigint) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_message amocrm.outbox;
  v_linked bigint;
  v_is_deleted boolean := false;
  v_key record;
  v_found bigint[];
begin
  select * into v_message from amocrm.outbox where outbox.queue = 'amocrm' and outbox.id = p_outbox_id;
  select coalesce(people.amocrm_contact_id, v_message.amocrm_contact_id) into v_linked
  from amocrm.people where people.person_id = v_message.person_id;
  if v_linked is not null then
    select contacts.is_deleted into v_is_deleted from amocrm.contacts where contacts.amocrm_contact_id = v_linked;
    if v_is_deleted is not true then
      return jsonb_build_object('id', p_outbox_id, 'by', 'link', 'contact', amocrm.contact_as_read(v_linked), 'otherIds', '[]'::jsonb);
    end if;
  end if;
  for v_key in
    select keys.type, amocrm.own_key(v_message.person_id, keys.type, keys.key) as key
    from (values (1, 'email', v_message.email_key), (2, 'phone', v_message.phone_key)) as keys (rank, type, key) order by keys.rank
  loop
    -- Several contacts with the same key: the one with the latest activity is used.
    select array_agg(contacts.amocrm_contact_id order by contacts.updated_at desc, contacts.amocrm_contact_id desc) into v_found
    from amocrm.contact_keys join amocrm.contacts on contacts.amocrm_contact_id = contact_keys.amocrm_contact_id
    where contact_keys.type = v_key.type and contact_keys.key = v_key.key and not contacts.is_deleted;
    if v_found is not null then
      return jsonb_build_object('id', p_outbox_id, 'by', v_key.type, 'contact', amocrm.contact_as_read(v_found[1]),
        'otherIds', to_jsonb(v_found[2:]), 'linkedIsDeleted', v_is_deleted is true);
    end if;
  end loop;
  return jsonb_build_object('id', p_outbox_id, 'by', null, 'contact', null, 'otherIds', '[]'::jsonb, 'linkedIsDeleted', v_is_deleted is true);
end
$$;
comment on function amocrm.match_message(bigint) is
  'The contact of a message''s person: by our link, then by e-mail, then by phone. No contact means that amoCRM had none when the mirror was last read.';

revoke all on function amocrm.mirror_state(), amocrm.claim_limit(), amocrm.deals_of_contact(bigint),
  amocrm.contact_as_read(bigint), amocrm.own_key(bigint, text, text), amocrm.match_message(bigint) from public;
