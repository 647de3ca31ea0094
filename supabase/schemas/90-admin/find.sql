-- What we know of one person, for `npm run amocrm -- find`. It answers with personal data, to service_role only; what amoCRM
-- knows is asked there, by the same code as the drain's.

create function amocrm.person_of_lead(p_lead_id uuid) returns bigint
language sql stable set search_path = ''
as $$
  select amocrm.person_now(coalesce(
    (select outbox.person_id from amocrm.outbox where outbox.queue = amocrm.account() and outbox.subject_id = p_lead_id
       and outbox.person_id is not null order by outbox.id limit 1),
    (select people.person_id from amocrm.links
     join amocrm.people on people.amocrm_contact_id = links.amocrm_id and people.account = links.account
     where links.account = amocrm.account() and links.subject_id = p_lead_id and links.object = 'contact' order by people.person_id limit 1)))
$$;
comment on function amocrm.person_of_lead(uuid) is 'Returns the person with whom a lead or student was placed; null before that.';

create function public.amocrm_find(p_email text, p_phone text, p_lead uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_email text := amocrm.normalize_email(p_email);
  v_phone text := amocrm.normalize_phone(p_phone);
  v_person bigint;
  v_emails text[];
  v_phones text[];
  v_answer jsonb;
begin
  if p_lead is not null then
    select amocrm.normalize_email(subject.email), amocrm.normalize_phone(subject.phone) into v_email, v_phone from (
      select lead.email, lead.phone from public.unified_lead_tracking as lead where lead.id = p_lead
      union all
      select student.email, student.phone from public.tripwire_users as student where student.id = p_lead) as subject limit 1;
    v_person := amocrm.person_of_lead(p_lead);
  end if;
  -- The e-mail wins where both name somebody (rule 2).
  v_person := coalesce(v_person, amocrm.person_of_key('email', v_email), amocrm.person_of_key('phone', v_phone));
  select coalesce(array_agg(keys.key) filter (where keys.type = 'email'), '{}'), coalesce(array_agg(keys.key) filter (where keys.type = 'phone'), '{}')
  into v_emails, v_phones from amocrm.person_keys as keys where keys.person_id = v_person;
  if v_email is not null then v_emails := array_append(array_remove(v_emails, v_email), v_email); end if;
  if v_phone is not null then v_phones := array_append(array_remove(v_phones, v_phone), v_phone); end if;

  with rows as (
    select 'unified_lead_tracking' as subject_table, lead.id, lead.created_at, lead.source, lead.amocrm_contact_id, lead.amocrm_deal_id, lead.amocrm_synced_at
    from public.unified_lead_tracking as lead where lead.id in (select own.id from amocrm.leads_of_keys(v_emails, v_phones) as own (id)) or lead.id = p_lead
    union all
    select 'tripwire_users', student.id, student.created_at, null, student.amocrm_contact_id, student.amocrm_deal_id, student.amocrm_synced_at
    from public.tripwire_users as student where student.id in (select own.id from amocrm.students_of_keys(v_emails, v_phones) as own (id)) or student.id = p_lead
  ), messages as (
    select outbox.id, outbox.kind, outbox.state, outbox.subject_id, outbox.created_at, outbox.next_attempt_at, outbox.last_error_code,
      outbox.last_error_message, outbox.amocrm_contact_id, outbox.amocrm_deal_id, outbox.warnings
    from amocrm.outbox where outbox.queue = amocrm.account() and outbox.subject_id in (select rows.id from rows)
  )
  select jsonb_build_object(
    'email_key', v_email, 'phone_key', v_phone,
    'person', (select jsonb_build_object('person_id', people.person_id, 'contact_id', people.amocrm_contact_id,
        'emails', coalesce((select jsonb_agg(keys.key order by keys.key) from amocrm.person_keys as keys where keys.person_id = people.person_id and keys.type = 'email'), '[]'),
        'phones', coalesce((select jsonb_agg(keys.key order by keys.key) from amocrm.person_keys as keys where keys.person_id = people.person_id and keys.type = 'phone'), '[]'))
      from amocrm.people where people.person_id = v_person),
    -- Somebody else's key must not be searched by: the drain does not either.
    'own_email_key', case when v_person is null then v_email else amocrm.own_key(v_person, 'email', v_email) end,
    'own_phone_key', case when v_person is null then v_phone else amocrm.own_key(v_person, 'phone', v_phone) end,
    'row_count', (select count(*) from rows),
    'rows', (select coalesce(jsonb_agg(to_jsonb(latest) order by latest.created_at desc), '[]') from (select * from rows order by rows.created_at desc limit 50) as latest),
    'message_count', (select count(*) from messages),
    'messages', (select coalesce(jsonb_agg(to_jsonb(latest) order by latest.id desc), '[]') from (select * from messages order by messages.id desc limit 50) as latest))
  into v_answer;
  return v_answer;
end
$$;
comment on function public.amocrm_find(text, text, uuid) is
  'Returns what we know of a person by e-mail, phone, lead or student: keys, contact, rows and messages, the latest 50 each.';

revoke all on function amocrm.person_of_lead(uuid) from public;
revoke all on function public.amocrm_find(text, text, uuid) from public, anon, authenticated;
grant execute on function public.amocrm_find(text, text, uuid) to service_role;
