-- Alerts, first: what is wrong now and has to reach the admin without being asked. Each group of conditions is a function
-- of its own, so that one that cannot be asked hides nothing of the others; each condition reads a few rows by an index.

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
comment on function amocrm.cron_conditions() is
  'Lists conditions of the cron jobs; a stopped cron is noticed from outside by amocrm-health.';

create function amocrm.vault_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select 'vault_incomplete', 'critical', string_agg(distinct found.problem, '; '),
    coalesce((amocrm.extension_problem('supabase_vault')).remedy, 'npm run amocrm -- setup'), false
  from (values (amocrm.vault_problem('amocrm_functions_url')), (amocrm.call_problem())) as found (problem)
  where found.problem is not null having count(*) > 0;
end
$$;
comment on function amocrm.vault_conditions() is 'Lists conditions of the functions'' URL and token in Vault.';

create function amocrm.trigger_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select 'triggers_off', 'critical', trouble.problem, trouble.remedy, false
  from amocrm.trigger_problem() as trouble where trouble.problem is not null;
end
$$;
comment on function amocrm.trigger_conditions() is 'Lists conditions of the triggers that give leads and students their messages.';

create function amocrm.function_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_beat amocrm.heartbeats;
  v_answer record;
  v_net record := amocrm.extension_problem('pg_net');
begin
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-drain';
  v_answer := amocrm.call_answer(v_beat.last_request_id, v_beat.last_request_at);
  return query
  select 'pg_net_silent', 'critical', v_net.problem, v_net.remedy, true where v_net.problem is not null;
  return query
  select judged.code, 'critical', judged.detail, judged.remedy, false
  from (values
    (v_beat.state = 'unconfigured', 'functions_unconfigured',
      'Missing or malformed settings of the functions: ' || coalesce(v_beat.detail, array_to_string(v_beat.missing, ', ')),
      'npx supabase secrets set --remote=' || amocrm.project_ref() || ' NAME=value; npm run amocrm -- doctor tells what is wrong with each'),
    (v_beat.state = 'failed', 'drain_failing', 'The last drain failed: ' || v_beat.detail, 'See the logs of the function amocrm-drain'),
    (v_beat.state <> 'failed' and amocrm.unended_problem(v_beat) is not null, 'drain_failing', amocrm.unended_problem(v_beat),
      'See the logs of the function amocrm-drain'),
    (v_beat.unanswered_post_count >= 3 and (v_answer.status_code is not null or v_answer.error is not null), 'unreachable',
      'Cron called amocrm-drain ' || v_beat.unanswered_post_count || ' times without a sign of life, last '
        || coalesce('answer ' || v_answer.status_code, 'error: ' || v_answer.error),
      amocrm.road_remedy(v_answer.status_code)),
    (v_beat.unanswered_post_count >= 3 and v_answer.status_code is null and v_answer.error is null and v_net.problem is null
        and amocrm.vault_secret('amocrm_functions_url') is not null and amocrm.call_headers() is not null, 'pg_net_silent',
      'Cron called amocrm-drain ' || v_beat.unanswered_post_count || ' times, and pg_net has no answer to the last call', 'select net.worker_restart()')
    ) as judged (applies, code, detail, remedy)
  where judged.applies;
end
$$;
comment on function amocrm.function_conditions() is
  'Lists conditions of amocrm-drain: deployed, configured and working, as far as its calls show.';

create function amocrm.sending_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_control amocrm.queue_control;
  v_beat amocrm.heartbeats;
  v_dead_count bigint;
  v_oldest timestamptz;
  v_is_stuck boolean;
  v_route text;
begin
  select * into v_control from amocrm.queue_control where queue_control.queue = 'amocrm';
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-drain';
  select count(*) into v_dead_count from (
    select from amocrm.outbox where outbox.queue = 'amocrm' and outbox.state = 'dead' limit 10000) as dead;
  select oldest.created_at, oldest.unplaced_reason into v_oldest, v_route from amocrm.oldest_live() as oldest;
  v_is_stuck := v_oldest < v_now - interval '1 hour' and amocrm.is_stuck();
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
    (v_route is not null, 'no_route', 'critical', v_route, 'Add the row to amocrm_routes, with its pipeline, or for an event to amocrm_stages: npm run amocrm -- setup', false),
    (v_dead_count > 0, 'dead_letters', 'warning',
      v_dead_count || case v_dead_count when 1 then ' message is dead' else ' messages are dead' end,
      'npm run amocrm -- dead, or select * from amocrm_dead_letters', false),
    -- Only where nothing else says why: the cause has its own code, and its consequence needs no second mail.
    (v_oldest < v_now - interval '15 minutes' and v_control.paused_at is null and v_control.breaker_code is null
        and v_beat.state in ('ok', 'unknown') and v_beat.unanswered_post_count < 3
        and (amocrm.cron_problem()).verdict is distinct from 'stopped' and (amocrm.extension_problem('pg_net')).problem is null,
      'backlog', case when v_is_stuck then 'critical' else 'warning' end,
      'The oldest live message waits since ' || v_oldest || case when v_is_stuck then ', and none has got through for an hour' else '' end,
      'select * from amocrm_outbox_status', true),
    (v_oldest < v_now - interval '1 day' and v_beat.state = 'disabled', 'disabled', 'warning',
      'AMOCRM_ENABLED is false, and messages wait since ' || v_oldest,
      'npx supabase secrets set --remote=' || amocrm.project_ref() || ' AMOCRM_ENABLED=true', true)
    ) as judged (applies, code, severity, detail, remedy, is_lasting)
  where judged.applies;
end
$$;
comment on function amocrm.sending_conditions() is
  'Lists conditions that keep messages from amoCRM: pause, breaker, routes, dead letters, a stuck queue.';

create function amocrm.token_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select case trouble.verdict when 'blocked' then 'token_unusable' else 'token_at_risk' end,
    case trouble.verdict when 'blocked' then 'critical' else 'warning' end, trouble.problem, trouble.remedy, false
  from amocrm.token_problem() as trouble
  where trouble.verdict is not null
    and not exists (select from amocrm.accounts where accounts.queue = amocrm.account() and accounts.access = 'oauth' and accounts.state = 'reauth_required');
end
$$;
comment on function amocrm.token_conditions() is
  'Lists conditions that make the connection to amoCRM unusable now or soon; token functions report revocations themselves.';

create function amocrm.pull_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select 'pull_failing', 'warning', trouble.problem, trouble.remedy, false
  from amocrm.pull_problem() as trouble where trouble.problem is not null;
end
$$;
comment on function amocrm.pull_conditions() is 'Lists conditions that keep the mirror from being read.';

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
        || coalesce(', where about ' || v_silence.usual_count || ' were to be expected', ''),
      'Send a test lead through each landing page, and look at its console for a refused request', true;
  end if;
  return query select 'leads_not_copied', 'critical', uncopied.detail, uncopied.remedy, false
  from amocrm.uncopied_problem() as uncopied where uncopied.detail is not null;
end
$$;
comment on function amocrm.lead_conditions() is
  'Lists conditions of incoming leads: an unusual silence, or a project''s own object that prevents their copy.';

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
comment on function amocrm.mail_conditions() is 'Lists the nearest cause for which mails do not go out, as in message_health.';

create function amocrm.alert_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_condition amocrm.conditions;
  v_broken text[] := '{}';
begin
  for v_condition in select * from amocrm.conditions order by conditions.rank, conditions.name loop
    begin
      return query execute format('select * from %I.%I()', split_part(v_condition.function, '.', 1), split_part(v_condition.function, '.', 2));
    exception when others then
      -- One that cannot be asked must not hide what the others see.
      v_broken := v_broken || (v_condition.name || ': ' || sqlerrm);
    end;
  end loop;
  if v_broken <> '{}' then
    return query select 'watch_broken', 'warning', 'Some conditions cannot be looked at: ' || array_to_string(v_broken, '; '),
      'Check the extensions pg_cron, pg_net and supabase_vault, and that all migrations are applied', false;
  end if;
end
$$;
comment on function amocrm.alert_conditions() is
  'Lists everything that is wrong now and concerns the admin; an empty answer is a good one.';

revoke all on function amocrm.cron_conditions(), amocrm.vault_conditions(), amocrm.trigger_conditions(), amocrm.function_conditions(), amocrm.sending_conditions(),
  amocrm.token_conditions(), amocrm.pull_conditions(), amocrm.lead_conditions(), amocrm.mail_conditions(), amocrm.alert_conditions()
  from public;

insert into amocrm.conditions (name, rank, function) values
  ('cron', 10, 'amocrm.cron_conditions'),
  ('vault', 20, 'amocrm.vault_conditions'),
  ('trigger', 30, 'amocrm.trigger_conditions'),
  ('function', 40, 'amocrm.function_conditions'),
  ('sending', 50, 'amocrm.sending_conditions'),
  ('token', 60, 'amocrm.token_conditions'),
  ('pull', 70, 'amocrm.pull_conditions'),
  ('lead', 80, 'amocrm.lead_conditions'),
  ('mail', 90, 'amocrm.mail_conditions');
