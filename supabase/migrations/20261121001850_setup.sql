-- What an operator sets up beside the tables: the two Vault secrets by which the database calls the functions, and the cron
-- jobs, should they be lost. `[db.vault]` of the CLI writes the same two secrets; whichever ran last counts.

create function amocrm.put_secret(p_name text, p_value text, p_description text) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_id uuid := (select secrets.id from vault.secrets where secrets.name = p_name);
begin
  if v_id is null then
    perform vault.create_secret(p_value, p_name, p_description);
  elsif amocrm.vault_secret(p_name) is distinct from p_value then
    perform vault.update_secret(v_id, p_value);
  else
    return false;
  end if;
  return true;
end
$$;
comment on function amocrm.put_secret(text, text, text) is
  'Creates a Vault secret or changes its value; false if it had the value already. Never granted to anybody.';

create function public.amocrm_set_vault(p_functions_url text, p_cron_key text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_url text := rtrim(amocrm.trimmed(p_functions_url), '/');
  v_is_new_url boolean;
  v_is_new_key boolean;
begin
  -- The values stay out of the messages: one is a key, and the other may have been mixed up with it.
  if v_url is null or v_url !~* '^https?://[^\s/?#@]+(/[^\s?#]*)?$' then
    raise exception 'p_functions_url is not an http or https URL' using errcode = '22023',
      hint = 'It looks like https://<project>.supabase.co/functions/v1';
  elsif p_cron_key is null or p_cron_key !~ '^[\x21-\x7e]+$' then
    raise exception 'p_cron_key is not a key' using errcode = '22023',
      hint = 'It is sent in a header: a secret key of the project (sb_secret_…), without blanks.';
  end if;
  -- Two setups at once would both find no secret, and the second would fail on the unique name.
  perform from public.amocrm_settings for update;
  v_is_new_url := amocrm.put_secret('amocrm_functions_url', v_url, 'Where the edge functions are called');
  v_is_new_key := amocrm.put_secret('amocrm_cron_key', p_cron_key, 'The secret key with which the database calls the edge functions');
  -- Told from the URL that is no secret; the key stays in Vault.
  perform amocrm.note_action('set_vault', jsonb_build_object('functions_url', v_url),
    jsonb_build_object('is_new_url', v_is_new_url, 'is_new_key', v_is_new_key));
  -- What waited for the secrets need not wait for cron as well.
  if amocrm.is_due('amocrm') then
    perform amocrm.ring('amocrm');
  end if;
  return case when v_is_new_url or v_is_new_key then 'done' else 'unchanged' end;
end
$$;
comment on function public.amocrm_set_vault(text, text) is
  'Puts the URL and the key by which the database calls the edge functions into Vault, and calls the drain if something is due. Tells done or unchanged.';

create function public.amocrm_schedule_jobs() returns text[]
-- The jobs run as whoever schedules them, so that is the owner whoever calls.
language plpgsql security definer set search_path = ''
as $$
declare
  v_gone record := amocrm.extension_problem('pg_cron');
  v_job amocrm.jobs;
  v_id bigint;
  v_names text[] := '{}';
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
  perform amocrm.note_action('schedule_jobs', '{}', jsonb_build_object('jobs', v_names));
  return v_names;
end
$$;
comment on function public.amocrm_schedule_jobs() is
  'Brings our cron jobs back as the migrations made them, after pg_cron was switched off and on; tells which were lost, off or changed.';

revoke all on function amocrm.put_secret(text, text, text) from public, anon, authenticated;
revoke all on function public.amocrm_set_vault(text, text), public.amocrm_schedule_jobs() from public, anon, authenticated;
grant execute on function public.amocrm_set_vault(text, text), public.amocrm_schedule_jobs() to service_role;
