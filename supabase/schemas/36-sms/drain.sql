-- What the edge function sms-drain may call by rpc besides the engine's outbox_ functions: where an SMS is more than a message.

create function public.sms_drain_begin(p_token uuid, p_project text) returns text
language sql security definer set search_path = ''
as $$ select amocrm.begin_at_home('sms', p_token, p_project) $$;
comment on function public.sms_drain_begin(uuid, text) is
  'Takes the drain lease and rescues messages of a dead drain: granted, busy, paused or breaker_open, also in a copied database.';

create function public.sms_drain_claim(p_token uuid, p_limit int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_claimed bigint[];
  v_ids bigint[];
  v_subjects jsonb;
  v_details jsonb;
  v_now timestamptz := amocrm.clock();
begin
  select coalesce(array_agg(leased.id), '{}') into v_claimed from amocrm.claim('sms', p_token, p_limit) as leased;
  insert into amocrm.sms (message_id, subject_id)
  select outbox.id, outbox.subject_id from amocrm.outbox where outbox.queue = 'sms' and outbox.id = any (v_claimed)
  on conflict (message_id) do nothing;
  v_ids := amocrm.hold_sms(amocrm.ask_gates('sms', p_token, v_claimed));
  v_subjects := amocrm.read_subjects('sms', v_ids);
  v_details := amocrm.read_kinds('sms', v_ids);
  return (select jsonb_build_object(
    'settings', (select jsonb_build_object('sender', message_settings.sms_sender, 'maxParts', message_settings.sms_max_parts,
      'language', message_settings.language, 'timeZone', message_settings.time_zone) from public.message_settings),
    'troubles', amocrm.troubles('sms'),
    'shutOutCount', cardinality(v_claimed) - cardinality(v_ids),
    'messages', coalesce(jsonb_agg(jsonb_build_object(
      'id', claimed.id, 'kind', claimed.kind, 'subjectId', claimed.subject_id, 'payload', claimed.payload, 'phone', claimed.phone_key,
      'isInDoubt', claimed.step is not null, 'attemptCount', claimed.attempt_count,
      'lookCount', coalesce((claimed.progress ->> 'lookCount')::int, 0), 'taskId', claimed.progress ->> 'taskId',
      'body', sms.body, 'campaign', amocrm.campaign_name(sms),
      -- Campaigns that are other messages' need not be asked about.
      'knownCampaigns', (select coalesce(jsonb_agg(other.campaign_id), '[]') from amocrm.outbox as before
        join amocrm.sms as other on other.message_id = before.id
        where claimed.step is not null and before.queue = 'sms' and before.subject_id = claimed.subject_id and other.campaign_id is not null),
      'doubtMs', floor(extract(epoch from v_now - sms.doubt_since) * 1000),
      'details', v_details -> claimed.id::text, 'subject', v_subjects -> claimed.subject_table -> claimed.subject_id::text) order by claimed.id), '[]'))
  from amocrm.outbox as claimed join amocrm.sms on sms.message_id = claimed.id
  where claimed.queue = 'sms' and claimed.id = any (v_ids));
end
$$;
comment on function public.sms_drain_claim(uuid, int) is
  'Leases due SMS that neither a gate nor a bound holds back, with what they are about: {settings, troubles, shutOutCount, messages}.';

create function amocrm.campaign_name(p_sms amocrm.sms) returns text
language sql immutable set search_path = ''
as $$
  -- The row's id tells another project's message of the same number apart, since one account may serve several.
  select 'sb-' || p_sms.message_id || '.' || p_sms.round || '-' || left(pg_catalog.md5(p_sms.subject_id::text), 8)
$$;
comment on function amocrm.campaign_name(amocrm.sms) is 'Returns the name by which the last request for an SMS is found at Mobizon; nothing personal is in it.';

create function public.sms_drain_intend(p_token uuid, p_id bigint, p_body text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_sms amocrm.sms;
begin
  -- One in doubt is looked for and never sent: here as well, whatever the function thinks.
  if exists (select from amocrm.outbox where outbox.queue = 'sms' and outbox.id = p_id and outbox.step is not null)
    or p_id <> all (amocrm.mark_sent('sms', p_token, array[p_id], 'send_sms')) then
    return null;
  end if;
  update amocrm.sms set round = sms.round + 1, body = p_body, part_count = (public.sms_parts(p_body)).part_count,
    sent_at = amocrm.clock(), doubt_since = amocrm.clock()
  where sms.message_id = p_id returning * into v_sms;
  return amocrm.campaign_name(v_sms);
end
$$;
comment on function public.sms_drain_intend(uuid, bigint, text) is
  'Commits the intent before an SMS leaves; returns the name of its campaign, or null if it must not be sent now.';

create function public.sms_drain_settle(p_token uuid, p_results jsonb) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[] := public.outbox_settle('sms', p_token, p_results);
  v_now timestamptz := amocrm.clock();
begin
  update amocrm.sms set
    campaign_id = coalesce(results.campaign_id, sms.campaign_id),
    mobizon_id = coalesce(results.mobizon_id, sms.mobizon_id),
    is_moderated = coalesce(results.is_moderated, sms.is_moderated),
    accepted_at = case when outbox.state = 'delivered' then coalesce(sms.accepted_at, v_now) else sms.accepted_at end,
    outcome = case when outbox.state = 'delivered' then coalesce(sms.outcome, 'sent') else sms.outcome end,
    outcome_at = case when outbox.state = 'delivered' then coalesce(sms.outcome_at, v_now) else sms.outcome_at end,
    next_look_at = case when outbox.state = 'delivered' and sms.outcome is null then v_now + interval '1 minute' else sms.next_look_at end,
    -- What certainly did not go out counts in no sum.
    sent_at = case when outbox.state = 'delivered' or outbox.step is not null then sms.sent_at end,
    doubt_since = case when outbox.step is not null then sms.doubt_since end,
    body = case when outbox.state <> 'delivered' then sms.body end
  from jsonb_to_recordset(p_results) as results (id bigint, campaign_id text, mobizon_id text, is_moderated boolean)
  join amocrm.outbox on outbox.queue = 'sms' and outbox.id = results.id
  where sms.message_id = results.id and results.id = any (v_ids);
  return v_ids;
end
$$;
-- p_results: [{id, verdict, policy, is_sent, told_wait_ms, jitter, code, message, progress, campaign_id, mobizon_id, is_moderated}];
-- state, attempts and wait follow from amocrm.error_policies (by policy, else by code), unless spends_attempt and wait_ms are given.
comment on function public.sms_drain_settle(uuid, jsonb) is
  'Settles claimed SMS and releases each number''s next message; returns those settled, not stale ones.';

revoke all on function amocrm.campaign_name(amocrm.sms) from public;
revoke all on function public.sms_drain_begin(uuid, text), public.sms_drain_claim(uuid, int), public.sms_drain_intend(uuid, bigint, text),
  public.sms_drain_settle(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.sms_drain_begin(uuid, text), public.sms_drain_claim(uuid, int), public.sms_drain_intend(uuid, bigint, text),
  public.sms_drain_settle(uuid, jsonb) to service_role;
