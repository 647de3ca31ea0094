-- What the edge function message-drain may call by rpc: the engine's functions for the queue message, and the two places
-- where a mail is more than a message: the body that must not change between tries, and what Resend made of it.

create function public.message_drain_begin(p_token uuid) returns text
language sql security definer set search_path = ''
as $$ select amocrm.begin_drain('message', p_token) $$;
comment on function public.message_drain_begin(uuid) is
  'Takes the drain lease and frees what a dead drain left: granted, busy, paused or breaker_open.';

create function public.message_drain_claim(p_token uuid, p_limit int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[];
  v_now timestamptz := amocrm.clock();
begin
  select coalesce(array_agg(leased.id), '{}') into v_ids from amocrm.claim('message', p_token, p_limit) as leased;
  return (select jsonb_build_object(
    'settings', (select to_jsonb(message_settings) from public.message_settings),
    'messages', coalesce(jsonb_agg(jsonb_build_object(
      'id', claimed.id, 'kind', claimed.kind, 'subjectId', claimed.subject_id, 'payload', claimed.payload,
      'isInDoubt', claimed.step is not null, 'attemptCount', claimed.attempt_count,
      'doubtMs', floor(extract(epoch from v_now - mails.doubt_since) * 1000),
      'resendId', mails.resend_id,
      'suppressedBy', (select suppressed_addresses.reason from amocrm.suppressed_addresses
        where suppressed_addresses.email_key = amocrm.normalize_email(student.email)),
      'student', case when student.id is not null then jsonb_build_object('fullName', student.full_name,
        'email', student.email, 'language', student.language, 'hasLogin', student.user_id is not null,
        'isActive', student.status = 'active') end,
      'alert', case when alert.id is not null then jsonb_build_object('code', alert.code, 'severity', alert.severity,
        'detail', alert.detail, 'remedy', alert.remedy, 'firstSeenAt', alert.first_seen_at, 'resolvedAt', alert.resolved_at,
        'ageMs', floor(extract(epoch from v_now - claimed.created_at) * 1000)) end) order by claimed.id), '[]'))
  from amocrm.outbox as claimed
  left join amocrm.mails on mails.message_id = claimed.id
  left join public.tripwire_users as student on claimed.subject_table = 'tripwire_users' and student.id = claimed.subject_id
  left join public.amocrm_alerts as alert on claimed.subject_table = 'amocrm_alerts' and alert.incident_id = claimed.subject_id
  where claimed.queue = 'message' and claimed.id = any (v_ids));
end
$$;
comment on function public.message_drain_claim(uuid, int) is
  '{settings, messages}: leases messages that are due, with the student or incident they are about as it is now and what is known of the mail.';

create function public.message_drain_intend(p_token uuid, p_id bigint, p_body jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_message amocrm.outbox;
  v_mail amocrm.mails;
begin
  if p_id <> all (amocrm.mark_sent('message', p_token, array[p_id], 'send_mail')) then
    return null;
  end if;
  select * into v_message from amocrm.outbox where outbox.queue = 'message' and outbox.id = p_id;
  -- While a request is in doubt the first body stands, whatever a new template or a changed name would say. With
  -- nothing in doubt another body is another request, and gets a key that was never used.
  insert into amocrm.mails as known (message_id, kind, subject_id, body, doubt_since)
  values (p_id, v_message.kind, v_message.subject_id, p_body, v_message.sent_at)
  on conflict (message_id) do update set
    round = known.round + (known.doubt_since is null and known.body is distinct from p_body)::int,
    body = case when known.doubt_since is null then p_body else known.body end,
    doubt_since = coalesce(known.doubt_since, v_message.sent_at)
  returning * into v_mail;
  return jsonb_build_object(
    'key', v_mail.kind || '/' || v_mail.subject_id || '/' || v_mail.message_id || '.' || v_mail.round,
    'body', v_mail.body,
    'linkToken', case when v_mail.kind = 'student.welcome' then amocrm.open_link(p_id, v_mail.subject_id) end);
end
$$;
comment on function public.message_drain_intend(uuid, bigint, jsonb) is
  'Commits the intent before the request leaves: {key, body, linkToken}, the body being that of the first try as long as one is in doubt. Null: the message is another drain''s.';

create function public.message_drain_settle(p_token uuid, p_results jsonb) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_settled jsonb;
  v_ids bigint[];
begin
  select coalesce(jsonb_agg(to_jsonb(settled)), '[]'), coalesce(array_agg(settled.id), '{}') into v_settled, v_ids
  from amocrm.settle('message', p_token, (select message_settings.max_attempts from public.message_settings), p_results) as settled;
  update amocrm.mails set
    resend_id = coalesce(mails.resend_id, results.resend_id),
    accepted_at = case when outbox.state = 'delivered' then coalesce(mails.accepted_at, amocrm.clock()) else mails.accepted_at end,
    outcome = case when outbox.state = 'delivered' then coalesce(mails.outcome, 'sent') else mails.outcome end,
    outcome_at = case when outbox.state = 'delivered' then coalesce(mails.outcome_at, amocrm.clock()) else mails.outcome_at end,
    doubt_since = case when outbox.step is not null then mails.doubt_since end,
    -- A key that turned out to be taken is not used again, should somebody requeue the message.
    round = mails.round + (results.code is not distinct from 'mail_key_taken')::int,
    body = case when outbox.state <> 'delivered' then mails.body end
  from jsonb_to_recordset(p_results) as results (id bigint, code text, resend_id text)
  join amocrm.outbox on outbox.queue = 'message' and outbox.id = results.id
  where mails.message_id = results.id and results.id = any (v_ids);
  perform amocrm.write_back_mails(v_ids);
  perform amocrm.log_attempts('message', v_settled);
  perform amocrm.landed('message', settled.person_id)
  from jsonb_to_recordset(v_settled) as settled (person_id bigint) where settled.person_id is not null;
  return v_ids;
end
$$;
comment on function public.message_drain_settle(uuid, jsonb) is
  'Settles claimed messages, [{id, verdict, policy, is_sent, told_wait_ms, jitter, code, message, resend_id}], and lets each recipient''s next message go. Tells what was settled; the rest was stale.';

create function public.message_drain_extend(p_token uuid) returns void
language sql security definer set search_path = ''
as $$ select amocrm.extend_drain('message', p_token) $$;
comment on function public.message_drain_extend(uuid) is 'Sign of life during a long request; raises OB001 if the lease is lost.';

create function public.message_drain_end(p_token uuid) returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.end_and_ring('message', p_token) $$;
comment on function public.message_drain_end(uuid) is 'Gives the drain lease back and rings again if something is due.';

create function public.message_drain_look_again() returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.look_again('message') $$;
comment on function public.message_drain_look_again() is
  'For a drain that has ended a moment ago: an insert that was not committed then saw a drain at work and rang no bell.';

create function public.message_reserve_slot(p_token uuid, p_since_departure_ms int, p_max_wait_ms int) returns jsonb
language sql security definer set search_path = ''
as $$
  select to_jsonb(slot) from amocrm.reserve_slot('message', p_token,
    (select message_settings.min_interval_ms from public.message_settings), p_since_departure_ms, p_max_wait_ms) as slot
$$;
comment on function public.message_reserve_slot(uuid, int, int) is 'The right to send one request to Resend, after wait_ms.';

create function public.message_report_fault(p_code text, p_cause_code text, p_message text, p_told_wait_ms bigint, p_count int, p_is_probe boolean) returns text
language sql security definer set search_path = ''
as $$
  select amocrm.report_fault('message', (select message_settings.min_interval_ms from public.message_settings),
    p_code, p_cause_code, p_message, p_told_wait_ms, p_count, p_is_probe)
$$;
comment on function public.message_report_fault(text, text, text, bigint, int, boolean) is
  'An answer of Resend that was an error; p_count is how many in a row. Slows down or stops mail as amocrm_error_policies says: stop, counts or harmless.';

create function public.message_breaker_close() returns void
language sql security definer set search_path = ''
as $$ select amocrm.close_breaker('message') $$;
comment on function public.message_breaker_close() is 'A probe was answered.';

revoke all on function public.message_drain_begin(uuid), public.message_drain_claim(uuid, int),
  public.message_drain_intend(uuid, bigint, jsonb), public.message_drain_settle(uuid, jsonb), public.message_drain_extend(uuid),
  public.message_drain_end(uuid), public.message_drain_look_again(), public.message_reserve_slot(uuid, int, int),
  public.message_report_fault(text, text, text, bigint, int, boolean), public.message_breaker_close()
  from public, anon, authenticated;
grant execute on function public.message_drain_begin(uuid), public.message_drain_claim(uuid, int),
  public.message_drain_intend(uuid, bigint, jsonb), public.message_drain_settle(uuid, jsonb), public.message_drain_extend(uuid),
  public.message_drain_end(uuid), public.message_drain_look_again(), public.message_reserve_slot(uuid, int, int),
  public.message_report_fault(text, text, text, bigint, int, boolean), public.message_breaker_close()
  to service_role;
