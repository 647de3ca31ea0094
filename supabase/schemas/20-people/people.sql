-- Who is who, on our side and in amoCRM. A person has e-mails and phones (keys), at most one contact in amoCRM,
-- and the leads and students that stand behind them have deals (links).

create table amocrm.people (
  person_id bigint generated always as identity primary key,
  amocrm_contact_id bigint,
  merging_into bigint references amocrm.people (person_id),
  merged_into bigint references amocrm.people (person_id),
  merged_at timestamptz,
  created_at timestamptz not null default amocrm.clock(),
  account text not null default amocrm.account(),
  constraint person_does_not_merge_into_itself check (merging_into is distinct from person_id)
);
comment on table amocrm.people is 'One row per person, as far as e-mails and phones identify people.';
comment on column amocrm.people.account is 'The amoCRM account in which the person is known; in another account it is another person.';
comment on column amocrm.people.merging_into is
  'The person that this one turned out to be, while a message is in flight; until it is settled neither sends another.';
comment on column amocrm.people.merged_into is 'The person that this one turned out to be, who now has the keys and waiting messages.';
create index people_merging_idx on amocrm.people (merging_into) where merging_into is not null;
create index people_merged_idx on amocrm.people (merged_into) where merged_into is not null;
-- Ids of amoCRM are as good as unique by themselves: the account would make each entry twice as long, and so below.
create index people_of_contact_idx on amocrm.people (amocrm_contact_id) where amocrm_contact_id is not null;
-- Each person is updated once, when the contact is known: vacuum must come before a fifth of the table is dead.
alter table amocrm.people set (autovacuum_vacuum_scale_factor = 0.05);

-- What a key is shows by itself, and nearly every row is of the account amocrm: both left out take a third of the bytes away.
create table amocrm.known_keys (
  person_id bigint not null references amocrm.people (person_id) on delete cascade,
  key text not null,
  other_account text not null default '',
  primary key (key, other_account),
  constraint usual_account_is_left_empty check (other_account <> 'amocrm')
);
comment on table amocrm.known_keys is 'Normalised e-mails and phones by which people are known; amocrm.person_keys shows them with type and account.';
comment on column amocrm.known_keys.other_account is 'The account; empty for amocrm. In an account each key belongs to one person.';
-- A person has a few keys; one entry for all of them is half as long as one for each.
create index known_keys_of_person_idx on amocrm.known_keys (person_id);

create view amocrm.person_keys as
select case when strpos(known_keys.key, '@') > 0 then 'email' else 'phone' end as type, known_keys.key, known_keys.person_id,
  coalesce(nullif(known_keys.other_account, ''), 'amocrm') as account
from amocrm.known_keys;
alter view amocrm.person_keys alter column account set default amocrm.account();
comment on view amocrm.person_keys is 'Normalised e-mails and phones; in an account each belongs to one person.';

create function amocrm.add_key() returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.known_keys (key, person_id, other_account)
  values (new.key, new.person_id, amocrm.other_account(new.account))
  on conflict do nothing;
  return new;
end
$$;
comment on function amocrm.add_key() is 'Lets rows be added to amocrm.person_keys as to the table that it shows; a key that has a person keeps that person.';
create trigger add_key instead of insert on amocrm.person_keys for each row execute function amocrm.add_key();

alter table amocrm.people enable row level security;
alter table amocrm.known_keys enable row level security;
revoke all on amocrm.people, amocrm.known_keys, amocrm.person_keys from public, anon, authenticated, service_role;
grant select on amocrm.people, amocrm.known_keys, amocrm.person_keys to service_role;
revoke all on function amocrm.add_key() from public;

create function amocrm.person_of_key(p_type text, p_key text, p_account text default amocrm.account()) returns bigint
language plpgsql stable set search_path = ''
as $$
begin return (
  -- Somebody who waits to be merged counts as who he will be, so further merges meet at the end of the chain.
  with recursive chain as (
    select people.person_id, people.merging_into from amocrm.person_keys
    join amocrm.people on people.person_id = person_keys.person_id
    where person_keys.type = p_type and person_keys.key = p_key and person_keys.account = p_account
    union all
    select people.person_id, people.merging_into from chain join amocrm.people on people.person_id = chain.merging_into
  )
  select chain.person_id from chain where chain.merging_into is null);
end $$;
comment on function amocrm.person_of_key(text, text, text) is
  'Returns the person to whom an e-mail or phone belongs in an account, counting merges that wait.';

create function amocrm.new_person() returns bigint
language sql set search_path = ''
as $$ insert into amocrm.people default values returning people.person_id $$;
comment on function amocrm.new_person() is 'Makes a person of whom neither an e-mail nor a phone is known.';
revoke all on function amocrm.new_person() from public;

create function amocrm.person_now(p_person_id bigint) returns bigint
language sql stable set search_path = ''
as $$
  with recursive chain as (
    select people.person_id, coalesce(people.merged_into, people.merging_into) as into_id from amocrm.people
    where people.person_id = p_person_id
    union all
    select people.person_id, coalesce(people.merged_into, people.merging_into) from chain
    join amocrm.people on people.person_id = chain.into_id
  )
  select chain.person_id from chain where chain.into_id is null
$$;
comment on function amocrm.person_now(bigint) is 'Returns the person that a person has become after all merges.';

create function amocrm.family_of(p_person_id bigint) returns setof bigint
language sql stable set search_path = ''
as $$
  with recursive family as (
    select p_person_id as person_id where p_person_id is not null
    union
    select younger.person_id from family cross join lateral (
      select people.person_id from amocrm.people where people.merged_into = family.person_id
      union all
      select people.person_id from amocrm.people where people.merging_into = family.person_id) as younger
  )
  select family.person_id from family
$$;
comment on function amocrm.family_of(bigint) is 'Returns a person and everybody who was or is about to be merged into that person.';

create function amocrm.recipient_of(p_email text, p_phone text, p_subject_id uuid) returns bigint
language sql immutable set search_path = ''
as $$ select -(pg_catalog.hashtextextended(coalesce(p_email, p_phone, p_subject_id::text), 0) & 9223372036854775807) - 1 $$;
comment on function amocrm.recipient_of(text, text, uuid) is
  'Returns the recipient of another queue''s message as a negative number, so that no id of amocrm.people equals it.';
revoke all on function amocrm.person_of_key(text, text, text), amocrm.person_now(bigint), amocrm.family_of(bigint),
  amocrm.recipient_of(text, text, uuid) from public;
