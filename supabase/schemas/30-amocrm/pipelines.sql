-- The account's pipelines, which pulls, drains and the admin read and which are stored as a whole.

create table amocrm.pipelines (
  pipeline_id bigint not null,
  name text not null,
  sort int not null default 0,
  is_main boolean not null default false,
  is_archive boolean not null default false,
  stages jsonb not null default '[]',
  read_at timestamptz not null default amocrm.clock(),
  account text not null default amocrm.account(),
  primary key (pipeline_id, account)
);
comment on table amocrm.pipelines is 'An account''s pipelines as last read. A stage is only unique together with its pipeline: 142 and 143 are in each.';
alter table amocrm.pipelines enable row level security;
revoke all on amocrm.pipelines from public, anon, authenticated, service_role;
grant select on amocrm.pipelines to service_role;

create function amocrm.whole_number(p_value jsonb, p_least bigint, p_most bigint) returns bigint
language sql immutable set search_path = ''
as $$
  select case when jsonb_typeof(p_value) = 'number' then case when p_value::numeric between p_least and p_most
    and trunc(p_value::numeric) = p_value::numeric then p_value::numeric::bigint end end
$$;
comment on function amocrm.whole_number(jsonb, bigint, bigint) is
  'Returns the value if it is a whole number within the bounds; null otherwise.';

create function public.amocrm_store_pipelines(p_pipelines jsonb) returns void
language sql security definer set search_path = ''
as $$
  -- The list is stored as a whole, so one that cannot be stored as it is must not stop the others: what is odd about it is left out.
  with told as (
    select amocrm.whole_number(row.value -> 'pipeline_id', 1, 9007199254740991) as pipeline_id, row.value
    from jsonb_array_elements(p_pipelines) as row (value)
  ), read as (
    -- A list that shifted, or an account that tells one twice: once is enough.
    select distinct on (told.pipeline_id) told.pipeline_id, coalesce(told.value ->> 'name', '') as name,
      coalesce(amocrm.whole_number(told.value -> 'sort', -2147483648, 2147483647), 0)::int as sort,
      coalesce(told.value -> 'is_main' = 'true', false) as is_main, coalesce(told.value -> 'is_archive' = 'true', false) as is_archive,
      case when jsonb_typeof(told.value -> 'stages') = 'array' then told.value -> 'stages' else '[]' end as stages
    from told where told.pipeline_id is not null order by told.pipeline_id
  ), gone as (
    delete from amocrm.pipelines where pipelines.account = amocrm.account()
      and not exists (select from read where read.pipeline_id = pipelines.pipeline_id)
  )
  insert into amocrm.pipelines (pipeline_id, name, sort, is_main, is_archive, stages)
  select read.pipeline_id, read.name, read.sort, read.is_main, read.is_archive, read.stages from read
  on conflict (pipeline_id, account) do update set name = excluded.name, sort = excluded.sort, is_main = excluded.is_main,
    is_archive = excluded.is_archive, stages = excluded.stages, read_at = amocrm.clock()
$$;
comment on function public.amocrm_store_pipelines(jsonb) is
  'Replaces the cached pipelines by those read from the account; pipelines without an id are left out.';

revoke all on function amocrm.whole_number(jsonb, bigint, bigint) from public;
revoke all on function public.amocrm_store_pipelines(jsonb) from public, anon, authenticated;
grant execute on function public.amocrm_store_pipelines(jsonb) to service_role;
