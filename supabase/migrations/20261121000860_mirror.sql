-- The mirror: our copy of amoCRM's contacts and deals, by which people are matched without a request.
-- Rows come from pulls, from the look before a batch, and from what we created ourselves; the newest version wins.

create table amocrm.contacts (
  amocrm_contact_id bigint primary key,
  name text,
  responsible_user_id bigint,
  amocrm_company_id bigint,
  deal_ids bigint[] not null default '{}',
  custom_fields jsonb not null default '[]',
  created_at timestamptz,
  updated_at timestamptz not null,
  is_deleted boolean not null default false,
  read_at timestamptz not null default amocrm.clock(),
  constraint custom_fields_are_a_list check (jsonb_typeof(custom_fields) = 'array')
);
comment on table amocrm.contacts is 'The mirror of amoCRM''s contacts. A deleted one stays as a tombstone.';
comment on column amocrm.contacts.custom_fields is 'All custom fields as amoCRM gave them.';

create table amocrm.contact_keys (
  type text not null,
  key text not null,
  amocrm_contact_id bigint not null references amocrm.contacts (amocrm_contact_id) on delete cascade,
  primary key (type, key, amocrm_contact_id),
  constraint type_is_known check (type in ('email', 'phone'))
);
comment on table amocrm.contact_keys is 'Normalised e-mails and phones of the mirrored contacts; several contacts may share one.';
create index contact_keys_of_contact_idx on amocrm.contact_keys (amocrm_contact_id);

create table amocrm.cursors (
  entity text primary key,
  is_complete boolean not null default false,
  changed_until timestamptz,
  position jsonb not null default '{}',
  updated_at timestamptz not null default amocrm.clock(),
  constraint entity_is_known check (entity in ('contact', 'deal')),
  constraint complete_mirror_has_a_moment check (not is_complete or changed_until is not null)
);
comment on table amocrm.cursors is 'How far the mirror has been read, per entity.';
comment on column amocrm.cursors.is_complete is 'The first run is through: what the mirror does not have, amoCRM did not have at changed_until.';
comment on column amocrm.cursors.changed_until is 'Every change in amoCRM up to this moment is in the mirror.';
comment on column amocrm.cursors.position is 'Where an unfinished run stands: window and page. A run that is killed goes on from here.';
insert into amocrm.cursors (entity) values ('contact'), ('deal');

create function amocrm.unix_time(p_seconds bigint) returns timestamptz
language sql immutable set search_path = ''
as $$ select case when p_seconds > 0 then to_timestamp(p_seconds) end $$;
comment on function amocrm.unix_time(bigint) is 'amoCRM''s Unix seconds as a time; null for 0, which our client gives for an absent one.';

create function amocrm.store_contacts(p_contacts jsonb) returns table (new_count int, changed_count int)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  with read as (
    -- A list that shifted between two pages may tell the same contact twice: the newest version counts.
    select distinct on (contact.id) * from jsonb_to_recordset(p_contacts) as contact (
      id bigint, name text, "responsibleUserId" bigint, "companyId" bigint, "dealIds" jsonb, "rawFields" jsonb,
      "createdAt" bigint, "updatedAt" bigint, "isDeleted" boolean)
    order by contact.id, contact."updatedAt" desc
  ), stored as (
    insert into amocrm.contacts (amocrm_contact_id, name, responsible_user_id, amocrm_company_id, deal_ids, custom_fields,
      created_at, updated_at, is_deleted)
    select read.id, read.name, read."responsibleUserId", read."companyId",
      (select coalesce(array_agg(deal.id::bigint), '{}') from jsonb_array_elements_text(coalesce(read."dealIds", '[]')) as deal (id)),
      coalesce(read."rawFields", '[]'), amocrm.unix_time(read."createdAt"),
      coalesce(amocrm.unix_time(read."updatedAt"), amocrm.clock()), coalesce(read."isDeleted", false)
    from read
    on conflict (amocrm_contact_id) do update set
      name = excluded.name, responsible_user_id = excluded.responsible_user_id, amocrm_company_id = excluded.amocrm_company_id,
      deal_ids = excluded.deal_ids, custom_fields = excluded.custom_fields, created_at = excluded.created_at,
      updated_at = excluded.updated_at, is_deleted = excluded.is_deleted, read_at = excluded.read_at
    where contacts.updated_at <= excluded.updated_at
    returning contacts.amocrm_contact_id, contacts.custom_fields, contacts.is_deleted, xmax = 0 as is_new
  ), forgotten as (
    delete from amocrm.contact_keys using stored where contact_keys.amocrm_contact_id = stored.amocrm_contact_id and not stored.is_new
      and not exists (select from amocrm.keys_of_fields(stored.custom_fields) as kept
        where kept.type = contact_keys.type and kept.key = contact_keys.key)
  ), keyed as (
    insert into amocrm.contact_keys (type, key, amocrm_contact_id)
    select distinct keys.type, keys.key, stored.amocrm_contact_id
    from stored cross join lateral amocrm.keys_of_fields(stored.custom_fields) as keys
    on conflict do nothing
  )
  select count(*) filter (where stored.is_new)::int, count(*) filter (where not stored.is_new)::int from stored;
end
$$;
comment on function amocrm.store_contacts(jsonb) is
  'Upserts contacts as the amoCRM client tells them (entities.ts, Contact), with their keys; an older version than the stored one changes nothing.';

create function amocrm.keys_of_fields(p_fields jsonb) returns table (type text, key text)
language sql immutable set search_path = ''
as $$
  select keys.type, keys.key from (
    select case field.value ->> 'field_code' when 'EMAIL' then 'email' when 'PHONE' then 'phone' end as type,
      case field.value ->> 'field_code'
        when 'EMAIL' then amocrm.normalize_email(entry.value ->> 'value')
        when 'PHONE' then amocrm.normalize_phone(entry.value ->> 'value') end as key
    from jsonb_array_elements(p_fields) as field
    cross join lateral jsonb_array_elements(case when jsonb_typeof(field.value -> 'values') = 'array' then field.value -> 'values' else '[]' end) as entry
  ) as keys
  where keys.type is not null and keys.key is not null
$$;
comment on function amocrm.keys_of_fields(jsonb) is 'The normalised e-mails and phones in amoCRM''s custom_fields_values.';

create function amocrm.remember_contact(p_contact_id bigint, p_name text, p_email text, p_phone text) returns void
language sql set search_path = ''
as $$
  -- Dated to the beginning of time, so that whatever amoCRM tells of the contact later is newer.
  insert into amocrm.contacts (amocrm_contact_id, name, updated_at, custom_fields)
  select p_contact_id, p_name, to_timestamp(0), coalesce(jsonb_agg(jsonb_build_object(
    'field_code', keys.field_code, 'values', jsonb_build_array(jsonb_build_object('value', keys.key)))), '[]')
  from (values ('EMAIL', p_email), ('PHONE', p_phone)) as keys (field_code, key) where keys.key is not null
  on conflict (amocrm_contact_id) do nothing;
  insert into amocrm.contact_keys (type, key, amocrm_contact_id)
  select keys.type, keys.key, p_contact_id from (values ('email', p_email), ('phone', p_phone)) as keys (type, key)
  where keys.key is not null
  on conflict do nothing
$$;
comment on function amocrm.remember_contact(bigint, text, text, text) is
  'Puts a contact that we made into the mirror, until amoCRM itself tells it.';

alter table amocrm.contacts enable row level security;
alter table amocrm.contact_keys enable row level security;
alter table amocrm.cursors enable row level security;
revoke all on amocrm.contacts, amocrm.contact_keys, amocrm.cursors from public, anon, authenticated, service_role;
grant select on amocrm.contacts, amocrm.contact_keys, amocrm.cursors to service_role;
revoke all on function amocrm.unix_time(bigint), amocrm.store_contacts(jsonb), amocrm.keys_of_fields(jsonb),
  amocrm.remember_contact(bigint, text, text, text) from public;
