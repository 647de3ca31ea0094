-- Who is who, on our side and in amoCRM. A person has e-mails and phones (keys), at most one contact in amoCRM,
-- and the leads and students that stand behind them have deals (links).

create table amocrm.people (
  person_id bigint generated always as identity primary key,
  amocrm_contact_id bigint,
  merging_into bigint references amocrm.people (person_id),
  merged_into bigint references amocrm.people (person_id),
  merged_at timestamptz,
  created_at timestamptz not null default amocrm.clock(),
  constraint person_does_not_merge_into_itself check (merging_into is distinct from person_id)
);
comment on table amocrm.people is 'One row per person as far as e-mails and phones tell.';
comment on column amocrm.people.merging_into is
  'Set while this person turned out to be another one but has a message in flight: until it lands neither sends another.';
comment on column amocrm.people.merged_into is 'Who this person turned out to be; keys and waiting messages are there now.';
create index people_merging_idx on amocrm.people (merging_into) where merging_into is not null;
create index people_merged_idx on amocrm.people (merged_into) where merged_into is not null;
create index people_of_contact_idx on amocrm.people (amocrm_contact_id) where amocrm_contact_id is not null;

create table amocrm.person_keys (
  type text not null,
  key text not null,
  person_id bigint not null references amocrm.people (person_id) on delete cascade,
  primary key (type, key),
  constraint type_is_known check (type in ('email', 'phone'))
);
comment on table amocrm.person_keys is 'Normalised e-mails and phones; each belongs to one person.';
create index person_keys_of_person_idx on amocrm.person_keys (person_id, type);

create table amocrm.links (
  subject_table text not null,
  subject_id uuid not null,
  object text not null,
  amocrm_id bigint not null,
  created_at timestamptz not null default amocrm.clock(),
  primary key (subject_table, subject_id, object),
  constraint object_is_known check (object in ('contact', 'deal'))
);
comment on table amocrm.links is 'Which contact and deal in amoCRM stand for which row of ours.';
create index links_by_amocrm_id_idx on amocrm.links (object, amocrm_id);

create table amocrm.duplicates (
  id bigint generated always as identity primary key,
  type text not null,
  kept_id bigint not null,
  other_id bigint not null,
  reason text not null,
  outbox_id bigint,
  found_at timestamptz not null default amocrm.clock(),
  resolved_at timestamptz,
  resolution text,
  constraint type_is_known check (type in ('people', 'contact', 'deal')),
  constraint resolution_is_known check (resolution in ('same', 'different')),
  constraint duplicates_are_listed_once unique (type, kept_id, other_id)
);
comment on table amocrm.duplicates is 'Pairs that look like one and were not merged, for a person to decide. Shown by amocrm_duplicates.';

alter table amocrm.people enable row level security;
alter table amocrm.person_keys enable row level security;
alter table amocrm.links enable row level security;
alter table amocrm.duplicates enable row level security;
revoke all on amocrm.people, amocrm.person_keys, amocrm.links, amocrm.duplicates
  from public, anon, authenticated, service_role;
grant select on amocrm.people, amocrm.person_keys, amocrm.links, amocrm.duplicates to service_role;

create function amocrm.note_duplicate(
  p_type text, p_kept_id bigint, p_other_id bigint, p_reason text, p_outbox_id bigint
) returns void
language sql volatile set search_path = ''
as $$
  insert into amocrm.duplicates (type, kept_id, other_id, reason, outbox_id)
  values (p_type, p_kept_id, p_other_id, p_reason, p_outbox_id)
  on conflict on constraint duplicates_are_listed_once do nothing
$$;
comment on function amocrm.note_duplicate(text, bigint, bigint, text, bigint) is 'Lists a pair once.';
revoke all on function amocrm.note_duplicate(text, bigint, bigint, text, bigint) from public;

create function amocrm.may_merge(p_by_email bigint, p_by_phone bigint) returns boolean
language sql stable set search_path = ''
as $$
  select
    (not exists (select from amocrm.person_keys where person_keys.person_id = p_by_email and person_keys.type = 'phone')
      or not exists (select from amocrm.person_keys where person_keys.person_id = p_by_phone and person_keys.type = 'email'))
    and not exists (
      select from amocrm.people as email_side, amocrm.people as phone_side
      where email_side.person_id = p_by_email and phone_side.person_id = p_by_phone
        and email_side.amocrm_contact_id <> phone_side.amocrm_contact_id)
$$;
comment on function amocrm.may_merge(bigint, bigint) is
  'Rule 2: people are merged by themselves only if one lacks the other''s kind of key and not both have a contact of their own.';
revoke all on function amocrm.may_merge(bigint, bigint) from public;

create function amocrm.person_of_key(p_type text, p_key text) returns bigint
language sql stable set search_path = ''
as $$
  -- Somebody who waits to be merged counts as who he will be, so further merges meet at the end of the chain.
  with recursive chain as (
    select people.person_id, people.merging_into from amocrm.person_keys
    join amocrm.people on people.person_id = person_keys.person_id
    where person_keys.type = p_type and person_keys.key = p_key
    union all
    select people.person_id, people.merging_into from chain join amocrm.people on people.person_id = chain.merging_into
  )
  select chain.person_id from chain where chain.merging_into is null
$$;
comment on function amocrm.person_of_key(text, text) is 'The person to whom an e-mail or phone belongs, or will belong once a waiting merge is finished.';

create function amocrm.recipient_of(p_email text, p_phone text, p_subject_id uuid) returns bigint
language sql immutable set search_path = ''
as $$ select -(pg_catalog.hashtextextended(coalesce(p_email, p_phone, p_subject_id::text), 0) & 9223372036854775807) - 1 $$;
comment on function amocrm.recipient_of(text, text, uuid) is
  'Whom a message of another queue than amocrm goes to, as a negative number: so it is never taken for one of amocrm.people. '
  'Two recipients with the same number, should it ever happen, merely wait for each other.';
revoke all on function amocrm.person_of_key(text, text), amocrm.recipient_of(text, text, uuid) from public;
