-- Alerts, first: what is wrong now and has to reach the admin without being asked. Each group of conditions is a function
-- of its own, so that one that cannot be asked hides nothing of the others; each condition reads a few rows by an index.

create type amocrm.alert_condition as (code text, severity text, detail text, remedy text, is_lasting boolean);
comment on type amocrm.alert_condition is
  'Something that is wrong now. Lasting: its own definition says that it went on for long enough, so the first look opens the incident.';

create function amocrm.cron_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select case trouble.verdict when 'stopped' then 'cron_stopped' else 'cron_jobs_lost' end,
    case trouble.verdict when 'stopped' then 'critical' else 'warning' end, trouble.problem, trouble.remedy, trouble.verdict = 'stopped'
  from amocrm.cron_problem() as trouble where trouble.verdict is not null;
end
$$;
comment on function amocrm.cron_conditions() is 'Does cron run? It cannot tell that itself; amocrm-health asks from outside.';

create function amocrm.vault_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select 'vault_incomplete', 'critical', string_agg(distinct amocrm.vault_problem(names.name), '; '),
    coalesce((amocrm.extension_problem('supabase_vault')).remedy, 'npm run amocrm -- setup'), false
  from (values ('amocrm_functions_url'), ('amocrm_cron_key')) as names (name)
  where amocrm.vault_problem(names.name) is not null having count(*) > 0;
end
$$;
comment on function amocrm.vault_conditions() is 'Does the database know where the functions are, and with which key to call them?';

create function amocrm.function_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_beat amocrm.heartbeats;
  v_answer record;
  v_net record := amocrm.extension_problem('pg_net');
begin
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-drain';
  v_answer := amocrm.call_answer(v_beat.last_request_id);
  return query
  select 'pg_net_silent', 'critical', v_net.problem, v_net.remedy, true where v_net.problem is not null;
  return query
  select judged.code, 'critical', judged.detail, judged.remedy, false
  from (values
    (v_beat.state = 'unconfigured', 'functions_unconfigured',
      'Missing or malformed settings of the functions: ' || coalesce(v_beat.detail, array_to_string(v_beat.missing, ', ')),
      'npx supabase secrets set --remote=<ref> NAME=value; npm run amocrm -- doctor tells what is wrong with each'),
    (v_beat.state = 'failed', 'drain_failing', 'The last drain failed: ' || v_beat.detail, 'See the logs of the function amocrm-drain'),
    (v_beat.unanswered_post_count >= 3 and (v_answer.status_code is not null or v_answer.error is not null), 'unreachable',
      'Cron called amocrm-drain ' || v_beat.unanswered_post_count || ' times without a sign of life, last '
        || coalesce('answer ' || v_answer.status_code, 'error: ' || v_answer.error),
      amocrm.road_remedy(v_answer.status_code)),
    (v_beat.unanswered_post_count >= 3 and v_answer.status_code is null and v_answer.error is null and v_net.problem is null
        and amocrm.vault_secret('amocrm_functions_url') is not null and amocrm.vault_secret('amocrm_cron_key') is not null, 'pg_net_silent',
      'Cron called amocrm-drain ' || v_beat.unanswered_post_count || ' times, and pg_net has no answer to the last call', 'select net.worker_restart()')
    ) as judged (applies, code, detail, remedy)
  where judged.applies;
end
$$;
comment on function amocrm.function_conditions() is 'Is amocrm-drain there, configured and well, as far as the calls to it tell?';

create function amocrm.sending_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_control amocrm.queue_control;
  v_beat amocrm.heartbeats;
  v_dead_count bigint;
  v_oldest timestamptz;
  v_route text;
begin
  select * into v_control from amocrm.queue_control where queue_control.queue = 'amocrm';
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-drain';
  select count(*) into v_dead_count from (
    select from amocrm.outbox where outbox.queue = 'amocrm' and outbox.state = 'dead' limit 10000) as dead;
  -- History may wait for days, so only the live lane counts; and only its front is read, however long it is.
  select min(first.created_at) filter (where first.last_error_code is null or first.last_error_code not in ('no_route', 'no_stage')),
    min(first.last_error_message) filter (where first.last_error_code in ('no_route', 'no_stage'))
  into v_oldest, v_route from (
    (select fresh.created_at, fresh.last_error_code, fresh.last_error_message from (
      select outbox.lane, outbox.created_at, outbox.last_error_code, outbox.last_error_message from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.is_fresh order by outbox.id limit 1) as fresh where fresh.lane = 'live')
    union all
    (select outbox.created_at, outbox.last_error_code, outbox.last_error_message from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.lane = 'live' and outbox.is_head and outbox.state in ('pending', 'uncertain')
      order by outbox.priority, outbox.next_attempt_at, outbox.id limit 200)) as first;
  return query
  select judged.code, judged.severity, judged.detail, judged.remedy, judged.is_lasting
  from (values
    (v_control.paused_at < v_now - interval '1 day', 'paused', 'warning',
      'Sending is paused since ' || v_control.paused_at || ': ' || v_control.pause_reason, 'select amocrm_resume()', true),
    -- The end of the connection opens an incident of its own, at once (amocrm_tokens_fail); so does a token nobody can use.
    (v_control.breaker_opened_at < v_now - interval '5 minutes' and v_control.breaker_code <> 'reauth_required'
        and (amocrm.token_problem()).verdict is distinct from 'blocked', 'breaker_open', 'critical',
      'Sending has stopped since ' || v_control.breaker_opened_at || ' (' || v_control.breaker_code || '): ' || coalesce(v_control.breaker_message, ''),
      amocrm.breaker_remedy(v_control.breaker_code), true),
    (v_route is not null, 'no_route', 'critical', v_route, 'Add the row to amocrm_routes, or for an event to amocrm_stages: npm run amocrm -- setup', false),
    (v_dead_count > 0, 'dead_letters', 'warning',
      v_dead_count || case v_dead_count when 1 then ' message is dead' else ' messages are dead' end,
      'npm run amocrm -- dead, or select * from amocrm_dead_letters', false),
    -- Only where nothing else says why: the cause has its own code, and its consequence needs no second mail.
    (v_oldest < v_now - interval '15 minutes' and v_control.paused_at is null and v_control.breaker_code is null
        and v_beat.state in ('ok', 'unknown') and v_beat.unanswered_post_count < 3
        and (amocrm.cron_problem()).verdict is distinct from 'stopped' and (amocrm.extension_problem('pg_net')).problem is null, 'backlog', 'warning',
      'The oldest live message waits since ' || v_oldest, 'select * from amocrm_outbox_status', true),
    (v_oldest < v_now - interval '1 day' and v_beat.state = 'disabled', 'disabled', 'warning',
      'AMOCRM_ENABLED is false, and messages wait since ' || v_oldest,
      'npx supabase secrets set --remote=<ref> AMOCRM_ENABLED=true', true)
    ) as judged (applies, code, severity, detail, remedy, is_lasting)
  where judged.applies;
end
$$;
comment on function amocrm.sending_conditions() is 'What keeps messages from amoCRM: pause, breaker, routes, dead letters, a queue that does not move.';

create function amocrm.token_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select case trouble.verdict when 'blocked' then 'token_unusable' else 'token_at_risk' end,
    case trouble.verdict when 'blocked' then 'critical' else 'warning' end, trouble.problem, trouble.remedy, false
  from amocrm.token_problem() as trouble
  where trouble.verdict is not null
    and not exists (select from amocrm.accounts where accounts.queue = 'amocrm' and accounts.access = 'oauth' and accounts.state = 'reauth_required');
end
$$;
comment on function amocrm.token_conditions() is 'Is the connection to amoCRM unusable, or soon? That amoCRM ended it is told by the token functions.';

create function amocrm.pull_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select 'pull_failing', 'warning', 'The last ' || max(cursors.failure_count) || ' pulls of ' || string_agg(cursors.entity || 's', ' and ' order by cursors.entity) || ' failed',
    'select * from amocrm.pulls order by started_at desc', true
  from amocrm.cursors where cursors.failure_count >= 3 having count(*) > 0;
end
$$;
comment on function amocrm.pull_conditions() is 'Is the mirror still read?';

create function amocrm.lead_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_silence record;
begin
  v_silence := amocrm.lead_silence();
  -- What is usual is forgotten with time; the incident lasts until a lead comes.
  if v_silence.is_unusual or exists (select from public.amocrm_alerts
      where amocrm_alerts.code = 'no_leads' and amocrm_alerts.resolved_at is null and v_silence.last_lead_at <= amocrm_alerts.first_seen_at) then
    return query select 'no_leads', 'critical', 'No lead has come since ' || v_silence.last_lead_at
        || coalesce('; in the same hours of the weeks before there were at least ' || v_silence.usual_count, ''),
      'Send a test lead through each landing page, and look at its console for a refused request', true;
  end if;
end
$$;
comment on function amocrm.lead_conditions() is 'Has no lead come for unusually long? A form that broke makes no error anywhere.';

create function amocrm.mail_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_health record;
  v_opened_at timestamptz;
begin
  select * into v_health from amocrm.mail_health_row();
  select queue_control.breaker_opened_at into v_opened_at from amocrm.queue_control where queue_control.queue = 'message';
  return query
  select judged.code, judged.severity, v_health.problem, v_health.remedy, judged.is_lasting
  from (values
    ('paused', v_health.paused_at < v_now - interval '1 day', 'mail_paused', 'warning', true),
    -- A project that sends no mails has its alerts in the table, and stays well without Resend.
    ('unconfigured', true, 'mail_unconfigured', 'warning', false),
    ('unreachable', true, 'mail_unreachable', 'critical', false),
    ('failing', true, 'mail_failing', 'critical', false),
    ('blocked', v_opened_at < v_now - interval '5 minutes', 'mail_breaker_open', 'critical', true),
    ('attention', true, 'mail_dead_letters', 'warning', false),
    ('behind', true, 'mail_backlog', 'warning', true)) as judged (verdict, applies, code, severity, is_lasting)
  where judged.verdict = v_health.verdict and judged.applies;
end
$$;
comment on function amocrm.mail_conditions() is 'Do mails go out? The nearest cause, as message_health has it.';

create function amocrm.alert_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_branch text;
  v_broken text[] := '{}';
begin
  foreach v_branch in array array['cron', 'vault', 'function', 'sending', 'token', 'pull', 'lead', 'mail'] loop
    begin
      return query execute format('select * from amocrm.%I()', v_branch || '_conditions');
    exception when others then
      -- One that cannot be asked must not hide what the others see.
      v_broken := v_broken || (v_branch || ': ' || sqlerrm);
    end;
  end loop;
  if v_broken <> '{}' then
    return query select 'watch_broken', 'warning', 'Some conditions cannot be looked at: ' || array_to_string(v_broken, '; '),
      'Check the extensions pg_cron, pg_net and supabase_vault, and that all migrations are applied', false;
  end if;
end
$$;
comment on function amocrm.alert_conditions() is 'All that is wrong now and should reach the admin; an empty answer is a good one.';

revoke all on function amocrm.cron_conditions(), amocrm.vault_conditions(), amocrm.function_conditions(), amocrm.sending_conditions(),
  amocrm.token_conditions(), amocrm.pull_conditions(), amocrm.lead_conditions(), amocrm.mail_conditions(), amocrm.alert_conditions()
  from public;
