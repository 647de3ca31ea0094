-- What the mapped fields of the account are: a drain reads them once a day, and after a mapping was changed, so that a
-- value arrives in the form which its field takes. Without them values go out as they are, and what amoCRM refuses goes
-- into the note.

create table amocrm.field_types (
  entity text not null,
  fields jsonb not null default '[]',
  read_until timestamptz not null,
  tried_at timestamptz not null default amocrm.clock(),
  account text not null default amocrm.account(),
  primary key (entity, account),
  constraint field_types_are_of_a_known_entity check (entity in ('contact', 'deal'))
);
comment on table amocrm.field_types is 'The types of the mapped custom fields as last read: [{id, code, type, choices}].';
comment on column amocrm.field_types.read_until is
  'The moment after which fields are read again: a day later, or an hour if amoCRM did not answer.';
alter table amocrm.field_types enable row level security;
revoke all on amocrm.field_types from public, anon, authenticated, service_role;
grant select on amocrm.field_types to service_role;

create function amocrm.mapped_fields() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(jsonb_agg(to_jsonb(mapping)
    || jsonb_build_object('field_type', known.field ->> 'type', 'choices', coalesce(known.field -> 'choices', '[]'))), '[]')
  from amocrm.fields as mapping
  left join lateral (
    select field from amocrm.field_types cross join jsonb_array_elements(field_types.fields) as field
    where field_types.entity = mapping.entity and field_types.account = mapping.account and case when mapping.field_id is not null
      then (field ->> 'id')::bigint = mapping.field_id else field ->> 'code' = mapping.field_code end
    limit 1) as known on true
  where mapping.account = amocrm.account());
end $$;
comment on function amocrm.mapped_fields() is 'Returns the rows of amocrm_fields with the known type of each field.';

create function amocrm.entities_with_unread_fields() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(jsonb_agg(mapped.entity order by mapped.entity), '[]') from (
    select mapping.entity, max(mapping.updated_at) as updated_at from amocrm.fields as mapping
    -- The marker's type is looked at where it is made, and what campaigns are called is text.
    where mapping.account = amocrm.account() and mapping.path <> 'id' and mapping.path not like 'utm\_%'
    group by mapping.entity) as mapped
  where not exists (select from amocrm.field_types where field_types.entity = mapped.entity and field_types.account = amocrm.account()
    and field_types.tried_at >= mapped.updated_at and field_types.read_until > amocrm.clock()));
end $$;
comment on function amocrm.entities_with_unread_fields() is
  'Lists the entities, contact or deal, whose fields a drain must read before it fills them.';

create function public.amocrm_drain_field_types(p_token uuid, p_entity text, p_fields jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue_as_drain(amocrm.account(), p_token);
  insert into amocrm.field_types (entity, fields, read_until)
  values (p_entity, coalesce(p_fields, '[]'), amocrm.clock() + case when p_fields is null then interval '1 hour' else interval '1 day' end)
  on conflict (entity, account) do update set fields = coalesce(p_fields, field_types.fields), read_until = excluded.read_until,
    tried_at = excluded.tried_at;
end
$$;
comment on function public.amocrm_drain_field_types(uuid, text, jsonb) is
  'Stores the types of mapped fields of contacts or deals, [{id, code, type, choices}]; null if amoCRM did not answer.';

create table amocrm.custom_fields (
  entity text not null,
  account text not null default amocrm.account(),
  fields jsonb not null,
  read_at timestamptz not null default amocrm.clock(),
  primary key (entity, account),
  constraint custom_fields_are_of_a_known_entity check (entity in ('contact', 'deal'))
);
comment on table amocrm.custom_fields is 'All custom fields of the account as last read, for values that amocrm_tell names: [{id, name, code, type, choices}].';
alter table amocrm.custom_fields enable row level security;
revoke all on amocrm.custom_fields from public, anon, authenticated, service_role;
grant select on amocrm.custom_fields to service_role;

create function public.amocrm_drain_custom_fields(p_entity text) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object('fields', custom_fields.fields, 'ageMs', ceil(extract(epoch from amocrm.clock() - custom_fields.read_at) * 1000))
  from amocrm.custom_fields where custom_fields.entity = p_entity and custom_fields.account = amocrm.account()
$$;
comment on function public.amocrm_drain_custom_fields(text) is 'Returns the custom fields of contacts or deals and how long ago they were read; null if never.';

create function public.amocrm_drain_store_custom_fields(p_token uuid, p_entity text, p_fields jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue_as_drain(amocrm.account(), p_token);
  insert into amocrm.custom_fields (entity, fields) values (p_entity, p_fields)
  on conflict (entity, account) do update set fields = excluded.fields, read_at = excluded.read_at;
end
$$;
comment on function public.amocrm_drain_store_custom_fields(uuid, text, jsonb) is
  'Stores the custom fields of contacts or deals, [{id, name, code, type, choices}].';

revoke all on function public.amocrm_drain_custom_fields(text), public.amocrm_drain_store_custom_fields(uuid, text, jsonb) from public, anon, authenticated;
grant execute on function public.amocrm_drain_custom_fields(text), public.amocrm_drain_store_custom_fields(uuid, text, jsonb) to service_role;
revoke all on function amocrm.mapped_fields(), amocrm.entities_with_unread_fields() from public;
revoke all on function public.amocrm_drain_field_types(uuid, text, jsonb) from public, anon, authenticated;
grant execute on function public.amocrm_drain_field_types(uuid, text, jsonb) to service_role;
