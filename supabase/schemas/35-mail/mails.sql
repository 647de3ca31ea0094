-- Mail: the second queue. What is said here is only what mail has and amoCRM has not: the mails themselves, their
-- settings, and the trigger that appends a welcome for each new student. Order, leases, pace and breaker are the engine's.
--
-- Resend remembers an Idempotency-Key for 24 hours: a request whose answer was lost may be repeated under the same key
-- and makes no second mail, if its body is the same to the byte. So the body of the first try is kept with the mail as
-- long as that try is in doubt. It holds a placeholder where the student's link goes; the link itself is never stored.

insert into amocrm.heartbeats (component) values ('message-drain');

-- What is done about errors that only mail has; timeout, rate_limited, server_error and their like are the same for both.
insert into amocrm.error_policies
  (error_code, action, opens_breaker_after, breaker_first_seconds, breaker_longest_seconds, explanation) values
  ('mail_unauthorized', 'open_breaker', 1, 60, 300, 'Resend refuses the key. Make one with sending access, set RESEND_API_KEY, then message_resume().'),
  ('mail_forbidden', 'open_breaker', 1, 60, 300, 'Resend does not send from MAIL_FROM. Verify its domain in Resend, then message_resume().'),
  ('mail_sender_refused', 'open_breaker', 1, 60, 300, 'Resend refuses the sender. Mend MAIL_FROM: a name and an address of a verified domain, such as School <hello@school.example>.'),
  ('mail_wrong_address', 'open_breaker', 1, 60, 300, 'What answered is not Resend. Check RESEND_BASE_URL, or leave it out.'),
  ('mail_quota_exceeded', 'open_breaker', 1, 300, 3600, 'The plan''s mails of the day or month are used up. Sending goes on by itself when Resend takes mails again; or take a larger plan.');
insert into amocrm.error_policies
  (error_code, action, first_wait_ms, wait_growth, longest_wait_ms, jitter, explanation) values
  ('mail_in_doubt', 'retry', 10000, 2, 1800000, 1, 'A mail went out and its answer did not come. It is repeated under the same idempotency key, which makes no second mail, for 23 hours.'),
  ('mail_in_progress', 'retry', 5000, 2, 300000, 1, 'Resend is still at work on the first request for this mail. Nothing needs doing.');
insert into amocrm.error_policies
  (error_code, action, first_wait_ms, wait_growth, longest_wait_ms, jitter, opens_breaker_after, breaker_first_seconds, breaker_longest_seconds, explanation) values
  ('mail_refused_unexplained', 'retry', 60000, 2, 3600000, 1, 1, 60, 300, 'Resend refuses a mail whose recipient is plainly good, so what all mails have in common is in the way. Check MAIL_FROM and MAIL_REPLY_TO, then message_resume().');
insert into amocrm.error_policies (error_code, action, spends_attempt, explanation) values
  ('mail_key_taken', 'dead', true, 'Resend knows the mail''s key with another body, so it took a mail by it before. Look in its list, then amocrm_requeue(id).'),
  ('mail_refused', 'dead', true, 'Resend refuses the content; the message has its word for the fault. Mend the address or MAIL_FROM, then amocrm_requeue(id).');

create table public.message_settings (
  is_the_only_row boolean primary key default true,
  min_interval_ms int not null default 500,
  max_attempts int not null default 12,
  link_days int not null default 14,
  language text not null default 'ru',
  course_name text not null default 'Tripwire',
  alert_language text,
  time_zone text not null default 'Asia/Almaty',
  sms_min_interval_ms int not null default 1000,
  sms_max_attempts int not null default 12,
  sms_sender text,
  sms_max_parts int not null default 3,
  sms_countries text[] not null default '{+7}',
  sms_per_hour int not null default 200,
  sms_per_day int not null default 1000,
  sms_balance_alert numeric not null default 1000,
  quiet_from time default '21:00',
  quiet_until time default '09:00',
  sms_quiet_from time default '20:00',
  sms_quiet_until time default '10:00',
  daily_cap int default 1,
  weekly_cap int default 3,
  requires_consent boolean not null default true,
  mails_per_hour int default 3000,
  click_notes_since timestamptz,
  updated_at timestamptz not null default amocrm.clock(),
  constraint settings_have_one_row check (is_the_only_row),
  -- Resend takes 2 requests a second from a team with no other limit agreed; a drain waits 10 s for a slot at most.
  constraint min_interval_keeps_resends_limit check (min_interval_ms between 200 and 10000),
  constraint max_attempts_is_sensible check (max_attempts between 1 and 100),
  constraint link_days_are_sensible check (link_days between 1 and 90),
  constraint language_has_templates check (language in ('ru', 'en')),
  constraint alert_language_has_texts check (alert_language in ('ru', 'en')),
  constraint time_zone_exists check ((timestamptz 'epoch' at time zone time_zone) is not null),
  constraint caps_are_positive check (daily_cap >= 1 and weekly_cap >= 1),
  constraint mails_per_hour_is_not_negative check (mails_per_hour >= 0),
  -- It stands in the subject of each mail.
  constraint course_name_is_one_line check (course_name !~ '[[:cntrl:]]'),
  constraint course_name_is_short check (length(course_name) between 1 and 100),
  constraint sms_interval_keeps_mobizons_limit check (sms_min_interval_ms between 200 and 10000),
  constraint sms_max_attempts_is_sensible check (sms_max_attempts between 1 and 100),
  constraint sms_sender_is_a_name check (sms_sender ~ '^[A-Za-z0-9 ._+-]{1,15}$'),
  constraint sms_max_parts_is_sensible check (sms_max_parts between 1 and 10),
  constraint sms_countries_are_codes check (array_to_string(sms_countries, '', '?') ~ '^([+][1-9][0-9]{0,6})*$'),
  constraint sms_sums_are_sensible check (sms_per_hour between 0 and 100000 and sms_per_day between 0 and 1000000)
);
comment on table public.message_settings is 'One row with the pace and the texts of mails, and the pace and the bounds of SMS.';
comment on column public.message_settings.min_interval_ms is 'The pace: the smallest time between two requests to Resend. 500 keeps the limit of every plan.';
comment on column public.message_settings.max_attempts is
  'Failed attempts after which a mail is dead; waiting for Resend to come back is no attempt.';
comment on column public.message_settings.link_days is 'How long the link of a welcome mail works, unless a password was set with it before.';
comment on column public.message_settings.language is 'The language of mails to students who have none of their own.';
comment on column public.message_settings.course_name is 'The name of the course as mails say it.';
comment on column public.message_settings.alert_language is 'The language of mails and posts about incidents; null for both, one after the other.';
comment on column public.message_settings.time_zone is 'The time zone of times in mails and posts about incidents, such as Europe/Moscow.';
comment on column public.message_settings.sms_min_interval_ms is 'The pace of SMS: the smallest time between two requests to Mobizon.';
comment on column public.message_settings.sms_max_attempts is 'Failed attempts after which an SMS is dead; waiting for Mobizon to come back is no attempt.';
comment on column public.message_settings.sms_sender is 'The sender''s name as registered at Mobizon; null for the account''s default.';
comment on column public.message_settings.sms_max_parts is 'An SMS of more parts is not sent: each costs as much as an SMS.';
comment on column public.message_settings.sms_countries is 'How numbers begin that get SMS; one that begins otherwise is held until a person releases it.';
comment on column public.message_settings.sms_per_hour is 'How many SMS go out in any hour; further ones are held until a person releases them.';
comment on column public.message_settings.sms_per_day is 'How many SMS go out in any 24 hours; further ones are held until a person releases them.';
comment on column public.message_settings.sms_balance_alert is 'An alert is raised when less is left at Mobizon, in the account''s currency; 0 for none.';
comment on column public.message_settings.quiet_from is
  'From this local hour of the recipient on no mail of a sequence goes; with quiet_until equal or null there are no quiet hours.';
comment on column public.message_settings.quiet_until is 'The local hour at which mails of sequences go on.';
comment on column public.message_settings.sms_quiet_from is 'From this local hour of the recipient on no SMS of a sequence goes.';
comment on column public.message_settings.sms_quiet_until is 'The local hour at which SMS of sequences go on.';
comment on column public.message_settings.daily_cap is
  'Messages of sequences that an address gets on a local day, over all sequences; null for no cap. The topic course does not count.';
comment on column public.message_settings.weekly_cap is 'Messages of sequences that an address gets within seven local days; null for no cap.';
comment on column public.message_settings.requires_consent is 'Whether a sequence writes only to those who agreed; a withdrawal counts in either case.';
comment on column public.message_settings.mails_per_hour is
  'Mails of sequences within an hour, for all together; more are held until a person releases them. Null for no bound.';
comment on column public.message_settings.click_notes_since is
  'From when on a person''s click on a link is written as a note on the deal, once per link; null for never.';
insert into public.message_settings default values;
insert into amocrm.queues (queue, drain, settings) values ('message', 'message-drain', 'public.message_settings');
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
  opened_at timestamptz,
  created_at timestamptz not null default amocrm.clock(),
  constraint round_is_positive check (round >= 1),
  constraint doubt_has_its_body check (doubt_since is null or body is not null),
  constraint outcome_is_known check (outcome in ('sent', 'delayed', 'failed', 'delivered', 'bounced', 'complained')),
  constraint outcome_has_its_time check ((outcome is null) = (outcome_at is null))
);
comment on table amocrm.mails is 'What became of each mail; the row outlives its message and stays as long as the student.';
comment on column amocrm.mails.round is 'Part of the idempotency key: one higher when another body is sent although nothing is in doubt.';
comment on column amocrm.mails.body is 'The request as rendered, without the link; removed once Resend has it.';
comment on column amocrm.mails.doubt_since is 'When the first request without a known outcome was sent; null if none is in doubt.';
comment on column amocrm.mails.outcome is 'The furthest known outcome: our own sent, and what Resend''s webhook reported.';
comment on column amocrm.mails.opened_at is 'When a mail program first said that it was opened, which machines do as well.';
create index mails_of_subject_idx on amocrm.mails (subject_id, message_id);
create index mails_by_resend_id_idx on amocrm.mails (resend_id) where resend_id is not null;

create table amocrm.suppressed_addresses (
  email_key text primary key,
  reason text not null,
  since timestamptz not null default amocrm.clock(),
  constraint reason_is_known check (reason in ('bounced', 'complained'))
);
comment on table amocrm.suppressed_addresses is
  'Addresses that bounced for good or whose owner complained; nothing is sent there any more.';

alter table public.message_settings enable row level security;
alter table amocrm.mails enable row level security;
alter table amocrm.suppressed_addresses enable row level security;
revoke all on public.message_settings, amocrm.mails, amocrm.suppressed_addresses from public, anon, authenticated, service_role;
grant select, update on public.message_settings to service_role;
grant select on amocrm.mails, amocrm.suppressed_addresses to service_role;
