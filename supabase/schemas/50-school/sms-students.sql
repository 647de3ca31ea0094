-- SMS to students: which end unsent.

create function amocrm.gate_of_students(p_ids bigint[]) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(judged.answer || jsonb_build_object('id', judged.id) order by judged.id), '[]') from (
    select outbox.id, case
        when student.id is null then jsonb_build_object('code', 'student_gone', 'message', 'The student was deleted, so nothing was sent')
        when student.status <> 'active' then jsonb_build_object('code', 'student_inactive', 'message', 'The student is not active, so nothing was sent') end as answer
    from amocrm.outbox left join public.tripwire_users as student on student.id = outbox.subject_id
    where outbox.id = any (p_ids)) as judged
  where judged.answer is not null
$$;
comment on function amocrm.gate_of_students(bigint[]) is 'The gate of messages to students: those of deleted and inactive students end.';

create function amocrm.read_addressed_students(p_ids uuid[]) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_object_agg(student.id, jsonb_build_object('fullName', student.full_name, 'language', student.language))
  from public.tripwire_users as student where student.id = any (p_ids)
$$;
comment on function amocrm.read_addressed_students(uuid[]) is 'Returns students as the drain of SMS reads them, by their ids.';

insert into amocrm.queue_subjects (queue, subject_table, reads, gate) values
  ('sms', 'tripwire_users', 'amocrm.read_addressed_students', 'amocrm.gate_of_students');
revoke all on function amocrm.gate_of_students(bigint[]), amocrm.read_addressed_students(uuid[]) from public;
