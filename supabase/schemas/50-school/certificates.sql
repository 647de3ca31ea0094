-- A student who has completed every lesson gets one certificate, made by the completion itself. It is a lasting fact:
-- what it shows is kept as it was that day, whatever becomes of the course, the settings or the student's name.
--
-- Anybody who holds a certificate can have it checked by its code, which nobody can guess, and learns no more than what
-- the certificate shows.

create table if not exists public.tripwire_certificate_settings (
  is_the_only_row boolean primary key default true,
  course_title text not null default 'Tripwire',
  issuer text,
  signatory text,
  number_prefix text not null default 'TW',
  check_url text,
  shows_qr boolean not null default true,
  time_zone text not null default 'Asia/Almaty',
  updated_at timestamptz not null default amocrm.clock(),
  constraint certificate_settings_have_one_row check (is_the_only_row),
  constraint course_title_is_not_blank check (course_title ~ '\S'),
  constraint number_prefix_is_short check (number_prefix ~ '^[A-Z0-9]{1,8}$'),
  constraint check_url_takes_a_code check (check_url ~ '^https?://[^\s{}]+\{code\}[^\s{}]*$'),
  -- An unknown zone raises 22023 here and not when a student completes the course.
  constraint time_zone_exists check ((timestamptz 'epoch' at time zone time_zone) is not null)
);
comment on table public.tripwire_certificate_settings is 'One row with the texts of certificates; a change concerns those issued later.';
comment on column public.tripwire_certificate_settings.issuer is 'Who issues certificates, as printed; null prints none.';
comment on column public.tripwire_certificate_settings.signatory is 'Who signs, as printed under the line; null prints no line.';
comment on column public.tripwire_certificate_settings.check_url is
  'The address for checking a certificate, with {code} in it; null for the function tripwire-certificate itself.';
comment on column public.tripwire_certificate_settings.shows_qr is 'Whether the address of the check is printed as a QR code beside the text.';
comment on column public.tripwire_certificate_settings.time_zone is 'The time zone that decides the date of a certificate.';
alter table public.tripwire_certificate_settings alter column updated_at set default amocrm.clock();
insert into public.tripwire_certificate_settings default values on conflict do nothing;
create trigger touch_updated_at before update on public.tripwire_certificate_settings
  for each row execute function amocrm.touch_updated_at();

create sequence amocrm.certificate_number_seq as bigint;
comment on sequence amocrm.certificate_number_seq is 'Numbers certificates; a number drawn in vain leaves a harmless gap.';
revoke all on sequence amocrm.certificate_number_seq from public, anon, authenticated, service_role;

create table if not exists public.tripwire_certificates (
  id uuid primary key default gen_random_uuid(),
  student_id uuid not null references public.tripwire_users (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  number text not null,
  verification_code text not null,
  full_name text not null,
  course_title text not null,
  issued_at timestamptz not null default amocrm.clock(),
  issued_on date not null,
  constraint student_has_one_certificate unique (student_id),
  constraint account_has_one_certificate unique (user_id),
  constraint numbers_are_unique unique (number),
  constraint codes_are_unique unique (verification_code),
  constraint code_is_twenty_letters_of_crockford check (verification_code ~ '^[0-9A-HJKMNP-TV-Z]{20}$'),
  constraint full_name_is_not_blank check (full_name ~ '\S')
);
alter table public.tripwire_certificates alter column issued_at set default amocrm.clock();
-- Where an earlier installation has left certificates, their numbers go on.
select setval('amocrm.certificate_number_seq', max(substring(tripwire_certificates.number from '[0-9]+$')::bigint))
from public.tripwire_certificates having count(*) > 0;
comment on table public.tripwire_certificates is
  'Certificates of the course: one per student, issued when the last lesson is completed. A student reads the own one, managers read all.';
comment on column public.tripwire_certificates.verification_code is 'A hundred random bits, by which anybody who has the certificate can check it.';
comment on column public.tripwire_certificates.full_name is 'The name when the certificate was issued; service_role may correct it.';
comment on column public.tripwire_certificates.issued_on is 'The date that is printed, in the time zone of the settings.';

alter table public.tripwire_certificates enable row level security;
alter table public.tripwire_certificate_settings enable row level security;
revoke all on public.tripwire_certificates, public.tripwire_certificate_settings from public, anon, authenticated, service_role;
grant select on public.tripwire_certificates to authenticated;
grant select, delete, update (full_name, course_title) on public.tripwire_certificates to service_role;
grant select, update on public.tripwire_certificate_settings to service_role;
drop policy if exists students_see_their_own_and_managers_all_certificates on public.tripwire_certificates;
create policy students_see_their_own_and_managers_all_certificates on public.tripwire_certificates for select to authenticated
  using (user_id = (select auth.uid())
    or (select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'sales_manager'));

create function amocrm.new_certificate_code() returns text
language sql volatile set search_path = ''
as $$
  -- Each letter has five bits of a random UUID of its own: its last byte is random in all of them.
  select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + (get_byte(uuid_send(gen_random_uuid()), 15) & 31), 1), '')
  from generate_series(1, 20)
$$;
comment on function amocrm.new_certificate_code() is
  'Returns a new code of twenty letters of Crockford''s alphabet, which omits I, L, O and U.';

create function amocrm.certificate_code(p_typed text) returns text
language sql immutable set search_path = ''
as $$ select translate(upper(regexp_replace(left(p_typed, 100), '[^0-9A-Za-z]', '', 'g')), 'OIL', '011') $$;
comment on function amocrm.certificate_code(text) is 'Normalises a typed code: no dashes or blanks, capitals, misread letters corrected.';

create function amocrm.issue_certificates(p_user_ids uuid[]) returns int
language plpgsql set search_path = '' set lock_timeout = '3s'
as $$
declare
  v_settings public.tripwire_certificate_settings;
  v_issued jsonb;
begin
  -- Two last lessons completed at the same moment do not see each other: the later one waits here for the earlier one
  -- and then sees it. Sorted, so that two statements about the same students cannot wait for each other.
  perform pg_advisory_xact_lock(hashtextextended('certificate of ' || student.id, 0))
  from (select unnest(p_user_ids) as id order by 1) as student;
  select * into v_settings from public.tripwire_certificate_settings;
  with issued as (
    insert into public.tripwire_certificates (student_id, user_id, number, verification_code, full_name, course_title, issued_on)
    select student.id, student.user_id,
      v_settings.number_prefix || '-' || to_char(today.today, 'YYYY') || '-' || lpad(nextval('amocrm.certificate_number_seq')::text, 6, '0'),
      amocrm.new_certificate_code(), coalesce(amocrm.trimmed(student.full_name), amocrm.trimmed(student.email), '—'),
      v_settings.course_title, today.today
    from public.tripwire_users as student
    cross join (select (amocrm.clock() at time zone v_settings.time_zone)::date) as today (today)
    where student.user_id = any (p_user_ids) and amocrm.has_completed_course(student.user_id)
      and not exists (select from public.tripwire_certificates where tripwire_certificates.student_id = student.id)
    on conflict do nothing
    returning student_id
  )
  select coalesce(jsonb_agg(issued.student_id), '[]') into v_issued from issued;
  if amocrm.tell_certificates(array(select issued.id::uuid from jsonb_array_elements_text(v_issued) as issued (id))) > 0 then
    perform amocrm.ring('amocrm');
  end if;
  return jsonb_array_length(v_issued);
end
$$;
comment on function amocrm.issue_certificates(uuid[]) is
  'Issues certificates to those students who completed the course and have none; returns how many.';

create function amocrm.tell_certificates(p_student_ids uuid[]) returns int
language plpgsql set search_path = ''
as $$
begin
  return amocrm.append('certificate.issued', 'tripwire_users', (
    select coalesce(jsonb_agg(jsonb_build_object('id', student.id, 'email', student.email, 'phone', student.phone,
      'payload', jsonb_build_object('number', certificate.number)) order by certificate.issued_at), '[]')
    from public.tripwire_certificates as certificate join public.tripwire_users as student on student.id = certificate.student_id
    where certificate.student_id = any (p_student_ids)
      and not exists (select from amocrm.outbox where outbox.subject_id = student.id and outbox.kind = 'certificate.issued')));
exception when others then
  -- A certificate does not depend on amoCRM: the sweep tells it later.
  raise warning 'certificate issued without its amoCRM message: % (%)', sqlerrm, sqlstate;
  return 0;
end
$$;
comment on function amocrm.tell_certificates(uuid[]) is
  'Appends certificate.issued with the number once per student; returns how many and never raises.';

insert into amocrm.kinds (kind, queue, has_handler, follows_subject, purpose) values
  ('certificate.issued', 'amocrm', true, true, 'A certificate: its number in a note; the deal moves if the event has a stage.');

create function amocrm.issue_on_completion() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_ids uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct new_rows.user_id) into v_user_ids from new_rows where new_rows.completed_at is not null;
  else
    select array_agg(distinct new_rows.user_id) into v_user_ids
    from new_rows join old_rows on old_rows.user_id = new_rows.user_id and old_rows.lesson_id = new_rows.lesson_id
    where new_rows.completed_at is not null and old_rows.completed_at is null;
  end if;
  -- Nearly every write is a player's packet and ends here.
  if v_user_ids is not null then
    perform amocrm.issue_certificates(v_user_ids);
  end if;
  return null;
exception when others then
  raise warning 'lessons completed without their certificates: % (%)', sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.issue_on_completion() is
  'Issues certificates to students who just completed their last lesson; never fails the write.';
-- After amocrm_500_enqueue, so that amoCRM hears of the last lesson before it hears of the certificate.
create trigger amocrm_600_certificate after insert on public.tripwire_lesson_progress
  referencing new table as new_rows for each statement execute function amocrm.issue_on_completion();
create trigger amocrm_600_certificate_update after update on public.tripwire_lesson_progress
  referencing old table as old_rows new table as new_rows for each statement execute function amocrm.issue_on_completion();

create function amocrm.sweep_certificates() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_since timestamptz := amocrm.sweep_since();
  v_count int;
begin
  v_count := amocrm.issue_certificates(array(
    select distinct progress.user_id from public.tripwire_lesson_progress as progress
    where progress.completed_at >= v_since
      and not exists (select from public.tripwire_certificates where tripwire_certificates.user_id = progress.user_id)
    limit 1000));
  perform amocrm.tell_certificates(array(
    select certificate.student_id from public.tripwire_certificates as certificate
    where certificate.issued_at >= v_since
      and not exists (select from amocrm.outbox where outbox.subject_id = certificate.student_id and outbox.kind = 'certificate.issued')
    limit 1000));
  return v_count;
end
$$;
comment on function amocrm.sweep_certificates() is
  'Issues missed certificates of the last day and enqueues missed messages about them; returns how many it issued.';
select amocrm.schedule_job('amocrm-sweep-certificates', '*/5 * * * *', 'select amocrm.sweep_certificates()');

create function amocrm.check_certificate(p_code text)
returns table (is_valid boolean, number text, full_name text, course_title text, issued_on date)
language sql stable security definer set search_path = ''
as $$
  select certificate.id is not null, certificate.number, certificate.full_name, certificate.course_title, certificate.issued_on
  from (select) as always
  left join public.tripwire_certificates as certificate on certificate.verification_code = amocrm.certificate_code(p_code)
$$;
comment on function amocrm.check_certificate(text) is 'Returns the row of tripwire_certificate_check.';

create function public.tripwire_certificate_check(p_code text)
returns table (is_valid boolean, number text, full_name text, course_title text, issued_on date)
language sql stable set search_path = ''
begin atomic
  select checked.is_valid, checked.number, checked.full_name, checked.course_title, checked.issued_on
  from amocrm.check_certificate(p_code) as checked;
end;
comment on function public.tripwire_certificate_check(text) is
  'Returns one row for everybody: whether a certificate with this code exists, and what it says.';

create function public.tripwire_certificate_sheet(p_code text, p_user_id uuid) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object('number', certificate.number, 'code', certificate.verification_code,
    'fullName', certificate.full_name, 'courseTitle', certificate.course_title, 'issuedOn', certificate.issued_on,
    'issuer', settings.issuer, 'signatory', settings.signatory, 'checkUrl', settings.check_url, 'showsQr', settings.shows_qr)
  from public.tripwire_certificates as certificate cross join public.tripwire_certificate_settings as settings
  where case when p_code is null then certificate.user_id = p_user_id
    else certificate.verification_code = amocrm.certificate_code(p_code) end
$$;
comment on function public.tripwire_certificate_sheet(text, uuid) is
  'Returns what is printed on the certificate with a code, or on that of an account; null if there is none.';

revoke all on function amocrm.new_certificate_code(), amocrm.certificate_code(text), amocrm.issue_certificates(uuid[]),
  amocrm.tell_certificates(uuid[]), amocrm.issue_on_completion(), amocrm.sweep_certificates() from public;
revoke all on function amocrm.check_certificate(text), public.tripwire_certificate_check(text),
  public.tripwire_certificate_sheet(text, uuid) from public, anon, authenticated;
grant execute on function amocrm.check_certificate(text), public.tripwire_certificate_check(text) to anon, authenticated, service_role;
grant execute on function public.tripwire_certificate_sheet(text, uuid) to service_role;
