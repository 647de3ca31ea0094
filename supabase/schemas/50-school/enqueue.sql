-- A student as the subject of messages to amoCRM: a new one, and one whose address was corrected, makes a message, in the
-- transaction of the row.

insert into amocrm.kinds (kind, queue, has_handler, follows_subject, purpose) values
  ('student.created', 'amocrm', true, false, 'A new student: the deal moves to the stage of student.created.'),
  ('student.updated', 'amocrm', true, true, 'The e-mail or phone of a student was corrected: the contact gets the new one, and what we had put there goes.'),
  ('lesson.completed', 'amocrm', true, true, 'A lesson was completed: the deal moves to the stage of the lesson.');

create function amocrm.enqueue_updated_students() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  v_count := amocrm.append('student.updated', tg_table_name, (
    select jsonb_agg(jsonb_build_object('id', new_rows.id, 'email', new_rows.email, 'phone', new_rows.phone,
      'payload', jsonb_build_object('changed', changed.names, 'was', changed.was)))
    from new_rows
    join old_rows on old_rows.id = new_rows.id
    cross join lateral (
      -- Another spelling of the same address is no change.
      select jsonb_agg(keys.type) as names, jsonb_object_agg(keys.type, keys.old_key) filter (where keys.old_key is not null) as was
      from (values ('email', amocrm.normalize_email(old_rows.email), amocrm.normalize_email(new_rows.email)),
        ('phone', amocrm.normalize_phone(old_rows.phone), amocrm.normalize_phone(new_rows.phone))) as keys (type, old_key, new_key)
      where keys.old_key is distinct from keys.new_key) as changed
    -- A student who is history stays history.
    where changed.names is not null and (new_rows.amocrm_synced_at is not null
      or exists (select from amocrm.outbox as created where created.subject_id = new_rows.id and created.kind = 'student.created'))));
  if v_count > 0 then
    perform amocrm.ring('amocrm');
  end if;
  return null;
exception when others then
  raise warning 'row of % changed without its amoCRM message: % (%)', tg_table_name, sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.enqueue_updated_students() is
  'Appends student.updated for each student whose e-mail or phone changed, with what they were. Never fails the update.';
revoke all on function amocrm.enqueue_updated_students() from public;

create trigger amocrm_500_enqueue after insert on public.tripwire_users
  referencing new table as new_rows for each statement execute function amocrm.enqueue_inserted('student.created');
create trigger amocrm_500_enqueue_update after update on public.tripwire_users
  referencing old table as old_rows new table as new_rows for each statement execute function amocrm.enqueue_updated_students();

create function amocrm.read_students(p_ids uuid[]) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_object_agg(student.id, to_jsonb(student)) from public.tripwire_users as student where student.id = any (p_ids)
$$;
comment on function amocrm.read_students(uuid[]) is
  'Returns students as a drain reads them, by their ids.';

create function amocrm.write_back_students(p_delivered jsonb) returns void
language sql set search_path = ''
as $$
  -- A row that somebody holds is skipped: the sweep writes it later, and the queue does not stand still for it.
  with delivered as (
    select * from jsonb_to_recordset(p_delivered) as delivered (subject_id uuid, contact_id bigint, deal_id bigint)
  ), free_rows as (
    select tripwire_users.id from public.tripwire_users join delivered on delivered.subject_id = tripwire_users.id
    for update of tripwire_users skip locked
  )
  update public.tripwire_users set
    amocrm_contact_id = coalesce(delivered.contact_id, tripwire_users.amocrm_contact_id),
    amocrm_deal_id = coalesce(delivered.deal_id, tripwire_users.amocrm_deal_id),
    amocrm_synced_at = coalesce(tripwire_users.amocrm_synced_at, amocrm.clock())
  from delivered join free_rows on free_rows.id = delivered.subject_id
  where tripwire_users.id = delivered.subject_id
$$;
comment on function amocrm.write_back_students(jsonb) is
  'Writes to students which contact and deal they have in amoCRM, [{subject_id, contact_id, deal_id}].';

revoke all on function amocrm.read_students(uuid[]), amocrm.write_back_students(jsonb) from public;

insert into amocrm.queue_subjects (queue, subject_table, reads, writes_back, written_back_column, is_one_person, told_as) values
  ('amocrm', 'tripwire_users', 'amocrm.read_students', 'amocrm.write_back_students', 'amocrm_synced_at', true, 'student_id');
