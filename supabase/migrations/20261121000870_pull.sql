-- How changed contacts and deals get into the mirror: the runs, who pulls, and how a deal is stored.
-- One run is about one entity. What a page brought and where the run stands next are committed together, so a run that is
-- killed anywhere goes on where it was. The functions that amocrm-pull calls are in pull_api.

alter table amocrm.cursors
  add column deleted_until timestamptz,
  add column pulled_at timestamptz,
  add column failure_count int not null default 0,
  add column next_attempt_at timestamptz;
comment on column amocrm.cursors.deleted_until is 'Every deletion in amoCRM up to this moment is in the mirror. The look before a batch moves changed_until only.';
comment on column amocrm.cursors.pulled_at is 'When the last good run ended; the next one is due pull_interval_seconds later.';
comment on column amocrm.cursors.next_attempt_at is 'After a failed run: when the next may go on. A minute at first, doubling to an hour.';

create table amocrm.pulls (
  pull_id bigint generated always as identity primary key,
  entity text not null references amocrm.cursors (entity),
  kind text not null,
  state text not null default 'running',
  since timestamptz,
  started_at timestamptz not null default amocrm.clock(),
  ended_at timestamptz,
  page_count int not null default 0,
  new_count int not null default 0,
  changed_count int not null default 0,
  deleted_count int not null default 0,
  pages_left int,
  error_code text,
  error_message text,
  constraint kind_is_known check (kind in ('first', 'window', 'since')),
  constraint state_is_known check (state in ('running', 'done', 'failed')),
  constraint ended_has_its_time check ((state = 'running') = (ended_at is null)),
  constraint failed_has_its_code check ((state = 'failed') = (error_code is not null))
);
comment on table amocrm.pulls is 'The runs of amocrm-pull: what each brought, and how it ended. A killed one stays running and goes on.';
comment on column amocrm.pulls.since is 'Deals changed from here on were asked for, instead of those of the last week or since the last run.';
comment on column amocrm.pulls.pages_left is 'Estimate; null while nobody can tell.';
create unique index pulls_one_running_per_entity on amocrm.pulls (entity) where state = 'running';
create index pulls_of_entity_idx on amocrm.pulls (entity, pull_id desc);

create table amocrm.pull_control (
  is_the_only_row boolean primary key default true,
  lease_token uuid,
  lease_expires_at timestamptz,
  wanted_at timestamptz,
  wanted_since timestamptz,
  deletions_accepted_at timestamptz,
  refreshed_for text,
  refreshing_for text,
  refreshed_to bigint,
  constraint pull_control_has_one_row check (is_the_only_row),
  constraint pull_lease_has_token_and_expiry check ((lease_token is null) = (lease_expires_at is null))
) with (fillfactor = 50);
comment on table amocrm.pull_control is 'One row: who pulls at the moment, and what the operator asked for.';
comment on column amocrm.pull_control.wanted_at is 'The operator wants a pull: what was last pulled before this moment is due.';
comment on column amocrm.pull_control.wanted_since is 'The next run of deals begins here, once.';
comment on column amocrm.pull_control.deletions_accepted_at is 'The operator knows of a mass of deletions: runs that begin within the hour may bury any number.';
comment on column amocrm.pull_control.refreshed_for is 'Which configuration the mirrored deals'' labels and metadata were made with.';
insert into amocrm.pull_control default values;

create table amocrm.missing_deals (
  amocrm_deal_id bigint primary key
);
comment on table amocrm.missing_deals is 'Deals that mirrored contacts name and the mirror lacks; a pull of deals reads them by id.';

create function amocrm.put_path(p_object jsonb, p_path text[], p_value jsonb) returns jsonb
language sql immutable set search_path = ''
as $$
  -- jsonb_set makes no levels in between.
  select case when cardinality(p_path) = 1 then p_object || jsonb_build_object(p_path[1], p_value)
    else p_object || jsonb_build_object(p_path[1],
      amocrm.put_path(case when jsonb_typeof(p_object -> p_path[1]) = 'object' then p_object -> p_path[1] else '{}' end,
        p_path[2:], p_value)) end
$$;
comment on function amocrm.put_path(jsonb, text[], jsonb) is 'An object with a value at a path, levels in between included.';

create function amocrm.field_value(p_fields jsonb, p_field_id bigint, p_field_code text) returns jsonb
language sql immutable set search_path = ''
as $$
  select case when count(*) = 1 then (array_agg(entry.value -> 'value'))[1] when count(*) > 1 then jsonb_agg(entry.value -> 'value') end
  from jsonb_array_elements(p_fields) as field
  cross join lateral jsonb_array_elements(case when jsonb_typeof(field.value -> 'values') = 'array' then field.value -> 'values' else '[]' end) as entry
  where (p_field_id is not null and field.value ->> 'field_id' = p_field_id::text)
    or (p_field_id is null and field.value ->> 'field_code' = p_field_code)
$$;
comment on function amocrm.field_value(jsonb, bigint, text) is
  'What a custom field holds: its value, a list if it has several, null if it is absent.';

create function amocrm.deal_metadata(p_fields jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_field record;
  v_metadata jsonb := '{}';
begin
  for v_field in select amocrm_fields.path, amocrm_fields.field_id, amocrm_fields.field_code from public.amocrm_fields
    where amocrm_fields.entity = 'deal' order by amocrm_fields.path
  loop
    v_metadata := amocrm.put_path(v_metadata, string_to_array(regexp_replace(v_field.path, '^metadata\.', ''), '.'),
      coalesce(amocrm.field_value(p_fields, v_field.field_id, v_field.field_code), 'null'));
  end loop;
  return v_metadata;
end
$$;
comment on function amocrm.deal_metadata(jsonb) is
  'The fields that amocrm_fields names for deals, under their paths: metadata.a.b as {"a": {"b": …}}, null where the deal has none.';

create function amocrm.stage_name(p_pipeline_id bigint, p_status_id bigint) returns text
language sql stable set search_path = ''
as $$
  select stage.value ->> 'name' from amocrm.pipelines cross join lateral jsonb_array_elements(pipelines.stages) as stage
  where pipelines.pipeline_id = p_pipeline_id and stage.value ->> 'id' = p_status_id::text limit 1
$$;
comment on function amocrm.stage_name(bigint, bigint) is 'The name of a stage, which is only unique together with its pipeline.';

create function amocrm.store_deals(p_deals jsonb) returns table (new_count int, changed_count int)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with read as (
    select distinct on (deal.id) * from jsonb_to_recordset(p_deals) as deal (
      id bigint, name text, price numeric, "pipelineId" bigint, "statusId" bigint, "responsibleUserId" bigint, "companyId" bigint,
      contacts jsonb, "rawFields" jsonb, "createdAt" bigint, "updatedAt" bigint, "closedAt" bigint, "isDeleted" boolean)
    order by deal.id, deal."updatedAt" desc
  ), stored as (
    insert into public.amocrm_deals (amocrm_deal_id, amocrm_contact_id, amocrm_company_id, name, price, pipeline_id, status_id,
      status_label, responsible_user_id, created_at, updated_at, closed_at, is_deleted, custom_fields, metadata)
    select read.id,
      (select (contact.value ->> 'id')::bigint from jsonb_array_elements(coalesce(read.contacts, '[]')) with ordinality as contact (value, rank)
        order by coalesce((contact.value ->> 'isMain')::boolean, false) desc, contact.rank limit 1),
      read."companyId", read.name, trunc(read.price)::bigint, read."pipelineId", read."statusId",
      amocrm.stage_name(read."pipelineId", read."statusId"), read."responsibleUserId", amocrm.unix_time(read."createdAt"),
      coalesce(amocrm.unix_time(read."updatedAt"), amocrm.clock()), amocrm.unix_time(read."closedAt"),
      coalesce(read."isDeleted", false), coalesce(read."rawFields", '[]'), amocrm.deal_metadata(coalesce(read."rawFields", '[]'))
    from read
    on conflict (amocrm_deal_id) do update set
      amocrm_contact_id = excluded.amocrm_contact_id, amocrm_company_id = excluded.amocrm_company_id, name = excluded.name,
      price = excluded.price, pipeline_id = excluded.pipeline_id, status_id = excluded.status_id, status_label = excluded.status_label,
      responsible_user_id = excluded.responsible_user_id, created_at = excluded.created_at, updated_at = excluded.updated_at,
      closed_at = excluded.closed_at, is_deleted = excluded.is_deleted, custom_fields = excluded.custom_fields, metadata = excluded.metadata
    where amocrm_deals.updated_at is null or amocrm_deals.updated_at <= excluded.updated_at
    returning xmax = 0 as is_new
  )
  select count(*) filter (where stored.is_new)::int, count(*) filter (where not stored.is_new)::int from stored;
end
$$;
comment on function amocrm.store_deals(jsonb) is
  'Upserts deals as the amoCRM client tells them (entities.ts, Deal); an older version than the stored one changes nothing.';

create function amocrm.refresh_deals(p_limit int) returns void
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.pull_control;
  v_target text;
  v_deal_id bigint;
begin
  select md5(concat(
    (select string_agg(concat_ws(':', amocrm_fields.path, amocrm_fields.field_id, amocrm_fields.field_code), ',' order by amocrm_fields.path)
      from public.amocrm_fields where amocrm_fields.entity = 'deal'),
    (select string_agg(concat_ws(':', pipelines.pipeline_id, pipelines.stages), ',' order by pipelines.pipeline_id) from amocrm.pipelines)))
  into v_target;
  select * into v_control from amocrm.pull_control;
  if v_control.refreshed_for is not distinct from v_target then
    return;
  end if;
  v_deal_id := case when v_control.refreshing_for = v_target then v_control.refreshed_to else 0 end;
  with chosen as (
    select amocrm_deals.amocrm_deal_id as id, amocrm_deals.pipeline_id, amocrm_deals.status_id, amocrm_deals.custom_fields
    from public.amocrm_deals where amocrm_deals.amocrm_deal_id > v_deal_id order by amocrm_deals.amocrm_deal_id limit p_limit
  ), refreshed as (
    update public.amocrm_deals set status_label = amocrm.stage_name(chosen.pipeline_id, chosen.status_id),
      metadata = amocrm.deal_metadata(chosen.custom_fields)
    from chosen where amocrm_deals.amocrm_deal_id = chosen.id
  )
  select case when count(*) = p_limit then max(chosen.id) end into v_deal_id from chosen;
  update amocrm.pull_control set
    refreshing_for = case when v_deal_id is not null then v_target end,
    refreshed_to = v_deal_id,
    refreshed_for = case when v_deal_id is null then v_target else pull_control.refreshed_for end;
end
$$;
comment on function amocrm.refresh_deals(int) is
  'Takes a changed amocrm_fields, or a renamed stage, over into deals that are mirrored already; some at a time.';

alter table amocrm.pulls enable row level security;
alter table amocrm.pull_control enable row level security;
alter table amocrm.missing_deals enable row level security;
revoke all on amocrm.pulls, amocrm.pull_control, amocrm.missing_deals from public, anon, authenticated, service_role;
grant select on amocrm.pulls, amocrm.pull_control, amocrm.missing_deals to service_role;
revoke all on function amocrm.put_path(jsonb, text[], jsonb), amocrm.field_value(jsonb, bigint, text), amocrm.deal_metadata(jsonb),
  amocrm.stage_name(bigint, bigint), amocrm.store_deals(jsonb), amocrm.refresh_deals(int) from public;
