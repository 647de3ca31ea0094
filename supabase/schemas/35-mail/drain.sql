-- What the edge function message-drain may call by rpc: the engine's functions for the queue message, and the two places
-- where a mail is more than a message: the body that must not change between tries, and what Resend made of it.

create function public.message_drain_begin(p_token uuid, p_project text) returns text
language sql security definer set search_path = ''
as $$ select amocrm.begin_at_home('message', p_token, p_project) $$;
comment on function public.message_drain_begin(uuid, text) is
  'Takes the drain lease and rescues messages of a dead drain: granted, busy, paused or breaker_open, also in a copied database.';

create function public.message_drain_claim(p_token uuid, p_limit int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[];
  v_subjects jsonb;
  v_details jsonb;
  v_now timestamptz := amocrm.clock();
begin
  select coalesce(array_agg(leased.id), '{}') into v_ids from amocrm.claim('message', p_token, p_limit) as leased;
  v_subjects := amocrm.read_subjects('message', v_ids);
  v_details := amocrm.read_kinds('message', v_ids);
  return (select jsonb_build_object(
    'settings', (select to_jsonb(message_settings) from public.message_settings),
    'troubles', amocrm.troubles('message'),
    'messages', coalesce(jsonb_agg(jsonb_build_object(
      'id', claimed.id, 'kind', claimed.kind, 'subjectId', claimed.subject_id, 'payload', claimed.payload,
      'isInDoubt', claimed.step is not null, 'attemptCount', claimed.attempt_count,
      'doubtMs', floor(extract(epoch from v_now - mails.doubt_since) * 1000),
      'resendId', mails.resend_id, 'suppressedBy', null, 'student', null, 'alert', null,
      'details', v_details -> claimed.id::text)
      -- What the subject's area knows takes the place of those nulls.
      || subject.known
      || case when subject.known ? 'alert' then jsonb_build_object('alert', subject.known -> 'alert'
        || jsonb_build_object('ageMs', floor(extract(epoch from v_now - claimed.created_at) * 1000))) else '{}' end order by claimed.id), '[]'))
  from amocrm.outbox as claimed
  left join amocrm.mails on mails.message_id = claimed.id
  cross join lateral (select coalesce(v_subjects -> claimed.subject_table -> claimed.subject_id::text, '{}') as known) as subject
  where claimed.queue = 'message' and claimed.id = any (v_ids));
end
$$;
comment on function public.message_drain_claim(uuid, int) is
  'Leases due messages with their present student or incident and what is known of the mail: {settings, troubles, messages}.';

create function public.message_drain_intend(p_token uuid, p_id bigint, p_body jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_message amocrm.outbox;
  v_mail amocrm.mails;
begin
  if not amocrm.may_depart('message', p_token, p_id) or p_id <> all (amocrm.mark_sent('message', p_token, array[p_id], 'send_mail')) then
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
    -- A student who has a password is told to sign in: the mail has no place for a token, and none is made.
    'linkToken', case when v_mail.kind = 'student.welcome'
        and (v_mail.body ->> 'text' is null or position('#token=' in v_mail.body ->> 'text') > 0)
      then amocrm.open_link(p_id, v_mail.subject_id) else amocrm.drawn_token('message', p_id) end);
end
$$;
comment on function public.message_drain_intend(uuid, bigint, jsonb) is
  'Commits the intent before a mail request, {key, body, linkToken}, with the first body while in doubt; null if another drain''s, held or ended.';

create function public.message_drain_settle(p_token uuid, p_results jsonb) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_settled jsonb;
  v_ids bigint[];
begin
  select coalesce(jsonb_agg(to_jsonb(settled) order by settled.id), '[]'), coalesce(array_agg(settled.id order by settled.id), '{}') into v_settled, v_ids
  from amocrm.settle('message', p_token, (amocrm.settings_of('message')).max_attempts, p_results) as settled;
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
  perform amocrm.write_back_subjects('message', jsonb_path_query_array(v_settled, '$[*] ? (@.state == "delivered")'));
  perform amocrm.log_attempts('message', v_settled);
  perform amocrm.landed('message', settled.person_id)
  from jsonb_to_recordset(v_settled) as settled (person_id bigint) where settled.person_id is not null;
  return v_ids;
end
$$;
-- p_ends: [{id, verdict, policy, is_sent, told_wait_ms, jitter, code, message, resend_id}];
-- state, attempts and wait follow from amocrm.error_policies (by policy, else by code), unless spends_attempt and wait_ms are given.
comment on function public.message_drain_settle(uuid, jsonb) is
  'Settles claimed mails and releases each recipient''s next message; returns those settled, not stale ones.';

create function public.message_drain_extend(p_token uuid) returns void
language sql security definer set search_path = ''
as $$ select amocrm.extend_drain('message', p_token) $$;
comment on function public.message_drain_extend(uuid) is
  'Renews the drain''s lease during a long request; raises OB001 if the lease is lost.';

create function public.message_drain_end(p_token uuid, p_has_failed boolean default false) returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.end_and_ring('message', p_token, p_has_failed) $$;
comment on function public.message_drain_end(uuid, boolean) is 'Gives the drain lease back and rings again if something is due, unless the drain ended by an error.';

create function public.message_drain_look_again() returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.look_again('message') $$;
comment on function public.message_drain_look_again() is
  'Rings for rows that a drain could not see because they were uncommitted when it ended.';

create function public.message_reserve_slot(p_token uuid, p_since_departure_ms int, p_max_wait_ms int) returns jsonb
language sql security definer set search_path = ''
as $$
  select to_jsonb(slot) from amocrm.reserve_slot('message', p_token,
    (select message_settings.min_interval_ms from public.message_settings), p_since_departure_ms, p_max_wait_ms) as slot
$$;
comment on function public.message_reserve_slot(uuid, int, int) is 'Reserves the right to send one request to Resend after wait_ms.';

create function public.message_report_fault(p_code text, p_cause_code text, p_message text, p_told_wait_ms bigint,
  p_operation text, p_message_ids bigint[], p_is_probe boolean) returns text
language sql security definer set search_path = ''
as $$
  select amocrm.report_fault('message', (select message_settings.min_interval_ms from public.message_settings),
    p_code, p_cause_code, p_message, p_told_wait_ms, p_operation, p_message_ids, p_is_probe)
$$;
comment on function public.message_report_fault(text, text, text, bigint, text, bigint[], boolean) is
  'Reports an error answer of Resend to a request of p_message_ids; returns stop, counts or harmless as amocrm_error_policies decides.';

create function public.message_report_answer(p_operations text[]) returns void
language sql security definer set search_path = ''
as $$ select amocrm.note_answer('message', p_operations) $$;
comment on function public.message_report_answer(text[]) is 'Reports that operations which failed before were answered.';

create function public.message_breaker_close() returns void
language sql security definer set search_path = ''
as $$ select amocrm.close_breaker('message') $$;
comment on function public.message_breaker_close() is 'Closes the breaker after a successful probe.';

revoke all on function public.message_drain_begin(uuid, text), public.message_drain_claim(uuid, int),
  public.message_drain_intend(uuid, bigint, jsonb), public.message_drain_settle(uuid, jsonb), public.message_drain_extend(uuid),
  public.message_drain_end(uuid, boolean), public.message_drain_look_again(), public.message_reserve_slot(uuid, int, int),
  public.message_report_fault(text, text, text, bigint, text, bigint[], boolean), public.message_report_answer(text[]), public.message_breaker_close()
  from public, anon, authenticated;
grant execute on function public.message_drain_begin(uuid, text), public.message_drain_claim(uuid, int),
  public.message_drain_intend(uuid, bigint, jsonb), public.message_drain_settle(uuid, jsonb), public.message_drain_extend(uuid),
  public.message_drain_end(uuid, boolean), public.message_drain_look_again(), public.message_reserve_slot(uuid, int, int),
  public.message_report_fault(text, text, text, bigint, text, bigint[], boolean), public.message_report_answer(text[]), public.message_breaker_close()
  to service_role;
