-- Students of the school and what they have watched. As with leads, saving one depends on nothing outside of Postgres.

create table if not exists public.tripwire_users (id uuid primary key default gen_random_uuid());
alter table public.tripwire_users
  add column if not exists user_id uuid references auth.users (id) on delete set null,
  add column if not exists full_name text,
  add column if not exists email text,
  add column if not exists phone text,
  add column if not exists granted_by uuid,
  add column if not exists status text not null default 'active',
  add column if not exists welcome_email_sent_at timestamptz,
  add column if not exists amocrm_contact_id bigint,
  add column if not exists amocrm_deal_id bigint,
  add column if not exists amocrm_synced_at timestamptz,
  add column if not exists created_at timestamptz not null default 'epoch';
alter table public.tripwire_users alter column created_at set default amocrm.clock();
comment on table public.tripwire_users is 'Students of the Tripwire course. A student reads the own row; managers work through the function tripwire-students.';
comment on column public.tripwire_users.granted_by is 'The manager (auth.users) who gave access.';
comment on column public.tripwire_users.amocrm_synced_at is 'When the student first reached amoCRM; a lasting fact, see unified_lead_tracking.';
create unique index if not exists tripwire_users_one_per_user on public.tripwire_users (user_id);
create index if not exists tripwire_users_by_time on public.tripwire_users (created_at);

create table if not exists public.tripwire_lesson_progress (
  user_id uuid not null references auth.users (id) on delete cascade,
  lesson_id int not null,
  watched_seconds int not null default 0,
  completed_at timestamptz,
  primary key (user_id, lesson_id),
  constraint watched_seconds_is_not_negative check (watched_seconds >= 0)
);
comment on table public.tripwire_lesson_progress is 'How far each student is in each lesson. A student reads the own rows.';

alter table public.tripwire_users enable row level security;
alter table public.tripwire_lesson_progress enable row level security;
revoke all on public.tripwire_users, public.tripwire_lesson_progress from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.tripwire_users, public.tripwire_lesson_progress to service_role;
grant select on public.tripwire_users, public.tripwire_lesson_progress to authenticated;

drop policy if exists students_see_their_own_row on public.tripwire_users;
drop policy if exists students_see_their_own_progress on public.tripwire_lesson_progress;
create policy students_see_their_own_row on public.tripwire_users for select to authenticated
  using (user_id = (select auth.uid()));
create policy students_see_their_own_progress on public.tripwire_lesson_progress for select to authenticated
  using (user_id = (select auth.uid()));
