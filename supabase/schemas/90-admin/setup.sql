-- What an operator sets up beside the tables: the Vault secrets by which the database calls the functions, and the cron
-- jobs, should they be lost. `[db.vault]` of the CLI writes the URL too; whichever ran last counts.

create function public.amocrm_set_vault(p_functions_url text, p_cron_key text default null) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_url text := rtrim(amocrm.trimmed(p_functions_url), '/');
  v_is_new_url boolean;
  v_is_new_token boolean;
begin
  -- The values stay out of the messages: one is a key, and the other may have been mixed up with it.
  if v_url is null or v_url !~* '^https?://[^\s/?#@]+(/[^\s?#]*)?$' then
    raise exception 'p_functions_url is not an http or https URL' using errcode = '22023',
      hint = 'It looks like https://<project>.supabase.co/functions/v1';
  elsif v_url ~* '^http:' and not amocrm.is_private_host(substring(lower(v_url) from '^http://(\[[^\]]*\]|[^/:]+)')) then
    raise exception 'p_functions_url must be https: what opens the functions would travel readable' using errcode = '22023',
      hint = 'http is for this machine and private networks only.';
  elsif p_cron_key !~ '^[\x21-\x7e]+$' then
    raise exception 'p_cron_key is not a key' using errcode = '22023',
      hint = 'It is not needed any more: the database has a token of its own (amocrm_call_token).';
  end if;
  -- Two setups at once would both find no secret, and the second would fail on the unique name.
  perform from public.amocrm_settings for update;
  v_is_new_url := amocrm.put_secret('amocrm_functions_url', v_url, 'Where the edge functions are called');
  v_is_new_token := amocrm.keep_call_token();
  -- A full secret key where a token for one door does: taken over.
  delete from vault.secrets where secrets.name = 'amocrm_cron_key';
  perform amocrm.note_action('set_vault', jsonb_build_object('functions_url', v_url),
    jsonb_build_object('is_new_url', v_is_new_url, 'is_new_token', v_is_new_token));
  -- What waited for the secrets need not wait for cron as well.
  if amocrm.is_due('amocrm') then
    perform amocrm.ring('amocrm');
  end if;
  return case when v_is_new_url or v_is_new_token then 'done' else 'unchanged' end;
end
$$;
comment on function public.amocrm_set_vault(text, text) is
  'Stores the functions'' URL in Vault and ensures the call token; returns done or unchanged. The second argument has no effect.';

create function amocrm.is_private_host(p_host text) returns boolean
language sql immutable set search_path = ''
as $$
  -- This machine, a name without a dot as in a network of containers, and addresses that no router carries outside.
  select p_host ~ '^(localhost|[a-z0-9_-]+|[a-z0-9_.-]+\.(internal|local|lan)|127(\.\d{1,3}){3}|10(\.\d{1,3}){3}|192\.168(\.\d{1,3}){2}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|\[::1\]|\[f[cd][0-9a-f:]*\])$'
$$;
comment on function amocrm.is_private_host(text) is
  'True if a host is this machine or in a private network, where keys may travel over http.';
revoke all on function amocrm.is_private_host(text) from public;

-- Over an older installation, and where [db.vault] has just written its part: the calls carry their own token from here on.
select amocrm.keep_call_token()
where coalesce(amocrm.vault_secret('amocrm_functions_url'), amocrm.vault_secret('amocrm_cron_key')) is not null;

create function public.amocrm_schedule_jobs() returns text[]
-- The jobs run as whoever schedules them, so that is the owner whoever calls.
language plpgsql security definer set search_path = ''
as $$
declare
  v_gone record := amocrm.extension_problem('pg_cron');
  v_job amocrm.jobs;
  v_id bigint;
  v_names text[] := '{}';
  v_run_count int := 0;
begin
  if v_gone.problem is not null then
    raise exception '%', v_gone.problem using errcode = '55000', hint = v_gone.remedy;
  end if;
  for v_job in
    select jobs.* from amocrm.jobs where not exists (select from cron.job
      where job.jobname = jobs.name and job.schedule = jobs.schedule and job.command = jobs.command and job.active)
    order by jobs.name
  loop
    v_id := cron.schedule(v_job.name, v_job.schedule, v_job.command);
    -- One that was switched off stays so when it is scheduled again.
    if exists (select from cron.job where job.jobid = v_id and not job.active) then
      perform cron.alter_job(v_id, active := true);
    end if;
    v_names := v_names || v_job.name;
  end loop;
  if amocrm.run_log_clashes() then
    delete from cron.job_run_details where job_run_details.runid > (select runid_seq.last_value from cron.runid_seq);
    get diagnostics v_run_count = row_count;
  end if;
  perform amocrm.note_action('schedule_jobs', '{}', jsonb_build_object('jobs', v_names)
    || case when v_run_count > 0 then jsonb_build_object('forgotten_run_count', v_run_count) else '{}' end);
  return v_names;
end
$$;
comment on function public.amocrm_schedule_jobs() is
  'Restores our cron jobs after pg_cron was off or a dump was restored; returns which were lost, off or changed.';
revoke all on function public.amocrm_set_vault(text, text), public.amocrm_schedule_jobs() from public, anon, authenticated;
grant execute on function public.amocrm_set_vault(text, text), public.amocrm_schedule_jobs() to service_role;
