-- What an admin looks at. Each view answers a question, costs the same however much was delivered, and is refused to
-- everybody but admins and service_role: the rows come from a private function that checks who asks.

create function amocrm.token_problem(out verdict text, out problem text, out remedy text)
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_account amocrm.accounts;
  v_beat amocrm.heartbeats;
begin
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account();
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-oauth';
  select judged.verdict, judged.problem, judged.remedy into verdict, problem, remedy from (values
    (1, v_account.access = 'oauth' and amocrm.read_pair(v_account) is null, 'blocked',
      'Vault cannot give back the tokens of amoCRM, as after a restore under another root key', 'npm run amocrm -- connect'),
    (2, v_account.access = 'oauth' and v_account.state = 'reauth_required', 'blocked',
      'amoCRM has ended the connection: ' || coalesce(v_account.last_error_code, 'no reason given'), 'npm run amocrm -- connect'),
    (3, v_account.access = 'long_lived' and v_account.access_expires_at <= v_now, 'blocked',
      'AMOCRM_ACCESS_TOKEN ended at ' || v_account.access_expires_at, 'Make a new long-lived token in amoCRM, then: npx supabase secrets set --remote=' || amocrm.project_ref() || ' AMOCRM_ACCESS_TOKEN=…'),
    (4, v_account.refresh_failure_count >= 3, 'attention',
      'The token of amoCRM could not be renewed ' || v_account.refresh_failure_count || ' times, the last time: ' || v_account.last_error_code,
      case v_account.last_error_code
        when 'client_refused' then 'Check AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET and AMOCRM_REDIRECT_URI of the functions'
        when 'wrong_host' then 'Check that the integration is switched on in amoCRM, and AMOCRM_SUBDOMAIN'
        else 'It is tried again by itself; see the logs of the functions for token_refresh_failed' end),
    (5, v_account.access = 'oauth' and v_beat.unanswered_post_count >= 3, 'attention',
      'Cron called amocrm-oauth ' || v_beat.unanswered_post_count || ' times to renew the token, without a sign of life', 'Deploy the function amocrm-oauth'),
    (6, v_account.access = 'long_lived' and v_account.access_expires_at <= v_now + interval '14 days', 'attention',
      'AMOCRM_ACCESS_TOKEN ends at ' || v_account.access_expires_at, 'Make a new long-lived token in amoCRM, then: npx supabase secrets set --remote=' || amocrm.project_ref() || ' AMOCRM_ACCESS_TOKEN=…'),
    (7, v_account.access = 'oauth' and v_account.refresh_expires_at <= v_now + interval '14 days', 'attention',
      'The connection to amoCRM ends at ' || v_account.refresh_expires_at || ' unless it is renewed, which should happen each week',
      'Check that AMOCRM_ENABLED is true and that amocrm-oauth is deployed; else npm run amocrm -- connect')
    ) as judged (rank, applies, verdict, problem, remedy)
  where judged.applies order by judged.rank limit 1;
end
$$;
comment on function amocrm.token_problem() is 'Returns what is or soon will be wrong with the connection to amoCRM; nulls if nothing.';

create function amocrm.health_row()
returns table (
  verdict text, problem text, remedy text, version text, installed_at timestamptz,
  waiting_count bigint, uncertain_count bigint, dead_count bigint, oldest_waiting_at timestamptz,
  last_delivered_at timestamptz, last_drain_at timestamptz, unanswered_post_count int, missing text[],
  min_interval_ms int, interval_in_force_ms int, slow_reason text,
  breaker_code text, breaker_message text, breaker_probe_at timestamptz, paused_at timestamptz, pause_reason text,
  last_tick_at timestamptz, last_pull_at timestamptz, mirror_complete boolean, notice text,
  token_state text, token_expires_at timestamptz, refresh_expires_at timestamptz,
  last_lead_at timestamptz, usual_lead_count int, is_silence_unusual boolean, last_live_at timestamptz, last_backfill_at timestamptz,
  backlog_done_at timestamptz, quarantined_count bigint, oldest_quarantined_at timestamptz,
  token_uptime numeric, breaker_opened_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_control amocrm.queue_control;
  v_beat amocrm.heartbeats;
  v_answer record;
  v_reason record;
  v_pull record;
  v_trigger record;
  v_uncopied record;
  v_token record;
  v_backlog record;
  v_cron record;
  v_net record;
  v_vault_problem text;
  v_dead_code text;
begin
  perform amocrm.require_reader();
  v_token := amocrm.token_problem();
  v_cron := amocrm.cron_problem();
  v_net := amocrm.extension_problem('pg_net');
  v_vault_problem := coalesce(amocrm.vault_problem('amocrm_functions_url'), amocrm.call_problem());
  select accounts.state, accounts.access_expires_at, case when accounts.access = 'oauth' then accounts.refresh_expires_at end
  into token_state, token_expires_at, refresh_expires_at from amocrm.accounts where accounts.queue = amocrm.account();
  token_uptime := amocrm.token_uptime();
  select * into v_control from amocrm.queue_control where queue_control.queue = 'amocrm';
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-drain';
  select installation.version, installation.installed_at into version, installed_at from amocrm.installation;
  select * into v_backlog from amocrm.backlog();
  waiting_count := v_backlog.fresh_count + v_backlog.placed_count;
  backlog_done_at := amocrm.backlog_done_at(waiting_count);
  select silence.last_lead_at, silence.usual_count, silence.is_unusual into last_lead_at, usual_lead_count, is_silence_unusual
  from amocrm.lead_silence() as silence;
  last_live_at := v_control.live_delivered_at;
  last_backfill_at := v_control.backfill_delivered_at;
  select count(*) filter (where unsolved.state = 'uncertain'), count(*) filter (where unsolved.state = 'dead')
  into uncertain_count, dead_count from (
    select outbox.state from amocrm.outbox where outbox.queue = 'amocrm' and outbox.state in ('uncertain', 'dead') limit 10000) as unsolved;
  select outbox.last_error_code into v_dead_code from amocrm.outbox
  where outbox.queue = 'amocrm' and outbox.state = 'dead' order by outbox.id desc limit 1;
  select count(*) into quarantined_count from (
    select from amocrm.quarantined_leads where quarantined_leads.reason in ('flood', 'address', 'captcha') limit 10000) as held;
  select min(first.quarantined_at) into oldest_quarantined_at from (values ('flood'), ('address'), ('captcha')) as reasons (reason)
  cross join lateral (select quarantined_leads.quarantined_at from amocrm.quarantined_leads
    where quarantined_leads.reason = reasons.reason order by quarantined_leads.quarantined_at limit 1) as first;
  select min(oldest.created_at) into oldest_waiting_at from (
    (select outbox.created_at from amocrm.outbox where outbox.queue = 'amocrm' and outbox.is_fresh order by outbox.id limit 1)
    union all
    (select outbox.created_at from amocrm.outbox where outbox.queue = 'amocrm' and outbox.lane = 'live' and outbox.is_head
       and outbox.state in ('pending', 'uncertain')
       -- What waits for a deal, or for a person's word, has a reason of its own.
       and (outbox.last_error_code is null or outbox.last_error_code not in ('no_deal', 'no_contact', 'tells_held'))
     order by outbox.priority, outbox.next_attempt_at, outbox.id limit 1)
    union all
    (select outbox.created_at from amocrm.outbox where outbox.queue = 'amocrm' and outbox.lane = 'backfill' and outbox.is_head
       and outbox.state in ('pending', 'uncertain') order by outbox.priority, outbox.next_attempt_at, outbox.id limit 1)) as oldest;
  select max(outbox.delivered_at) into last_delivered_at from amocrm.outbox where outbox.queue = 'amocrm' and outbox.state = 'delivered';
  last_drain_at := v_beat.last_seen_at;
  unanswered_post_count := v_beat.unanswered_post_count;
  missing := v_beat.missing;
  select amocrm_settings.min_interval_ms into min_interval_ms from public.amocrm_settings;
  interval_in_force_ms := amocrm.interval_in_force(v_control, min_interval_ms);
  slow_reason := case when interval_in_force_ms > min_interval_ms then v_control.slow_reason end;
  breaker_code := v_control.breaker_code;
  breaker_message := v_control.breaker_message;
  breaker_probe_at := v_control.breaker_probe_at;
  breaker_opened_at := v_control.breaker_opened_at;
  paused_at := v_control.paused_at;
  pause_reason := v_control.pause_reason;
  last_tick_at := v_cron.last_tick_at;
  select min(cursors.pulled_at), bool_and(cursors.is_complete) into last_pull_at, mirror_complete
  from amocrm.cursors where cursors.account = amocrm.account();
  v_answer := amocrm.call_answer(v_beat.last_request_id, v_beat.last_request_at);
  v_pull := amocrm.pull_problem();
  v_trigger := amocrm.trigger_problem();
  v_uncopied := amocrm.uncopied_problem();
  -- By one probe for each of them, however many wait.
  select waiting.last_error_code, waiting.last_error_message into v_reason
  from amocrm.kinds cross join (values ('live'), ('backfill')) as lanes (lane) cross join (values ('no_route'), ('no_main_pipeline'), ('no_stage')) as missing (code)
  cross join lateral (select outbox.last_error_code, outbox.last_error_message from amocrm.outbox
    where outbox.queue = 'amocrm' and outbox.state = 'pending' and outbox.lane = lanes.lane and outbox.kind = kinds.kind
      and outbox.last_error_code = missing.code and not outbox.is_fresh limit 1) as waiting
  where kinds.queue = 'amocrm' order by lanes.lane desc, missing.code limit 1;

  -- The first thing that is wrong, nearest to the cause first.
  select judged.verdict, judged.problem, judged.remedy into verdict, problem, remedy from (values
    (0, current_setting('default_transaction_read_only') = 'on', 'stopped', 'The database is read-only, so no lead is saved and no job runs: is the disk full?',
      'Free or enlarge the disk in the dashboard of Supabase, project settings, Compute and Disk; then: set session characteristics as transaction read write; vacuum'),
    (1, paused_at is not null, 'paused', 'Sending is paused since ' || paused_at || ': ' || pause_reason, 'select amocrm_resume()'),
    (2, v_vault_problem is not null, 'unconfigured', v_vault_problem, coalesce((amocrm.extension_problem('supabase_vault')).remedy, 'npm run amocrm -- setup')),
    (3, v_beat.state = 'disabled', 'disabled', 'AMOCRM_ENABLED is false: messages wait', 'npx supabase secrets set --remote=' || amocrm.project_ref() || ' AMOCRM_ENABLED=true'),
    (4, v_beat.state = 'unconfigured', 'unconfigured', 'Missing or malformed settings of the functions: ' || array_to_string(missing, ', '),
      'npx supabase secrets set --remote=' || amocrm.project_ref() || ' NAME=value; npm run amocrm -- doctor tells what is wrong with each'),
    (5, v_cron.verdict = 'stopped', 'stopped', v_cron.problem, v_cron.remedy),
    (6, v_net.problem is not null, 'unreachable', v_net.problem, v_net.remedy),
    (7, v_beat.unanswered_post_count >= 3, 'unreachable', 'Cron called amocrm-drain ' || v_beat.unanswered_post_count || ' times without a sign of life'
      || case when v_answer.status_code is not null then ', last answer ' || v_answer.status_code
              when v_answer.error is not null then ', last error: ' || v_answer.error else '' end,
      amocrm.road_remedy(v_answer.status_code)),
    (8, v_beat.state = 'failed', 'failing', 'The last drain failed: ' || v_beat.detail, 'See the logs of the function amocrm-drain; npm run amocrm -- doctor tells whether migrations are missing'),
    (8, amocrm.unended_problem(v_beat) is not null, 'failing', amocrm.unended_problem(v_beat), 'See the logs of the function amocrm-drain'),
    (8, v_trigger.problem is not null, 'failing', v_trigger.problem, v_trigger.remedy),
    (9, v_token.verdict = 'blocked', 'blocked', v_token.problem, v_token.remedy),
    (10, breaker_code is not null, 'blocked', breaker_message, amocrm.breaker_remedy(breaker_code)),
    (11, v_reason.last_error_code is not null, 'unconfigured', v_reason.last_error_message, case v_reason.last_error_code
      when 'no_route' then 'Add a row to amocrm_routes, or one with source *: npm run amocrm -- setup --source <name> --pipeline <id>; npm run amocrm -- pipelines lists the ids'
      when 'no_main_pipeline' then 'Name the pipeline in amocrm_routes: npm run amocrm -- setup --source <name> --pipeline <id>; npm run amocrm -- pipelines lists the ids'
      else 'Add a row for student.created to amocrm_stages: npm run amocrm -- setup --stage student.created=<pipeline>:<stage>' end),
    (12, dead_count > 0, 'attention', dead_count || case dead_count when 1 then ' message is dead' else ' messages are dead' end
      || coalesce(case dead_count when 1 then ': ' else ', the last: ' end || v_dead_code, ''), 'npm run amocrm -- dead, or select * from amocrm_dead_letters'),
    (12, v_uncopied.detail is not null, 'attention', v_uncopied.detail, v_uncopied.remedy),
    (13, oldest_waiting_at < v_now - interval '15 minutes', 'behind',
      'The oldest message waits since ' || oldest_waiting_at || '; ' || waiting_count || ' wait, at one request in ' || interval_in_force_ms || ' ms',
      'select * from amocrm_outbox_status tells why; if it is the pace: npm run amocrm -- setup --min-interval-ms <fewer>'),
    (14, v_pull.problem is not null, 'attention', v_pull.problem, v_pull.remedy),
    (15, v_cron.verdict = 'attention', 'attention', v_cron.problem, v_cron.remedy),
    (16, v_token.verdict = 'attention', 'attention', v_token.problem, v_token.remedy),
    (17, is_silence_unusual, 'attention', 'No lead has come since ' || last_lead_at || ', where about ' || usual_lead_count || ' were to be expected',
      'Send a test lead through each landing page, and look at its console for a refused request'),
    (18, quarantined_count > 0, 'attention', quarantined_count || case quarantined_count when 1 then ' lead of a flood waits' else ' leads of a flood wait' end
      || ' in quarantine for a decision', 'select * from amocrm_quarantine'),
    (19, true, 'ok', null, null)) as judged (rank, applies, verdict, problem, remedy)
  where judged.applies order by judged.rank limit 1;
  -- One a line.
  notice := nullif(concat_ws(E'\n',
    amocrm.routes_notice(),
    amocrm.adoption_notice(),
    amocrm.silence_notice(),
    amocrm.content_notice(),
    amocrm.move_notice(),
    amocrm.marker_notice(),
    amocrm.road_notice(),
    amocrm.set_aside_notice(),
    amocrm.unreadable_notice(),
    amocrm.hooks_notice(),
    amocrm.followups_notice(),
    amocrm.sms_notice(),
    amocrm.upkeep_notice()), '');
  return next;
end
$$;
comment on function amocrm.health_row() is 'Returns the row of amocrm_health.';

create view public.amocrm_health with (security_invoker = true) as
select verdict, problem, remedy, version, installed_at, waiting_count, uncertain_count, dead_count, oldest_waiting_at,
  last_delivered_at, last_drain_at, unanswered_post_count, missing, min_interval_ms, interval_in_force_ms, slow_reason,
  breaker_code, breaker_message, breaker_probe_at, paused_at, pause_reason, last_tick_at, last_pull_at, mirror_complete, notice,
  token_state, token_expires_at, refresh_expires_at,
  last_lead_at, usual_lead_count, is_silence_unusual, last_live_at, last_backfill_at, backlog_done_at,
  quarantined_count, oldest_quarantined_at, token_uptime, breaker_opened_at
from amocrm.health_row();
comment on view public.amocrm_health is
  'Do leads reach amoCRM, and if not, what is wrong and what is the remedy? One row; large counts are estimates.';

revoke all on function amocrm.token_problem() from public;
revoke all on function amocrm.health_row() from public, anon;
grant execute on function amocrm.health_row() to authenticated, service_role;
revoke all on public.amocrm_health from public, anon, authenticated, service_role;
grant select on public.amocrm_health to authenticated, service_role;
