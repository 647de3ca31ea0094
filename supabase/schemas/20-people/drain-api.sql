-- What the drain of any queue may call by rpc, for service_role only: the engine's functions under public names. A queue of its
-- own needs no functions of its own for it; amoCRM and mail have more to say at a claim and a settlement, and say it there.
-- It stands above the people, because a message that is settled lets its person's next one go.

create function public.outbox_begin(p_queue text, p_token uuid) returns text
language sql security definer set search_path = ''
as $$ select amocrm.begin_drain(p_queue, p_token) $$;
comment on function public.outbox_begin(text, uuid) is
  'Takes a queue''s drain lease and frees what a dead drain left: granted, busy, paused or breaker_open.';

create function public.outbox_claim(p_queue text, p_token uuid, p_limit int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[];
  v_subjects jsonb;
begin
  select coalesce(array_agg(leased.id), '{}') into v_ids from amocrm.claim(p_queue, p_token, p_limit) as leased;
  v_subjects := amocrm.read_subjects(p_queue, v_ids);
  return (select jsonb_build_object('troubles', amocrm.troubles(p_queue), 'messages', coalesce(jsonb_agg(jsonb_build_object(
    'id', claimed.id, 'kind', claimed.kind, 'subjectTable', claimed.subject_table, 'subjectId', claimed.subject_id,
    'payload', claimed.payload, 'progress', claimed.progress, 'isInDoubt', claimed.step is not null,
    'attemptCount', claimed.attempt_count, 'errorCount', claimed.error_count,
    'subject', v_subjects -> claimed.subject_table -> claimed.subject_id::text) order by claimed.id), '[]'))
  from amocrm.outbox as claimed where claimed.queue = p_queue and claimed.id = any (v_ids));
end
$$;
comment on function public.outbox_claim(text, uuid, int) is
  '{troubles, messages}: leases messages that are due, with the rows they are about as they are now.';

create function public.outbox_mark_sent(p_queue text, p_token uuid, p_ids bigint[], p_step text) returns bigint[]
language sql security definer set search_path = ''
as $$ select amocrm.mark_sent(p_queue, p_token, p_ids, p_step) $$;
comment on function public.outbox_mark_sent(text, uuid, bigint[], text) is
  'Commits the intent before a request that must not be repeated blindly; returns the messages that may be sent.';

create function public.outbox_record(p_queue text, p_token uuid, p_facts jsonb) returns bigint[]
language sql security definer set search_path = ''
as $$ select amocrm.record_progress(p_queue, p_token, p_facts) $$;
comment on function public.outbox_record(text, uuid, jsonb) is
  'Records what answered requests achieved, [{id, progress}], so that a crash after it repeats nothing.';

create function public.outbox_settle(p_queue text, p_token uuid, p_results jsonb) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_settled jsonb;
begin
  select coalesce(jsonb_agg(to_jsonb(settled)), '[]') into v_settled
  from amocrm.settle(p_queue, p_token, (amocrm.settings_of(p_queue)).max_attempts, p_results) as settled;
  perform amocrm.write_back_subjects(p_queue, jsonb_path_query_array(v_settled, '$[*] ? (@.state == "delivered")'));
  perform amocrm.log_attempts(p_queue, v_settled);
  perform amocrm.landed(p_queue, settled.person_id)
  from jsonb_to_recordset(v_settled) as settled (person_id bigint) where settled.person_id is not null;
  return (select coalesce(array_agg(settled.id order by settled.id), '{}') from jsonb_to_recordset(v_settled) as settled (id bigint));
end
$$;
comment on function public.outbox_settle(text, uuid, jsonb) is
  'Settles claimed messages and releases each person''s next one; returns those settled, not stale ones.';

create function public.outbox_extend(p_queue text, p_token uuid) returns void
language sql security definer set search_path = ''
as $$ select amocrm.extend_drain(p_queue, p_token) $$;
comment on function public.outbox_extend(text, uuid) is 'Renews a drain''s lease during a long request; raises OB001 if it is lost.';

create function public.outbox_end(p_queue text, p_token uuid, p_has_failed boolean default false) returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.end_and_ring(p_queue, p_token, p_has_failed) $$;
comment on function public.outbox_end(text, uuid, boolean) is
  'Gives the drain lease back and rings again if something is due, unless the drain ended by an error.';

create function public.outbox_look_again(p_queue text) returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.look_again(p_queue) $$;
comment on function public.outbox_look_again(text) is
  'Rings for rows that a drain could not see because they were uncommitted when it ended.';

create function public.outbox_reserve_slot(p_queue text, p_token uuid, p_since_departure_ms int, p_max_wait_ms int) returns jsonb
language sql security definer set search_path = ''
as $$
  select to_jsonb(slot) from amocrm.reserve_slot(p_queue, p_token, (amocrm.settings_of(p_queue)).min_interval_ms,
    p_since_departure_ms, p_max_wait_ms) as slot
$$;
comment on function public.outbox_reserve_slot(text, uuid, int, int) is
  'The right to send one request of a queue, after wait_ms. p_token is null for requests outside of a drain (setup, connect).';

create function public.outbox_report_fault(p_queue text, p_code text, p_cause_code text, p_message text, p_told_wait_ms bigint,
  p_operation text, p_message_ids bigint[], p_is_probe boolean) returns text
language sql security definer set search_path = ''
as $$
  select amocrm.report_fault(p_queue, (amocrm.settings_of(p_queue)).min_interval_ms,
    p_code, p_cause_code, p_message, p_told_wait_ms, p_operation, p_message_ids, p_is_probe)
$$;
comment on function public.outbox_report_fault(text, text, text, text, bigint, text, bigint[], boolean) is
  'Reports an error answer to a request of p_message_ids; returns stop, counts or harmless as amocrm_error_policies decides.';

create function public.outbox_report_answer(p_queue text, p_operations text[]) returns void
language sql security definer set search_path = ''
as $$ select amocrm.note_answer(p_queue, p_operations) $$;
comment on function public.outbox_report_answer(text, text[]) is 'Notes that operations of a queue which failed before were answered.';

create function public.outbox_breaker_close(p_queue text) returns void
language sql security definer set search_path = ''
as $$ select amocrm.close_breaker(p_queue) $$;
comment on function public.outbox_breaker_close(text) is 'Closes a queue''s breaker after a probe that was answered.';

revoke all on function public.outbox_begin(text, uuid), public.outbox_claim(text, uuid, int), public.outbox_mark_sent(text, uuid, bigint[], text),
  public.outbox_record(text, uuid, jsonb), public.outbox_settle(text, uuid, jsonb), public.outbox_extend(text, uuid),
  public.outbox_end(text, uuid, boolean), public.outbox_look_again(text), public.outbox_reserve_slot(text, uuid, int, int),
  public.outbox_report_fault(text, text, text, text, bigint, text, bigint[], boolean), public.outbox_report_answer(text, text[]),
  public.outbox_breaker_close(text) from public, anon, authenticated;
grant execute on function public.outbox_begin(text, uuid), public.outbox_claim(text, uuid, int), public.outbox_mark_sent(text, uuid, bigint[], text),
  public.outbox_record(text, uuid, jsonb), public.outbox_settle(text, uuid, jsonb), public.outbox_extend(text, uuid),
  public.outbox_end(text, uuid, boolean), public.outbox_look_again(text), public.outbox_reserve_slot(text, uuid, int, int),
  public.outbox_report_fault(text, text, text, text, bigint, text, bigint[], boolean), public.outbox_report_answer(text, text[]),
  public.outbox_breaker_close(text) to service_role;
