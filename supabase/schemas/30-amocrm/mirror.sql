-- The mirror: our copy of amoCRM's contacts and deals, by which people are matched without a request.
-- Rows come from pulls and from the look before a batch, and the newest version wins; of a contact that we created ourselves there
-- are only its keys until then.

-- What is of a fixed length stands first, so that nothing is padded between.
create table amocrm.contacts (
  amocrm_contact_id bigint not null,
  responsible_user_id bigint,
  amocrm_company_id bigint,
  fields_hash bigint not null default 0,
  updated_at timestamptz not null,
  read_at timestamptz default amocrm.clock(),
  is_deleted boolean not null default false,
  name text,
  deal_ids bigint[] not null default '{}',
  custom_fields jsonb,
  account text not null default amocrm.account(),
  primary key (amocrm_contact_id, account),
  constraint custom_fields_are_a_list check (jsonb_typeof(custom_fields) = 'array')
);
-- A contact is written again with each change, and vacuum comes before a fifth of the table is dead.
alter table amocrm.contacts set (autovacuum_vacuum_scale_factor = 0.05);
comment on table amocrm.contacts is 'The mirror of amoCRM''s contacts. A deleted one stays as a tombstone.';
comment on column amocrm.contacts.custom_fields is
  'Custom fields as amoCRM gave them, without names, types, and the e-mails and phones of amocrm.card_keys; null if none is left. amocrm.fields_of_contact returns all.';
comment on column amocrm.contacts.read_at is 'When a deleted contact was last read as deleted; nobody asks it of a living one.';
comment on column amocrm.contacts.fields_hash is 'A hash of all custom fields as amoCRM gave them: another one means that something changed.';

create table amocrm.cursors (
  entity text not null,
  is_complete boolean not null default false,
  changed_until timestamptz,
  position jsonb not null default '{}',
  updated_at timestamptz not null default amocrm.clock(),
  deleted_until timestamptz,
  pulled_at timestamptz,
  pull_began_at timestamptz,
  look_voided_at timestamptz,
  failure_count int not null default 0,
  next_attempt_at timestamptz,
  account text not null default amocrm.account(),
  primary key (entity, account),
  constraint entity_is_known check (entity in ('contact', 'deal')),
  constraint complete_mirror_has_a_moment check (not is_complete or changed_until is not null)
);
comment on table amocrm.cursors is 'How far the mirror has been read, per account and entity.';
comment on column amocrm.cursors.is_complete is 'True after the first run: what the mirror lacks, amoCRM lacked at changed_until.';
comment on column amocrm.cursors.changed_until is 'The moment up to which every change in amoCRM is in the mirror.';
comment on column amocrm.cursors.position is 'Where an unfinished run stands, window and page; a killed run resumes here.';
comment on column amocrm.cursors.deleted_until is
  'The moment up to which every deletion in amoCRM is in the mirror; a drain''s refresh moves changed_until only.';
comment on column amocrm.cursors.pulled_at is 'When the last good run ended; the next one is due pull_interval_seconds later.';
comment on column amocrm.cursors.pull_began_at is
  'When the last good run began: a pull that was requested since then is still to be made, whenever the run ended.';
comment on column amocrm.cursors.look_voided_at is
  'When a drain''s refresh last failed: too many changes, or unreadable or unstorable rows. A pull catches up.';
comment on column amocrm.cursors.next_attempt_at is 'When the next run may resume after a failed one: a minute later, doubling to an hour.';

create table amocrm.set_aside (
  set_aside_id bigint generated always as identity primary key,
  entity text not null,
  amocrm_id bigint,
  reason text not null,
  first_seen_at timestamptz not null default amocrm.clock(),
  last_seen_at timestamptz not null default amocrm.clock(),
  account text not null default amocrm.account(),
  constraint set_aside_once unique nulls not distinct (entity, amocrm_id, account),
  constraint entity_is_known check (entity in ('contact', 'deal'))
);
comment on table amocrm.set_aside is
  'Contacts and deals that the mirror could not store as they are, or that came out of order; one stored well later leaves.';
comment on column amocrm.set_aside.amocrm_id is 'The contact''s or deal''s id; null if its answer was too large to read even that, or if it is about the whole list.';

create function amocrm.set_aside_row(p_entity text, p_id bigint, p_reason text) returns void
language sql set search_path = ''
as $$
  insert into amocrm.set_aside (entity, amocrm_id, reason) values (p_entity, p_id, left(p_reason, 200))
  on conflict on constraint set_aside_once do update set reason = excluded.reason, last_seen_at = excluded.last_seen_at
$$;
comment on function amocrm.set_aside_row(text, bigint, text) is 'Records a contact or deal that the mirror could not store, and why.';

create function amocrm.set_aside_rows(p_is_disorder boolean) returns text
language sql stable set search_path = ''
as $$
  select string_agg(told.what, ' and ' order by told.what)
  from (
    select count(*) || ' ' || set_aside.entity || case when count(*) = 1 then '' else 's' end
      || ' (' || string_agg(coalesce(set_aside.amocrm_id::text, 'too large to be read'), ', ' order by set_aside.amocrm_id) filter (where set_aside.rank <= 5)
      || case when count(*) > 5 then ', …' else '' end || ')' as what
    from (select set_aside.entity, set_aside.amocrm_id, row_number() over (partition by set_aside.entity order by set_aside.last_seen_at desc) as rank
      from amocrm.set_aside
      where set_aside.account = amocrm.account() and set_aside.last_seen_at > amocrm.clock() - interval '30 days'
        and (set_aside.reason = 'Listed out of the order by id') = p_is_disorder
        and set_aside.reason <> 'Listed in another order than by id') as set_aside
    group by set_aside.entity) as told
$$;
comment on function amocrm.set_aside_rows(boolean) is
  'Names the rows of amocrm.set_aside of the last 30 days: those out of the order by id, or all others.';

create function amocrm.set_aside_notice() returns text
language sql stable set search_path = ''
as $$
  select nullif(concat_ws(E'\n',
    'Of ' || amocrm.set_aside_rows(false) || ' in amoCRM the mirror holds the ids and keys only, since '
      || 'the rest cannot be stored: correct them there, or see select * from amocrm.set_aside.',
    'amoCRM lists ' || amocrm.set_aside_rows(true) || ' out of the order by id, so that id may be wrong: look there.',
    (select 'amoCRM lists ' || string_agg(set_aside.entity || 's', ' and ' order by set_aside.entity)
        || ' in another order than by id: a whole reading takes twice the requests.'
      from amocrm.set_aside
      where set_aside.account = amocrm.account() and set_aside.last_seen_at > amocrm.clock() - interval '30 days'
        and set_aside.reason = 'Listed in another order than by id'
      having count(*) > 0)), '')
$$;
comment on function amocrm.set_aside_notice() is
  'Returns the notice of amocrm_health about contacts and deals that the mirror could not store, or that came out of order.';

create function amocrm.unix_time(p_seconds bigint) returns timestamptz
language sql immutable set search_path = ''
-- Beyond the year 9999 no date type of anybody's goes along.
as $$ select case when p_seconds between 1 and 253402300799 then to_timestamp(p_seconds) end $$;
comment on function amocrm.unix_time(bigint) is
  'Converts amoCRM''s Unix seconds to a time; null for 0, which means absent, and for values that are no date.';

create function amocrm.version_time(p_seconds bigint) returns timestamptz
language sql stable set search_path = ''
as $$ select case when amocrm.unix_time(p_seconds) <= amocrm.clock() + interval '1 day' then amocrm.unix_time(p_seconds) end $$;
comment on function amocrm.version_time(bigint) is
  'Returns when amoCRM last changed a row; null if it names no time or one in the future, which counts as newest.';

create function amocrm.store_contacts(p_contacts jsonb) returns table (new_count int, changed_count int)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_account text := amocrm.account();
  v_other_account text := amocrm.other_account();
begin
  return query
  with read as (
    -- A list that shifted between two pages may tell the same contact twice: the newest version counts.
    select distinct on (contact.id) * from jsonb_to_recordset(p_contacts) as contact (
      id bigint, name text, "responsibleUserId" bigint, "companyId" bigint, "dealIds" jsonb, "rawFields" jsonb,
      "updatedAt" bigint, "isDeleted" boolean)
    order by contact.id, contact."updatedAt" desc
  ), carried as materialized (
    -- Once for each contact: a card may have a thousand phones, and comparing each with each would take minutes.
    select read.*, array(select keys.key from amocrm.keys_of_fields(read."rawFields") as keys) as keys from read
  ), stored as (
    insert into amocrm.contacts (amocrm_contact_id, name, responsible_user_id, amocrm_company_id, deal_ids, custom_fields, fields_hash,
      updated_at, is_deleted, read_at, account)
    select read.id, read.name, read."responsibleUserId", read."companyId",
      (select coalesce(array_agg(deal.id::bigint), '{}') from jsonb_array_elements_text(coalesce(read."dealIds", '[]')) as deal (id)),
      nullif(amocrm.fields_to_keep(read."rawFields", read.keys), '[]'), hashtextextended(coalesce(read."rawFields", '[]')::text, 0),
      coalesce(amocrm.version_time(read."updatedAt"), to_timestamp(0)), coalesce(read."isDeleted", false),
      case when read."isDeleted" then amocrm.clock() end, v_account
    from carried as read
    on conflict (amocrm_contact_id, account) do update set
      name = excluded.name, responsible_user_id = excluded.responsible_user_id, amocrm_company_id = excluded.amocrm_company_id,
      deal_ids = excluded.deal_ids, custom_fields = excluded.custom_fields, fields_hash = excluded.fields_hash,
      updated_at = excluded.updated_at, is_deleted = excluded.is_deleted, read_at = excluded.read_at
    -- What says nothing new is not written again: each look tells the last contacts once more. A tombstone is, for its read_at.
    where (contacts.updated_at <= excluded.updated_at or excluded.updated_at = to_timestamp(0))
      and (contacts.is_deleted
        or (contacts.name, contacts.responsible_user_id, contacts.amocrm_company_id, contacts.deal_ids, contacts.fields_hash,
            contacts.updated_at, contacts.is_deleted)
          is distinct from (excluded.name, excluded.responsible_user_id, excluded.amocrm_company_id, excluded.deal_ids, excluded.fields_hash,
            excluded.updated_at, excluded.is_deleted))
    returning contacts.amocrm_contact_id, xmax = 0 as is_new
  ), keyed as materialized (
    select stored.amocrm_contact_id, unnest(carried.keys) as key from stored join carried on carried.id = stored.amocrm_contact_id
  ), gone as materialized (
    select card_keys.key, card_keys.amocrm_contact_id, card_keys.is_ours
    from stored join amocrm.card_keys on card_keys.amocrm_contact_id = stored.amocrm_contact_id and card_keys.other_account = v_other_account and card_keys.is_listed
    where not exists (select from keyed
      where keyed.amocrm_contact_id = card_keys.amocrm_contact_id and keyed.key = card_keys.key)
  ), forgotten as (
    delete from amocrm.card_keys using gone
    where card_keys.key = gone.key and card_keys.amocrm_contact_id = gone.amocrm_contact_id and card_keys.other_account = v_other_account and not gone.is_ours
  ), no_longer_listed as (
    update amocrm.card_keys set is_listed = false from gone
    where card_keys.key = gone.key and card_keys.amocrm_contact_id = gone.amocrm_contact_id and card_keys.other_account = v_other_account and gone.is_ours
  ), remembered as (
    insert into amocrm.card_keys (key, amocrm_contact_id, other_account, is_listed)
    select keyed.key, keyed.amocrm_contact_id, v_other_account, true from keyed
    on conflict (key, other_account, amocrm_contact_id) do update set is_listed = true where not card_keys.is_listed
  ), kept as (
    delete from amocrm.set_aside using read where set_aside.entity = 'contact' and set_aside.amocrm_id = read.id and set_aside.account = v_account
  )
  select count(*) filter (where stored.is_new)::int, count(*) filter (where not stored.is_new)::int from stored;
end
$$;
comment on function amocrm.store_contacts(jsonb) is
  'Upserts contacts in the client''s form (entities.ts, Contact) with their keys; an older version than the stored one changes nothing.';

create function amocrm.remember_contact(p_contact_id bigint, p_email text, p_phone text, p_is_ours boolean) returns void
language plpgsql set search_path = ''
as $$
begin
  -- The contact itself is stored when amoCRM tells of it, seconds later: a row for so long would leave a hole of its size.
  insert into amocrm.card_keys (key, amocrm_contact_id, is_listed, is_ours)
  select keys.key, p_contact_id, true, p_is_ours from (values (p_email), (p_phone)) as keys (key)
  where keys.key is not null
  on conflict (key, other_account, amocrm_contact_id) do update set is_listed = true, is_ours = card_keys.is_ours or excluded.is_ours
  where not card_keys.is_listed or excluded.is_ours and not card_keys.is_ours;
end $$;
comment on function amocrm.remember_contact(bigint, text, text, boolean) is
  'Lists the e-mail and phone of a contact that we created, or saw by another way than a list, until amoCRM''s lists show it.';

alter table amocrm.contacts enable row level security;
alter table amocrm.cursors enable row level security;
alter table amocrm.set_aside enable row level security;
revoke all on amocrm.contacts, amocrm.cursors, amocrm.set_aside from public, anon, authenticated, service_role;
grant select on amocrm.contacts, amocrm.cursors, amocrm.set_aside to service_role;
revoke all on function amocrm.set_aside_row(text, bigint, text), amocrm.set_aside_rows(boolean), amocrm.set_aside_notice(), amocrm.unix_time(bigint), amocrm.version_time(bigint), amocrm.store_contacts(jsonb),
  amocrm.remember_contact(bigint, text, text, boolean) from public;

create function amocrm.is_anothers_phone(p_person_id bigint, p_email text) returns boolean
language sql stable set search_path = ''
as $$
  -- What our leads have named, and what amoCRM has on the person's card.
  with emails as (
    select person_keys.key from amocrm.person_keys where person_keys.person_id = p_person_id and person_keys.type = 'email'
    union
    select contact_keys.key from amocrm.people
    join amocrm.contact_keys on contact_keys.amocrm_contact_id = people.amocrm_contact_id and contact_keys.account = people.account
      and contact_keys.type = 'email'
    left join amocrm.contacts on contacts.amocrm_contact_id = people.amocrm_contact_id and contacts.account = people.account
    where people.person_id = p_person_id and contacts.is_deleted is not true
  )
  select count(*) > 0 and not coalesce(bool_or(emails.key = p_email), false) from emails
$$;
comment on function amocrm.is_anothers_phone(bigint, text) is
  'True if the person who has the phone has another e-mail, as in a family or office; the phone is then not shared.';

revoke all on function amocrm.is_anothers_phone(bigint, text) from public;
