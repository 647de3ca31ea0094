-- Telling amoCRM from SQL: a note, a task, a stage, values, tags, for a lead, a student, a deal or a person. It is a message like
-- any other, appended in the caller's transaction: it goes out in the order of its person, once, and waits when amoCRM is down.

create table amocrm.tells (
  message_id bigint primary key,
  key_hash bytea,
  content_hash bytea,
  person_id bigint,
  amocrm_deal_id bigint,
  created_at timestamptz not null default amocrm.clock(),
  released_at timestamptz,
  account text not null default amocrm.account(),
  unique (key_hash, account)
);
comment on table amocrm.tells is 'One row per message of amocrm_tell: its key, and for which deal it is, so that loops are noticed.';
comment on column amocrm.tells.key_hash is 'The hash of the caller''s key; it outlives the message, for 400 days.';
comment on column amocrm.tells.content_hash is 'The hash of what stands under the key; null once the person is forgotten.';
comment on column amocrm.tells.amocrm_deal_id is 'The deal that the message named or that its row had when it was claimed; null if rule 7 chose one.';
comment on column amocrm.tells.released_at is 'When a person let a held message go.';
create index tells_by_deal_idx on amocrm.tells (amocrm_deal_id, account, created_at) where amocrm_deal_id is not null;
create index tells_by_person_idx on amocrm.tells (person_id, created_at) where person_id is not null;
create index tells_by_age_idx on amocrm.tells (created_at);
alter table amocrm.tells enable row level security;
revoke all on amocrm.tells from public, anon, authenticated, service_role;
grant select on amocrm.tells to service_role;

create function amocrm.person_of_told_deal(p_message_id bigint) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_deal_id bigint;
  v_subject_id uuid;
begin
  select outbox.amocrm_deal_id, outbox.subject_id into v_deal_id, v_subject_id from amocrm.outbox
  where outbox.queue = amocrm.account() and outbox.id = p_message_id;
  -- By whom we made the deal for, else by its contact; who is unknown is a person of this deal's own.
  return coalesce(
    (select amocrm.person_now(earlier.person_id) from amocrm.outbox as earlier
      where earlier.queue = amocrm.account() and earlier.subject_id = v_subject_id and earlier.person_id is not null order by earlier.id limit 1),
    (select amocrm.person_now(earlier.person_id) from amocrm.links
      join amocrm.outbox as earlier on earlier.queue = amocrm.account() and earlier.subject_id = links.subject_id and earlier.person_id is not null
      where links.object = 'deal' and links.amocrm_id = v_deal_id and links.account = amocrm.account() order by earlier.id limit 1),
    (select people.person_id from amocrm.deals
      join amocrm.people on people.amocrm_contact_id = deals.amocrm_contact_id and people.account = deals.account
      where deals.amocrm_deal_id = v_deal_id and deals.account = amocrm.account() and people.merged_into is null order by people.person_id limit 1),
    amocrm.new_person());
end
$$;
comment on function amocrm.person_of_told_deal(bigint) is 'Returns the person of the deal that a message names, a new one if nobody is known.';
revoke all on function amocrm.person_of_told_deal(bigint) from public;

insert into amocrm.queue_subjects (queue, subject_table, places) values
  ('amocrm', 'amocrm_deals', 'amocrm.person_of_told_deal'),
  ('amocrm', 'amocrm_tells', null);

create function amocrm.told_row(p_name text, p_id text, out subject_table text, out subject_id uuid, out email_key text, out phone_key text)
language plpgsql stable set search_path = ''
as $$
declare
  v_reads text;
  v_row jsonb;
begin
  select subject.subject_table, subject.reads into subject_table, v_reads from amocrm.queue_subjects as subject
  where subject.queue = 'amocrm' and subject.told_as = p_name;
  begin
    subject_id := p_id::uuid;
  exception when invalid_text_representation then
    raise exception 'p_to: % must be the id of a row, a UUID', p_name using errcode = '22023';
  end;
  execute format('select %I.%I($1)', split_part(v_reads, '.', 1), split_part(v_reads, '.', 2)) into v_row using array[subject_id];
  v_row := v_row -> subject_id::text;
  if v_row is null then
    raise exception 'p_to: there is no row % in %', subject_id, subject_table using errcode = '22023';
  end if;
  email_key := amocrm.normalize_email(v_row ->> 'email');
  phone_key := amocrm.normalize_phone(v_row ->> 'phone');
end
$$;
comment on function amocrm.told_row(text, text) is 'Finds the row that a member of p_to names by its id, with the keys of its person; raises 22023 for none.';

create function amocrm.told_to(
  p_to jsonb, out subject_table text, out subject_id uuid, out email_key text, out phone_key text, out deal_id bigint
)
language plpgsql stable set search_path = ''
as $$
declare
  v_names text[] := array(select names.name from jsonb_object_keys(case jsonb_typeof(p_to) when 'object' then p_to else '{}' end) as names (name) order by names.name);
begin
  if v_names = '{deal_id}' then
    if not amocrm.is_whole_number(p_to -> 'deal_id', 1, 9007199254740991) then
      raise exception 'p_to: deal_id must be the number of a deal in amoCRM' using errcode = '22023';
    end if;
    deal_id := (p_to ->> 'deal_id')::numeric::bigint;
    subject_table := 'amocrm_deals';
    subject_id := pg_catalog.md5('amocrm_deal ' || deal_id)::uuid;
  elsif v_names <> '{}' and v_names <@ '{email,phone}' then
    email_key := amocrm.normalize_email(p_to ->> 'email');
    phone_key := amocrm.normalize_phone(p_to ->> 'phone');
    -- Without the values: they end up in logs.
    if coalesce(email_key, phone_key) is null
      or email_key is null and amocrm.trimmed(p_to ->> 'email') is not null or phone_key is null and amocrm.trimmed(p_to ->> 'phone') is not null then
      raise exception 'p_to: email must be an e-mail address, phone a phone number, and one of them must be there' using errcode = '22023';
    end if;
    subject_table := 'amocrm_tells';
    subject_id := gen_random_uuid();
  elsif cardinality(v_names) = 1 and v_names[1] in (select subject.told_as from amocrm.queue_subjects as subject where subject.queue = 'amocrm') then
    select told.subject_table, told.subject_id, told.email_key, told.phone_key into subject_table, subject_id, email_key, phone_key
    from amocrm.told_row(v_names[1], p_to ->> v_names[1]) as told;
  else
    raise exception 'p_to must name one of lead_id, student_id and deal_id, or else email, phone or both' using errcode = '22023';
  end if;
end
$$;
comment on function amocrm.told_to(jsonb) is 'Reads the p_to of amocrm_tell: the row or deal that is meant, and the keys of its person; raises 22023.';

create function public.amocrm_tell(p_to jsonb, p_kind text, p_payload jsonb, p_key text default null) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_checks text := (select kinds.checks from amocrm.kinds where kinds.kind = p_kind);
  v_problem text;
  v_to record;
  v_id bigint;
  v_known amocrm.tells;
  v_content bytea := pg_catalog.sha256(convert_to(jsonb_build_object('to', p_to, 'kind', p_kind, 'payload', p_payload)::text, 'UTF8'));
begin
  if v_checks is null then
    raise exception 'p_kind: % cannot be told, only %', coalesce('"' || p_kind || '"', 'null'),
      (select string_agg(kinds.kind, ', ' order by kinds.kind) from amocrm.kinds where kinds.checks is not null) using errcode = '22023';
  elsif jsonb_typeof(p_payload) is distinct from 'object' then
    raise exception 'p_payload of % must be an object', p_kind using errcode = '22023';
  end if;
  execute format('select %I.%I($1)', split_part(v_checks, '.', 1), split_part(v_checks, '.', 2)) into v_problem using p_payload;
  if v_problem is not null then
    raise exception 'p_payload of %: %', p_kind, v_problem using errcode = '22023';
  elsif p_key is not null and (amocrm.trimmed(p_key) is null or length(p_key) > 200) then
    raise exception 'p_key must have from 1 to 200 characters' using errcode = '22023';
  end if;
  if p_key is not null then
    select * into v_known from amocrm.tells where tells.key_hash = pg_catalog.sha256(convert_to(p_key, 'UTF8')) and tells.account = amocrm.account();
  end if;
  if v_known.message_id is null then
    select * into v_to from amocrm.told_to(p_to);
    insert into amocrm.tells (message_id, key_hash, content_hash)
    values (nextval('amocrm.outbox_id_seq'), pg_catalog.sha256(convert_to(p_key, 'UTF8')), v_content)
    on conflict (key_hash, account) do nothing returning tells.message_id into v_id;
    if v_id is not null then
      perform amocrm.append_numbered(v_id, p_kind, v_to.subject_table, v_to.subject_id, v_to.email_key, v_to.phone_key, v_to.deal_id, p_payload);
      perform amocrm.ring(amocrm.account());
      return v_id;
    end if;
    -- Told by another transaction at this very moment.
    select * into v_known from amocrm.tells where tells.key_hash = pg_catalog.sha256(convert_to(p_key, 'UTF8')) and tells.account = amocrm.account();
  end if;
  if v_known.content_hash <> v_content then
    raise exception 'p_key names message % already, which tells something else', v_known.message_id using errcode = '22023',
      hint = 'The same key is the same message: take another key for another one.';
  end if;
  return v_known.message_id;
end
$$;
comment on function public.amocrm_tell(jsonb, text, jsonb, text) is
  'Sends a note, task, stage, values or tags to amoCRM, in the caller''s transaction; returns the message''s id, one per key.';

revoke all on function amocrm.told_row(text, text), amocrm.told_to(jsonb) from public;
revoke all on function public.amocrm_tell(jsonb, text, jsonb, text) from public, anon, authenticated;
grant execute on function public.amocrm_tell(jsonb, text, jsonb, text) to service_role;
