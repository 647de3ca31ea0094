-- What the edge function amocrm-drain may call by rpc: thin, named functions over the engine, for service_role only.
-- Here the engine meets amoCRM: what was reached there is recorded for the person and written back (20261121001580).

create function public.amocrm_drain_begin(p_token uuid) returns text
language sql security definer set search_path = ''
as $$ select amocrm.begin_drain('amocrm', p_token) $$;
comment on function public.amocrm_drain_begin(uuid) is
  'Takes the drain lease and frees what a dead drain left: granted, busy, paused or breaker_open.';

create function amocrm.configuration() returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'settings', (select to_jsonb(amocrm_settings) || jsonb_build_object(
        'batch_size_in_force', queue_control.batch_size_in_force, 'most_looks', (amocrm.policy_of('looked_up')).max_attempts)
      from public.amocrm_settings, amocrm.queue_control where queue_control.queue = 'amocrm'),
    'routes', (select coalesce(jsonb_agg(to_jsonb(amocrm_routes)), '[]') from public.amocrm_routes),
    'stages', (select coalesce(jsonb_agg(to_jsonb(amocrm_stages)), '[]') from public.amocrm_stages),
    'fields', (select coalesce(jsonb_agg(to_jsonb(amocrm_fields)), '[]') from public.amocrm_fields),
    'pipelines', (select coalesce(jsonb_agg(to_jsonb(pipelines)), '[]') from amocrm.pipelines))
$$;
comment on function amocrm.configuration() is 'Everything the admin configured, as one object.';

create function amocrm.doubted_contacts() returns jsonb
language sql stable set search_path = ''
as $$
  -- Two branches, because each has an index of its own.
  with unanswered as (
    select outbox.id, outbox.person_id, outbox.amocrm_contact_id from amocrm.outbox
    where outbox.queue = 'amocrm' and outbox.state = 'uncertain' and outbox.amocrm_deal_id is null
    union all
    select outbox.id, outbox.person_id, outbox.amocrm_contact_id from amocrm.outbox
    where outbox.queue = 'amocrm' and outbox.state = 'leased' and outbox.step is not null and outbox.amocrm_deal_id is null
  ), doubt as (
    select unanswered.id, coalesce(people.amocrm_contact_id, unanswered.amocrm_contact_id) as contact_id
    from unanswered join amocrm.people on people.person_id = unanswered.person_id
  )
  select coalesce(jsonb_agg(jsonb_build_object('messageId', doubt.id, 'contactId', doubt.contact_id) order by doubt.id), '[]')
  from doubt where doubt.contact_id is not null
$$;
comment on function amocrm.doubted_contacts() is
  'Contacts for which a deal may have been made without an answer, [{messageId, contactId}]. Nobody else may make one for them until it is known.';

create function public.amocrm_drain_claim(p_token uuid, p_limit int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[];
begin
  -- Two statements, because claiming may merge people: only the second one sees which contact they have now.
  select coalesce(array_agg(leased.id), '{}') into v_ids from amocrm.claim('amocrm', p_token, least(p_limit, amocrm.claim_limit())) as leased;
  -- The configuration comes with each claim, so a changed route acts at once and not with the next drain.
  return (select jsonb_build_object('configuration', amocrm.configuration(), 'mirror', amocrm.mirror_state(),
    'doubts', amocrm.doubted_contacts(), 'messages', coalesce(jsonb_agg(jsonb_build_object(
    'id', claimed.id, 'kind', claimed.kind, 'lane', claimed.lane, 'personId', claimed.person_id, 'step', claimed.step,
    'progress', claimed.progress, 'payload', claimed.payload, 'attemptCount', claimed.attempt_count,
    'isPoison', claimed.alone_crash_count >= (amocrm.policy_of('worker_died')).max_attempts,
    'sentAt', claimed.sent_at, 'createdAt', claimed.created_at,
    'emailKey', amocrm.own_key(claimed.person_id, 'email', claimed.email_key),
    'phoneKey', amocrm.own_key(claimed.person_id, 'phone', claimed.phone_key),
    'subjectTable', claimed.subject_table, 'subjectId', claimed.subject_id,
    -- The person's before the message's own, which may be one that was deleted since and has been replaced.
    'contactId', coalesce(people.amocrm_contact_id, claimed.amocrm_contact_id),
    'dealId', coalesce(claimed.amocrm_deal_id, links.amocrm_id),
    'subject', case claimed.subject_table
      when 'unified_lead_tracking' then (select to_jsonb(unified_lead_tracking) from public.unified_lead_tracking where id = claimed.subject_id)
      when 'tripwire_users' then (select to_jsonb(tripwire_users) from public.tripwire_users where id = claimed.subject_id)
    end) order by claimed.id), '[]'))
  from amocrm.outbox as claimed
  left join amocrm.people on people.person_id = claimed.person_id
  left join amocrm.links on links.subject_table = claimed.subject_table and links.subject_id = claimed.subject_id and links.object = 'deal'
  where claimed.queue = 'amocrm' and claimed.id = any (v_ids));
end
$$;
comment on function public.amocrm_drain_claim(uuid, int) is
  '{configuration, mirror, doubts, messages}: leases messages that are due, with the rows they are about as they are now and what is known of them in amoCRM.';

create function public.amocrm_drain_match(p_ids bigint[]) returns jsonb
language sql stable security definer set search_path = ''
as $$ select coalesce(jsonb_agg(amocrm.match_message(wanted.id)), '[]') from unnest(p_ids) as wanted (id) $$;
comment on function public.amocrm_drain_match(bigint[]) is
  'The contacts of messages as the mirror knows them, [{id, by, contact, otherIds, linkedIsDeleted}]; for a complete and fresh mirror.';

create function public.amocrm_drain_look(p_contacts jsonb, p_changed_until timestamptz) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.store_contacts(amocrm.without_forgotten('contact', p_contacts));
  update amocrm.cursors set changed_until = greatest(cursors.changed_until, p_changed_until), updated_at = amocrm.clock()
  where cursors.entity = 'contact' and cursors.is_complete and p_changed_until is not null;
end
$$;
comment on function public.amocrm_drain_look(jsonb, timestamptz) is
  'Stores contacts that changed of late; with a time, all changes up to it are in the mirror now.';

create function public.amocrm_drain_deals_of_others(p_subject_id uuid, p_deal_ids bigint[]) returns bigint[]
language sql stable security definer set search_path = ''
as $$
  select coalesce(array_agg(distinct made.amocrm_deal_id), '{}')
  from amocrm.links join amocrm.outbox as made on made.queue = 'amocrm' and made.subject_id = links.subject_id
    and made.amocrm_deal_id = links.amocrm_id and made.progress ->> 'deal' = 'created'
  where links.object = 'deal' and links.amocrm_id = any (p_deal_ids) and links.subject_id <> p_subject_id
$$;
comment on function public.amocrm_drain_deals_of_others(uuid, bigint[]) is
  'Which of these deals were made for other leads or students. Asked where no marker tells whose a deal of the same name is.';

create function public.amocrm_drain_mark_sent(p_token uuid, p_ids bigint[], p_step text) returns bigint[]
language sql security definer set search_path = ''
as $$ select amocrm.mark_sent('amocrm', p_token, p_ids, p_step) $$;
comment on function public.amocrm_drain_mark_sent(uuid, bigint[], text) is 'Commits the intent before a create request leaves.';

create function public.amocrm_drain_record(p_token uuid, p_facts jsonb) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[] := amocrm.record_progress('amocrm', p_token, p_facts);
begin
  -- What amoCRM says is gone is gone for the mirror too, or the next look-up would find it again.
  update amocrm.contacts set is_deleted = true
  from jsonb_to_recordset(p_facts) as facts (id bigint, drops_contact boolean)
  join amocrm.outbox on outbox.queue = 'amocrm' and outbox.id = facts.id
  left join amocrm.people on people.person_id = outbox.person_id
  where facts.drops_contact and outbox.id = any (v_ids)
    and contacts.amocrm_contact_id = coalesce(people.amocrm_contact_id, outbox.amocrm_contact_id);
  -- The person has the contact from now on, whatever becomes of the message. A contact deleted in amoCRM is dropped.
  update amocrm.people set amocrm_contact_id = case when facts.drops_contact then null else facts.contact_id end
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, drops_contact boolean)
  join amocrm.outbox on outbox.queue = 'amocrm' and outbox.id = facts.id
  where people.person_id = outbox.person_id and outbox.id = any (v_ids)
    and (facts.contact_id is not null or facts.drops_contact);
  update amocrm.outbox set amocrm_contact_id = null
  from jsonb_to_recordset(p_facts) as facts (id bigint, drops_contact boolean)
  where outbox.queue = 'amocrm' and outbox.id = facts.id and outbox.id = any (v_ids) and facts.drops_contact;
  -- Linked at once and not when the message is settled: should the worker die now, the person's next message must find the deal.
  perform amocrm.link(coalesce(jsonb_agg(jsonb_build_object('subject_table', outbox.subject_table, 'subject_id', outbox.subject_id,
    'contact_id', outbox.amocrm_contact_id, 'deal_id', outbox.amocrm_deal_id)), '[]'))
  from amocrm.outbox where outbox.queue = 'amocrm' and outbox.id = any (v_ids) and outbox.amocrm_deal_id is not null;
  perform amocrm.remember_contact(facts.contact_id, null, amocrm.own_key(outbox.person_id, 'email', outbox.email_key),
    amocrm.own_key(outbox.person_id, 'phone', outbox.phone_key))
  from jsonb_to_recordset(p_facts) as facts (id bigint, contact_id bigint, makes_contact boolean)
  join amocrm.outbox on outbox.queue = 'amocrm' and outbox.id = facts.id
  where facts.makes_contact and facts.contact_id is not null and outbox.id = any (v_ids);
  return v_ids;
end
$$;
comment on function public.amocrm_drain_record(uuid, jsonb) is
  'Records what answered requests achieved, [{id, progress, contact_id, deal_id, makes_contact, drops_contact}].';

create function public.amocrm_drain_settle(p_token uuid, p_results jsonb) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_settled jsonb;
begin
  select coalesce(jsonb_agg(to_jsonb(settled)), '[]') into v_settled
  from amocrm.settle('amocrm', p_token, (select amocrm_settings.max_attempts from public.amocrm_settings), p_results) as settled;
  perform amocrm.write_back(jsonb_path_query_array(v_settled, '$[*] ? (@.state == "delivered")'));
  -- Only for want of one: a message that was long on its way may name a contact that was deleted and replaced meanwhile.
  update amocrm.people set amocrm_contact_id = settled.contact_id
  from jsonb_to_recordset(v_settled) as settled (person_id bigint, state text, contact_id bigint)
  where people.person_id = settled.person_id and people.amocrm_contact_id is null and settled.state = 'delivered'
    and not exists (select from amocrm.contacts
      where contacts.amocrm_contact_id = settled.contact_id and contacts.is_deleted);
  perform amocrm.note_duplicate(duplicate.type, duplicate.kept_id, duplicate.other_id, duplicate.reason, results.id)
  from jsonb_to_recordset(p_results) as results (id bigint, duplicates jsonb)
  cross join jsonb_to_recordset(coalesce(results.duplicates, '[]')) as duplicate (type text, kept_id bigint, other_id bigint, reason text);
  perform amocrm.log_attempts('amocrm', v_settled);
  update amocrm.queue_control set
    live_delivered_at = case when v_settled @? '$[*] ? (@.state == "delivered" && @.lane == "live")' then amocrm.clock() else queue_control.live_delivered_at end,
    backfill_delivered_at = case when v_settled @? '$[*] ? (@.state == "delivered" && @.lane == "backfill")' then amocrm.clock() else queue_control.backfill_delivered_at end
  where queue_control.queue = 'amocrm' and v_settled @? '$[*] ? (@.state == "delivered")';
  perform amocrm.landed('amocrm', settled.person_id)
  from jsonb_to_recordset(v_settled) as settled (person_id bigint) where settled.person_id is not null;
  return (select coalesce(array_agg(settled.id), '{}') from jsonb_to_recordset(v_settled) as settled (id bigint));
end
$$;
comment on function public.amocrm_drain_settle(uuid, jsonb) is
  'Settles claimed messages, writes ids back, lists duplicates and lets each person''s next message go. Tells what was settled; the rest was stale.';

create function public.amocrm_drain_limit_batches(p_size int) returns void
language sql security definer set search_path = ''
as $$ update amocrm.queue_control set batch_size_in_force = p_size where queue_control.queue = 'amocrm' $$;
comment on function public.amocrm_drain_limit_batches(int) is
  'After a timeout or 504: how many items a request may hold from now on; null when amoCRM copes with full batches again.';

create function public.amocrm_drain_extend(p_token uuid) returns void
language sql security definer set search_path = ''
as $$ select amocrm.extend_drain('amocrm', p_token) $$;
comment on function public.amocrm_drain_extend(uuid) is 'Sign of life during a long request; raises OB001 if the lease is lost.';

create function public.amocrm_drain_release(p_token uuid, p_ids bigint[]) returns int
language sql security definer set search_path = ''
as $$ select amocrm.release('amocrm', p_token, p_ids) $$;
comment on function public.amocrm_drain_release(uuid, bigint[]) is 'Gives messages back unsent, without spending an attempt.';

create function public.amocrm_drain_end(p_token uuid) returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.end_and_ring('amocrm', p_token) $$;
comment on function public.amocrm_drain_end(uuid) is 'Gives the drain lease back and rings again if something is due.';

create function public.amocrm_drain_look_again() returns boolean
language sql security definer set search_path = ''
as $$ select amocrm.look_again('amocrm') $$;
comment on function public.amocrm_drain_look_again() is
  'For a drain that has ended a moment ago: an insert that was not committed then saw a drain at work and rang no bell.';

create function public.amocrm_reserve_slot(p_token uuid, p_since_departure_ms int, p_max_wait_ms int) returns jsonb
language sql security definer set search_path = ''
as $$
  select to_jsonb(slot) from amocrm.reserve_slot('amocrm', p_token,
    (select amocrm_settings.min_interval_ms from public.amocrm_settings), p_since_departure_ms, p_max_wait_ms) as slot
$$;
comment on function public.amocrm_reserve_slot(uuid, int, int) is
  'The right to send one request, after wait_ms. p_token is null for requests outside of a drain (setup, connect).';

create function public.amocrm_reserve_token_slot(p_since_departure_ms int, p_max_wait_ms int) returns jsonb
language sql security definer set search_path = ''
as $$
  select to_jsonb(slot) from amocrm.reserve_slot('amocrm', null,
    (select amocrm_settings.min_interval_ms from public.amocrm_settings), p_since_departure_ms, p_max_wait_ms, true) as slot
$$;
comment on function public.amocrm_reserve_token_slot(int, int) is
  'The right to send one request to the token endpoint, after wait_ms. Neither a pause nor an open breaker refuses it.';

create function public.amocrm_report_fault(p_code text, p_cause_code text, p_message text, p_told_wait_ms bigint, p_count int, p_is_probe boolean) returns text
language sql security definer set search_path = ''
as $$
  select amocrm.report_fault('amocrm', (select amocrm_settings.min_interval_ms from public.amocrm_settings),
    p_code, p_cause_code, p_message, p_told_wait_ms, p_count, p_is_probe)
$$;
comment on function public.amocrm_report_fault(text, text, text, bigint, int, boolean) is
  'An answer that was an error; p_count is how many in a row. Slows down or stops sending as amocrm_error_policies says: stop, counts or harmless.';

create function public.amocrm_breaker_close() returns void
language sql security definer set search_path = ''
as $$ select amocrm.close_breaker('amocrm') $$;
comment on function public.amocrm_breaker_close() is 'A probe was answered.';

create function public.amocrm_heartbeat(p_component text, p_state text, p_missing text[], p_detail text) returns void
language sql security definer set search_path = ''
as $$ select amocrm.beat(p_component, p_state, p_missing, p_detail) $$;
comment on function public.amocrm_heartbeat(text, text, text[], text) is 'An edge function tells that it is alive, and what it is missing.';

create function public.amocrm_store_pipelines(p_pipelines jsonb) returns void
language sql security definer set search_path = ''
as $$
  with read as (
    select * from jsonb_to_recordset(p_pipelines)
      as pipeline (pipeline_id bigint, name text, sort int, is_main boolean, is_archive boolean, stages jsonb)
  ), gone as (
    delete from amocrm.pipelines where not exists (select from read where read.pipeline_id = pipelines.pipeline_id)
  )
  insert into amocrm.pipelines (pipeline_id, name, sort, is_main, is_archive, stages)
  select read.pipeline_id, read.name, read.sort, read.is_main, read.is_archive, read.stages from read
  on conflict (pipeline_id) do update set name = excluded.name, sort = excluded.sort, is_main = excluded.is_main,
    is_archive = excluded.is_archive, stages = excluded.stages, read_at = amocrm.clock()
$$;
comment on function public.amocrm_store_pipelines(jsonb) is 'Replaces the cached pipelines by what was read from the account.';

revoke all on function amocrm.configuration(), amocrm.doubted_contacts() from public;
revoke all on function public.amocrm_drain_begin(uuid), public.amocrm_drain_claim(uuid, int),
  public.amocrm_drain_match(bigint[]), public.amocrm_drain_look(jsonb, timestamptz),
  public.amocrm_drain_deals_of_others(uuid, bigint[]),
  public.amocrm_drain_mark_sent(uuid, bigint[], text), public.amocrm_drain_record(uuid, jsonb),
  public.amocrm_drain_settle(uuid, jsonb), public.amocrm_drain_limit_batches(int), public.amocrm_drain_extend(uuid), public.amocrm_drain_release(uuid, bigint[]),
  public.amocrm_drain_end(uuid), public.amocrm_drain_look_again(), public.amocrm_reserve_slot(uuid, int, int), public.amocrm_reserve_token_slot(int, int),
  public.amocrm_report_fault(text, text, text, bigint, int, boolean), public.amocrm_breaker_close(),
  public.amocrm_heartbeat(text, text, text[], text), public.amocrm_store_pipelines(jsonb)
  from public, anon, authenticated;
grant execute on function public.amocrm_drain_begin(uuid), public.amocrm_drain_claim(uuid, int),
  public.amocrm_drain_match(bigint[]), public.amocrm_drain_look(jsonb, timestamptz),
  public.amocrm_drain_deals_of_others(uuid, bigint[]),
  public.amocrm_drain_mark_sent(uuid, bigint[], text), public.amocrm_drain_record(uuid, jsonb),
  public.amocrm_drain_settle(uuid, jsonb), public.amocrm_drain_limit_batches(int), public.amocrm_drain_extend(uuid), public.amocrm_drain_release(uuid, bigint[]),
  public.amocrm_drain_end(uuid), public.amocrm_drain_look_again(), public.amocrm_reserve_slot(uuid, int, int), public.amocrm_reserve_token_slot(int, int),
  public.amocrm_report_fault(text, text, text, bigint, int, boolean), public.amocrm_breaker_close(),
  public.amocrm_heartbeat(text, text, text[], text), public.amocrm_store_pipelines(jsonb)
  to service_role;
