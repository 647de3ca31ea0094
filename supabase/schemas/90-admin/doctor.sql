-- What `npm run amocrm -- doctor` asks the database: everything that can be told in SQL, in one call. Each part stands by
-- itself: a dropped extension or a Vault that cannot be decrypted costs its own part of the answer and nothing else.

create function amocrm.doctor_jobs() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  if to_regclass('cron.job') is null or to_regclass('cron.job_run_details') is null then
    return null;
  end if;
  return (
    with finished as (
      select details.jobid, max(details.runid) as last_run_id, max(details.start_time) filter (where details.status = 'succeeded') as last_succeeded_at
      from cron.job_run_details as details
      -- The run that is under way has no end to judge by yet.
      where details.runid > amocrm.newest_run() - 50000 and details.status in ('succeeded', 'failed')
        and details.jobid in (select job.jobid from cron.job where job.jobname like 'amocrm-%')
      group by details.jobid
    )
    select coalesce(jsonb_agg(jsonb_build_object('name', job.jobname, 'is_active', job.active,
      'last_started_at', last_run.start_time, 'last_status', last_run.status, 'last_message', left(last_run.return_message, 300),
      'last_succeeded_at', finished.last_succeeded_at)
      order by job.jobname), '[]')
    from cron.job left join finished on finished.jobid = job.jobid
    left join cron.job_run_details as last_run on last_run.runid = finished.last_run_id
    where job.jobname like 'amocrm-%');
end
$$;
comment on function amocrm.doctor_jobs() is 'Lists our cron jobs with their last finished run; null without pg_cron.';

create function amocrm.doctor_vault() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  if to_regclass('vault.secrets') is null then
    return null;
  end if;
  -- A database that was restored into another project has the secrets but not the key that opens them.
  return jsonb_build_object(
    'is_readable', not exists (select from vault.secrets
      where secrets.name in ('amocrm_functions_url', 'amocrm_call_token') and amocrm.vault_secret(secrets.name) is null),
    'functions_url', amocrm.vault_secret('amocrm_functions_url'),
    'has_key', amocrm.call_headers() is not null);
end
$$;
comment on function amocrm.doctor_vault() is 'Returns the URL in Vault and whether the key is there, never the key; null without Vault.';

create function amocrm.doctor_heartbeats() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (select coalesce(jsonb_agg(to_jsonb(heartbeats) || jsonb_build_object('answer', amocrm.doctor_answer(heartbeats.last_request_id, heartbeats.last_request_at))
      order by heartbeats.component), '[]') from amocrm.heartbeats);
end
$$;
comment on function amocrm.doctor_heartbeats() is 'Lists the heartbeats, each with what pg_net keeps of cron''s last call.';

create function amocrm.doctor_answer(p_request_id bigint, p_queued_at timestamptz) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_answer record := amocrm.call_answer(p_request_id, p_queued_at);
begin
  return case when v_answer.status_code is not null or v_answer.error is not null
    then jsonb_build_object('status_code', v_answer.status_code, 'error', v_answer.error) end;
end
$$;
comment on function amocrm.doctor_answer(bigint, timestamptz) is
  'Returns how a pg_net request ended; null while it has not, or once it is forgotten.';

create function amocrm.doctor_account() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  if to_regclass('amocrm.accounts') is null then
    return null;
  end if;
  return (select jsonb_build_object('host', accounts.host, 'access', accounts.access, 'state', accounts.state, 'account_id', accounts.account_id,
      'access_expires_at', accounts.access_expires_at, 'refresh_expires_at', accounts.refresh_expires_at,
      'failure_count', accounts.refresh_failure_count, 'last_error_code', accounts.last_error_code,
      'is_readable', accounts.secret_id is null or amocrm.read_pair(accounts) is not null)
    from amocrm.accounts where accounts.queue = amocrm.account());
end
$$;
comment on function amocrm.doctor_account() is
  'Returns how amoCRM lets us in and until when, without a token; null if nobody has connected yet.';

create function amocrm.doctor_call() returns bigint
language plpgsql volatile set search_path = ''
as $$
declare
  v_url text;
begin
  v_url := rtrim(amocrm.vault_secret('amocrm_functions_url'), '/');
  if v_url is null or amocrm.call_headers() is null then
    return null;
  end if;
  -- The very road of a ring. A GET is refused by the function after it has checked the key, so it sets nothing in motion;
  -- the query keeps a ring from taking it for one that is queued already (amocrm.post).
  return net.http_get(url := v_url || '/amocrm-drain', params := '{"caller": "doctor"}'::jsonb,
    headers := amocrm.call_headers(), timeout_milliseconds := 5000);
exception when others then
  return null;
end
$$;
comment on function amocrm.doctor_call() is
  'Calls amocrm-drain with GET as cron would and returns pg_net''s request id; null if that cannot be tried.';

create function public.amocrm_doctor_facts() returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_control amocrm.queue_control;
begin
  select * into v_control from amocrm.queue_control where queue_control.queue = 'amocrm';
  return jsonb_build_object(
    'clock', amocrm.clock(),
    'installation', (select to_jsonb(installation) from amocrm.installation),
    'extensions', (select coalesce(jsonb_agg(extension.extname order by extension.extname), '[]') from pg_catalog.pg_extension as extension
      where extension.extname in ('pg_cron', 'pg_net', 'supabase_vault')),
    'triggers', (select coalesce(jsonb_agg(jsonb_build_object('table', class.relname, 'name', found.tgname, 'is_enabled', found.tgenabled in ('O', 'A'))
        order by class.relname, found.tgname), '[]')
      from pg_catalog.pg_trigger as found join pg_catalog.pg_class as class on class.oid = found.tgrelid
      where class.relnamespace = 'public'::regnamespace and not found.tgisinternal and found.tgname like 'amocrm\_%'),
    'jobs', amocrm.doctor_jobs(),
    'run_log_clashes', amocrm.run_log_clashes(),
    'vault', amocrm.doctor_vault(),
    'call_id', amocrm.doctor_call(),
    'alert_roads', public.amocrm_alert_roads(),
    'heartbeats', amocrm.doctor_heartbeats(),
    'account', amocrm.doctor_account(),
    'residence', (select jsonb_build_object('project', residence.project,
        'is_restored', coalesce(residence.home <> amocrm.database_home(), false)) from amocrm.residence),
    'control', to_jsonb(v_control) - 'drain_token' || jsonb_build_object('interval_in_force_ms',
      amocrm.interval_in_force(v_control, (select amocrm_settings.min_interval_ms from public.amocrm_settings))),
    'configuration', amocrm.configuration(),
    'marker_error', (select marker_search.error_message from amocrm.marker_search where marker_search.account = amocrm.account()),
    'messages', (select coalesce(jsonb_agg(to_jsonb(status)), '[]') from amocrm.outbox_status_rows() as status),
    'login_differs_count', amocrm.logins_that_differ(),
    'webhook_state', coalesce((select webhook_control.state from amocrm.webhook_control where webhook_control.account = amocrm.account()), 'off'),
    'unmapped_form_count', (amocrm.inbox_state('forms')).unreadable,
    'duplicate_count', (select count(*) from amocrm.duplicates where duplicates.account = amocrm.account() and duplicates.resolved_at is null),
    'channels', jsonb_build_object(
      'has_sms_steps', exists (select from public.followup_steps as listed
        where listed.is_on and listed.channel = 'sms' and listed.version = amocrm.newest_version(listed.sequence)),
      'has_mail_steps', exists (select from public.followup_steps as listed
        where listed.is_on and listed.channel = 'mail' and listed.version = amocrm.newest_version(listed.sequence)),
      'sms_waiting_count', (select count(*) from (select from amocrm.outbox
        where outbox.queue = 'sms' and outbox.state in ('pending', 'leased', 'uncertain') limit 10000) as waiting),
      'notice', amocrm.followups_notice()),
    'mirror', (select coalesce(jsonb_agg(to_jsonb(cursors) order by cursors.entity), '[]') from amocrm.cursors
      where cursors.account = amocrm.account()));
end
$$;
comment on function public.amocrm_doctor_facts() is
  'Returns the database''s facts for doctor as one object without keys or personal data, and calls amocrm-drain once as a test.';

create function public.amocrm_doctor_answer(p_call_id bigint) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- The id is a moment old.
  return amocrm.doctor_answer(p_call_id, '-infinity');
end
$$;
comment on function public.amocrm_doctor_answer(bigint) is
  'Returns how the call of amocrm_doctor_facts ended, {status_code, error}; null while it has not.';

revoke all on function amocrm.doctor_jobs(), amocrm.doctor_vault(), amocrm.doctor_heartbeats(), amocrm.doctor_answer(bigint, timestamptz),
  amocrm.doctor_account(), amocrm.doctor_call() from public;
revoke all on function public.amocrm_doctor_facts(), public.amocrm_doctor_answer(bigint) from public, anon, authenticated;
grant execute on function public.amocrm_doctor_facts(), public.amocrm_doctor_answer(bigint) to service_role;
