-- Who was forgotten, so that the mirror does not bring them back, and the proof of their consent. Addresses and numbers
-- are here only as keyed hashes: the key is in this database and in no answer, and without it nobody can try out numbers.

create table amocrm.forget_key (
  is_the_only_row boolean primary key default true,
  key bytea not null default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
  constraint forget_key_has_one_row check (is_the_only_row)
);
comment on table amocrm.forget_key is 'With what the addresses and numbers of forgotten people are hashed; readable by the owner only.';
insert into amocrm.forget_key default values;

create table amocrm.forgettings (
  forgetting_id bigint generated always as identity primary key,
  forgotten_at timestamptz not null default amocrm.clock(),
  returned_at timestamptz
);
comment on table amocrm.forgettings is 'One row for each time that somebody was forgotten.';
comment on column amocrm.forgettings.returned_at is 'When the same person came back with a lead of their own: from then on the mirror may know them again.';

create table amocrm.forgotten (
  type text not null,
  key text not null,
  forgetting_id bigint not null references amocrm.forgettings (forgetting_id) on delete cascade,
  primary key (type, key),
  constraint type_is_known check (type in ('email', 'phone', 'contact', 'deal'))
);
comment on table amocrm.forgotten is 'What is not mirrored: hashes of e-mails and phones, ids of contacts and deals.';
create index forgotten_of_forgetting_idx on amocrm.forgotten (forgetting_id);

create table amocrm.consents (
  forgetting_id bigint not null references amocrm.forgettings (forgetting_id),
  subject_table text not null,
  subject_id uuid not null,
  source text,
  key_hashes text[] not null,
  given_at timestamptz not null,
  withdrawn_at timestamptz not null,
  primary key (subject_table, subject_id)
);
comment on table amocrm.consents is
  'That a forgotten person had consented, when and where, and when it was withdrawn. Whoever asks names the address, and its hash is looked for.';

alter table amocrm.forget_key enable row level security;
alter table amocrm.forgettings enable row level security;
alter table amocrm.forgotten enable row level security;
alter table amocrm.consents enable row level security;
revoke all on amocrm.forget_key, amocrm.forgettings, amocrm.forgotten, amocrm.consents from public, anon, authenticated, service_role;
grant select on amocrm.forgettings, amocrm.forgotten, amocrm.consents to service_role;

create function amocrm.key_hash(p_key text) returns text
language sql stable set search_path = ''
as $$
  -- Nested as in HMAC, which pgcrypto would bring; a project need not have that.
  select encode(sha256(forget_key.key || '\x5c'::bytea || sha256(forget_key.key || '\x36'::bytea || convert_to(p_key, 'utf8'))), 'hex')
  from amocrm.forget_key
$$;
comment on function amocrm.key_hash(text) is 'A normalised e-mail or phone as a keyed hash. Never granted to anybody.';

create function amocrm.without_forgotten(p_entity text, p_rows jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  -- As long as nobody was forgotten, which is always so in most projects, a page costs nothing more.
  if not exists (select from amocrm.forgotten) then
    return p_rows;
  end if;
  return (
    select coalesce(jsonb_agg(entity.value order by entity.place), '[]')
    from jsonb_array_elements(p_rows) with ordinality as entity (value, place)
    where not exists (select from amocrm.forgotten where forgotten.type = p_entity and forgotten.key = entity.value ->> 'id')
      and case p_entity
        when 'contact' then not exists (select from amocrm.keys_of_fields(coalesce(entity.value -> 'rawFields', '[]')) as keys
          join amocrm.forgotten on forgotten.type = keys.type and forgotten.key = amocrm.key_hash(keys.key))
        else not exists (select from jsonb_array_elements(coalesce(entity.value -> 'contacts', '[]')) as contact
          join amocrm.forgotten on forgotten.type = 'contact' and forgotten.key = contact.value ->> 'id') end);
end
$$;
comment on function amocrm.without_forgotten(text, jsonb) is
  'Contacts or deals as the amoCRM client tells them, without those of forgotten people.';

create function amocrm.welcome_back() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_forgettings bigint[];
begin
  if not exists (select from amocrm.forgotten) then
    return null;
  end if;
  select array_agg(distinct forgotten.forgetting_id) into v_forgettings
  from new_keys join amocrm.forgotten on forgotten.type = new_keys.type and forgotten.key = amocrm.key_hash(new_keys.key);
  delete from amocrm.forgotten where forgotten.forgetting_id = any (v_forgettings);
  update amocrm.forgettings set returned_at = amocrm.clock() where forgettings.forgetting_id = any (v_forgettings);
  return null;
end
$$;
comment on function amocrm.welcome_back() is 'Somebody who was forgotten left a new lead: what amoCRM has of them may be mirrored again.';

revoke all on function amocrm.key_hash(text), amocrm.without_forgotten(text, jsonb), amocrm.welcome_back() from public;
create trigger welcome_back after insert on amocrm.person_keys
  referencing new table as new_keys for each statement execute function amocrm.welcome_back();
