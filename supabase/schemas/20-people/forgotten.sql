-- Who was forgotten, so that the mirror does not bring them back, and the proof of their consent. Addresses and numbers
-- are here only as keyed hashes: the key is in this database and in no answer, and without it nobody can try out numbers.

create table amocrm.forget_key (
  is_the_only_row boolean primary key default true,
  key bytea not null default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
  constraint forget_key_has_one_row check (is_the_only_row)
);
comment on table amocrm.forget_key is
  'The key with which addresses and numbers of forgotten people are hashed; readable by the owner only.';
insert into amocrm.forget_key default values;

create table amocrm.forgettings (
  forgetting_id bigint generated always as identity primary key,
  forgotten_at timestamptz not null default amocrm.clock(),
  returned_at timestamptz
);
comment on table amocrm.forgettings is 'One row for each time that somebody was forgotten.';
comment on column amocrm.forgettings.returned_at is
  'When the person returned with a new lead; from then on the mirror may store them again.';

create table amocrm.forgotten (
  type text not null,
  key text not null,
  forgetting_id bigint not null references amocrm.forgettings (forgetting_id) on delete cascade,
  account text not null default amocrm.account(),
  primary key (type, key, account),
  constraint type_is_known check (type in ('email', 'phone', 'contact', 'deal'))
);
comment on table amocrm.forgotten is
  'Hashes of e-mails and phones, which count in every account, and ids of an account''s contacts and deals that are not mirrored.';
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
create index consents_of_forgetting_idx on amocrm.consents (forgetting_id);
comment on table amocrm.consents is
  'Proof that a forgotten person had consented: when, where, withdrawn when; found by the hash of a named address.';

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
comment on function amocrm.key_hash(text) is 'Returns the keyed hash of a normalised e-mail or phone. Owner only.';

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
  from new_keys join amocrm.forgotten on forgotten.key = amocrm.key_hash(new_keys.key)
    and forgotten.type = case when strpos(new_keys.key, '@') > 0 then 'email' else 'phone' end;
  delete from amocrm.forgotten where forgotten.forgetting_id = any (v_forgettings);
  update amocrm.forgettings set returned_at = amocrm.clock() where forgettings.forgetting_id = any (v_forgettings);
  return null;
end
$$;
comment on function amocrm.welcome_back() is 'Lets the mirror store a forgotten person again who left a new lead.';

revoke all on function amocrm.key_hash(text), amocrm.welcome_back() from public;
create trigger welcome_back after insert on amocrm.known_keys
  referencing new table as new_keys for each statement execute function amocrm.welcome_back();
