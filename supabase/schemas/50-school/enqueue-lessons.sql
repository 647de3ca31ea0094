-- A completed lesson appends lesson.completed, about the student, in the transaction of the completion; achievements are
-- earned in the same place. As with leads, neither can fail the write: what was left out is found by the sweep.

create function amocrm.is_lesson_told(p_student_id uuid, p_lesson_id int) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- A function and not a join, because a join over a grown outbox without fresh statistics reads all of it for each row.
  return exists (select from amocrm.outbox
    where outbox.subject_id = p_student_id and outbox.kind = 'lesson.completed'
      and outbox.payload = jsonb_build_object('lessonId', p_lesson_id));
end
$$;
comment on function amocrm.is_lesson_told(uuid, int) is
  'True if a message about this lesson of this student exists, whatever became of it.';

create function amocrm.append_lessons(p_completed jsonb) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key, payload, priority, is_fresh)
  select kinds.queue, kinds.kind, 'tripwire_users', student.id, amocrm.normalize_email(student.email),
    amocrm.normalize_phone(student.phone), jsonb_build_object('lessonId', completed.lesson_id), kinds.priority, kinds.has_handler
  from jsonb_to_recordset(p_completed) as completed (user_id uuid, lesson_id int, completed_at timestamptz)
  join public.tripwire_users as student on student.user_id = completed.user_id
  join amocrm.kinds on kinds.kind = 'lesson.completed'
  -- A row that was deleted and completed anew does not tell the same thing twice.
  where not amocrm.is_lesson_told(student.id, completed.lesson_id)
  order by completed.completed_at, completed.lesson_id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.append_lessons(jsonb) is
  'Appends lesson.completed for [{user_id, lesson_id, completed_at}] once per student and lesson, payload {"lessonId": 67}; returns how many.';

create function amocrm.award(p_user_ids uuid[]) returns void
language plpgsql set search_path = ''
as $$
begin
  -- From the state and not from the event: what an earlier failure left out is made up for.
  insert into public.tripwire_achievements (user_id, code)
  select student.id, earned.code
  from unnest(p_user_ids) as student (id)
  cross join lateral (
    select 'first_lesson' as code
    where exists (select from public.tripwire_lesson_progress as progress
      where progress.user_id = student.id and progress.completed_at is not null)
    union all
    select 'module.' || lesson.module_id
    from public.tripwire_lessons as lesson
    left join public.tripwire_lesson_progress as progress on progress.user_id = student.id and progress.lesson_id = lesson.id
    group by lesson.module_id having bool_and(progress.completed_at is not null)
    union all
    select 'course' where amocrm.has_completed_course(student.id)
  ) as earned
  on conflict (user_id, code) do nothing;
end
$$;
comment on function amocrm.award(uuid[]) is 'Gives students the achievements that their completed lessons have earned.';

create function amocrm.enqueue_completed_lessons() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_completed jsonb;
begin
  if tg_op = 'INSERT' then
    select jsonb_agg(to_jsonb(new_rows)) into v_completed from new_rows where new_rows.completed_at is not null;
  else
    select jsonb_agg(to_jsonb(new_rows)) into v_completed
    from new_rows join old_rows on old_rows.user_id = new_rows.user_id and old_rows.lesson_id = new_rows.lesson_id
    where new_rows.completed_at is not null and old_rows.completed_at is null;
  end if;
  -- Nearly every write is a player's packet and ends here.
  if v_completed is null then
    return null;
  end if;
  begin
    if amocrm.append_lessons(v_completed) > 0 then
      perform amocrm.ring('amocrm');
    end if;
  exception when others then
    raise warning 'lessons completed without their amoCRM messages: % (%)', sqlerrm, sqlstate;
  end;
  begin
    perform amocrm.award(array(select distinct (completed.value ->> 'user_id')::uuid from jsonb_array_elements(v_completed) as completed));
  exception when others then
    raise warning 'lessons completed without their achievements: % (%)', sqlerrm, sqlstate;
  end;
  return null;
end
$$;
comment on function amocrm.enqueue_completed_lessons() is
  'Appends lesson.completed for newly completed rows and awards achievements; never fails the write.';

create function amocrm.sweep_lessons() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_since timestamptz := amocrm.sweep_since();
  v_rows jsonb;
begin
  -- Cron never runs a job twice at once; this is for a call by hand beside it. The queue's lock would make drains wait.
  if not pg_try_advisory_xact_lock(hashtext('amocrm.sweep_lessons')) then
    return 0;
  end if;
  select jsonb_agg(jsonb_build_object('user_id', missed.user_id, 'lesson_id', missed.lesson_id, 'completed_at', missed.completed_at)) into v_rows
  from (select progress.* from public.tripwire_lesson_progress as progress
    join public.tripwire_users as student on student.user_id = progress.user_id
    where progress.completed_at >= v_since
      and not amocrm.is_lesson_told(student.id, progress.lesson_id)
    order by progress.completed_at limit 1000) as missed;
  if v_rows is null then
    return 0;
  end if;
  perform amocrm.award(array(select distinct (missed.value ->> 'user_id')::uuid from jsonb_array_elements(v_rows) as missed));
  return amocrm.append_lessons(v_rows);
end
$$;
comment on function amocrm.sweep_lessons() is 'Enqueues lessons completed in the last day that have no message; returns how many.';

revoke all on function amocrm.is_lesson_told(uuid, int), amocrm.append_lessons(jsonb), amocrm.award(uuid[]), amocrm.enqueue_completed_lessons(), amocrm.sweep_lessons() from public;

create trigger amocrm_500_enqueue after insert on public.tripwire_lesson_progress
  referencing new table as new_rows for each statement execute function amocrm.enqueue_completed_lessons();
create trigger amocrm_500_enqueue_update after update on public.tripwire_lesson_progress
  referencing old table as old_rows new table as new_rows for each statement execute function amocrm.enqueue_completed_lessons();

select amocrm.schedule_job('amocrm-sweep-lessons', '*/5 * * * *', 'select amocrm.sweep_lessons()');
