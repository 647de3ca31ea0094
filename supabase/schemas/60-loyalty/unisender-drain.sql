-- What the edge function unisender-drain may call by rpc besides the engine's outbox_ functions, and what is wrong with mailings.

create function public.unisender_drain_begin(p_token uuid, p_project text) returns text
language sql security definer set search_path = ''
as $$ select amocrm.begin_at_home('unisender', p_token, p_project) $$;
comment on function public.unisender_drain_begin(uuid, text) is
  'Takes the drain lease and rescues messages of a dead drain: granted, busy, paused or breaker_open, also in a copied database.';

create function public.unisender_drain_claim(p_token uuid, p_limit int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_claimed bigint[];
  v_ids bigint[];
begin
  select coalesce(array_agg(leased.id), '{}') into v_claimed from amocrm.claim('unisender', p_token, p_limit) as leased;
  v_ids := amocrm.ask_gates('unisender', p_token, v_claimed);
  return (
    with mine as materialized (
      select outbox.id, outbox.kind, outbox.email_key, outbox.subject_id, outbox.payload from amocrm.outbox
      where outbox.queue = 'unisender' and outbox.id = any (v_ids) and outbox.subject_table = 'loyalty_members'
    ), wanted as materialized (
      select found.member_id, found.email_key, found.tags from amocrm.unisender_wanted(array(select distinct mine.subject_id from mine)) as found
    )
    select jsonb_build_object(
      'listId', (select unisender_account.list_id from amocrm.unisender_account),
      'troubles', amocrm.troubles('unisender'),
      'shutOutCount', cardinality(v_claimed) - cardinality(v_ids),
      -- As it is now, whatever was so when the message was made: whoever withdrew meanwhile is not told of.
      'contacts', (select coalesce(jsonb_agg(jsonb_build_object('id', mine.id, 'email', coalesce(mine.email_key, ''), 'tags', coalesce(wanted.tags, '{}'),
          'action', case when mine.email_key is null then 'none' when mine.payload ? 'delete' then 'delete'
            when mine.kind = 'contact.upsert' and wanted.member_id is not null then 'upsert'
            when mine.kind = 'contact.remove' and wanted.member_id is null then 'remove' else 'none' end) order by mine.id), '[]')
        from mine left join wanted on wanted.member_id = mine.subject_id and wanted.email_key = mine.email_key),
      'campaigns', (select coalesce(jsonb_agg(jsonb_build_object('id', outbox.id, 'campaignId', campaign.id, 'isInDoubt', outbox.step is not null,
          'lookCount', coalesce((outbox.progress ->> 'lookCount')::int, 0), 'subject', campaign.subject, 'body', campaign.body,
          'tag', amocrm.campaign_tag(campaign.id), 'messageId', campaign.unisender_message_id,
          'startAtMs', floor(extract(epoch from campaign.start_at) * 1000)) order by outbox.id), '[]')
        from amocrm.outbox join public.loyalty_campaigns as campaign on campaign.id = outbox.subject_id
        where outbox.queue = 'unisender' and outbox.id = any (v_ids) and outbox.subject_table = 'loyalty_campaigns')));
end
$$;
comment on function public.unisender_drain_claim(uuid, int) is
  'Leases due contacts, each with what is to be done about it, and the campaign whose turn it is: {listId, troubles, shutOutCount, contacts, campaigns}.';

create function public.unisender_campaign_draft(p_token uuid, p_id bigint, p_message_id text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue_as_drain('unisender', p_token);
  update public.loyalty_campaigns set unisender_message_id = left(p_message_id, 40) from amocrm.outbox
  where outbox.queue = 'unisender' and outbox.id = p_id and loyalty_campaigns.id = outbox.subject_id;
end
$$;
comment on function public.unisender_campaign_draft(uuid, bigint, text) is 'Keeps the id of the mail that Unisender made for a campaign: by it the campaign is found.';

create function public.unisender_campaign_intend(p_token uuid, p_id bigint, p_start_at timestamptz) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.loyalty_campaigns;
begin
  perform amocrm.lock_queue_as_drain('unisender', p_token);
  select campaign.* into v_campaign from amocrm.outbox join public.loyalty_campaigns as campaign on campaign.id = outbox.subject_id
  where outbox.queue = 'unisender' and outbox.id = p_id and outbox.step is null for update of campaign;
  -- One that may exist is looked for and never created: here as well, whatever the function thinks.
  if v_campaign.state is distinct from 'confirmed' or v_campaign.unisender_campaign_id is not null or v_campaign.unisender_message_id is null
    or v_campaign.cancels or p_id <> all (amocrm.mark_sent('unisender', p_token, array[p_id], 'create_campaign')) then
    return false;
  end if;
  update public.loyalty_campaigns set state = 'uncertain', state_at = amocrm.clock(), sent_at = amocrm.clock(), start_at = p_start_at
  where loyalty_campaigns.id = v_campaign.id;
  return true;
end
$$;
comment on function public.unisender_campaign_intend(uuid, bigint, timestamptz) is
  'Commits the intent before the request leaves that creates a campaign; false if it must not leave.';

create function amocrm.count_differs(p_counted int, p_expected int) returns boolean
language sql immutable set search_path = ''
as $$ select coalesce(p_counted = 0 or abs(p_counted - p_expected) > 0.02 * p_expected, false) $$;
comment on function amocrm.count_differs(int, int) is 'True if Unisender counted nobody, or over two per cent more or fewer than were accepted.';

create function public.unisender_drain_settle(p_token uuid, p_results jsonb) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[] := public.outbox_settle('unisender', p_token, p_results);
  v_now timestamptz := amocrm.clock();
begin
  insert into amocrm.unisender_contacts as known (email_key, member_id, tags, state, told_at)
  select outbox.email_key, outbox.subject_id, coalesce(results.tags, '{}'), results.contact_state, v_now
  from jsonb_to_recordset(p_results) as results (id bigint, contact_state text, tags text[])
  join amocrm.outbox on outbox.queue = 'unisender' and outbox.id = results.id
  where results.id = any (v_ids) and results.contact_state is not null and outbox.email_key is not null and not outbox.payload ? 'delete'
    and outbox.subject_table = 'loyalty_members'
  on conflict (email_key) do update set member_id = excluded.member_id, tags = excluded.tags, state = excluded.state, told_at = excluded.told_at;
  -- Of a forgotten person nothing stays, once Unisender has deleted the contact.
  perform amocrm.drop_keys('unisender', array(select outbox.id from amocrm.outbox
    where outbox.queue = 'unisender' and outbox.id = any (v_ids) and outbox.payload ? 'delete' and outbox.state in ('delivered', 'dead', 'superseded')));
  update public.loyalty_campaigns set
    unisender_campaign_id = coalesce(left(results.campaign_id, 40), loyalty_campaigns.unisender_campaign_id),
    counted = coalesce(results.counted, loyalty_campaigns.counted),
    cancels = loyalty_campaigns.cancels or amocrm.count_differs(results.counted, loyalty_campaigns.expected_count),
    state = case
      when outbox.state = 'delivered' then left(coalesce(results.status, 'scheduled'), 60)
      -- What certainly did not leave counts for no hour, and is no campaign in doubt.
      when outbox.step is null and loyalty_campaigns.state = 'uncertain' then 'confirmed'
      else loyalty_campaigns.state end,
    sent_at = case when outbox.state = 'delivered' or outbox.step is not null then loyalty_campaigns.sent_at end,
    next_look_at = case when outbox.state = 'delivered' then v_now end,
    problem = case when outbox.state = 'dead' then left(outbox.last_error_message, 500)
      when amocrm.count_differs(results.counted, loyalty_campaigns.expected_count) then amocrm.told_count(results.counted, loyalty_campaigns.expected_count) end,
    state_at = v_now
  from jsonb_to_recordset(p_results) as results (id bigint, campaign_id text, status text, counted int)
  join amocrm.outbox on outbox.queue = 'unisender' and outbox.id = results.id and outbox.subject_table = 'loyalty_campaigns'
  where loyalty_campaigns.id = outbox.subject_id and results.id = any (v_ids);
  return v_ids;
end
$$;
-- p_results: [{id, verdict, policy, is_sent, told_wait_ms, jitter, code, message, progress, contact_state, tags, campaign_id, status, counted}].
comment on function public.unisender_drain_settle(uuid, jsonb) is
  'Settles claimed contacts and campaigns, with what Unisender said of them; returns those settled, not stale ones.';

create function amocrm.told_count(p_counted int, p_expected int) returns text
language sql immutable set search_path = ''
as $$ select 'Unisender counted ' || p_counted || ' recipients, and ' || p_expected || ' contacts were accepted: it is canceled' $$;
comment on function amocrm.told_count(int, int) is 'Says how a campaign''s count differs.';

create function public.unisender_looks_due() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'campaigns', (select coalesce(jsonb_agg(jsonb_build_object('id', due.id, 'campaignId', due.unisender_campaign_id, 'cancels', due.cancels,
        'needsCount', due.counted is null)), '[]')
      from (select campaign.* from public.loyalty_campaigns as campaign
        where campaign.next_look_at <= amocrm.clock() and campaign.unisender_campaign_id is not null order by campaign.next_look_at limit 20) as due),
    'listId', case when coalesce(unisender_account.unsubscribed_read_at, '-infinity') <= amocrm.clock() - interval '1 day' then unisender_account.list_id end)
  from amocrm.unisender_account
$$;
comment on function public.unisender_looks_due() is
  'Returns which campaigns are to be asked about, and the list whose unsubscribed contacts are to be read, once a day: {campaigns, listId}.';

create function public.unisender_record_look(p_id uuid, p_status text, p_counted int, p_is_canceled boolean) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.loyalty_campaigns;
  v_now timestamptz := amocrm.clock();
  v_status text := case when p_is_canceled then 'canceled' else left(p_status, 60) end;
  v_is_over boolean;
  v_differs boolean;
begin
  select * into v_campaign from public.loyalty_campaigns where loyalty_campaigns.id = p_id for update;
  v_campaign.counted := coalesce(p_counted, v_campaign.counted);
  v_differs := amocrm.count_differs(v_campaign.counted, v_campaign.expected_count);
  v_is_over := coalesce(v_status in ('completed', 'canceled', 'declined', 'stopped'), false);
  -- It can be canceled only before it has begun.
  v_campaign.cancels := (v_campaign.cancels or v_differs) and not v_is_over and coalesce(v_status, '') not in ('in_progress', 'analysed');
  update public.loyalty_campaigns set
    counted = v_campaign.counted,
    cancels = v_campaign.cancels,
    state = case when v_status = 'canceled' and v_differs then 'canceled_count_differs' else coalesce(v_status, loyalty_campaigns.state) end,
    state_at = case when v_status is distinct from loyalty_campaigns.state then v_now else loyalty_campaigns.state_at end,
    problem = case
      when v_differs and not v_campaign.cancels and v_status <> 'canceled' then 'Its count differs, and it could not be canceled any more'
      when v_differs then amocrm.told_count(v_campaign.counted, v_campaign.expected_count)
      when v_status = 'declined' then 'Unisender''s moderators declined it'
      when v_status = 'censor_hold' then 'Unisender''s moderators hold it' end,
    next_look_at = case when v_is_over or loyalty_campaigns.sent_at < v_now - interval '14 days' then null
      when v_campaign.cancels then v_now + interval '10 seconds'
      when loyalty_campaigns.sent_at > v_now - interval '2 hours' then v_now + interval '1 minute' else v_now + interval '15 minutes' end
  where loyalty_campaigns.id = p_id;
end
$$;
comment on function public.unisender_record_look(uuid, text, int, boolean) is
  'Records what Unisender says of a campaign: its state, null if unknown, how many it counted, and whether it was canceled just now.';

create function amocrm.ring_for_unisender() returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from public.loyalty_campaigns where loyalty_campaigns.next_look_at <= amocrm.clock())
    or exists (select from amocrm.unisender_account where unisender_account.list_id is not null
      and coalesce(unisender_account.unsubscribed_read_at, '-infinity') <= amocrm.clock() - interval '1 day') then
    perform amocrm.ring('unisender');
  end if;
end
$$;
comment on function amocrm.ring_for_unisender() is 'Calls the drain if Unisender is to be asked what became of a campaign, or who unsubscribed.';

create view public.unisender_dead_letters with (security_invoker = true) as
select id, kind, error_code, error_message, attempt_count, subject_table, subject_id, created_at, remedy
from amocrm.dead_letter_rows('unisender');
comment on view public.unisender_dead_letters is 'Which contacts and campaigns did Unisender not take, why, and what is the remedy?';

create function amocrm.unisender_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_control amocrm.queue_control;
  v_beat amocrm.heartbeats;
begin
  select * into v_control from amocrm.queue_control where queue_control.queue = 'unisender';
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'unisender-drain';
  return query
  select 'unisender_not_sending', 'critical', judged.problem, judged.remedy, judged.is_lasting from (values
    (1, v_beat.state = 'unconfigured' and exists (select from public.loyalty_campaigns where loyalty_campaigns.state = 'confirmed'),
      'A campaign waits, and Unisender is not configured: ' || v_beat.detail, 'Set UNISENDER_API_KEY and MAIL_FROM', false),
    (2, v_control.breaker_opened_at < v_now - interval '5 minutes', v_control.breaker_message, 'Mend the cause, then: select message_resume(''unisender'')', true),
    (3, v_beat.state = 'failed', 'The last drain failed: ' || v_beat.detail, 'See the logs of the function unisender-drain', false)
    ) as judged (rank, applies, problem, remedy, is_lasting)
  where judged.applies order by judged.rank limit 1;
  return query
  select 'unisender_campaign', 'warning', coalesce(campaign.problem, 'A campaign may have been created and cannot be found at Unisender'),
    'select * from loyalty_campaigns', true
  from public.loyalty_campaigns as campaign
  where campaign.state_at > v_now - interval '3 days'
    and (campaign.problem is not null or campaign.state = 'uncertain' and campaign.sent_at < v_now - interval '15 minutes')
  order by campaign.state_at desc limit 1;
end
$$;
comment on function amocrm.unisender_conditions() is 'Lists why nothing goes to Unisender, and the newest campaign that needs a person.';
insert into amocrm.conditions (name, rank, function) values ('unisender', 92, 'amocrm.unisender_conditions');

revoke all on function amocrm.count_differs(int, int), amocrm.told_count(int, int), amocrm.ring_for_unisender(), amocrm.unisender_conditions() from public;
revoke all on function public.unisender_drain_begin(uuid, text), public.unisender_drain_claim(uuid, int), public.unisender_campaign_draft(uuid, bigint, text),
  public.unisender_campaign_intend(uuid, bigint, timestamptz), public.unisender_drain_settle(uuid, jsonb), public.unisender_looks_due(),
  public.unisender_record_look(uuid, text, int, boolean) from public, anon, authenticated;
grant execute on function public.unisender_drain_begin(uuid, text), public.unisender_drain_claim(uuid, int), public.unisender_campaign_draft(uuid, bigint, text),
  public.unisender_campaign_intend(uuid, bigint, timestamptz), public.unisender_drain_settle(uuid, jsonb), public.unisender_looks_due(),
  public.unisender_record_look(uuid, text, int, boolean) to service_role;
revoke all on public.unisender_dead_letters from public, anon, authenticated, service_role;
grant select on public.unisender_dead_letters to authenticated, service_role;
select amocrm.schedule_job('amocrm-unisender-looks', '* * * * *', 'select amocrm.ring_for_unisender()');
