-- Which people are students, and which two are never made one.

create function amocrm.students_of(p_person_id bigint) returns setof uuid
language plpgsql stable set search_path = ''
as $$
begin
  -- In plpgsql, whose plans a session keeps: this is asked several times for each message that is placed.
  return query
  -- By an e-mail of theirs, by what waits for them, and by their contact: a student whose e-mail is another's has no key.
  select student.id from amocrm.person_keys join public.tripwire_users as student on student.email_key = person_keys.key
  where person_keys.person_id = p_person_id and person_keys.type = 'email'
  union
  select student.id from amocrm.people cross join amocrm.unfinished_of(people.account, array[p_person_id]) as unfinished (id)
  join amocrm.outbox on outbox.queue = people.account and outbox.id = unfinished.id and outbox.subject_table = 'tripwire_users'
  join public.tripwire_users as student on student.id = outbox.subject_id
  where people.person_id = p_person_id
  union
  select student.id from amocrm.people
  join amocrm.links on links.object = 'contact' and links.amocrm_id = people.amocrm_contact_id and links.account = people.account
    and links.subject_table = 'tripwire_users'
  join public.tripwire_users as student on student.id = links.subject_id
  where people.person_id = p_person_id;
end
$$;
comment on function amocrm.students_of(bigint) is
  'Lists the students that a person is; more than one only in data older than the rule that separates them.';
revoke all on function amocrm.students_of(bigint) from public;

create function amocrm.may_merge(p_by_email bigint, p_by_phone bigint) returns boolean
language sql stable set search_path = ''
as $$
  select
    (not exists (select from amocrm.person_keys where person_keys.person_id = p_by_email and person_keys.type = 'phone')
      or not exists (select from amocrm.person_keys where person_keys.person_id = p_by_phone and person_keys.type = 'email'))
    and not exists (
      select from amocrm.people as email_side, amocrm.people as phone_side
      where email_side.person_id = p_by_email and phone_side.person_id = p_by_phone
        and email_side.amocrm_contact_id <> phone_side.amocrm_contact_id)
    and not exists (
      select from amocrm.students_of(p_by_email) as email_side (student_id), amocrm.students_of(p_by_phone) as phone_side (student_id)
      where email_side.student_id <> phone_side.student_id)
    -- Strangers with one phone leave it again and again: what a person was asked is answered by a person.
    and not amocrm.is_asked('people', p_by_email, p_by_phone, (select people.account from amocrm.people where people.person_id = p_by_email))
$$;
comment on function amocrm.may_merge(bigint, bigint) is
  'True if two people may be merged without asking: complementary keys, at most one contact, not two students, not listed.';

revoke all on function amocrm.may_merge(bigint, bigint) from public;
