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
  'Returns the effect of a missing pg_cron, pg_net or supabase_vault and how to restore it; nulls if it is there.';

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
  'Returns a Vault secret by name; null if it is missing or cannot be decrypted. Owner only.';

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
comment on function amocrm.vault_problem(text) is 'Returns why a Vault secret cannot be used, or null. Owner only.';

create function amocrm.call_answer(p_request_id bigint, p_queued_at timestamptz, out status_code int, out error text)
language plpgsql stable set search_path = ''
as $$
begin
  if to_regclass('net._http_response') is not null then
    select response.status_code, coalesce(response.error_msg, case when response.timed_out then 'timed out' end)
    into status_code, error from net._http_response as response
    -- pg_net's sequence is unlogged: after a crash or a restore the ids begin anew and come to mean other requests.
    where response.id = p_request_id and response.created >= p_queued_at order by response.created limit 1;
  end if;
end
$$;
comment on function amocrm.call_answer(bigint, timestamptz) is
  'Returns how a pg_net request queued at that time ended; nulls while unfinished, once forgotten, and without pg_net.';

create function amocrm.newest_run() returns bigint
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce((select pg_sequences.last_value from pg_catalog.pg_sequences
    where pg_sequences.schemaname = 'cron' and pg_sequences.sequencename = 'runid_seq'), 0));
end $$;
comment on function amocrm.newest_run() is
  'Returns the number of cron''s newest run among the last 50,000, since reading the whole run log takes seconds.';

create function amocrm.run_log_clashes() returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  if to_regclass('cron.runid_seq') is null or to_regclass('cron.job_run_details') is null then
    return false;
  end if;
  -- A restore brings the rows of the log and not the sequence of their numbers: a run whose number is taken does not begin.
  return coalesce((select max(job_run_details.runid) from cron.job_run_details) > (select runid_seq.last_value from cron.runid_seq), false);
end
$$;
comment on function amocrm.run_log_clashes() is
  'True if cron''s run log holds numbers ahead of its sequence, as after a restored dump; jobs then do not run.';

create function amocrm.failing_jobs(out names text, out message text)
language plpgsql stable set search_path = ''
as $$
declare
  -- The last runs only: a project may keep years of them, and they have no index but that of their number.
  v_since bigint := amocrm.newest_run() - 1500;
  v_job_ids bigint[] := (select array_agg(distinct details.jobid) from cron.job_run_details as details
    where details.runid > v_since and details.status = 'failed');
begin
  if v_job_ids is null then
    return;
  end if;
  select string_agg(failing.name, ', ' order by failing.name), max(failing.message) into names, message from (
    select jobs.name, max(left(run.return_message, 300)) as message
    from (select details.jobid, details.status, details.return_message, row_number() over (partition by details.jobid order by details.runid desc) as place
      from cron.job_run_details as details where details.runid > v_since and details.jobid = any (v_job_ids)) as run
    join cron.job on job.jobid = run.jobid join amocrm.jobs on jobs.name = job.jobname
    where run.place <= 2 and jobs.name <> 'amocrm-tick'
    group by jobs.name having count(*) filter (where run.status = 'failed') = 2) as failing;
end
$$;
comment on function amocrm.failing_jobs() is
  'Lists our cron jobs, except the tick, that failed in both last runs, with one error message; nulls if none.';

create function amocrm.cron_problem(out verdict text, out problem text, out remedy text, out last_tick_at timestamptz)
language plpgsql stable set search_path = ''
as $$
declare
  v_lost text[];
  v_fault text;
  v_failing record;
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
      and details.runid > amocrm.newest_run() - 50000
    order by details.runid desc limit 3) as run;
  v_failing := amocrm.failing_jobs();
  select judged.verdict, judged.problem, judged.remedy into verdict, problem, remedy from (values
    (1, 'amocrm-tick' = any (v_lost), 'stopped', 'The cron job amocrm-tick is gone or switched off', 'select amocrm_schedule_jobs()'),
    (2, amocrm.run_log_clashes(), 'stopped',
      'No cron job can run: the log of their runs came with a restored dump and has higher numbers than pg_cron counts by now', 'select amocrm_schedule_jobs()'),
    -- Who has just scheduled the jobs is not told to restart a project whose first tick is some seconds away.
    (3, coalesce(last_tick_at, (select installation.installed_at from amocrm.installation)) < amocrm.clock() - interval '2 minutes'
        and not exists (select from amocrm.actions where actions.at >= amocrm.clock() - interval '2 minutes' and actions.action = 'schedule_jobs'), 'stopped',
      'The cron job amocrm-tick has not run since ' || coalesce(last_tick_at::text, 'the installation'),
      'pg_cron stands still: restart the project in the dashboard, project settings, General'),
    (4, v_fault is not null, 'stopped', 'The cron job amocrm-tick fails each time: ' || v_fault,
      'select * from cron.job_run_details order by runid desc limit 20; are all migrations applied?'),
    (5, v_lost is not null, 'attention', 'Cron jobs are gone or switched off: ' || array_to_string(v_lost, ', '), 'select amocrm_schedule_jobs()'),
    (6, v_failing.names is not null, 'attention', 'Cron jobs fail each time: ' || v_failing.names || ': ' || coalesce(v_failing.message, 'no message'),
      'select * from cron.job_run_details where status = ''failed'' order by runid desc limit 20; are all migrations applied?')
    ) as judged (rank, applies, verdict, problem, remedy)
  where judged.applies order by judged.rank limit 1;
end
$$;
comment on function amocrm.cron_problem() is
  'Returns stopped if the tick does not run, attention if another job is lost, nulls if all is well; and the last tick.';

revoke all on function amocrm.extension_problem(text), amocrm.vault_secret(text), amocrm.vault_problem(text),
  amocrm.call_answer(bigint, timestamptz), amocrm.newest_run(), amocrm.run_log_clashes(), amocrm.failing_jobs(), amocrm.cron_problem() from public;
