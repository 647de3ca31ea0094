-- Students of the school. As with leads, saving one depends on nothing outside of Postgres.

create table if not exists public.tripwire_users (id uuid primary key default gen_random_uuid());
alter table public.tripwire_users
  add column if not exists user_id uuid references auth.users (id) on delete set null,
  add column if not exists full_name text,
  add column if not exists email text,
  add column if not exists phone text,
  add column if not exists phone_typed text,
  add column if not exists granted_by uuid,
  add column if not exists status text not null default 'active',
  add column if not exists welcome_email_sent_at timestamptz,
  add column if not exists amocrm_contact_id bigint,
  add column if not exists amocrm_deal_id bigint,
  add column if not exists amocrm_synced_at timestamptz,
  add column if not exists created_at timestamptz not null default 'epoch',
  add column if not exists email_key text,
  add column if not exists tokens_from timestamptz,
  add column if not exists language text;
alter table public.tripwire_users alter column created_at set default amocrm.clock();
select amocrm.refuse_unfillable('public.tripwire_users', '{user_id,full_name,email,phone,granted_by}');
comment on table public.tripwire_users is 'Students of the Tripwire course. A student reads the own row; managers work through the function tripwire-students.';
comment on column public.tripwire_users.phone_typed is
  'The typed phone, if it held more than the number: a remark, an extension, a second number.';
comment on column public.tripwire_users.granted_by is 'The manager (auth.users) who gave access.';
comment on column public.tripwire_users.amocrm_synced_at is
  'When the student first reached amoCRM; while it is set the student is never sent again by itself.';
comment on column public.tripwire_users.email_key is
  'The normalised e-mail that identifies a student; null without an address, or if an older row had the same one before installation.';
comment on column public.tripwire_users.tokens_from is
  'Access tokens issued before this moment do not show the row, since another person may have had the account; null: all do.';
comment on column public.tripwire_users.language is
  'The language of mails to the student, ru or en; null or any other means message_settings.language.';
create unique index if not exists tripwire_users_one_per_user on public.tripwire_users (user_id);
create index if not exists tripwire_users_by_time on public.tripwire_users (created_at);

create function amocrm.normalize_student_phone() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' or new.phone is distinct from old.phone then
    new.phone_typed := case when amocrm.normalize_phone(new.phone) is not null then amocrm.phone_as_typed(new.phone) end;
  end if;
  new.phone := coalesce(amocrm.normalize_phone(new.phone), amocrm.trimmed(new.phone));
  return new;
end
$$;
comment on function amocrm.normalize_student_phone() is 'Stores a student''s phone in its normal form.';
revoke all on function amocrm.normalize_student_phone() from public;
create trigger amocrm_200_phone before insert or update of phone on public.tripwire_users
  for each row execute function amocrm.normalize_student_phone();

alter table public.tripwire_users enable row level security;
revoke all on public.tripwire_users from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.tripwire_users to service_role;
grant select on public.tripwire_users to authenticated;

drop policy if exists students_see_their_own_row on public.tripwire_users;
create policy students_see_their_own_row on public.tripwire_users for select to authenticated
  using (user_id = (select auth.uid())
    and (tokens_from is null or to_timestamp(((select auth.jwt()) ->> 'iat')::numeric) >= tokens_from));
