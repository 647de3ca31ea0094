-- Mail: the second queue. What is said here is only what mail has and amoCRM has not: the mails themselves, their
-- settings, and the trigger that appends a welcome for each new student. Order, leases, pace and breaker are the engine's.
--
-- Resend remembers an Idempotency-Key for 24 hours: a request whose answer was lost may be repeated under the same key
-- and makes no second mail, if its body is the same to the byte. So the body of the first try is kept with the mail as
-- long as that try is in doubt. It holds a placeholder where the student's link goes; the link itself is never stored.

insert into amocrm.kinds (kind, queue, has_handler, purpose) values
  ('student.welcome', 'message', true, 'A new student: a mail with the login and a link to set a password.');
insert into amocrm.heartbeats (component) values ('message-drain');

-- What is done about errors that only mail has; timeout, rate_limited, server_error and their like are the same for both.
insert into amocrm.error_policies
  (error_code, action, opens_breaker_after, breaker_first_seconds, breaker_longest_seconds, explanation) values
  ('mail_unauthorized', 'open_breaker', 1, 60, 300, 'Resend refuses the key. Make one with sending access, set RESEND_API_KEY, then message_resume().'),
  ('mail_forbidden', 'open_breaker', 1, 60, 300, 'Resend does not send from MAIL_FROM. Verify its domain in Resend, then message_resume().'),
  ('mail_wrong_address', 'open_breaker', 1, 60, 300, 'What answered is not Resend. Check RESEND_BASE_URL, or leave it out.'),
  ('mail_quota_exceeded', 'open_breaker', 1, 300, 3600, 'The plan''s mails of the day or month are used up. Sending goes on by itself when Resend takes mails again; or take a larger plan.');
insert into amocrm.error_policies
  (error_code, action, first_wait_ms, wait_growth, longest_wait_ms, jitter, explanation) values
  ('mail_in_doubt', 'retry', 10000, 2, 1800000, 1, 'A mail went out and its answer did not come. It is repeated under the same idempotency key, which makes no second mail, for 23 hours.'),
  ('mail_in_progress', 'retry', 5000, 2, 300000, 1, 'Resend is still at work on the first request for this mail. Nothing needs doing.');
insert into amocrm.error_policies (error_code, action, spends_attempt, explanation) values
  ('mail_key_taken', 'dead', true, 'Resend knows the mail''s key with another body, so it took a mail by it before. Look in its list, then amocrm_requeue(id).'),
  ('mail_refused', 'dead', true, 'Resend refuses the content; the message has its word for the fault. Mend the address or MAIL_FROM, then amocrm_requeue(id).');

alter table public.tripwire_users add column if not exists language text;
comment on column public.tripwire_users.language is 'In which language mails go to the student: ru or en; null or any other for message_settings.language.';

create table public.message_settings (
  is_the_only_row boolean primary key default true,
  min_interval_ms int not null default 500,
  max_attempts int not null default 12,
  link_days int not null default 14,
  language text not null default 'ru',
  course_name text not null default 'Tripwire',
  updated_at timestamptz not null default amocrm.clock(),
  constraint settings_have_one_row check (is_the_only_row),
  -- Resend takes 2 requests a second from a team with no other limit agreed; a drain waits 10 s for a slot at most.
  constraint min_interval_keeps_resends_limit check (min_interval_ms between 200 and 10000),
  constraint max_attempts_is_sensible check (max_attempts between 1 and 100),
  constraint link_days_are_sensible check (link_days between 1 and 90),
  constraint language_has_templates check (language in ('ru', 'en')),
  constraint course_name_is_short check (length(course_name) between 1 and 100)
);
comment on table public.message_settings is 'One row. How fast mails go out and what they say.';
comment on column public.message_settings.min_interval_ms is 'The pace: the smallest time between two requests to Resend. 500 keeps the limit of every plan.';
comment on column public.message_settings.max_attempts is 'A message that was tried this often without success is dead. Waiting for Resend to come back is no attempt.';
comment on column public.message_settings.link_days is 'How long the link of a welcome mail works, unless a password was set with it before.';
comment on column public.message_settings.language is 'The language of mails to students who have none of their own.';
comment on column public.message_settings.course_name is 'The name of the course as mails say it.';
insert into public.message_settings default values;
create trigger touch_updated_at before update on public.message_settings for each row execute function amocrm.touch_updated_at();

create table amocrm.mails (
  message_id bigint primary key,
  kind text not null,
  subject_id uuid not null,
  round int not null default 1,
  body jsonb,
  doubt_since timestamptz,
  resend_id text,
  accepted_at timestamptz,
  outcome text,
  outcome_at timestamptz,
  outcome_reason text,
  created_at timestamptz not null default amocrm.clock(),
  constraint round_is_positive check (round >= 1),
  constraint doubt_has_its_body check (doubt_since is null or body is not null),
  constraint outcome_is_known check (outcome in ('sent', 'delayed', 'failed', 'delivered', 'bounced', 'complained')),
  constraint outcome_has_its_time check ((outcome is null) = (outcome_at is null))
);
comment on table amocrm.mails is 'What became of each mail. It outlives its message, so that managers see the outcome for as long as there is the student.';
comment on column amocrm.mails.round is 'Part of the idempotency key: one higher when another body is sent although nothing is in doubt.';
comment on column amocrm.mails.body is 'The request as rendered, without the link; removed once Resend has it.';
comment on column amocrm.mails.doubt_since is 'When the first request left whose outcome is not known; null if none is in doubt.';
comment on column amocrm.mails.outcome is 'The furthest that is known of it: our own sent, and what Resend''s webhook told.';
create index mails_of_subject_idx on amocrm.mails (subject_id, message_id);
create index mails_by_resend_id_idx on amocrm.mails (resend_id) where resend_id is not null;

create table amocrm.suppressed_addresses (
  email_key text primary key,
  reason text not null,
  since timestamptz not null default amocrm.clock(),
  constraint reason_is_known check (reason in ('bounced', 'complained'))
);
comment on table amocrm.suppressed_addresses is
  'Addresses that do not exist, or whose owner called a mail of ours spam: nothing is sent there any more.';

alter table public.message_settings enable row level security;
alter table amocrm.mails enable row level security;
alter table amocrm.suppressed_addresses enable row level security;
revoke all on public.message_settings, amocrm.mails, amocrm.suppressed_addresses from public, anon, authenticated, service_role;
grant select, update on public.message_settings to service_role;
grant select on amocrm.mails, amocrm.suppressed_addresses to service_role;

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
comment on function amocrm.write_back_mails(bigint[]) is 'Writes welcome_email_sent_at of the students to whom these messages went.';

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
  'Enqueues the welcome of students of the last day that have none, and writes back what was left out. Tells how many it enqueued.';

revoke all on function amocrm.write_back_mails(bigint[]), amocrm.sweep_mail() from public;
select amocrm.schedule_job('amocrm-mail-sweep', '*/5 * * * *', 'select amocrm.sweep_mail()');
