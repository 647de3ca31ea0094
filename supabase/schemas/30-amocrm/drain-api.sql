-- What the edge function amocrm-drain may call by rpc: thin, named functions over the engine, for service_role only.
-- Here the engine meets amoCRM: what was reached there is recorded for the person and written back (30-amocrm/write-back).

insert into amocrm.heartbeats (component) values ('amocrm-drain');

create function public.amocrm_drain_begin(p_token uuid) returns text
language sql security definer set search_path = ''
as $$ select case when amocrm.lane_in_turn() = 'pull' then 'busy' else amocrm.begin_drain(amocrm.account(), p_token) end $$;
comment on function public.amocrm_drain_begin(uuid) is
  'Takes the drain lease and rescues messages of a dead drain: granted, busy (also while a pull goes first), paused or breaker_open.';

create function amocrm.configuration() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select jsonb_build_object(
    'settings', (select to_jsonb(amocrm_settings) || jsonb_build_object(
        'batch_size_in_force', queue_control.batch_size_in_force,
        'large_batch_size_in_force', case when queue_control.large_batch_limited_at > amocrm.clock() - interval '1 hour'
          then queue_control.large_batch_size_in_force end,
        'most_looks', (amocrm.policy_of('looked_up')).max_attempts,
        'most_unclear_looks', (amocrm.policy_of('look_unclear')).max_attempts)
      from public.amocrm_settings, amocrm.queue_control where queue_control.queue = amocrm.account()),
    'routes', (select coalesce(jsonb_agg(to_jsonb(routes)), '[]') from amocrm.routes where routes.account = amocrm.account()),
    'stages', (select coalesce(jsonb_agg(to_jsonb(stages)), '[]') from amocrm.stages where stages.account = amocrm.account()),
    'fields', amocrm.mapped_fields(),
    'fields_to_read', amocrm.entities_with_unread_fields(),
    'pipelines', (select coalesce(jsonb_agg(to_jsonb(pipelines)), '[]') from amocrm.pipelines where pipelines.account = amocrm.account())));
end $$;
comment on function amocrm.configuration() is 'Returns everything that the admin configured as one object.';

create function amocrm.doubted_contacts() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  -- In plpgsql, whose plans a session keeps: each claim asks. Two branches, because each has an index of its own.
  with unanswered as (
    select outbox.id, outbox.person_id, outbox.amocrm_contact_id from amocrm.outbox
    where outbox.queue = amocrm.account() and outbox.state = 'uncertain' and outbox.amocrm_deal_id is null and outbox.kind in (select kinds.kind from amocrm.kinds where kinds.settles_subject)
    union all
    select outbox.id, outbox.person_id, outbox.amocrm_contact_id from amocrm.outbox
    where outbox.queue = amocrm.account() and outbox.state = 'leased' and outbox.step is not null and outbox.amocrm_deal_id is null and outbox.kind in (select kinds.kind from amocrm.kinds where kinds.settles_subject)
  ), doubt as (
    select unanswered.id, coalesce(people.amocrm_contact_id, unanswered.amocrm_contact_id) as contact_id
    from unanswered join amocrm.people on people.person_id = unanswered.person_id
  )
  select coalesce(jsonb_agg(jsonb_build_object('messageId', doubt.id, 'contactId', doubt.contact_id) order by doubt.id), '[]')
  from doubt where doubt.contact_id is not null);
end $$;
comment on function amocrm.doubted_contacts() is
  'Lists contacts for which an unanswered request may have made a deal, [{messageId, contactId}]; nobody else may make one meanwhile.';

create function public.amocrm_drain_claim(p_token uuid, p_limit int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[];
  v_subjects jsonb;
  v_death_count int := (amocrm.policy_of('worker_died')).max_attempts;
  v_fault_count int := (amocrm.policy_of('fails_alone')).max_attempts;
begin
  -- Two statements, because claiming may merge people: only the second one sees which contact they have now.
  select coalesce(array_agg(leased.id), '{}') into v_ids from amocrm.claim(amocrm.account(), p_token, least(p_limit, amocrm.claim_limit())) as leased;
  v_ids := amocrm.hold_tells(amocrm.merge_neighbours(v_ids || amocrm.claim_tells(p_token, v_ids)));
  v_subjects := amocrm.read_subjects(amocrm.account(), v_ids);
  -- The configuration comes with each claim, so a changed route acts at once and not with the next drain.
  return (select jsonb_build_object('configuration', amocrm.configuration(), 'mirror', amocrm.mirror_state(),
    'doubts', amocrm.doubted_contacts(), 'troubles', amocrm.troubles(amocrm.account()), 'messages', coalesce(jsonb_agg(jsonb_build_object(
    'id', claimed.id, 'kind', claimed.kind, 'lane', claimed.lane, 'personId', claimed.person_id, 'step', claimed.step,
    'progress', claimed.progress, 'payload', claimed.payload, 'attemptCount', claimed.attempt_count,
    'isPoison', claimed.alone_crash_count >= v_death_count,
    'failsAlone', claimed.alone_fault_count >= v_fault_count,
    'errorCount', claimed.error_count, 'companyFaultCount', claimed.company_fault_count,
    'sentAt', claimed.sent_at, 'createdAt', claimed.created_at,
    'emailKey', amocrm.own_key(claimed.person_id, 'email', claimed.email_key),
    'phoneKey', amocrm.own_key(claimed.person_id, 'phone', claimed.phone_key),
    'personEmails', amocrm.emails_of(claimed.person_id),
    'takesOff', amocrm.values_to_take_off(claimed.payload, claimed.person_id, coalesce(people.amocrm_contact_id, claimed.amocrm_contact_id)),
    'subjectTable', claimed.subject_table, 'subjectId', claimed.subject_id,
    -- The person's before the message's own, which may be one that was deleted since and has been replaced.
    'contactId', coalesce(people.amocrm_contact_id, claimed.amocrm_contact_id),
    'dealId', coalesce(claimed.amocrm_deal_id, linked.deal_id),
    'subject', v_subjects -> claimed.subject_table -> claimed.subject_id::text) order by claimed.id), '[]'))
  from amocrm.outbox as claimed
  left join amocrm.people on people.person_id = claimed.person_id
  left join amocrm.linked on linked.subject_id = claimed.subject_id and linked.subject_table = claimed.subject_table
    and linked.account = claimed.queue
  where claimed.queue = amocrm.account() and claimed.id = any (v_ids));
end
$$;
comment on function public.amocrm_drain_claim(uuid, int) is
  'Leases due messages with their present rows and what amoCRM is known to have: {configuration, mirror, doubts, troubles, messages}.';

create function public.amocrm_drain_deals_of_others(p_subject_id uuid, p_deal_ids bigint[]) returns bigint[]
language sql stable security definer set search_path = ''
as $$
  select coalesce(array_agg(distinct made.amocrm_deal_id), '{}')
  from amocrm.links join amocrm.outbox as made on made.queue = amocrm.account() and made.subject_id = links.subject_id
    and made.amocrm_deal_id = links.amocrm_id and made.progress ->> 'deal' = 'created'
  where links.object = 'deal' and links.amocrm_id = any (p_deal_ids) and links.account = amocrm.account() and links.subject_id <> p_subject_id
$$;
comment on function public.amocrm_drain_deals_of_others(uuid, bigint[]) is
  'Lists which of these deals were made for other leads or students, where no marker shows it.';

create function public.amocrm_drain_mark_sent(p_token uuid, p_ids bigint[], p_step text) returns bigint[]
language sql security definer set search_path = ''
as $$ select amocrm.keep_sent_keys(amocrm.mark_sent(amocrm.account(), p_token, p_ids, p_step), p_step) $$;
comment on function public.amocrm_drain_mark_sent(uuid, bigint[], text) is 'Commits the intent before a create request is sent.';

create function public.amocrm_drain_record(p_token uuid, p_facts jsonb) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[] := amocrm.record_progress(amocrm.account(), p_token, p_facts);
begin
  -- What amoCRM says is gone is gone for the mirror too, or the next look-up would find it again.
  insert into amocrm.contacts (amocrm_contact_id, updated_at, is_deleted)
  select distinct coalesce(people.amocrm_contact_id, outbox.amocrm_contact_id), to_timestamp(0), true
  from jsonb_to_recordset(p_facts) as facts (id bigint, drops_contact boolean)
  join amocrm.outbox on outbox.queue = amocrm.account() and outbox.id = facts.id
  left join amocrm.people on people.person_id = outbox.person_id
  where facts.drops_contact and outbox.id = any (v_ids) and coalesce(people.amocrm_contact_id, outbox.amocrm_contact_id) is not null
  on conflict (amocrm_contact_id, account) do update set is_deleted = true, read_at = excluded.read_at;
  -- And what amoCRM shows is there, though it was deleted once: restored, it is older than its deletion in every list.
  update amocrm.contacts set is_deleted = false, updated_at = to_timestamp(0)
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, is_alive boolean)
  where facts.is_alive and facts.id = any (v_ids) and contacts.amocrm_contact_id = facts.contact_id and contacts.account = amocrm.account()
    and contacts.is_deleted;
  -- The person has the contact from now on, whatever becomes of the message. A contact deleted in amoCRM is dropped.
  update amocrm.people set amocrm_contact_id = case when facts.drops_contact then null else facts.contact_id end
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, drops_contact boolean)
  join amocrm.outbox on outbox.queue = amocrm.account() and outbox.id = facts.id
  where people.person_id = outbox.person_id and outbox.id = any (v_ids)
    and (facts.contact_id is not null or facts.drops_contact);
  update amocrm.outbox set amocrm_contact_id = null
  from jsonb_to_recordset(p_facts) as facts (id bigint, drops_contact boolean)
  where outbox.queue = amocrm.account() and outbox.id = facts.id and outbox.id = any (v_ids) and facts.drops_contact;
  -- Linked at once and not when the message is settled: should the worker die now, the person's next message must find the deal.
  perform amocrm.link(coalesce(jsonb_agg(jsonb_build_object('subject_table', outbox.subject_table, 'subject_id', outbox.subject_id,
    'contact_id', outbox.amocrm_contact_id, 'deal_id', outbox.amocrm_deal_id)), '[]'))
  from amocrm.outbox where outbox.queue = amocrm.account() and outbox.id = any (v_ids) and outbox.amocrm_deal_id is not null and outbox.kind in (select kinds.kind from amocrm.kinds where kinds.settles_subject);
  perform amocrm.remember_contact(facts.contact_id, amocrm.own_key(outbox.person_id, 'email', outbox.email_key),
    amocrm.own_key(outbox.person_id, 'phone', outbox.phone_key), true)
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, makes_contact boolean)
  join amocrm.outbox on outbox.queue = amocrm.account() and outbox.id = facts.id
  where facts.makes_contact and facts.contact_id is not null and outbox.id = any (v_ids);
  perform amocrm.note_card_values(facts.id, facts.contact_id, facts.puts)
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, makes_contact boolean, puts jsonb)
  where facts.makes_contact is not true and facts.puts is not null and facts.id = any (v_ids);
  perform amocrm.note_sent_keys(facts.id, facts.contact_id)
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, progress jsonb)
  where facts.contact_id is not null and facts.progress ->> 'deal' = 'created' and facts.id = any (v_ids);
  perform amocrm.drop_card_values(facts.contact_id, facts.takes_off)
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, takes_off jsonb)
  where facts.takes_off is not null and facts.contact_id is not null and facts.id = any (v_ids);
  perform amocrm.take_off_mirror(facts.contact_id, facts.takes_off)
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, takes_off jsonb)
  where facts.takes_off is not null and facts.contact_id is not null and facts.id = any (v_ids);
  -- Without the mirror nobody would know later that a card found by its phone has an e-mail.
  perform amocrm.remember_contact(facts.contact_id, email.key, null, false)
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, seen_emails jsonb)
  cross join lateral jsonb_array_elements_text(coalesce(facts.seen_emails, '[]')) as email (key)
  where facts.contact_id is not null and facts.id = any (v_ids);
  perform amocrm.yield_phone(facts.id, facts.yields_phone_to)
  from jsonb_to_recordset(p_facts) as facts (id bigint, yields_phone_to bigint)
  where facts.yields_phone_to is not null and facts.id = any (v_ids);
  -- Two cards that may be one person's are listed once both are there.
  perform amocrm.note_duplicate('contact', (outbox.progress ->> 'strangerId')::bigint, facts.contact_id,
    'both came with the same phone and have different e-mails', outbox.id)
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint)
  join amocrm.outbox on outbox.queue = amocrm.account() and outbox.id = facts.id
  where facts.contact_id is not null and outbox.progress ? 'strangerId' and outbox.id = any (v_ids);
  -- Once the card has the key nobody sees the pair any more: it is listed before, and not only when the message is settled.
  perform amocrm.note_duplicates(p_facts);
  return v_ids;
end
$$;
comment on function public.amocrm_drain_record(uuid, jsonb) is
  'Records what answered requests achieved, [{id, progress, contact_id, deal_id, makes_contact, drops_contact, is_alive, puts, takes_off, seen_emails, yields_phone_to, duplicates}].';

create function public.amocrm_drain_settle(p_token uuid, p_results jsonb) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_settled jsonb;
begin
  select coalesce(jsonb_agg(to_jsonb(settled)), '[]') into v_settled
  from amocrm.settle(amocrm.account(), p_token, (amocrm.settings_of(amocrm.account())).max_attempts, p_results) as settled;
  perform amocrm.write_back(jsonb_path_query_array(v_settled, '$[*] ? (@.state == "delivered")'));
  update amocrm.outbox set next_attempt_at = amocrm.clock()
  from jsonb_to_recordset(v_settled) as settled (id bigint, state text, code text, subject_id uuid, started_at timestamptz)
  where outbox.queue = amocrm.account() and outbox.id = settled.id and settled.state = 'pending'
    and amocrm.is_set_meanwhile(settled.code, settled.subject_id, settled.started_at);
  -- Only for want of one: a message that was long on its way may name a contact that was deleted and replaced meanwhile.
  update amocrm.people set amocrm_contact_id = settled.contact_id
  from jsonb_to_recordset(v_settled) as settled (person_id bigint, state text, contact_id bigint)
  where people.person_id = settled.person_id and people.amocrm_contact_id is null and settled.state = 'delivered'
    and not exists (select from amocrm.contacts
      where contacts.amocrm_contact_id = settled.contact_id and contacts.account = people.account and contacts.is_deleted);
  perform amocrm.note_duplicates(p_results);
  perform amocrm.log_attempts(amocrm.account(), v_settled);
  update amocrm.queue_control set
    live_delivered_at = case when v_settled @? '$[*] ? (@.state == "delivered" && @.lane == "live")' then amocrm.clock() else queue_control.live_delivered_at end,
    backfill_delivered_at = case when v_settled @? '$[*] ? (@.state == "delivered" && @.lane == "backfill")' then amocrm.clock() else queue_control.backfill_delivered_at end
  where queue_control.queue = amocrm.account() and v_settled @? '$[*] ? (@.state == "delivered")';
  -- Before the next one is chosen: what waited for a deal is older than what came after it.
  perform amocrm.wake_stepped_back(amocrm.account(), array(select settled.person_id from jsonb_to_recordset(v_settled) as settled (person_id bigint, state text)
    where settled.state = 'delivered' and settled.person_id is not null));
  perform amocrm.landed(amocrm.account(), settled.person_id)
  from jsonb_to_recordset(v_settled) as settled (person_id bigint) where settled.person_id is not null;
  return (select coalesce(array_agg(settled.id order by settled.id), '{}') from jsonb_to_recordset(v_settled) as settled (id bigint));
end
$$;
comment on function public.amocrm_drain_settle(uuid, jsonb) is
  'Settles claimed messages, writes ids back, lists duplicates and releases each person''s next message; returns those settled, not stale ones.';

create function public.amocrm_drain_extend(p_token uuid) returns void
language sql security definer set search_path = ''
as $$ select amocrm.extend_drain(amocrm.account(), p_token) $$;
comment on function public.amocrm_drain_extend(uuid) is
  'Renews the drain''s lease during a long request; raises OB001 if the lease is lost.';

create function public.amocrm_drain_release(p_token uuid, p_ids bigint[]) returns int
language sql security definer set search_path = ''
as $$ select amocrm.release(amocrm.account(), p_token, p_ids) $$;
comment on function public.amocrm_drain_release(uuid, bigint[]) is 'Gives messages back unsent without spending an attempt.';

create function public.amocrm_drain_end(p_token uuid, p_has_failed boolean default false) returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.end_and_ring(amocrm.account(), p_token, p_has_failed) $$;
comment on function public.amocrm_drain_end(uuid, boolean) is 'Gives the drain lease back and rings again if something is due, unless the drain ended by an error.';

create function public.amocrm_drain_look_again() returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.look_again(amocrm.account()) $$;
comment on function public.amocrm_drain_look_again() is
  'Rings for rows that a drain could not see because they were uncommitted when it ended.';

create function public.amocrm_reserve_slot(p_token uuid, p_since_departure_ms int, p_max_wait_ms int) returns jsonb
language sql security definer set search_path = ''
as $$
  select to_jsonb(slot) from amocrm.reserve_slot(amocrm.account(), p_token,
    (select amocrm_settings.min_interval_ms from public.amocrm_settings), p_since_departure_ms, p_max_wait_ms) as slot
$$;
comment on function public.amocrm_reserve_slot(uuid, int, int) is
  'Reserves the right to send one request after wait_ms; p_token is null outside a drain (setup, connect).';

create function public.amocrm_reserve_token_slot(p_since_departure_ms int, p_max_wait_ms int) returns jsonb
language sql security definer set search_path = ''
as $$
  select to_jsonb(slot) from amocrm.reserve_slot(amocrm.account(), null,
    (select amocrm_settings.min_interval_ms from public.amocrm_settings), p_since_departure_ms, p_max_wait_ms, true) as slot
$$;
comment on function public.amocrm_reserve_token_slot(int, int) is
  'Reserves the right to send one request to the token endpoint after wait_ms, even while paused or behind the breaker.';

create function public.amocrm_report_fault(p_code text, p_cause_code text, p_message text, p_told_wait_ms bigint,
  p_operation text, p_message_ids bigint[], p_is_probe boolean) returns text
language sql security definer set search_path = ''
as $$
  select amocrm.report_fault(amocrm.account(), (select amocrm_settings.min_interval_ms from public.amocrm_settings),
    p_code, p_cause_code, p_message, p_told_wait_ms, p_operation, p_message_ids, p_is_probe)
$$;
comment on function public.amocrm_report_fault(text, text, text, bigint, text, bigint[], boolean) is
  'Reports an error answer to a request of p_message_ids; returns stop, counts or harmless as amocrm_error_policies decides.';

create function public.amocrm_report_answer(p_operations text[]) returns void
language sql security definer set search_path = ''
as $$ select amocrm.note_answer(amocrm.account(), p_operations) $$;
comment on function public.amocrm_report_answer(text[]) is 'Reports that operations which failed before were answered.';

create function public.amocrm_breaker_close() returns void
language sql security definer set search_path = ''
as $$ select amocrm.close_breaker(amocrm.account()) $$;
comment on function public.amocrm_breaker_close() is 'Closes the breaker after a successful probe.';

create function public.amocrm_heartbeat(p_component text, p_state text, p_missing text[], p_detail text) returns void
language sql security definer set search_path = ''
as $$ select amocrm.beat(p_component, p_state, p_missing, p_detail) $$;
comment on function public.amocrm_heartbeat(text, text, text[], text) is
  'Records that an edge function began or how it ended, and which settings it lacks.';

revoke all on function amocrm.configuration(), amocrm.doubted_contacts() from public;
revoke all on function public.amocrm_drain_begin(uuid), public.amocrm_drain_claim(uuid, int),
  public.amocrm_drain_deals_of_others(uuid, bigint[]),
  public.amocrm_drain_mark_sent(uuid, bigint[], text), public.amocrm_drain_record(uuid, jsonb),
  public.amocrm_drain_settle(uuid, jsonb), public.amocrm_drain_extend(uuid), public.amocrm_drain_release(uuid, bigint[]),
  public.amocrm_drain_end(uuid, boolean), public.amocrm_drain_look_again(), public.amocrm_reserve_slot(uuid, int, int), public.amocrm_reserve_token_slot(int, int),
  public.amocrm_report_fault(text, text, text, bigint, text, bigint[], boolean), public.amocrm_report_answer(text[]), public.amocrm_breaker_close(),
  public.amocrm_heartbeat(text, text, text[], text)
  from public, anon, authenticated;
grant execute on function public.amocrm_drain_begin(uuid), public.amocrm_drain_claim(uuid, int),
  public.amocrm_drain_deals_of_others(uuid, bigint[]),
  public.amocrm_drain_mark_sent(uuid, bigint[], text), public.amocrm_drain_record(uuid, jsonb),
  public.amocrm_drain_settle(uuid, jsonb), public.amocrm_drain_extend(uuid), public.amocrm_drain_release(uuid, bigint[]),
  public.amocrm_drain_end(uuid, boolean), public.amocrm_drain_look_again(), public.amocrm_reserve_slot(uuid, int, int), public.amocrm_reserve_token_slot(int, int),
  public.amocrm_report_fault(text, text, text, bigint, text, bigint[], boolean), public.amocrm_report_answer(text[]), public.amocrm_breaker_close(),
  public.amocrm_heartbeat(text, text, text[], text)
  to service_role;
