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
      progress = outbox.progress - '{lookCount,refusedAlong,isGivenUp}'::text[]
    where outbox.queue = p_queue and outbox.id = any (p_ids) and outbox.state = 'leased' and outbox.lease_token = p_token
    returning outbox.id
  )
  select coalesce(array_agg(marked.id order by marked.id), '{}') into v_ids from marked;
  return v_ids;
end
$$;
comment on function amocrm.mark_sent(text, uuid, bigint[], text) is
  'Commits the intent before a request that must not be repeated blindly; returns the messages that may be sent.';

create function amocrm.change_progress(p_queue text, p_id bigint, p_drops text, p_adds jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  update amocrm.outbox set progress = (outbox.progress - p_drops) || p_adds
  where outbox.queue = p_queue and outbox.id = p_id;
end $$;
comment on function amocrm.change_progress(text, bigint, text, jsonb) is
  'Takes a member out of a message''s progress and adds others, for an area that keeps something of its own there.';

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
  select coalesce(array_agg(recorded.id order by recorded.id), '{}') into v_ids from recorded;
  return v_ids;
end
$$;
comment on function amocrm.record_progress(text, uuid, jsonb) is
  'Records what an answered request achieved, [{id, progress, contact_id, deal_id}], so that a crash repeats nothing.';

create function amocrm.faults_to_suspicion() returns int
language sql immutable set search_path = ''
as $$ select 5 $$;
comment on function amocrm.faults_to_suspicion() is
  'Returns how often a message may fail while others succeed before it waits longer than they.';

create function amocrm.settle(p_queue text, p_token uuid, p_max_attempts int, p_results jsonb)
returns table (id bigint, person_id bigint, state text, subject_table text, subject_id uuid, contact_id bigint, deal_id bigint,
  kind text, lane text, started_at timestamptz, code text, wait_ms bigint)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_alone amocrm.error_policies := amocrm.policy_of('fails_alone');
begin
  perform amocrm.lock_queue(p_queue);
  return query
  with results as (
    select * from jsonb_to_recordset(p_results) as result (
      id bigint, verdict text, policy text, is_sent boolean, told_wait_ms bigint, jitter float8, spends_attempt boolean,
      wait_ms bigint, code text, message text, contact_id bigint, deal_id bigint, progress jsonb, warnings jsonb,
      lone_operation text, failed_in_company boolean)
  ), ruled as (
    select outbox.id, outbox.leased_at, outbox.step, outbox.attempt_count, results.verdict, results.is_sent, results.told_wait_ms, results.jitter,
      results.spends_attempt, results.wait_ms, results.code, results.message, results.contact_id, results.deal_id,
      results.progress, results.warnings, results.lone_operation, rule.policy,
      outbox.company_fault_count + coalesce(results.failed_in_company, false)::int as company_faults,
      -- That the same was answered for others since it last failed for this one, is no trouble of the account.
      outbox.alone_fault_count + (exists (select from amocrm.operations
        where operations.queue = p_queue and operations.operation = results.lone_operation
          and operations.answered_at > outbox.alone_fault_at))::int as alone_faults,
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
      coalesce(ruled.wait_ms, greatest(amocrm.wait_ms(ruled.policy,
        case when (ruled.policy).error_code = 'looked_up' then coalesce((ruled.progress ->> 'lookCount')::int, 0) + 1 else ruled.errors end,
        ruled.told_wait_ms, ruled.jitter),
        case when ruled.lone_operation is not null and ruled.alone_faults >= amocrm.faults_to_suspicion()
          then amocrm.wait_ms(v_alone, ruled.alone_faults - amocrm.faults_to_suspicion() + 1, null, ruled.jitter) end)) as due_in_ms
    from ruled
  ), judged as (
    select counted.*, counted.attempt_count + counted.spends::int as attempts,
      case
        when counted.verdict in ('delivered', 'superseded') then counted.verdict
        -- Also what stumbles over the look for it ends some day; its step stays, so that a requeued one is looked for first.
        when counted.verdict = 'uncertain' and counted.step is not null and counted.spends_attempt
          and counted.attempt_count + 1 >= coalesce((counted.policy).max_attempts, p_max_attempts) then 'dead'
        -- Looks that tell nothing end some day, too: the doubt stays on the row.
        when counted.verdict = 'uncertain' and counted.step is not null and (counted.policy).error_code = 'look_unclear' then 'dead'
        -- Without a request outstanding there is nothing to look for.
        when counted.verdict = 'uncertain' then case when counted.step is null then 'pending' else 'uncertain' end
        when (counted.policy).action = 'dead' then 'dead'
        -- One whose create is in doubt ends likewise, but by a look that does not find it (look-up.ts).
        when counted.lone_operation is not null and counted.alone_faults >= v_alone.max_attempts then 'dead'
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
      step = case when judged.next_state = 'uncertain' or (judged.next_state = 'dead' and judged.verdict = 'uncertain') then outbox.step end,
      -- Whoever shared its batch is innocent: the next time it is alone.
      goes_alone = outbox.goes_alone or judged.code is not distinct from 'handler_failed',
      attempt_count = judged.attempts,
      next_attempt_at = case when judged.next_state in ('pending', 'uncertain')
        then amocrm.clock() + judged.due_in_ms * interval '1 millisecond' else outbox.next_attempt_at end,
      delivered_at = case when judged.next_state = 'delivered' then amocrm.clock() end,
      -- A delivered message was not in error, whatever it went through before.
      last_error_code = case when judged.next_state = 'delivered' then judged.code
        when judged.next_state = 'dead' and judged.lone_operation is not null then v_alone.error_code
        else coalesce(judged.code, outbox.last_error_code) end,
      last_error_message = case when judged.next_state = 'delivered' then left(judged.message, 2000)
        when judged.next_state = 'dead' and judged.lone_operation is not null
          then left('The request ' || judged.lone_operation || ' failed for this message ' || judged.alone_faults
            || ' times while it was answered for others. The last time: ' || judged.message, 2000)
        else left(coalesce(judged.message, outbox.last_error_message), 2000) end,
      error_count = judged.errors,
      company_fault_count = judged.company_faults,
      alone_fault_count = judged.alone_faults,
      alone_fault_at = case when judged.lone_operation is not null then amocrm.clock() else outbox.alone_fault_at end,
      amocrm_contact_id = coalesce(judged.contact_id, outbox.amocrm_contact_id),
      amocrm_deal_id = coalesce(judged.deal_id, outbox.amocrm_deal_id),
      progress = outbox.progress || coalesce(judged.progress, '{}'),
      -- What each turn of a long wait says anew is said once.
      warnings = outbox.warnings || coalesce((select jsonb_agg(told.warning) from jsonb_array_elements(judged.warnings) as told (warning)
        where not outbox.warnings @> jsonb_build_array(told.warning)), '[]')
    from judged where outbox.queue = p_queue and outbox.id = judged.id
    returning outbox.id, outbox.person_id, outbox.state, outbox.subject_table, outbox.subject_id,
      outbox.amocrm_contact_id, outbox.amocrm_deal_id, outbox.kind, outbox.lane, judged.leased_at, judged.code, judged.due_in_ms
  )
  select settled.* from settled;
  -- Only what is delivered counts: it is certainly another message than one that still fails.
  perform amocrm.note_delivered(p_queue, array(
    select jsonb_array_elements_text(result -> 'answered') from jsonb_array_elements(p_results) as result
    where result ->> 'verdict' = 'delivered' and jsonb_typeof(result -> 'answered') = 'array'));
end
$$;
-- p_ends: [{id, verdict, policy, is_sent, told_wait_ms, jitter, code, message, contact_id, deal_id, progress, warnings, lone_operation, failed_in_company, answered}];
-- state, attempts and wait follow from amocrm.error_policies (by policy, else by code), unless spends_attempt and wait_ms are given.
comment on function amocrm.settle(text, uuid, int, jsonb) is
  'Settles claimed messages in one call by their error policies; returns those settled. A stale lease token changes nothing.';

create function amocrm.drop_keys(p_queue text, p_ids bigint[]) returns void
language sql set search_path = ''
as $$
  update amocrm.outbox set email_key = null, phone_key = null, payload = '{}' where outbox.queue = p_queue and outbox.id = any (p_ids)
$$;
comment on function amocrm.drop_keys(text, bigint[]) is 'Takes the addresses out of messages that are over.';

revoke all on function amocrm.drop_keys(text, bigint[]), amocrm.change_progress(text, bigint, text, jsonb), amocrm.mark_sent(text, uuid, bigint[], text), amocrm.record_progress(text, uuid, jsonb),
  amocrm.faults_to_suspicion(), amocrm.settle(text, uuid, int, jsonb) from public;
