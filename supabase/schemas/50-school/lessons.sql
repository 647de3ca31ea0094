-- What the course consists of and how far each student is in it. Players report the watched seconds every few seconds,
-- straight into tripwire_lesson_progress under row-level security, so that write is kept cheap: one row, no index of it
-- changed, nothing looked up but the lesson.
--
-- Who may write a row is up to the policies; what may be in it is up to one trigger, for everybody: watched seconds only
-- grow, and a lesson is completed once and for ever.

create table if not exists public.tripwire_lesson_progress (
  user_id uuid not null references auth.users (id) on delete cascade,
  lesson_id int not null,
  watched_seconds int not null default 0,
  completed_at timestamptz,
  primary key (user_id, lesson_id),
  constraint watched_seconds_is_not_negative check (watched_seconds >= 0)
);
alter table public.tripwire_lesson_progress enable row level security;
revoke all on public.tripwire_lesson_progress from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.tripwire_lesson_progress to service_role;
grant select on public.tripwire_lesson_progress to authenticated;
drop policy if exists students_see_their_own_progress on public.tripwire_lesson_progress;
create policy students_see_their_own_progress on public.tripwire_lesson_progress for select to authenticated
  using (user_id = (select auth.uid()));

create table if not exists public.tripwire_modules (
  id int primary key,
  title text not null,
  position int not null,
  constraint modules_have_an_order unique (position) deferrable initially deferred
);
comment on table public.tripwire_modules is 'The parts of the course, in their order.';

create table if not exists public.tripwire_lessons (
  id int primary key,
  module_id int not null references public.tripwire_modules (id),
  title text not null,
  position int not null,
  duration_seconds int,
  min_watched_share numeric not null default 0.8,
  constraint lessons_of_a_module_have_an_order unique (module_id, position) deferrable initially deferred,
  constraint duration_is_positive check (duration_seconds > 0),
  constraint min_watched_share_is_a_share check (min_watched_share between 0 and 1)
);
comment on table public.tripwire_lessons is 'The lessons of the course. A student can only watch and complete what is listed here.';
comment on column public.tripwire_lessons.id is 'The number in the event''s name: lesson 67 moves the deal to the stage of lesson.67.';
comment on column public.tripwire_lessons.duration_seconds is
  'The length of the video, which watched seconds never exceed; null while unknown, when completing needs no watching.';
comment on column public.tripwire_lessons.min_watched_share is
  'How much of the duration a student must have watched to complete the lesson; 0 for none. Does not bind service_role.';

-- Only a first installation brings lessons: one over what an earlier one has left keeps the course as it was.
insert into public.tripwire_modules (id, title, position)
select 1, 'Tripwire', 1 where not exists (select from public.tripwire_modules);
insert into public.tripwire_lessons (id, module_id, title, position)
select lessons.id, 1, lessons.title, lessons.position
from (values (67, 'Урок 1', 1), (68, 'Урок 2', 2), (69, 'Урок 3', 3)) as lessons (id, title, position)
where not exists (select from public.tripwire_lessons) and exists (select from public.tripwire_modules where tripwire_modules.id = 1);

-- A project that adopts us may have this table with less in it.
alter table public.tripwire_lesson_progress
  add column if not exists watched_seconds int not null default 0,
  add column if not exists completed_at timestamptz,
  add column if not exists watched_at timestamptz;
select amocrm.refuse_unfillable('public.tripwire_lesson_progress', '{user_id,lesson_id}');
do $$
begin
  if not exists (
    select from pg_catalog.pg_index
    where pg_index.indrelid = 'public.tripwire_lesson_progress'::regclass and pg_index.indisunique and pg_index.indpred is null
      and (select array_agg(pg_attribute.attname::text order by pg_attribute.attname) from pg_catalog.pg_attribute
        where pg_attribute.attrelid = pg_index.indrelid and pg_attribute.attnum = any (pg_index.indkey)) = '{lesson_id,user_id}'
  ) then
    create unique index tripwire_lesson_progress_one_per_lesson on public.tripwire_lesson_progress (user_id, lesson_id);
  end if;
end
$$;
comment on column public.tripwire_lesson_progress.watched_at is 'When watched_seconds last grew.';
comment on column public.tripwire_lesson_progress.completed_at is 'When the lesson was completed; once set it stays.';
comment on table public.tripwire_lesson_progress is
  'How far each student is in each lesson; watched_seconds only grows, completed_at stays.';
-- Room in each page for the next version of its rows: then an update touches no index (HOT) and tidies up after itself.
alter table public.tripwire_lesson_progress set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
create index if not exists tripwire_lesson_progress_by_completion on public.tripwire_lesson_progress (completed_at)
  where completed_at is not null;

create table if not exists public.tripwire_achievements (
  user_id uuid not null references auth.users (id) on delete cascade,
  code text not null,
  earned_at timestamptz not null default amocrm.clock(),
  primary key (user_id, code),
  constraint achievement_is_known check (code ~ '^(first_lesson|module\.[0-9]+|course)$')
);
alter table public.tripwire_achievements alter column earned_at set default amocrm.clock();
comment on table public.tripwire_achievements is
  'What students have earned: first_lesson, module.<id>, course. Earned once, by completing lessons, and never lost.';

create function amocrm.guard_lesson_progress() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  -- Whoever is neither the owner nor service_role is held to the rules for students.
  v_is_student boolean := coalesce(current_setting('role', true), 'none') not in ('none', 'postgres', 'service_role');
  v_before public.tripwire_lesson_progress;
  v_lesson public.tripwire_lessons;
begin
  if v_is_student and new.user_id is distinct from (select auth.uid()) then
    -- The policy refuses it next. Until then nothing may show how far somebody else is.
    return new;
  end if;
  if tg_op = 'UPDATE' then
    if new.user_id is distinct from old.user_id or new.lesson_id is distinct from old.lesson_id then
      raise exception 'progress belongs to its student and lesson' using errcode = '23514', constraint = 'progress_keeps_its_key',
        detail = 'progress_keeps_its_key', table = tg_table_name, hint = 'Insert a row of its own for the other lesson.';
    end if;
    v_before := old;
  else
    -- An upsert comes by here before it turns out to be an update.
    select * into v_before from public.tripwire_lesson_progress as progress
    where progress.user_id = new.user_id and progress.lesson_id = new.lesson_id;
  end if;
  select * into v_lesson from public.tripwire_lessons where tripwire_lessons.id = new.lesson_id;
  if v_is_student and v_lesson.id is null then
    raise exception 'there is no lesson %', new.lesson_id using errcode = '23514', constraint = 'lesson_is_of_the_course',
      detail = 'lesson_is_of_the_course', table = tg_table_name, hint = 'The lessons are in tripwire_lessons.';
  end if;
  -- Late and repeated packets are normal, so a lower value is no error: the greatest is kept. A day bounds what can be
  -- claimed of a video whose length is not known.
  new.watched_seconds := greatest(v_before.watched_seconds, least(new.watched_seconds, coalesce(v_lesson.duration_seconds, 86400)));
  new.watched_at := case when new.watched_seconds > coalesce(v_before.watched_seconds, 0) then amocrm.clock() else v_before.watched_at end;
  if v_before.completed_at is not null then
    new.completed_at := v_before.completed_at;
  elsif new.completed_at is not null then
    if v_is_student and new.watched_seconds < v_lesson.min_watched_share * v_lesson.duration_seconds then
      raise exception 'lesson % is watched for % of % seconds, too little to complete it', new.lesson_id, new.watched_seconds, v_lesson.duration_seconds
        using errcode = '23514', constraint = 'lesson_is_watched_enough', detail = 'lesson_is_watched_enough', table = tg_table_name,
          hint = format('At least %s seconds are needed.', ceil(v_lesson.min_watched_share * v_lesson.duration_seconds));
    end if;
    -- A student does not say when; nobody completes in the future.
    new.completed_at := case when v_is_student then amocrm.clock() else least(new.completed_at, amocrm.clock()) end;
  end if;
  return new;
end
$$;
comment on function amocrm.guard_lesson_progress() is
  'Keeps watched_seconds growing and within the lesson, keeps completed_at once set, and holds students to the required share.';
revoke all on function amocrm.guard_lesson_progress() from public;
create trigger amocrm_100_guard before insert or update on public.tripwire_lesson_progress
  for each row execute function amocrm.guard_lesson_progress();

create function amocrm.has_completed_course(p_user_id uuid) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from public.tripwire_lessons) and not exists (
    select from public.tripwire_lessons as lesson
    where not exists (select from public.tripwire_lesson_progress as progress
      where progress.user_id = p_user_id and progress.lesson_id = lesson.id and progress.completed_at is not null))
$$;
comment on function amocrm.has_completed_course(uuid) is
  'True if every lesson of the course is completed; false for a course without lessons.';
revoke all on function amocrm.has_completed_course(uuid) from public;

-- Both run with the rights of the caller, so the policies and the guard apply to them as to any other write.
create function public.tripwire_watch(p_lesson_id int, p_watched_seconds int)
returns table (lesson_id int, watched_seconds int, completed_at timestamptz)
language sql set search_path = ''
begin atomic
  insert into public.tripwire_lesson_progress as progress (user_id, lesson_id, watched_seconds)
  values ((select auth.uid()), p_lesson_id, p_watched_seconds)
  on conflict (user_id, lesson_id) do update set watched_seconds = excluded.watched_seconds
  returning progress.lesson_id, progress.watched_seconds, progress.completed_at;
end;
comment on function public.tripwire_watch(int, int) is
  'Raises the caller''s watched seconds of a lesson, for the player; returns the progress. A lower value changes nothing.';

create function public.tripwire_complete_lesson(p_lesson_id int)
returns table (lesson_id int, watched_seconds int, completed_at timestamptz)
language sql set search_path = ''
begin atomic
  insert into public.tripwire_lesson_progress as progress (user_id, lesson_id, completed_at)
  values ((select auth.uid()), p_lesson_id, amocrm.clock())
  on conflict (user_id, lesson_id) do update set completed_at = excluded.completed_at
  returning progress.lesson_id, progress.watched_seconds, progress.completed_at;
end;
comment on function public.tripwire_complete_lesson(int) is
  'Completes a lesson for the caller, for the player; a repetition returns the first time, 23514 refuses too little watching.';

alter table public.tripwire_modules enable row level security;
alter table public.tripwire_lessons enable row level security;
alter table public.tripwire_achievements enable row level security;
revoke all on public.tripwire_modules, public.tripwire_lessons, public.tripwire_achievements from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.tripwire_modules, public.tripwire_lessons to service_role;
grant select, insert, delete on public.tripwire_achievements to service_role;
grant select on public.tripwire_modules, public.tripwire_lessons, public.tripwire_achievements to authenticated;
-- The keys may be named in an update, because an upsert through the Data API names them; the guard keeps them as they are.
grant insert (user_id, lesson_id, watched_seconds, completed_at), update (user_id, lesson_id, watched_seconds, completed_at)
  on public.tripwire_lesson_progress to authenticated;
revoke all on function public.tripwire_watch(int, int), public.tripwire_complete_lesson(int) from public, anon, authenticated, service_role;
grant execute on function public.tripwire_watch(int, int), public.tripwire_complete_lesson(int) to authenticated;

drop policy if exists signed_in_people_see_the_course on public.tripwire_modules;
drop policy if exists signed_in_people_see_the_lessons on public.tripwire_lessons;
drop policy if exists students_see_their_own_achievements on public.tripwire_achievements;
drop policy if exists students_begin_their_own_progress on public.tripwire_lesson_progress;
drop policy if exists students_continue_their_own_progress on public.tripwire_lesson_progress;
create policy signed_in_people_see_the_course on public.tripwire_modules for select to authenticated
  using ((select auth.uid()) is not null);
create policy signed_in_people_see_the_lessons on public.tripwire_lessons for select to authenticated
  using ((select auth.uid()) is not null);
create policy students_see_their_own_achievements on public.tripwire_achievements for select to authenticated
  using (user_id = (select auth.uid()));
create policy students_begin_their_own_progress on public.tripwire_lesson_progress for insert to authenticated
  with check (user_id = (select auth.uid()));
create policy students_continue_their_own_progress on public.tripwire_lesson_progress for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
