-- Which e-mails and phones on which card in amoCRM we have put there ourselves. A correction takes those off again, and no other:
-- what a manager typed is the manager's.

create function amocrm.note_card_values(p_outbox_id bigint, p_contact_id bigint, p_types jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.card_keys (amocrm_contact_id, key, is_ours)
  select coalesce(p_contact_id, people.amocrm_contact_id), keys.key, true
  from amocrm.outbox
  left join amocrm.people on people.person_id = outbox.person_id
  cross join lateral (values ('email', amocrm.own_key(outbox.person_id, 'email', outbox.email_key)),
    ('phone', amocrm.own_key(outbox.person_id, 'phone', outbox.phone_key))) as keys (type, key)
  where outbox.queue = amocrm.account() and outbox.id = p_outbox_id and p_types ? keys.type and keys.key is not null
    and coalesce(p_contact_id, people.amocrm_contact_id) is not null
  on conflict (key, other_account, amocrm_contact_id) do update set is_ours = true where not card_keys.is_ours;
end $$;
comment on function amocrm.note_card_values(bigint, bigint, jsonb) is
  'Records that a message put its e-mail, phone or both on a contact in amoCRM.';

create function amocrm.keep_sent_keys(p_ids bigint[], p_step text) returns bigint[]
language plpgsql set search_path = ''
as $$
begin
  -- What a new card gets is kept until it is known to be there: a correction may come before the answer.
  perform amocrm.change_progress(amocrm.account(), outbox.id, 'sentKeys', case when p_step = 'create_deal_with_contact' then
    jsonb_build_object('sentKeys', jsonb_strip_nulls(jsonb_build_object(
      'email', amocrm.own_key(outbox.person_id, 'email', outbox.email_key), 'phone', amocrm.own_key(outbox.person_id, 'phone', outbox.phone_key))))
    else '{}' end)
  from amocrm.outbox
  where outbox.queue = amocrm.account() and outbox.id = any (p_ids)
    and (p_step = 'create_deal_with_contact' or p_step = 'create_deal' and outbox.progress ? 'sentKeys');
  return p_ids;
end $$;
comment on function amocrm.keep_sent_keys(bigint[], text) is
  'Keeps with which e-mail and phone messages are about to make a contact; returns the messages.';

create function amocrm.note_sent_keys(p_outbox_id bigint, p_contact_id bigint) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.card_keys (amocrm_contact_id, key, is_ours)
  select p_contact_id, sent.key, true
  from amocrm.outbox cross join lateral jsonb_each_text(outbox.progress -> 'sentKeys') as sent (type, key)
  where outbox.queue = amocrm.account() and outbox.id = p_outbox_id
  on conflict (key, other_account, amocrm_contact_id) do update set is_ours = true where not card_keys.is_ours;
  perform amocrm.change_progress(amocrm.account(), outbox.id, 'sentKeys', '{}') from amocrm.outbox
  where outbox.queue = amocrm.account() and outbox.id = p_outbox_id and outbox.progress ? 'sentKeys';
end $$;
comment on function amocrm.note_sent_keys(bigint, bigint) is
  'Records the e-mail and phone with which a message''s contact was made, also if a correction came before the answer.';

create function amocrm.values_to_take_off(p_payload jsonb, p_person_id bigint, p_contact_id bigint) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(jsonb_object_agg(was.type, was.key), '{}')
  from jsonb_each_text(coalesce(p_payload -> 'was', '{}')) as was (type, key)
  join amocrm.card_values on card_values.amocrm_contact_id = p_contact_id and card_values.account = amocrm.account()
    and card_values.type = was.type and card_values.key = was.key
  where amocrm.own_key(p_person_id, was.type, was.key) is null
    -- Whoever else of ours has come to this card by it is found there by it.
    and not exists (select from amocrm.person_keys join amocrm.people on people.person_id = person_keys.person_id
      where person_keys.type = was.type and person_keys.key = was.key and person_keys.account = amocrm.account()
        and people.amocrm_contact_id = p_contact_id));
end $$;
comment on function amocrm.values_to_take_off(jsonb, bigint, bigint) is
  'Returns the e-mail and phone that we put on a contact and a correction has removed from its person.';

create function amocrm.drop_card_values(p_contact_id bigint, p_gone jsonb) returns void
language sql set search_path = ''
as $$
  delete from amocrm.card_keys using jsonb_each_text(coalesce(p_gone, '{}')) as gone (type, key)
  where card_keys.amocrm_contact_id = p_contact_id and card_keys.other_account = amocrm.other_account() and card_keys.key = gone.key and not card_keys.is_listed;
  update amocrm.card_keys set is_ours = false from jsonb_each_text(coalesce(p_gone, '{}')) as gone (type, key)
  where card_keys.amocrm_contact_id = p_contact_id and card_keys.other_account = amocrm.other_account() and card_keys.key = gone.key and card_keys.is_ours
$$;
comment on function amocrm.drop_card_values(bigint, jsonb) is 'Records that an e-mail or phone of ours was taken off a contact in amoCRM.';

create function amocrm.forget_card_values(p_keys text[], p_contact_ids bigint[]) returns void
language sql set search_path = ''
as $$
  delete from amocrm.card_keys where card_keys.amocrm_contact_id = any (p_contact_ids) and card_keys.other_account = amocrm.other_account();
  -- What stands on another card is in the mirror, as long as it stands there; only that it was ours is forgotten.
  delete from amocrm.card_keys where card_keys.key = any (p_keys) and not card_keys.is_listed;
  update amocrm.card_keys set is_ours = false where card_keys.key = any (p_keys) and card_keys.is_ours
$$;
comment on function amocrm.forget_card_values(text[], bigint[]) is
  'Forgets the e-mails and phones of contacts that are forgotten, and on which other cards we have put these keys.';

create function amocrm.take_off_mirror(p_contact_id bigint, p_gone jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  -- amoCRM's lists may be late: until then the mirror would show the value on the card, and nobody would put it back who has it.
  update amocrm.contacts set custom_fields = (
    select nullif(coalesce(jsonb_agg(case when gone.key is null or jsonb_typeof(field.value -> 'values') <> 'array' then field.value
      else jsonb_set(field.value, '{values}', (
        select coalesce(jsonb_agg(entry.value order by entry.rank), '[]')
        from jsonb_array_elements(field.value -> 'values') with ordinality as entry (value, rank)
        where case gone.type when 'email' then amocrm.normalize_email(entry.value ->> 'value') else amocrm.normalize_phone(entry.value ->> 'value') end
          is distinct from gone.key)) end order by field.rank), '[]'), '[]')
    from jsonb_array_elements(contacts.custom_fields) with ordinality as field (value, rank)
    left join jsonb_each_text(p_gone) as gone (type, key) on upper(gone.type) = field.value ->> 'field_code')
  where contacts.amocrm_contact_id = p_contact_id and contacts.account = amocrm.account() and contacts.custom_fields is not null;
  delete from amocrm.card_keys using jsonb_each_text(p_gone) as gone (type, key)
  where card_keys.amocrm_contact_id = p_contact_id and card_keys.other_account = amocrm.other_account() and card_keys.key = gone.key and not card_keys.is_ours;
  update amocrm.card_keys set is_listed = false from jsonb_each_text(p_gone) as gone (type, key)
  where card_keys.amocrm_contact_id = p_contact_id and card_keys.other_account = amocrm.other_account() and card_keys.key = gone.key and card_keys.is_listed;
end
$$;
comment on function amocrm.take_off_mirror(bigint, jsonb) is
  'Removes an e-mail or phone from a mirrored contact at once, after it was removed in amoCRM.';

create function amocrm.drop_corrected_keys(p_person_id bigint, p_was jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Only what nobody else of ours names: the same address in another row keeps it where it is.
  delete from amocrm.person_keys using jsonb_each_text(coalesce(p_was, '{}')) as was (type, key)
  where person_keys.person_id = p_person_id and person_keys.type = was.type and person_keys.key = was.key
    and not exists (select from public.unified_lead_tracking as lead where was.type = 'email' and lead.email = was.key)
    and not exists (select from public.unified_lead_tracking as lead where was.type = 'phone' and lead.phone = was.key)
    and not exists (select from public.tripwire_users as student
      where was.type = 'email' and student.email_key = was.key or was.type = 'phone' and student.phone = was.key);
end
$$;
comment on function amocrm.drop_corrected_keys(bigint, jsonb) is
  'Removes a corrected e-mail or phone from the person''s keys unless another row names it.';

revoke all on function amocrm.note_card_values(bigint, bigint, jsonb), amocrm.note_sent_keys(bigint, bigint), amocrm.keep_sent_keys(bigint[], text),
  amocrm.values_to_take_off(jsonb, bigint, bigint), amocrm.drop_card_values(bigint, jsonb), amocrm.forget_card_values(text[], bigint[]),
  amocrm.take_off_mirror(bigint, jsonb),
  amocrm.drop_corrected_keys(bigint, jsonb) from public;
