-- Pairs that look like one: people of ours, contacts or deals in amoCRM. A person decides each once (30-amocrm/resolve-duplicate).

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
  account text not null default amocrm.account(),
  constraint duplicates_are_listed_once unique (type, kept_id, other_id, account)
);
comment on table amocrm.duplicates is 'Pairs that seem to be one and were not merged, for a person to decide; shown by amocrm_duplicates.';

alter table amocrm.duplicates enable row level security;
revoke all on amocrm.duplicates from public, anon, authenticated, service_role;
grant select on amocrm.duplicates to service_role;

create function amocrm.is_listed(p_type text, p_one bigint, p_two bigint, p_account text) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from amocrm.duplicates
      where duplicates.type = p_type and duplicates.kept_id = p_one and duplicates.other_id = p_two
        and duplicates.account = p_account)
    or exists (select from amocrm.duplicates
      where duplicates.type = p_type and duplicates.kept_id = p_two and duplicates.other_id = p_one
        and duplicates.account = p_account)
$$;
comment on function amocrm.is_listed(text, bigint, bigint, text) is 'True if this pair was ever listed as a duplicate, in either order.';

create function amocrm.is_asked(p_type text, p_one bigint, p_two bigint, p_account text default amocrm.account()) returns boolean
language sql stable set search_path = ''
as $$
  -- Two people and their two contacts are one question. Who became one of the two in the meantime is the same as well.
  select case p_type
    when 'people' then exists (
        select from amocrm.family_of(p_one) as one (id) cross join amocrm.family_of(p_two) as two (id)
        where amocrm.is_listed('people', one.id, two.id, p_account))
      or exists (
        select from amocrm.people as one cross join amocrm.people as two
        where one.person_id = p_one and two.person_id = p_two
          and amocrm.is_listed('contact', one.amocrm_contact_id, two.amocrm_contact_id, p_account))
    when 'contact' then exists (
        select from amocrm.people as one cross join amocrm.people as two
        where one.amocrm_contact_id = p_one and one.account = p_account and two.amocrm_contact_id = p_two and two.account = p_account
          and amocrm.is_listed('people', one.person_id, two.person_id, p_account))
    else false end
    or amocrm.is_listed(p_type, p_one, p_two, p_account)
$$;
comment on function amocrm.is_asked(text, bigint, bigint, text) is
  'True if the same question was listed before, answered or not: about these two, their predecessors or their contacts.';

create function amocrm.is_same_contact(p_one bigint, p_two bigint, p_account text default amocrm.account()) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from amocrm.duplicates
      where duplicates.type = 'contact' and duplicates.kept_id = p_one and duplicates.other_id = p_two and duplicates.resolution = 'same'
        and duplicates.account = p_account)
    or exists (select from amocrm.duplicates
      where duplicates.type = 'contact' and duplicates.kept_id = p_two and duplicates.other_id = p_one and duplicates.resolution = 'same'
        and duplicates.account = p_account)
$$;
comment on function amocrm.is_same_contact(bigint, bigint, text) is 'True if a person decided that two contacts in amoCRM are the same.';

create function amocrm.note_duplicate(
  p_type text, p_kept_id bigint, p_other_id bigint, p_reason text, p_outbox_id bigint, p_account text default amocrm.account()
) returns void
language plpgsql set search_path = ''
as $$
begin
  if p_kept_id <> p_other_id and not amocrm.is_asked(p_type, p_kept_id, p_other_id, p_account) then
    insert into amocrm.duplicates (type, kept_id, other_id, reason, outbox_id, account)
    values (p_type, p_kept_id, p_other_id, p_reason, p_outbox_id, p_account)
    on conflict on constraint duplicates_are_listed_once do nothing;
  end if;
end
$$;
comment on function amocrm.note_duplicate(text, bigint, bigint, text, bigint, text) is
  'Lists a pair once, never in the other order, as its contacts or people again, or after a decision.';

create function amocrm.note_duplicates(p_noticed jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  perform amocrm.note_duplicate(duplicate.type, duplicate.kept_id, duplicate.other_id, duplicate.reason, noticed.id)
  from jsonb_to_recordset(p_noticed) as noticed (id bigint, duplicates jsonb)
  cross join jsonb_to_recordset(coalesce(noticed.duplicates, '[]')) as duplicate (type text, kept_id bigint, other_id bigint, reason text);
end
$$;
comment on function amocrm.note_duplicates(jsonb) is 'Lists the pairs that messages came upon, [{id, duplicates: [{type, kept_id, other_id, reason}]}].';

revoke all on function amocrm.note_duplicates(jsonb), amocrm.is_listed(text, bigint, bigint, text), amocrm.is_asked(text, bigint, bigint, text),
  amocrm.is_same_contact(bigint, bigint, text), amocrm.note_duplicate(text, bigint, bigint, text, bigint, text) from public;
