-- The registry of upkeep: what is tidied regularly. An area adds the function that tidies its own tables and a row here, in its
-- own files. Functions are named as text, because a column of a type such as regprocedure would stand in the way of pg_upgrade.

create table amocrm.upkeep (
  step text primary key,
  function text not null,
  row_factor int not null default 1,
  rank int not null default 100,
  failed_at timestamptz,
  error text,
  constraint row_factor_is_positive check (row_factor >= 1),
  constraint failure_has_its_error check ((failed_at is null) = (error is null))
);
comment on table amocrm.upkeep is 'The steps that prune old rows, and which of them failed at its last run.';
comment on column amocrm.upkeep.function is 'Function (int) that deletes up to so many old rows and returns how many.';
comment on column amocrm.upkeep.row_factor is 'How many times the usual number of rows the step may read, where reading is cheap.';
comment on column amocrm.upkeep.failed_at is 'Since when the step fails; null while it works.';
alter table amocrm.upkeep enable row level security;
revoke all on amocrm.upkeep from public, anon, authenticated, service_role;
grant select on amocrm.upkeep to service_role;

create function amocrm.run_upkeep(p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_step amocrm.upkeep;
  v_count int;
  v_total int := 0;
begin
  for v_step in select * from amocrm.upkeep order by upkeep.rank, upkeep.step loop
    begin
      execute format('select %I.%I($1)', split_part(v_step.function, '.', 1), split_part(v_step.function, '.', 2)) into v_count using p_limit * v_step.row_factor;
      v_total := v_total + coalesce(v_count, 0);
      update amocrm.upkeep set failed_at = null, error = null where upkeep.step = v_step.step and upkeep.failed_at is not null;
    exception when others then
      -- One that fails must not keep the others from their work: tables would grow that nobody looks at.
      raise warning 'the upkeep % failed: % (%)', v_step.step, sqlerrm, sqlstate;
      update amocrm.upkeep set failed_at = coalesce(upkeep.failed_at, amocrm.clock()), error = left(sqlerrm, 500)
      where upkeep.step = v_step.step;
    end;
  end loop;
  return v_total;
end
$$;
comment on function amocrm.run_upkeep(int) is 'Runs each step of upkeep in a block of its own, with up to p_limit rows; returns how many rows went.';

create function amocrm.upkeep_notice() returns text
language sql stable set search_path = ''
as $$
  select 'Old rows stay, since a step of the upkeep fails: '
    || string_agg(upkeep.step || ' (' || upkeep.error || ')', ', ' order by upkeep.step) || '.'
  from amocrm.upkeep where upkeep.failed_at is not null having count(*) > 0
$$;
comment on function amocrm.upkeep_notice() is 'Returns the notice of amocrm_health about failing steps of the upkeep; null if all work.';

revoke all on function amocrm.run_upkeep(int), amocrm.upkeep_notice() from public;
