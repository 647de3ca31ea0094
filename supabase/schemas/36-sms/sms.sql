-- SMS: a queue of its own, through Mobizon. Order, leases, pace and breaker are the engine's; here is what only an SMS has: its
-- text, its parts, what became of it.
--
-- Mobizon knows no idempotency key. A request whose answer was lost is never sent again by itself: it is looked for among
-- the messages to that number, by the name of its campaign, and if it is not found a person decides.

insert into amocrm.heartbeats (component) values ('sms-drain');

insert into amocrm.error_policies
  (error_code, action, opens_breaker_after, breaker_first_seconds, breaker_longest_seconds, explanation) values
  ('sms_unauthorized', 'open_breaker', 1, 60, 300, 'Mobizon refuses the key or the account is blocked. Check MOBIZON_API_KEY and the addresses that may use it, then message_resume(''sms'').'),
  ('sms_wrong_address', 'open_breaker', 1, 60, 300, 'What answered is not the Mobizon that serves this account. Check MOBIZON_BASE_URL: each country has its own, Kazakhstan https://api.mobizon.kz.'),
  ('sms_sender_refused', 'open_breaker', 1, 60, 300, 'Mobizon refuses the sender''s name. Register it there, or mend message_settings.sms_sender, then message_resume(''sms'').'),
  ('sms_no_money', 'open_breaker', 1, 300, 3600, 'The balance at Mobizon is used up. Sending goes on by itself once it is topped up.');
insert into amocrm.error_policies
  (error_code, action, first_wait_ms, wait_growth, longest_wait_ms, jitter, explanation) values
  ('sms_in_background', 'retry', 10000, 2, 300000, 0, 'Mobizon has taken the SMS as a background task, and it is looked what became of that. Nothing needs doing.'),
  ('sms_held', 'retry', 3600000, 1, 3600000, 0, 'More SMS than message_settings allows for an hour or a day, or to a country that is not listed. Look what sends them, then select sms_release(), or to drop them sms_release(null, true).');
insert into amocrm.error_policies (error_code, action, spends_attempt, explanation) values
  ('sms_refused', 'dead', true, 'Mobizon refuses the content; the message names the field. Mend the number or the text, then amocrm_requeue(id).'),
  ('sms_too_long', 'dead', true, 'The text has more parts than message_settings.sms_max_parts allows, so nothing was sent. Shorten the text or raise the setting, then amocrm_requeue(id).');

create view amocrm.sms_pace as
select message_settings.sms_min_interval_ms as min_interval_ms, message_settings.sms_max_attempts as max_attempts from public.message_settings;
comment on view amocrm.sms_pace is 'The pace of SMS under the names that the engine asks for.';
revoke all on amocrm.sms_pace from public, anon, authenticated, service_role;
insert into amocrm.queues (queue, drain, settings) values ('sms', 'sms-drain', 'amocrm.sms_pace');

insert into amocrm.kinds (kind, queue, has_handler, purpose) values
  ('lead.sms', 'sms', true, 'An SMS to a lead, such as a step of a sequence.'),
  ('student.sms', 'sms', true, 'An SMS to a student, such as a step of a sequence.');

create table amocrm.sms (
  message_id bigint primary key,
  key_hash bytea unique,
  subject_id uuid not null,
  body text,
  part_count int,
  round int not null default 0,
  sent_at timestamptz,
  doubt_since timestamptz,
  campaign_id text,
  mobizon_id text,
  accepted_at timestamptz,
  is_moderated boolean not null default false,
  status text,
  outcome text,
  outcome_at timestamptz,
  look_count int not null default 0,
  next_look_at timestamptz,
  released_at timestamptz,
  created_at timestamptz not null default amocrm.clock(),
  constraint round_is_not_negative check (round >= 0),
  constraint doubt_has_its_body check (doubt_since is null or body is not null),
  constraint outcome_is_known check (outcome in ('sent', 'delivered', 'undelivered', 'rejected', 'expired', 'deleted')),
  constraint outcome_has_its_time check ((outcome is null) = (outcome_at is null))
);
comment on table amocrm.sms is 'What became of each SMS; the row outlives its message.';
comment on column amocrm.sms.key_hash is 'The hash of the maker''s key: the same key is the same SMS, for 400 days.';
comment on column amocrm.sms.body is 'The text as it was sent; removed once Mobizon has it.';
comment on column amocrm.sms.part_count is 'How many parts the text had: each costs as much as an SMS.';
comment on column amocrm.sms.round is 'Part of the campaign''s name: one higher with each request, so that the right one is found.';
comment on column amocrm.sms.sent_at is 'When the last request left; the sums of an hour and a day are counted by it.';
comment on column amocrm.sms.doubt_since is 'When the request left whose outcome is not known; null if none is in doubt.';
comment on column amocrm.sms.status is 'Mobizon''s own word, also one that we do not know.';
comment on column amocrm.sms.outcome is 'The furthest known outcome: sent once Mobizon has it, then what its reports say.';
comment on column amocrm.sms.next_look_at is 'When Mobizon is asked next what became of it; null if that is known or no longer asked.';
comment on column amocrm.sms.released_at is 'When a person let a held SMS go: it is not held again.';
create index sms_by_time_idx on amocrm.sms (sent_at) where sent_at is not null;
create index sms_by_mobizon_id_idx on amocrm.sms (mobizon_id) where mobizon_id is not null;
create index sms_of_subject_idx on amocrm.sms (subject_id, message_id);
create index sms_to_look_at_idx on amocrm.sms (next_look_at) where next_look_at is not null;
create index sms_rejected_idx on amocrm.sms (outcome_at) where outcome = 'rejected';
create index sms_by_age_idx on amocrm.sms (created_at);
alter table amocrm.sms enable row level security;
revoke all on amocrm.sms from public, anon, authenticated, service_role;
grant select on amocrm.sms to service_role;

create function amocrm.append_sms(p_kind text, p_table text, p_subject_id uuid, p_phone text, p_payload jsonb, p_key text default null) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_phone_key text := amocrm.normalize_phone(p_phone);
  v_key_hash bytea := pg_catalog.sha256(convert_to(p_key, 'UTF8'));
  v_id bigint;
begin
  -- Without the number in the message: it ends up in logs.
  if v_phone_key is null then
    raise exception 'p_phone is not a phone number' using errcode = '22023', hint = 'It has 10 digits, or + and the country code.';
  elsif not exists (select from amocrm.kinds where kinds.kind = p_kind and kinds.queue = 'sms') then
    raise exception 'p_kind: % is no kind of SMS', coalesce('"' || p_kind || '"', 'null') using errcode = '22023';
  end if;
  insert into amocrm.sms (message_id, key_hash, subject_id) values (nextval('amocrm.outbox_id_seq'), v_key_hash, p_subject_id)
  on conflict (key_hash) do nothing returning sms.message_id into v_id;
  if v_id is null then
    return (select sms.message_id from amocrm.sms where sms.key_hash = v_key_hash);
  end if;
  perform amocrm.append_numbered(v_id, p_kind, p_table, p_subject_id, null, v_phone_key, null, p_payload);
  return v_id;
end
$$;
-- The payload has {"text"}, unless the kind's composer in sms-drain makes the text at the moment of sending. The caller rings
-- when it has appended all: amocrm.ring('sms'). SMS to one number go out in the order of their ids, so append what is due.
comment on function amocrm.append_sms(text, text, uuid, text, jsonb, text) is
  'Appends an SMS of a kind about a row, one per key; returns the message''s id.';
revoke all on function amocrm.append_sms(text, text, uuid, text, jsonb, text) from public;

create function amocrm.forget_sms(p_ids bigint[]) returns void
language sql set search_path = ''
as $$
  -- The key stays: appended once more under it, nothing is sent.
  update amocrm.sms set body = null, doubt_since = null, next_look_at = null where sms.message_id = any (p_ids)
$$;
comment on function amocrm.forget_sms(bigint[]) is 'Takes the texts of SMS away; that one was sent, and when, stays.';

create function amocrm.prune_sms(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  delete from amocrm.sms where sms.message_id in (
    select old.message_id from amocrm.sms as old
    where old.created_at < amocrm.clock() - interval '400 days'
      and not exists (select from amocrm.outbox where outbox.queue = 'sms' and outbox.id = old.message_id)
    order by old.created_at limit p_limit);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.prune_sms(int) is 'Deletes up to p_limit records of SMS older than 400 days whose messages are gone.';
insert into amocrm.upkeep (step, rank, row_factor, function) values ('sms', 26, 1, 'amocrm.prune_sms');
revoke all on function amocrm.forget_sms(bigint[]), amocrm.prune_sms(int) from public;
