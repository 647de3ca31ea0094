-- Matching without requests: once the mirror is complete, a lead's contact is found in it. What the mirror cannot answer
-- is searched for in amoCRM, one request each; so the mirror is what makes batches of fifty possible.

create function amocrm.mirror_state() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select jsonb_build_object(
    'isComplete', amocrm.mirror_serves(),
    'askedAt', amocrm.clock(),
    'changedUntil', cursors.changed_until,
    'clockOffsetMs', (select queue_control.clock_offset_ms from amocrm.queue_control where queue_control.queue = amocrm.account()),
    'ageMs', ceil(extract(epoch from amocrm.clock() - cursors.changed_until) * 1000))
  from amocrm.cursors where cursors.entity = 'contact' and cursors.account = amocrm.account());
end $$;
comment on function amocrm.mirror_state() is
  'Returns whether the mirror of contacts is usable, the moment up to which it is current, and amoCRM''s clock offset.';

create function amocrm.search_limit() returns int
language sql stable set search_path = ''
as $$ select greatest(1, 8000 / (2 * amocrm_settings.min_interval_ms)) from public.amocrm_settings $$;
comment on function amocrm.search_limit() is 'Returns how many people can be searched for within about eight seconds of pace.';

create function amocrm.claim_limit() returns int
language sql stable set search_path = ''
as $$
  -- Without the mirror new people cost up to two searches each, and nothing of a claim is written before all are
  -- through: so a claim is kept to about eight seconds of pace.
  select case
    when amocrm.lane_in_turn() = 'pull' then 0
    when amocrm.mirror_serves() then amocrm.bulk_limit()
    else least(amocrm_settings.batch_size, amocrm.search_limit()) end
  from public.amocrm_settings
$$;
comment on function amocrm.claim_limit() is 'Returns how many messages a drain claims at once; none while a pull goes first.';

create function amocrm.deals_of_contact(p_contact_id bigint) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(jsonb_agg(distinct deals.id), '[]') from (
    select unnest(contacts.deal_ids) as id from amocrm.contacts
    where contacts.amocrm_contact_id = p_contact_id and contacts.account = amocrm.account()
    union
    select mirrored.amocrm_deal_id from amocrm.deals as mirrored
    where mirrored.amocrm_contact_id = p_contact_id and mirrored.account = amocrm.account() and not mirrored.is_deleted
    union
    -- What we made ourselves is known before any pull tells it.
    select made.deal_id from amocrm.linked as made
    where made.contact_id = p_contact_id and made.deal_id is not null and made.account = amocrm.account()) as deals);
end $$;
comment on function amocrm.deals_of_contact(bigint) is
  'Lists the known deal ids of a contact; a drain reads them afresh before it uses one.';

create function amocrm.contact_as_read(p_contact_id bigint) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select jsonb_build_object('id', p_contact_id, 'name', coalesce(contacts.name, ''),
    'dealIds', amocrm.deals_of_contact(p_contact_id), 'fields', amocrm.fields_of_contact(p_contact_id, contacts.custom_fields))
  from (select) as always
  left join amocrm.contacts on contacts.amocrm_contact_id = p_contact_id and contacts.account = amocrm.account());
end $$;
comment on function amocrm.contact_as_read(bigint) is 'Returns a contact from the mirror, or what is known of one created a moment ago.';

create function amocrm.own_key(p_person_id bigint, p_type text, p_key text) returns text
language plpgsql stable set search_path = ''
as $$
begin return (
  select person_keys.key from amocrm.person_keys
  where person_keys.type = p_type and person_keys.key = p_key and person_keys.person_id = p_person_id);
end $$;
comment on function amocrm.own_key(bigint, text, text) is
  'Returns the e-mail or phone if it is this person''s; null if another person''s, which must not reach the contact.';

create function amocrm.emails_of(p_person_id bigint) returns text[]
language plpgsql stable set search_path = ''
as $$
begin return (
  -- Bounded, because a visitor can make somebody have many; whoever has two has an e-mail.
  select coalesce(array_agg(emails.key), '{}') from (select person_keys.key from amocrm.person_keys
    where person_keys.person_id = p_person_id and person_keys.type = 'email' order by person_keys.key limit 50) as emails);
end $$;
comment on function amocrm.emails_of(bigint) is 'Lists a person''s e-mails.';

create function amocrm.has_another_email(p_contact_id bigint, p_emails text[]) returns boolean
language sql stable set search_path = ''
as $$
  select cardinality(p_emails) > 0 and count(*) > 0 and not coalesce(bool_or(contact_keys.key = any (p_emails)), false)
  from amocrm.contact_keys
  where contact_keys.amocrm_contact_id = p_contact_id and contact_keys.account = amocrm.account() and contact_keys.type = 'email'
$$;
comment on function amocrm.has_another_email(bigint, text[]) is
  'True if the mirrored contact has an e-mail that is none of these and so belongs to somebody else.';

create function amocrm.holders_of(p_type text, p_key text, p_emails text[]) returns bigint[]
language plpgsql stable set search_path = ''
as $$
begin return (
  -- Several contacts with the same key: the one with the latest activity is used. Some keys are on thousands (a placeholder
  -- number): ten others are enough to tell a person that there are more.
  select coalesce(array_agg(found.id order by found.rank), '{}')
  from (
    select holder.id, holder.rank
    from (
      -- One that we made a moment ago has keys and no row yet.
      select contact_keys.amocrm_contact_id as id,
        row_number() over (order by coalesce(contacts.updated_at, to_timestamp(0)) desc, contact_keys.amocrm_contact_id desc) as rank
      from amocrm.contact_keys
      left join amocrm.contacts on contacts.amocrm_contact_id = contact_keys.amocrm_contact_id and contacts.account = contact_keys.account
      where contact_keys.type = p_type and contact_keys.key = p_key and contact_keys.account = amocrm.account() and contacts.is_deleted is not true) as holder
    where not amocrm.has_another_email(holder.id, p_emails)
    order by holder.rank limit 11) as found);
end $$;
comment on function amocrm.holders_of(text, text, text[]) is
  'Lists up to eleven mirrored contacts with a key, best first; given e-mails exclude contacts that have another one.';

create function amocrm.may_be_restored(p_contact_id bigint, p_email text, p_phone text, p_emails text[]) returns boolean
language sql stable set search_path = ''
as $$
  -- One that was deleted just now is gone: amoCRM's search may still find it.
  select exists (
    select from (
      select p_contact_id as id
      union all
      (select contact_keys.amocrm_contact_id from amocrm.contact_keys
        where contact_keys.type = 'email' and contact_keys.key = p_email and contact_keys.account = amocrm.account() limit 50)
      union all
      (select contact_keys.amocrm_contact_id from amocrm.contact_keys
        where contact_keys.type = 'phone' and contact_keys.key = p_phone and contact_keys.account = amocrm.account() limit 50)
    ) as holder
    join amocrm.contacts on contacts.amocrm_contact_id = holder.id and contacts.account = amocrm.account()
    where contacts.is_deleted and contacts.read_at < amocrm.clock() - interval '15 minutes'
      and (holder.id = p_contact_id or not amocrm.has_another_email(holder.id, p_emails)))
$$;
comment on function amocrm.may_be_restored(bigint, text, text, text[]) is
  'True if a person without a living contact has one deleted a while ago, which somebody may have restored; only a request shows it.';

create function amocrm.match_message(p_outbox_id bigint) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_message amocrm.outbox;
  v_linked bigint;
  v_is_deleted boolean := false;
  v_emails text[];
  v_by text;
  v_chosen bigint;
  v_others bigint[] := '{}';
  v_email text;
  v_phone text;
begin
  select * into v_message from amocrm.outbox where outbox.queue = amocrm.account() and outbox.id = p_outbox_id;
  select coalesce(people.amocrm_contact_id, v_message.amocrm_contact_id) into v_linked
  from amocrm.people where people.person_id = v_message.person_id;
  v_emails := amocrm.emails_of(v_message.person_id);
  v_email := amocrm.own_key(v_message.person_id, 'email', v_message.email_key);
  v_phone := amocrm.own_key(v_message.person_id, 'phone', v_message.phone_key);
  if v_linked is not null then
    select contacts.is_deleted into v_is_deleted from amocrm.contacts
    where contacts.amocrm_contact_id = v_linked and contacts.account = v_message.queue;
  end if;
  if v_linked is not null and v_is_deleted is not true then
    v_by := 'link';
    v_chosen := v_linked;
    -- The card is about to get the e-mail: another that has it by then is for a person to judge.
    if v_email is not null and not exists (select from amocrm.contact_keys
        where contact_keys.amocrm_contact_id = v_linked and contact_keys.account = v_message.queue and contact_keys.type = 'email' and contact_keys.key = v_email) then
      v_others := array_remove(amocrm.holders_of('email', v_email, '{}'), v_linked);
    end if;
  else
    v_others := amocrm.holders_of('email', v_email, '{}');
    v_by := 'email';
    if cardinality(v_others) = 0 then
      v_by := 'phone';
      v_others := amocrm.holders_of('phone', v_phone, v_emails);
    end if;
    v_chosen := v_others[1];
    v_others := v_others[2:];
  end if;
  return jsonb_build_object('id', p_outbox_id, 'by', case when v_chosen is not null then v_by end,
    'contact', case when v_chosen is not null then amocrm.contact_as_read(v_chosen) end,
    'otherIds', to_jsonb(v_others), 'linkedIsDeleted', v_is_deleted is true,
    'mayBeRestored', v_chosen is null and amocrm.may_be_restored(v_linked, amocrm.own_key(v_message.person_id, 'email', v_message.email_key), v_phone, v_emails),
    -- Who has the phone in amoCRM, if that is neither this contact nor one more of the same person.
    'strangerId', (
      select holder.id from unnest(amocrm.holders_of('phone', v_phone, '{}')) with ordinality as holder (id, place)
      where not exists (select from amocrm.contact_keys where contact_keys.amocrm_contact_id = v_chosen and contact_keys.account = v_message.queue
          and contact_keys.type = 'phone' and contact_keys.key = v_phone)
        and not exists (select from amocrm.contact_keys where contact_keys.amocrm_contact_id = holder.id and contact_keys.account = v_message.queue
          and contact_keys.type = 'email' and contact_keys.key = any (v_emails))
        and not amocrm.is_same_contact(holder.id, v_chosen, v_message.queue)
      order by holder.place limit 1));
end
$$;
comment on function amocrm.match_message(bigint) is
  'Finds the contact of a message''s person by link, e-mail or unshared phone; strangerId names another person''s contact with the phone.';

create function amocrm.yield_phone(p_outbox_id bigint, p_contact_id bigint) returns void
language plpgsql set search_path = ''
as $$
declare
  v_message amocrm.outbox;
  v_owner bigint;
begin
  select * into v_message from amocrm.outbox where outbox.queue = amocrm.account() and outbox.id = p_outbox_id;
  select min(people.person_id) into v_owner from amocrm.people
  where people.amocrm_contact_id = p_contact_id and people.account = v_message.queue and people.merged_into is null;
  -- A person said that the two cards are one person's, so the phone is where it belongs.
  if amocrm.is_same_contact(p_contact_id, (select people.amocrm_contact_id from amocrm.people where people.person_id = v_message.person_id)) then
    return;
  end if;
  -- Whoever later leaves only this phone is sought by the one who has it on the card.
  if v_owner is null then
    insert into amocrm.people (amocrm_contact_id, account) values (p_contact_id, v_message.queue) returning people.person_id into v_owner;
  end if;
  update amocrm.person_keys set person_id = v_owner
  where person_keys.type = 'phone' and person_keys.key = v_message.phone_key and person_keys.person_id = v_message.person_id;
end
$$;
comment on function amocrm.yield_phone(bigint, bigint) is
  'Gives a phone to the person on whose amoCRM card it was found, away from the message''s person.';

revoke all on function amocrm.mirror_state(), amocrm.search_limit(), amocrm.claim_limit(), amocrm.deals_of_contact(bigint),
  amocrm.contact_as_read(bigint), amocrm.own_key(bigint, text, text), amocrm.emails_of(bigint), amocrm.holders_of(text, text, text[]),
  amocrm.has_another_email(bigint, text[]), amocrm.may_be_restored(bigint, text, text, text[]), amocrm.match_message(bigint),
  amocrm.yield_phone(bigint, bigint) from public;
