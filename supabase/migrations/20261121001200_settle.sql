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
returns table (id bigint, person_id bigint, state text, subject_table text, subject_id uuid, contact_id bigint, deal_id bigint,
  kind text, lane text, started_at timestamptz, code text, wait_ms bigint)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.lock_queue(p_queue);
  return query
  with results as (
    select * from jsonb_to_recordset(p_results) as result (
      id bigint, verdict text, policy text, is_sent boolean, told_wait_ms bigint, jitter float8, spends_attempt boolean,
      wait_ms bigint, code text, message text, contact_id bigint, deal_id bigint, progress jsonb, warnings jsonb)
  ), ruled as (
    select outbox.id, outbox.leased_at, outbox.step, outbox.attempt_count, results.verdict, results.is_sent, results.told_wait_ms, results.jitter,
      results.spends_attempt, results.wait_ms, results.code, results.message, results.contact_id, results.deal_id,
      results.progress, results.warnings, rule.policy,
      case when results.code = outbox.last_error_code then outbox.error_count + 1 else (results.code is not null)::int end as errors
    from results join amocrm.outbox on outbox.queue = p_queue and outbox.id = results.id
    -- An answer that was lost just now is waited for as looks are, whatever it was that lost it.
    cross join lateral (select amocrm.policy_of(case when results.verdict = 'uncertain' and coalesce(results.is_sent, true)
      then 'looked_up' else coalesce(results.policy, results.code) end) as policy) as rule
    where outbox.state = 'leased' and outbox.lease_token = p_token
  ), counted as (
    select ruled.*,
      coalesce(ruled.spends_attempt, case ruled.verdict
        when 'delivered' then true
        when 'superseded' then false
        else coalesce(ruled.is_sent, true) and (ruled.verdict = 'uncertain' or (ruled.policy).spends_attempt) end) as spends,
      coalesce(ruled.wait_ms, amocrm.wait_ms(ruled.policy,
        case when (ruled.policy).error_code = 'looked_up' then coalesce((ruled.progress ->> 'lookCount')::int, 0) + 1 else ruled.errors end,
        ruled.told_wait_ms, ruled.jitter)) as due_in_ms
    from ruled
  ), judged as (
    select counted.*, counted.attempt_count + counted.spends::int as attempts,
      case
        when counted.verdict in ('delivered', 'superseded') then counted.verdict
        -- Without a request outstanding there is nothing to look for.
        when counted.verdict = 'uncertain' then case when counted.step is null then 'pending' else 'uncertain' end
        when (counted.policy).action = 'dead' then 'dead'
        -- A refusal is final unless a policy of its own says otherwise.
        when counted.verdict = 'rejected' and (counted.policy).error_code = '*' then 'dead'
        -- What waits for breaker or pace spends nothing; only what spends attempts can run out of them.
        when counted.spends and counted.attempt_count + 1 >= coalesce((counted.policy).max_attempts, p_max_attempts) then 'dead'
        else 'pending'
      end as next_state
    from counted
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
        then amocrm.clock() + judged.due_in_ms * interval '1 millisecond' else outbox.next_attempt_at end,
      delivered_at = case when judged.next_state = 'delivered' then amocrm.clock() end,
      -- A delivered message was not in error, whatever it went through before.
      last_error_code = case when judged.next_state = 'delivered' then judged.code else coalesce(judged.code, outbox.last_error_code) end,
      last_error_message = case when judged.next_state = 'delivered' then left(judged.message, 2000)
        else left(coalesce(judged.message, outbox.last_error_message), 2000) end,
      error_count = judged.errors,
      amocrm_contact_id = coalesce(judged.contact_id, outbox.amocrm_contact_id),
      amocrm_deal_id = coalesce(judged.deal_id, outbox.amocrm_deal_id),
      progress = outbox.progress || coalesce(judged.progress, '{}'),
      warnings = outbox.warnings || coalesce(judged.warnings, '[]')
    from judged where outbox.queue = p_queue and outbox.id = judged.id
    returning outbox.id, outbox.person_id, outbox.state, outbox.subject_table, outbox.subject_id,
      outbox.amocrm_contact_id, outbox.amocrm_deal_id, outbox.kind, outbox.lane, judged.leased_at, judged.code, judged.due_in_ms
  )
  select settled.* from settled;
end
$$;
comment on function amocrm.settle(text, uuid, int, jsonb) is
  'Settles claimed messages in one call, [{id, verdict, policy, is_sent, told_wait_ms, jitter, code, message, contact_id, deal_id, progress, warnings}]; '
  'state, attempts and wait follow from amocrm.error_policies (by policy, else by code), unless spends_attempt and wait_ms are given. '
  'A stale lease token changes nothing; what was settled is returned. The caller lets each person''s next message go (amocrm.landed).';

revoke all on function amocrm.mark_sent(text, uuid, bigint[], text), amocrm.record_progress(text, uuid, jsonb),
  amocrm.settle(text, uuid, int, jsonb) from public;
