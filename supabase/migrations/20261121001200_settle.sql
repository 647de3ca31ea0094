-- What happened to a claimed message is recorded here, and nowhere else. Every call names the lease token: a drain that
-- was replaced in the meantime changes nothing.

create function amocrm.mark_sent(p_queue text, p_token uuid, p_ids bigint[], p_step text) returns bigint[]
language plpgsql set search_path = ''
as $$
declare
  v_ids bigint[];
begin
  perform amocrm.lock_queue_as_drain(p_queue, p_token);
  with marked as (
    update amocrm.outbox set step = p_step, sent_at = amocrm.clock(), request_id = outbox.id || '.' || outbox.attempt_count,
      -- What was looked for in vain before says nothing about what is sent now.
      progress = outbox.progress - 'lookCount'
    where outbox.queue = p_queue and outbox.id = any (p_ids) and outbox.state = 'leased' and outbox.lease_token = p_token
    returning outbox.id
  )
  select coalesce(array_agg(marked.id), '{}') into v_ids from marked;
  return v_ids;
end
$$;
comment on function amocrm.mark_sent(text, uuid, bigint[], text) is
  'Commits the intent before a request leaves that must not be repeated blindly. Tells which messages may go.';

create function amocrm.record_progress(p_queue text, p_token uuid, p_facts jsonb) returns bigint[]
language plpgsql set search_path = ''
as $$
declare
  v_ids bigint[];
begin
  perform amocrm.lock_queue(p_queue);
  with facts as (
    select * from jsonb_to_recordset(p_facts) as fact (id bigint, progress jsonb, contact_id bigint, deal_id bigint)
  ), recorded as (
    update amocrm.outbox set
      step = null,
      progress = outbox.progress || coalesce(facts.progress, '{}'),
      amocrm_contact_id = coalesce(facts.contact_id, outbox.amocrm_contact_id),
      amocrm_deal_id = coalesce(facts.deal_id, outbox.amocrm_deal_id)
    from facts
    where outbox.queue = p_queue and outbox.id = facts.id and outbox.state = 'leased' and outbox.lease_token = p_token
    returning outbox.id
  )
  select coalesce(array_agg(recorded.id), '{}') into v_ids from recorded;
  return v_ids;
end
$$;
comment on function amocrm.record_progress(text, uuid, jsonb) is
  'Records what an answered request achieved, [{id, progress, contact_id, deal_id}], so that a crash after it repeats nothing.';

create function amocrm.settle(p_queue text, p_token uuid, p_max_attempts int, p_results jsonb)
returns table (id bigint, person_id bigint, state text, subject_table text, subject_id uuid, contact_id bigint, deal_id bigint)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.lock_queue(p_queue);
  return query
  with results as (
    select * from jsonb_to_recordset(p_results) as result (
      id bigint, verdict text, spends_attempt boolean, wait_ms bigint, code text, message text,
      contact_id bigint, deal_id bigint, progress jsonb, warnings jsonb)
  ), judged as (
    select outbox.id, results.verdict, results.wait_ms, results.code, results.message, results.contact_id,
      results.deal_id, results.progress, results.warnings,
      outbox.attempt_count + coalesce(results.spends_attempt, true)::int as attempts,
      case results.verdict
        when 'delivered' then 'delivered'
        when 'superseded' then 'superseded'
        when 'rejected' then 'dead'
        -- Without a request outstanding there is nothing to look for.
        when 'uncertain' then case when outbox.step is null then 'pending' else 'uncertain' end
        -- blocked and retry wait; only what spends attempts can run out of them.
        else case when coalesce(results.spends_attempt, true) and outbox.attempt_count + 1 >= p_max_attempts then 'dead' else 'pending' end
      end as next_state
    from results join amocrm.outbox on outbox.queue = p_queue and outbox.id = results.id
    where outbox.state = 'leased' and outbox.lease_token = p_token
  ), settled as (
    update amocrm.outbox set
      state = judged.next_state,
      is_head = judged.next_state in ('pending', 'uncertain') or (judged.next_state = 'dead'
        and (select kinds.holds_when_dead from amocrm.kinds where kinds.kind = outbox.kind)),
      lease_token = null,
      leased_at = null,
      step = case when judged.next_state = 'uncertain' then outbox.step end,
      attempt_count = judged.attempts,
      next_attempt_at = case when judged.next_state in ('pending', 'uncertain')
        then amocrm.clock() + coalesce(judged.wait_ms, 0) * interval '1 millisecond' else outbox.next_attempt_at end,
      delivered_at = case when judged.next_state = 'delivered' then amocrm.clock() end,
      -- A delivered message was not in error, whatever it went through before.
      last_error_code = case when judged.next_state = 'delivered' then judged.code else coalesce(judged.code, outbox.last_error_code) end,
      last_error_message = case when judged.next_state = 'delivered' then left(judged.message, 2000)
        else left(coalesce(judged.message, outbox.last_error_message), 2000) end,
      amocrm_contact_id = coalesce(judged.contact_id, outbox.amocrm_contact_id),
      amocrm_deal_id = coalesce(judged.deal_id, outbox.amocrm_deal_id),
      progress = outbox.progress || coalesce(judged.progress, '{}'),
      warnings = outbox.warnings || coalesce(judged.warnings, '[]')
    from judged where outbox.queue = p_queue and outbox.id = judged.id
    returning outbox.id, outbox.person_id, outbox.state, outbox.subject_table, outbox.subject_id,
      outbox.amocrm_contact_id, outbox.amocrm_deal_id
  )
  select settled.* from settled;
end
$$;
comment on function amocrm.settle(text, uuid, int, jsonb) is
  'Settles claimed messages in one call, [{id, verdict, spends_attempt, wait_ms, code, message, contact_id, deal_id, progress, warnings}]. '
  'A stale lease token changes nothing; what was settled is returned. The caller lets each person''s next message go (amocrm.landed).';

revoke all on function amocrm.mark_sent(text, uuid, bigint[], text), amocrm.record_progress(text, uuid, jsonb),
  amocrm.settle(text, uuid, int, jsonb) from public;
