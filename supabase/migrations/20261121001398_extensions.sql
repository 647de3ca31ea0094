-- What this rests on and a project can lose with one click in the dashboard: pg_cron, pg_net and Vault. Whoever needs one
-- of them to tell how things are asks through these functions, which name what is gone instead of failing with it.

create function amocrm.extension_problem(p_extension text, out problem text, out remedy text)
language sql stable set search_path = ''
as $$
  -- A row in any case: a plpgsql record cannot hold none.
  select case when to_regclass(known.relation) is null then 'The extension ' || known.name || ' is not installed: ' || known.consequence end,
    case when to_regclass(known.relation) is null then known.remedy end
  from (values
    ('pg_cron', 'cron.job', 'nothing is called at its time',
      'create extension pg_cron with schema pg_catalog; select amocrm_schedule_jobs()'),
    ('pg_net', 'net._http_response', 'the database can call no function',
      'create extension pg_net with schema extensions'),
    ('supabase_vault', 'vault.secrets', 'the database has neither address nor key of the functions',
      'create extension supabase_vault with schema vault; then npm run amocrm -- setup, and with OAuth npm run amocrm -- connect')
  ) as known (name, relation, consequence, remedy)
  where known.name = p_extension
$$;
comment on function amocrm.extension_problem(text) is
  'What follows from pg_cron, pg_net or supabase_vault not being there, and how it comes back; nulls if it is there.';

create function amocrm.vault_secret(p_name text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (select decrypted_secrets.decrypted_secret from vault.decrypted_secrets where decrypted_secrets.name = p_name);
exception when others then
  -- After a restore under another root key Vault raises; amocrm_health has to be able to say so.
  return null;
end
$$;
comment on function amocrm.vault_secret(text) is
  'A secret by name, or null if there is none or Vault cannot decrypt it. Never granted to anybody: only functions of the owner read it.';

create function amocrm.vault_problem(p_name text) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_problem text := (amocrm.extension_problem('supabase_vault')).problem;
begin
  if v_problem is not null then
    return v_problem;
  end if;
  return case when amocrm.vault_secret(p_name) is not null then null
    when exists (select from vault.secrets where secrets.name = p_name)
      then 'Vault cannot decrypt the secret ' || p_name || ', as after a restore under another root key'
    else 'Vault has no secret ' || p_name end;
end
$$;
comment on function amocrm.vault_problem(text) is 'Why a Vault secret cannot be used, or null. Never granted to anybody.';

create function amocrm.call_answer(p_request_id bigint, out status_code int, out error text)
language plpgsql stable set search_path = ''
as $$
begin
  if to_regclass('net._http_response') is not null then
    select response.status_code, coalesce(response.error_msg, case when response.timed_out then 'timed out' end)
    into status_code, error from net._http_response as response where response.id = p_request_id limit 1;
  end if;
end
$$;
comment on function amocrm.call_answer(bigint) is
  'How one of pg_net''s requests ended; nulls as long as it has not, once that is forgotten, and without pg_net.';

create function amocrm.cron_problem(out verdict text, out problem text, out remedy text, out last_tick_at timestamptz)
language plpgsql stable set search_path = ''
as $$
declare
  v_lost text[];
  v_fault text;
begin
  select gone.problem, gone.remedy into problem, remedy from amocrm.extension_problem('pg_cron') as gone;
  if problem is not null then
    verdict := 'stopped';
    return;
  end if;
  select array_agg(jobs.name order by jobs.name) into v_lost from amocrm.jobs
  where not exists (select from cron.job where job.jobname = jobs.name and job.active);
  select max(run.start_time), case when count(*) filter (where run.status = 'failed') = 3 then max(left(run.return_message, 300)) end
  into last_tick_at, v_fault from (
    select details.start_time, details.status, details.return_message from cron.job_run_details as details
    where details.jobid = (select job.jobid from cron.job where job.jobname = 'amocrm-tick' limit 1)
    order by details.runid desc limit 3) as run;
  select judged.verdict, judged.problem, judged.remedy into verdict, problem, remedy from (values
    (1, 'amocrm-tick' = any (v_lost), 'stopped', 'The cron job amocrm-tick is gone or switched off', 'select amocrm_schedule_jobs()'),
    (2, coalesce(last_tick_at, (select installation.installed_at from amocrm.installation)) < amocrm.clock() - interval '2 minutes', 'stopped',
      'The cron job amocrm-tick has not run since ' || coalesce(last_tick_at::text, 'the installation'),
      'pg_cron stands still: restart the project in the dashboard, project settings, General'),
    (3, v_fault is not null, 'stopped', 'The cron job amocrm-tick fails each time: ' || v_fault,
      'select * from cron.job_run_details order by runid desc limit 20; are all migrations applied?'),
    (4, v_lost is not null, 'attention', 'Cron jobs are gone or switched off: ' || array_to_string(v_lost, ', '), 'select amocrm_schedule_jobs()')
    ) as judged (rank, applies, verdict, problem, remedy)
  where judged.applies order by judged.rank limit 1;
end
$$;
comment on function amocrm.cron_problem() is
  'Do the cron jobs run? Stopped: the tick does not; attention: another one is lost; nulls if all is well. Tells the last tick, too.';

revoke all on function amocrm.extension_problem(text), amocrm.vault_secret(text), amocrm.vault_problem(text),
  amocrm.call_answer(bigint), amocrm.cron_problem() from public;
