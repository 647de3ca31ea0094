-- How changed contacts and deals get into the mirror: the runs, who pulls, and how a deal is stored.
-- One run is about one entity. What a page brought and where the run stands next are committed together, so a run that is
-- killed anywhere goes on where it was. The functions that amocrm-pull calls are in pull-api.

create table amocrm.pulls (
  pull_id bigint generated always as identity primary key,
  entity text not null,
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
  account text not null default amocrm.account(),
  foreign key (entity, account) references amocrm.cursors (entity, account),
  constraint kind_is_known check (kind in ('first', 'window', 'since')),
  constraint state_is_known check (state in ('running', 'done', 'failed')),
  constraint ended_has_its_time check ((state = 'running') = (ended_at is null)),
  constraint failed_has_its_code check ((state = 'failed') = (error_code is not null))
);
comment on table amocrm.pulls is 'The runs of amocrm-pull: what each brought, and how it ended. A killed one stays running and goes on.';
comment on column amocrm.pulls.since is 'The moment from which changed deals were requested, instead of the last week or the last run.';
comment on column amocrm.pulls.pages_left is 'An estimate of the pages left; null while unknown.';
create unique index pulls_one_running_per_entity on amocrm.pulls (entity, account) where state = 'running';
create index pulls_of_entity_idx on amocrm.pulls (entity, account, pull_id desc);

create table amocrm.pull_control (
  account text primary key default amocrm.account() references amocrm.queues (queue),
  lease_token uuid,
  lease_expires_at timestamptz,
  wanted_at timestamptz,
  wanted_since timestamptz,
  deletions_accepted_at timestamptz,
  first_since timestamptz,
  refreshed_for text,
  refreshing_for text,
  refreshed_to bigint,
  constraint pull_lease_has_token_and_expiry check ((lease_token is null) = (lease_expires_at is null))
) with (fillfactor = 50);
comment on table amocrm.pull_control is 'One row per account: who pulls at the moment, and what the operator asked for.';
comment on column amocrm.pull_control.wanted_at is 'When the operator requested a pull: due is what no good run that began later has read.';
comment on column amocrm.pull_control.wanted_since is 'Where the next run of deals begins, once.';
comment on column amocrm.pull_control.deletions_accepted_at is
  'When the operator accepted a mass of deletions: runs that begin within the hour may delete any number.';
comment on column amocrm.pull_control.first_since is 'Since when a pull of contacts may go before leads, by turns; null while the mirror is not behind (amocrm.lane_in_turn).';
comment on column amocrm.pull_control.refreshed_for is 'Which configuration the mirrored deals'' labels and metadata were made with.';

create table amocrm.missing_deals (
  amocrm_deal_id bigint not null,
  account text not null default amocrm.account(),
  primary key (amocrm_deal_id, account)
);
comment on table amocrm.missing_deals is 'Deals that mirrored contacts name and the mirror lacks; a pull of deals reads them by id.';

create function amocrm.note_missing_deals(p_contacts jsonb) returns void
language sql set search_path = ''
as $$
  insert into amocrm.missing_deals (amocrm_deal_id)
  select distinct deal.id::bigint
  from jsonb_to_recordset(p_contacts) as contact ("dealIds" jsonb, "isDeleted" boolean)
  cross join lateral jsonb_array_elements_text(coalesce(contact."dealIds", '[]')) as deal (id)
  where contact."isDeleted" is not true
    and not exists (select from amocrm.deals where deals.amocrm_deal_id = deal.id::bigint and deals.account = amocrm.account())
  on conflict do nothing
$$;
comment on function amocrm.note_missing_deals(jsonb) is 'Notes the deals that contacts, as read, name and the mirror lacks.';
revoke all on function amocrm.note_missing_deals(jsonb) from public;

create function amocrm.put_path(p_object jsonb, p_path text[], p_value jsonb) returns jsonb
language sql immutable set search_path = ''
as $$
  -- jsonb_set makes no levels in between.
  select case when cardinality(p_path) = 1 then p_object || jsonb_build_object(p_path[1], p_value)
    else p_object || jsonb_build_object(p_path[1],
      amocrm.put_path(case when jsonb_typeof(p_object -> p_path[1]) = 'object' then p_object -> p_path[1] else '{}' end,
        p_path[2:], p_value)) end
$$;
comment on function amocrm.put_path(jsonb, text[], jsonb) is
  'Returns an object with a value set at a path, creating the levels in between.';

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
  'Returns the value of a custom field: a list if it has several, null if the field is absent.';

create function amocrm.deal_metadata(p_fields jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_field record;
  v_metadata jsonb := '{}';
begin
  for v_field in select fields.path, fields.field_id, fields.field_code from amocrm.fields
    where fields.account = amocrm.account() and fields.entity = 'deal' order by fields.path
  loop
    v_metadata := amocrm.put_path(v_metadata, string_to_array(regexp_replace(v_field.path, '^metadata\.', ''), '.'),
      coalesce(amocrm.field_value(p_fields, v_field.field_id, v_field.field_code), 'null'));
  end loop;
  return v_metadata;
end
$$;
comment on function amocrm.deal_metadata(jsonb) is
  'Returns the deal''s fields named in amocrm_fields as nested metadata; null where the deal has no value.';

create function amocrm.stage_name(p_pipeline_id bigint, p_status_id bigint) returns text
language sql stable set search_path = ''
as $$
  select stage.value ->> 'name' from amocrm.pipelines cross join lateral jsonb_array_elements(pipelines.stages) as stage
  where pipelines.pipeline_id = p_pipeline_id and pipelines.account = amocrm.account() and stage.value ->> 'id' = p_status_id::text limit 1
$$;
comment on function amocrm.stage_name(bigint, bigint) is 'Returns the name of a stage, which is unique only together with its pipeline.';

create function amocrm.store_deals(p_deals jsonb) returns table (new_count int, changed_count int)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_account text := amocrm.account();
begin
  return query
  with read as (
    select distinct on (deal.id) * from jsonb_to_recordset(p_deals) as deal (
      id bigint, name text, price numeric, "pipelineId" bigint, "statusId" bigint, "responsibleUserId" bigint, "companyId" bigint,
      contacts jsonb, "rawFields" jsonb, "createdAt" bigint, "updatedAt" bigint, "closedAt" bigint, "isDeleted" boolean, "updatedBy" bigint)
    order by deal.id, deal."updatedAt" desc
  ), known as materialized (
    -- Of a table with partitions no xmax is returned, which would tell a new row from a changed one.
    select deals.amocrm_deal_id from amocrm.deals join read on read.id = deals.amocrm_deal_id where deals.account = v_account
  ), stored as (
    insert into amocrm.deals (amocrm_deal_id, amocrm_contact_id, amocrm_company_id, name, price, pipeline_id, status_id,
      status_label, responsible_user_id, created_at, updated_at, closed_at, is_deleted, custom_fields, metadata, updated_by, account)
    select read.id,
      (select (contact.value ->> 'id')::bigint from jsonb_array_elements(coalesce(read.contacts, '[]')) with ordinality as contact (value, rank)
        order by coalesce((contact.value ->> 'isMain')::boolean, false) desc, contact.rank limit 1),
      read."companyId", read.name, trunc(read.price)::bigint, read."pipelineId", read."statusId",
      amocrm.stage_name(read."pipelineId", read."statusId"), read."responsibleUserId", amocrm.unix_time(read."createdAt"),
      amocrm.version_time(read."updatedAt"), amocrm.unix_time(read."closedAt"),
      coalesce(read."isDeleted", false), coalesce(read."rawFields", '[]'), amocrm.deal_metadata(coalesce(read."rawFields", '[]')),
      read."updatedBy", v_account
    from read
    on conflict (amocrm_deal_id, account) do update set
      amocrm_contact_id = excluded.amocrm_contact_id, amocrm_company_id = excluded.amocrm_company_id, name = excluded.name,
      price = excluded.price, pipeline_id = excluded.pipeline_id, status_id = excluded.status_id, status_label = excluded.status_label,
      responsible_user_id = excluded.responsible_user_id, created_at = excluded.created_at, updated_at = excluded.updated_at,
      closed_at = excluded.closed_at, is_deleted = excluded.is_deleted, custom_fields = excluded.custom_fields, metadata = excluded.metadata,
      updated_by = excluded.updated_by
    where deals.updated_at is null or excluded.updated_at is null or deals.updated_at <= excluded.updated_at
    returning deals.amocrm_deal_id
  ), kept as (
    delete from amocrm.set_aside using stored where set_aside.entity = 'deal' and set_aside.amocrm_id = stored.amocrm_deal_id
      and set_aside.account = v_account
  )
  select count(*) filter (where known.amocrm_deal_id is null)::int, count(known.amocrm_deal_id)::int
  from stored left join known on known.amocrm_deal_id = stored.amocrm_deal_id;
end
$$;
comment on function amocrm.store_deals(jsonb) is
  'Upserts deals in the client''s form (entities.ts, Deal); an older version than the stored one changes nothing.';

create function amocrm.refresh_deals(p_limit int) returns void
language plpgsql set search_path = ''
as $$
declare
  v_control amocrm.pull_control;
  v_target text;
  v_deal_id bigint;
begin
  select md5(concat(
    (select string_agg(concat_ws(':', fields.path, fields.field_id, fields.field_code), ',' order by fields.path)
      from amocrm.fields where fields.account = amocrm.account() and fields.entity = 'deal'),
    (select string_agg(concat_ws(':', pipelines.pipeline_id, pipelines.stages), ',' order by pipelines.pipeline_id)
      from amocrm.pipelines where pipelines.account = amocrm.account())))
  into v_target;
  select * into v_control from amocrm.pull_control where pull_control.account = amocrm.account();
  if v_control.refreshed_for is not distinct from v_target then
    return;
  end if;
  v_deal_id := case when v_control.refreshing_for = v_target then v_control.refreshed_to else 0 end;
  with chosen as (
    select deals.amocrm_deal_id as id, deals.pipeline_id, deals.status_id, deals.custom_fields
    from amocrm.deals where deals.account = amocrm.account() and deals.amocrm_deal_id > v_deal_id order by deals.amocrm_deal_id limit p_limit
  ), refreshed as (
    update amocrm.deals set status_label = amocrm.stage_name(chosen.pipeline_id, chosen.status_id),
      metadata = amocrm.deal_metadata(chosen.custom_fields)
    from chosen where deals.amocrm_deal_id = chosen.id and deals.account = amocrm.account()
  )
  select case when count(*) = p_limit then max(chosen.id) end into v_deal_id from chosen;
  update amocrm.pull_control set
    refreshing_for = case when v_deal_id is not null then v_target end,
    refreshed_to = v_deal_id,
    refreshed_for = case when v_deal_id is null then v_target else pull_control.refreshed_for end
  where pull_control.account = amocrm.account();
end
$$;
comment on function amocrm.refresh_deals(int) is 'Updates mirrored deals in portions after a change of amocrm_fields or a renamed stage.';

alter table amocrm.pulls enable row level security;
alter table amocrm.pull_control enable row level security;
alter table amocrm.missing_deals enable row level security;
revoke all on amocrm.pulls, amocrm.pull_control, amocrm.missing_deals from public, anon, authenticated, service_role;
grant select on amocrm.pulls, amocrm.pull_control, amocrm.missing_deals to service_role;
revoke all on function amocrm.put_path(jsonb, text[], jsonb), amocrm.field_value(jsonb, bigint, text), amocrm.deal_metadata(jsonb),
  amocrm.stage_name(bigint, bigint), amocrm.store_deals(jsonb), amocrm.refresh_deals(int) from public;
