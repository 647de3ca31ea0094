-- The welcome: one mail for each new student, with a link to set a password. Here is what appends it, finds one that was
-- left out, and writes back when it was sent.

insert into amocrm.kinds (kind, queue, has_handler, purpose) values
  ('student.welcome', 'message', true, 'A new student: a mail with the login and a link to set a password.');

create function amocrm.enqueue_welcomes() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Who comes with welcome_email_sent_at set was welcomed elsewhere: so a list of old students can be imported.
  if amocrm.append('student.welcome', tg_table_name, (
    select coalesce(jsonb_agg(jsonb_build_object('id', new_rows.id, 'email', new_rows.email)), '[]')
    from new_rows where new_rows.welcome_email_sent_at is null)) > 0 then
    perform amocrm.ring('message');
  end if;
  return null;
exception when others then
  raise warning 'row of % saved without its welcome mail: % (%)', tg_table_name, sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.enqueue_welcomes() is 'Appends student.welcome for each new student. Never fails the insert.';
revoke all on function amocrm.enqueue_welcomes() from public;
create trigger amocrm_510_enqueue_welcome after insert on public.tripwire_users
  referencing new table as new_rows for each statement execute function amocrm.enqueue_welcomes();

create function amocrm.write_back_mails(p_ids bigint[]) returns void
language sql set search_path = ''
as $$
  -- A row that somebody holds is skipped: the sweep writes it later, and the queue does not stand still for it.
  with free_rows as (
    select tripwire_users.id, mails.accepted_at from public.tripwire_users
    join amocrm.mails on mails.subject_id = tripwire_users.id
    where mails.message_id = any (p_ids) and mails.kind = 'student.welcome' and mails.accepted_at is not null
    for update of tripwire_users skip locked
  )
  update public.tripwire_users set welcome_email_sent_at = free_rows.accepted_at
  from free_rows where tripwire_users.id = free_rows.id
$$;
comment on function amocrm.write_back_mails(bigint[]) is 'Sets welcome_email_sent_at of the students to whom these messages went.';

create function amocrm.sweep_mail() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_since timestamptz := amocrm.sweep_since();
  v_count int;
begin
  perform amocrm.lock_queue('message');
  perform amocrm.write_back_mails(array(
    select mails.message_id from amocrm.mails join public.tripwire_users on tripwire_users.id = mails.subject_id
    where mails.accepted_at >= amocrm.clock() - interval '1 day' and tripwire_users.welcome_email_sent_at is null
    limit 1000));
  v_count := amocrm.append('student.welcome', 'tripwire_users', (
    select coalesce(jsonb_agg(jsonb_build_object('id', student.id, 'email', student.email) order by student.created_at), '[]')
    from (select * from public.tripwire_users as student
      where student.created_at >= v_since and student.welcome_email_sent_at is null
        and not exists (select from amocrm.outbox where outbox.subject_id = student.id and outbox.kind = 'student.welcome')
        and not exists (select from amocrm.mails where mails.subject_id = student.id and mails.kind = 'student.welcome')
      order by student.created_at limit 1000) as student));
  return v_count;
end
$$;
comment on function amocrm.sweep_mail() is
  'Enqueues missing welcomes of students of the last day and writes back what was left out; returns how many it enqueued.';

create function amocrm.write_back_welcomes(p_delivered jsonb) returns void
language sql set search_path = ''
as $$
  select amocrm.write_back_mails(array(select delivered.id from jsonb_to_recordset(p_delivered) as delivered (id bigint)))
$$;
comment on function amocrm.write_back_welcomes(jsonb) is 'Writes welcome_email_sent_at of the students whose mails, [{id}], were delivered.';

create function amocrm.read_recipients(p_ids uuid[]) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_object_agg(student.id, jsonb_build_object(
    'suppressedBy', (select suppressed_addresses.reason from amocrm.suppressed_addresses
      where suppressed_addresses.email_key = amocrm.normalize_email(student.email)),
    'student', jsonb_build_object('fullName', student.full_name,
      'email', student.email, 'language', student.language, 'hasLogin', student.user_id is not null,
      'loginDiffers', login.id is not null and amocrm.normalize_email(login.email) is distinct from amocrm.normalize_email(student.email),
      'hasPassword', coalesce(login.encrypted_password, '') <> '',
      'isActive', student.status = 'active')))
  from public.tripwire_users as student left join auth.users as login on login.id = student.user_id
  where student.id = any (p_ids)
$$;
comment on function amocrm.read_recipients(uuid[]) is
  'Returns students as the drain of mails reads them, {suppressedBy, student} by their ids.';

insert into amocrm.queue_subjects (queue, subject_table, reads, writes_back, written_back_column) values
  ('message', 'tripwire_users', 'amocrm.read_recipients', 'amocrm.write_back_welcomes', 'welcome_email_sent_at');

revoke all on function amocrm.write_back_mails(bigint[]), amocrm.write_back_welcomes(jsonb), amocrm.read_recipients(uuid[]),
  amocrm.sweep_mail() from public;
select amocrm.schedule_job('amocrm-mail-sweep', '*/5 * * * *', 'select amocrm.sweep_mail()');

create function amocrm.resend_welcome(p_student_id uuid) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_student public.tripwire_users;
  v_id bigint;
begin
  perform amocrm.require_manager();
  perform amocrm.lock_queue('message');
  select * into v_student from public.tripwire_users where tripwire_users.id = p_student_id;
  if v_student.id is null then
    raise exception 'no student % in tripwire_users', p_student_id using errcode = '22023';
  elsif exists (select from amocrm.outbox where outbox.subject_id = p_student_id and outbox.kind = 'student.welcome'
      and outbox.state in ('pending', 'leased', 'uncertain')) then
    raise exception 'a welcome mail for student % is on its way', p_student_id using errcode = '22023',
      hint = 'See message_outbox; amocrm_requeue tries a waiting message at once.';
  end if;
  perform amocrm.append('student.welcome', 'tripwire_users',
    jsonb_build_array(jsonb_build_object('id', v_student.id, 'email', v_student.email)));
  select max(outbox.id) into v_id from amocrm.outbox
  where outbox.queue = 'message' and outbox.subject_id = p_student_id and outbox.kind = 'student.welcome';
  perform amocrm.note_action('resend_welcome', jsonb_build_object('student_id', p_student_id), '{}', array[v_id]);
  perform amocrm.ring('message');
  return v_id;
end
$$;
comment on function amocrm.resend_welcome(uuid) is 'Enqueues another welcome mail with its own link; returns the message''s id.';

create function public.message_resend_welcome(p_student_id uuid) returns bigint
language sql set search_path = ''
begin atomic select amocrm.resend_welcome(p_student_id); end;
comment on function public.message_resend_welcome(uuid) is
  'Sends a student another welcome mail with its own link; returns the message''s id.';

revoke all on function amocrm.resend_welcome(uuid), public.message_resend_welcome(uuid) from public, anon, authenticated;
grant execute on function amocrm.resend_welcome(uuid), public.message_resend_welcome(uuid) to authenticated, service_role;
