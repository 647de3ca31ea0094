-- The cron jobs, remembered here as well as in pg_cron: they go with that extension when somebody switches it off in the
-- dashboard, and amocrm_schedule_jobs() has to know what to bring back.

create table amocrm.jobs (
  name text primary key,
  schedule text not null,
  command text not null,
  constraint name_is_ours check (name like 'amocrm-%')
);
comment on table amocrm.jobs is 'Each of our cron jobs as it should be; cron.job has them as they are.';
alter table amocrm.jobs enable row level security;
revoke all on amocrm.jobs from public, anon, authenticated, service_role;
grant select on amocrm.jobs to service_role;

create function amocrm.schedule_job(p_name text, p_schedule text, p_command text) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.jobs (name, schedule, command) values (p_name, p_schedule, p_command)
  on conflict (name) do update set schedule = excluded.schedule, command = excluded.command;
  -- An upgrade goes through without pg_cron, too: amocrm_health names that, and amocrm_schedule_jobs() makes up for it.
  if to_regclass('cron.job') is not null then
    perform cron.schedule(p_name, p_schedule, p_command);
  end if;
end
$$;
comment on function amocrm.schedule_job(text, text, text) is 'Makes pg_cron run a command on a schedule from the calling migration on.';

revoke all on function amocrm.schedule_job(text, text, text) from public;
