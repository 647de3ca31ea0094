-- amocrm_forget: what we know of one person goes, in one transaction. amoCRM itself is cleaned by hand, because deleting a
-- deal there may break a sale; the answer names what to clean. That the person had consented stays, without the person.

create function amocrm.keys_to_forget(p_email text, p_phone text) returns table (type text, key text, person_id bigint)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
declare
  v_email text := amocrm.normalize_email(p_email);
  v_phone text := amocrm.normalize_phone(p_phone);
  v_by_email bigint := amocrm.person_of_key('email', v_email);
  v_by_phone bigint := amocrm.person_of_key('phone', v_phone);
begin
  -- Without the values in the messages: they end up in logs.
  if amocrm.trimmed(p_email) is not null and v_email is null then
    raise exception 'p_email is not an e-mail address' using errcode = '22023';
  elsif amocrm.trimmed(p_phone) is not null and v_phone is null then
    raise exception 'p_phone is not a phone number' using errcode = '22023', hint = 'It has 10 digits, or + and the country code.';
  elsif v_email is null and v_phone is null then
    raise exception 'neither p_email nor p_phone was given' using errcode = '22023', hint = 'amocrm_forget(''somebody@example.com'', null)';
  elsif v_by_email <> v_by_phone then
    raise exception 'p_email belongs to person % and p_phone to person %', v_by_email, v_by_phone using errcode = '22023',
      hint = 'Forget them one by one, each by one key; or if they are one person, settle the pair in amocrm_duplicates first.';
  end if;
  return query
  select keys.type, keys.key, coalesce(v_by_email, v_by_phone)
  from amocrm.person_keys as keys join amocrm.family_of(coalesce(v_by_email, v_by_phone)) as family (person_id) on keys.person_id = family.person_id
  union
  select given.type, given.key, coalesce(v_by_email, v_by_phone) from (values ('email', v_email), ('phone', v_phone)) as given (type, key)
  where given.key is not null;
end
$$;
comment on function amocrm.keys_to_forget(text, text) is
  'Lists all keys of the person with one of the two; raises 22023 for none, or for two people.';

create function amocrm.subjects_to_forget(p_emails text[], p_phones text[])
returns table (subject_table text, subject_id uuid, landing_lead_id uuid, user_id uuid)
language sql stable set search_path = ''
as $$
  select 'unified_lead_tracking', lead.id, lead.landing_lead_id, null::uuid from amocrm.leads_of_keys(p_emails, p_phones) as own (id)
  join public.unified_lead_tracking as lead on lead.id = own.id
  union all
  select 'tripwire_users', student.id, null, student.user_id from amocrm.students_of_keys(p_emails, p_phones) as own (id)
  join public.tripwire_users as student on student.id = own.id
$$;
comment on function amocrm.subjects_to_forget(text[], text[]) is 'Lists the leads and students of the person with these keys.';

create function amocrm.forget_messages(
  p_subject_ids uuid[], p_person_ids bigint[], p_told_ids bigint[], out cancelled_count int, out cleared_count int, out doubted_count int
)
language plpgsql set search_path = ''
as $$
declare
  v_ids bigint[];
begin
  v_ids := array(select outbox.id from amocrm.outbox where outbox.subject_id = any (p_subject_ids)
    union
    select amocrm.unfinished_of('amocrm', p_person_ids)
    union
    select outbox.id from amocrm.outbox where outbox.queue = 'amocrm' and outbox.id = any (p_told_ids));
  if exists (select from amocrm.outbox where outbox.id = any (v_ids) and outbox.state = 'leased') then
    raise exception 'a message about this person is being sent at this moment' using errcode = '55006',
      hint = 'Try again in a minute. If it stays: amocrm_pause(''forgetting''), wait a minute, forget, amocrm_resume().';
  end if;
  -- What it made in amoCRM, if anything, could not be named: nobody would clean it.
  if exists (select from amocrm.outbox where outbox.id = any (v_ids) and outbox.queue = 'amocrm' and outbox.state = 'uncertain') then
    raise exception 'message % about this person was sent, and it is not known yet what became of it',
      (select min(outbox.id) from amocrm.outbox where outbox.id = any (v_ids) and outbox.queue = 'amocrm' and outbox.state = 'uncertain')
      using errcode = '55006',
      hint = 'It is being looked for: try again in five minutes. If it stays: amocrm_cancel that message, and forget then; the answer says maybe_in_amocrm.';
  end if;
  -- Given up in doubt, or dead with a request that was never answered: it may be there.
  select count(*) into doubted_count from amocrm.outbox
  where outbox.id = any (v_ids) and outbox.queue = 'amocrm' and outbox.step is not null and outbox.state in ('cancelled', 'dead', 'pending');
  update amocrm.outbox set state = 'cancelled', is_head = false, is_fresh = false, last_error_code = 'forgotten'
  where outbox.id = any (v_ids) and outbox.state in ('pending', 'uncertain', 'dead');
  get diagnostics cancelled_count = row_count;
  update amocrm.mails set body = null, doubt_since = null, outcome_reason = null where mails.message_id = any (v_ids);
  update amocrm.mail_events set reason = null where mail_events.message_id = any (v_ids);
  perform amocrm.forget_sms(v_ids);
  -- What is left tells that something was sent, and when: no more.
  update amocrm.outbox set email_key = null, phone_key = null, person_id = null, payload = '{}', progress = '{}', step = null,
    last_error_message = null, amocrm_contact_id = null, amocrm_deal_id = null,
    warnings = (select coalesce(jsonb_agg(jsonb_build_object('code', warning.value -> 'code', 'message', 'forgotten')), '[]')
      from jsonb_array_elements(outbox.warnings) as warning)
  where outbox.id = any (v_ids);
  get diagnostics cleared_count = row_count;
  perform amocrm.forget_tells(v_ids);
end
$$;
comment on function amocrm.forget_messages(uuid[], bigint[], bigint[]) is
  'Cancels unsent messages and empties the others, in all queues; raises 55006 while one is being sent or looked up.';

create function amocrm.forget_mirror(p_forgetting_id bigint, p_contact_ids bigint[], p_deal_ids bigint[], out contact_count int, out deal_count int)
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.forgotten (type, key, forgetting_id)
  select 'contact', contact.id::text, p_forgetting_id from unnest(p_contact_ids) as contact (id)
  union all
  select 'deal', deal.id::text, p_forgetting_id from unnest(p_deal_ids) as deal (id)
  on conflict (type, key, account) do update set forgetting_id = excluded.forgetting_id;
  delete from amocrm.missing_deals where missing_deals.amocrm_deal_id = any (p_deal_ids) and missing_deals.account = amocrm.account();
  delete from amocrm.deals where deals.amocrm_deal_id = any (p_deal_ids) and deals.account = amocrm.account();
  get diagnostics deal_count = row_count;
  delete from amocrm.contacts where contacts.amocrm_contact_id = any (p_contact_ids) and contacts.account = amocrm.account();
  get diagnostics contact_count = row_count;
end
$$;
comment on function amocrm.forget_mirror(bigint, bigint[], bigint[]) is 'Takes contacts and deals out of the mirror for good.';

create function amocrm.forget_people(p_forgetting_id bigint, p_person_ids bigint[], p_hashes jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.forgotten (type, key, forgetting_id)
  select keys.type, keys.hash, p_forgetting_id from jsonb_to_recordset(p_hashes) as keys (type text, hash text)
  on conflict (type, key, account) do update set forgetting_id = excluded.forgetting_id;
  delete from amocrm.person_keys where person_keys.person_id = any (p_person_ids);
  update amocrm.people set amocrm_contact_id = null, merging_into = null where people.person_id = any (p_person_ids);
  update amocrm.people set merging_into = null where people.merging_into = any (p_person_ids);
  delete from amocrm.duplicates where duplicates.type = 'people'
    and (duplicates.kept_id = any (p_person_ids) or duplicates.other_id = any (p_person_ids));
end
$$;
comment on function amocrm.forget_people(bigint, bigint[], jsonb) is
  'Reduces people to numbers and keeps the hashes of their keys, [{type, hash}].';

create function amocrm.forget_rows(p_lead_ids uuid[], p_landing_ids uuid[], p_student_ids uuid[], p_emails text[], p_phones text[])
returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_user_ids uuid[];
  v_counts jsonb;
  v_count int;
begin
  delete from public.unified_lead_tracking where unified_lead_tracking.id = any (p_lead_ids);
  get diagnostics v_count = row_count;
  v_counts := jsonb_build_object('leads', v_count);
  -- Also one whose copy was deleted before. What was typed may be written in any way.
  delete from public.landing_leads where landing_leads.id = any (p_landing_ids)
    or amocrm.may_hold(landing_leads.email, landing_leads.phone, p_emails, p_phones)
      and amocrm.is_row_of(landing_leads.email, landing_leads.phone, p_emails, p_phones);
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('landing_leads', v_count);
  with gone as (
    delete from public.tripwire_users where tripwire_users.id = any (p_student_ids) returning tripwire_users.user_id
  )
  select coalesce(array_agg(gone.user_id) filter (where gone.user_id is not null), '{}'), count(*) into v_user_ids, v_count from gone;
  v_counts := v_counts || jsonb_build_object('students', v_count);
  delete from amocrm.admissions where admissions.email_key = any (p_emails);
  delete from amocrm.welcome_links where welcome_links.student_id = any (p_student_ids);
  delete from amocrm.suppressed_addresses where suppressed_addresses.email_key = any (p_emails);
  -- The account goes with its lessons and achievements; but a manager who is a student as well keeps the account to work with.
  delete from auth.users where users.id = any (v_user_ids)
    and coalesce(users.raw_app_meta_data ->> 'role', '') not in ('admin', 'sales_manager');
  get diagnostics v_count = row_count;
  return v_counts || jsonb_build_object('accounts', v_count);
end
$$;
comment on function amocrm.forget_rows(uuid[], uuid[], uuid[], text[], text[]) is
  'Deletes leads, their submissions, students and accounts; returns how many of each.';

create function amocrm.forget(p_email text, p_phone text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_emails text[];
  v_phones text[];
  v_hashes jsonb;
  v_people bigint[];
  v_subjects jsonb;
  v_ids uuid[];
  v_members uuid[];
  v_contacts bigint[];
  v_deals bigint[];
  v_forgetting_id bigint;
  v_messages record;
  v_mirror record;
  v_answer jsonb;
  v_count int;
begin
  perform amocrm.require_admin();
  -- All queues, in the order of their names: nothing may be claimed meanwhile.
  perform amocrm.lock_queue(queue_control.queue) from amocrm.queue_control order by queue_control.queue;
  select coalesce(array_agg(keys.key) filter (where keys.type = 'email'), '{}'), coalesce(array_agg(keys.key) filter (where keys.type = 'phone'), '{}'),
    jsonb_agg(jsonb_build_object('type', keys.type, 'hash', amocrm.key_hash(keys.key)))
  into v_emails, v_phones, v_hashes from amocrm.keys_to_forget(p_email, p_phone) as keys;
  v_people := array(select family.person_id
    from (select distinct keys.person_id from amocrm.keys_to_forget(p_email, p_phone) as keys) as person
    cross join amocrm.family_of(person.person_id) as family (person_id));
  select coalesce(jsonb_agg(to_jsonb(subjects)), '[]'), coalesce(array_agg(subjects.subject_id), '{}') into v_subjects, v_ids
  from amocrm.subjects_to_forget(v_emails, v_phones) as subjects;

  v_contacts := array(
    select people.amocrm_contact_id from amocrm.people where people.person_id = any (v_people) and people.amocrm_contact_id is not null
    union
    select links.amocrm_id from amocrm.links where links.account = amocrm.account() and links.subject_id = any (v_ids) and links.object = 'contact'
    union
    select contact_keys.amocrm_contact_id from amocrm.contact_keys
    where contact_keys.account = amocrm.account() and ((contact_keys.type = 'email' and contact_keys.key = any (v_emails)) or (contact_keys.type = 'phone' and contact_keys.key = any (v_phones)))
      -- Somebody else's, who has the same phone in amoCRM, stays: known to us, or by another e-mail on the card.
      and not (contact_keys.type = 'phone' and amocrm.has_another_email(contact_keys.amocrm_contact_id, v_emails))
      and not exists (select from amocrm.people
        where people.amocrm_contact_id = contact_keys.amocrm_contact_id and people.account = contact_keys.account and people.person_id <> all (v_people)));
  v_deals := array(
    select links.amocrm_id from amocrm.links where links.account = amocrm.account() and links.subject_id = any (v_ids) and links.object = 'deal'
    union
    select deals.amocrm_deal_id from amocrm.deals where deals.amocrm_contact_id = any (v_contacts) and deals.account = amocrm.account()
    union
    select deal.id from amocrm.contacts cross join unnest(contacts.deal_ids) as deal (id) 
    where contacts.amocrm_contact_id = any (v_contacts) and contacts.account = amocrm.account());

  insert into amocrm.forgettings default values returning forgettings.forgetting_id into v_forgetting_id;
  v_members := amocrm.members_to_forget(v_emails, v_phones);
  select * into v_messages from amocrm.forget_messages(v_ids || v_members, v_people, amocrm.tells_of(v_people, v_deals, v_emails, v_phones));
  insert into amocrm.consents (forgetting_id, subject_table, subject_id, source, key_hashes, given_at, withdrawn_at)
  select v_forgetting_id, 'unified_lead_tracking', lead.id, lead.source,
    array(select hashes.hash from jsonb_to_recordset(v_hashes) as hashes (hash text)), lead.consent_at, amocrm.clock()
  from public.unified_lead_tracking as lead where lead.id = any (v_ids) and lead.consent_at is not null;
  get diagnostics v_count = row_count;
  delete from amocrm.linked_rows where linked_rows.subject_id = any (v_ids);
  v_answer := amocrm.forget_rows(
    array(select subject.subject_id from jsonb_to_recordset(v_subjects) as subject (subject_table text, subject_id uuid) where subject.subject_table = 'unified_lead_tracking'),
    array(select subject.landing_lead_id from jsonb_to_recordset(v_subjects) as subject (landing_lead_id uuid) where subject.landing_lead_id is not null),
    array(select subject.subject_id from jsonb_to_recordset(v_subjects) as subject (subject_table text, subject_id uuid) where subject.subject_table = 'tripwire_users'),
    v_emails, v_phones);
  select * into v_mirror from amocrm.forget_mirror(v_forgetting_id, v_contacts, v_deals);
  perform amocrm.forget_card_values(v_emails || v_phones, v_contacts);
  perform amocrm.forget_people(v_forgetting_id, v_people, v_hashes);
  perform amocrm.forget_funnel(v_emails, v_phones);
  perform amocrm.forget_unisender(v_members, v_emails);

  v_answer := v_answer || jsonb_build_object('inbox_events', amocrm.forget_inboxes(v_emails, v_phones), 'short_links', amocrm.forget_links(v_ids),
    'loyalty_members', amocrm.forget_loyalty(v_emails, v_phones),
    'sequence_entries', amocrm.forget_followups(v_ids, v_emails, v_phones),
    'messages_cancelled', v_messages.cancelled_count, 'messages_cleared', v_messages.cleared_count,
    'mirrored_contacts', v_mirror.contact_count, 'mirrored_deals', v_mirror.deal_count, 'consents_kept', v_count,
    'maybe_in_amocrm', v_messages.doubted_count > 0);
  perform amocrm.note_action('forget', jsonb_build_object('by', case when p_email is null then 'phone' when p_phone is null then 'email' else 'email and phone' end),
    v_answer || jsonb_build_object('contacts_to_clean', cardinality(v_contacts), 'deals_to_clean', cardinality(v_deals)), '{}', v_people);
  return v_answer || jsonb_build_object('clean_in_amocrm', jsonb_build_object('contact_ids', to_jsonb(v_contacts), 'deal_ids', to_jsonb(v_deals)));
end
$$;
comment on function amocrm.forget(text, text) is
  'Deletes what is known of a person by e-mail or phone; returns what it did and what to clean by hand.';

create function public.amocrm_forget(p_email text default null, p_phone text default null) returns jsonb
language sql set search_path = ''
begin atomic select amocrm.forget(p_email, p_phone); end;
comment on function public.amocrm_forget(text, text) is
  'Forgets the person with this e-mail or phone everywhere here; returns counts, and contacts and deals to delete in amoCRM.';

revoke all on function amocrm.keys_to_forget(text, text), amocrm.subjects_to_forget(text[], text[]), amocrm.forget_messages(uuid[], bigint[], bigint[]),
  amocrm.forget_mirror(bigint, bigint[], bigint[]), amocrm.forget_people(bigint, bigint[], jsonb),
  amocrm.forget_rows(uuid[], uuid[], uuid[], text[], text[]) from public;
revoke all on function amocrm.forget(text, text), public.amocrm_forget(text, text) from public, anon, authenticated;
grant execute on function amocrm.forget(text, text), public.amocrm_forget(text, text) to authenticated, service_role;
