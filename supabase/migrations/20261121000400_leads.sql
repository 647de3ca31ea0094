-- A landing page inserts into landing_leads with the public key. In the same transaction the row is copied to
-- unified_lead_tracking, where it gets its place in amoCRM. Saving a lead depends on nothing outside of Postgres.
--
-- Both tables may already exist in a project that adopts this one: then missing columns are added, old rows stay
-- untouched and are never sent by themselves (docs/adopting.md). Old rows without created_at get the epoch and not the
-- hour of the installation, else the sweep would take them for new ones.

create table if not exists public.landing_leads (id uuid primary key default gen_random_uuid());
alter table public.landing_leads
  add column if not exists created_at timestamptz not null default 'epoch',
  add column if not exists submission_id uuid,
  add column if not exists full_name text,
  add column if not exists email text,
  add column if not exists phone text,
  add column if not exists source text,
  add column if not exists utm_source text,
  add column if not exists utm_medium text,
  add column if not exists utm_campaign text,
  add column if not exists utm_content text,
  add column if not exists utm_term text,
  add column if not exists metadata jsonb,
  add column if not exists consent_at timestamptz,
  add column if not exists left_empty text;
alter table public.landing_leads alter column created_at set default amocrm.clock();
comment on table public.landing_leads is
  'What visitors typed, as they typed it. Anonymous visitors may insert the named columns and do nothing else.';
comment on column public.landing_leads.submission_id is
  'Made by the form once per submission; a double click then fails with 23505, which the form shows as success.';
comment on column public.landing_leads.left_empty is
  'For an input of the form that people do not see. Whoever fills it in is a robot: the lead is saved and goes to nobody.';
create unique index if not exists landing_leads_one_per_submission on public.landing_leads (submission_id);

create table if not exists public.unified_lead_tracking (id uuid primary key default gen_random_uuid());
alter table public.unified_lead_tracking
  add column if not exists created_at timestamptz not null default 'epoch',
  add column if not exists full_name text,
  add column if not exists email text,
  add column if not exists phone text,
  add column if not exists source text,
  add column if not exists utm_source text,
  add column if not exists utm_medium text,
  add column if not exists utm_campaign text,
  add column if not exists utm_content text,
  add column if not exists utm_term text,
  add column if not exists metadata jsonb,
  add column if not exists consent_at timestamptz,
  add column if not exists landing_lead_id uuid references public.landing_leads (id) on delete set null,
  add column if not exists amocrm_contact_id bigint,
  add column if not exists amocrm_deal_id bigint,
  add column if not exists amocrm_synced_at timestamptz;
alter table public.unified_lead_tracking alter column created_at set default amocrm.clock();
comment on table public.unified_lead_tracking is
  'Every lead of every source, with its place in amoCRM. E-mail and phone are stored normalised.';
comment on column public.unified_lead_tracking.amocrm_synced_at is
  'When the lead first reached amoCRM. A lasting fact: as long as it stands the lead is never sent again by itself.';
create unique index if not exists unified_lead_tracking_one_per_landing_lead
  on public.unified_lead_tracking (landing_lead_id);
create index if not exists unified_lead_tracking_by_time on public.unified_lead_tracking (created_at);
-- For what an admin asks about one person; who is who is decided by amocrm.person_keys.
create index if not exists unified_lead_tracking_by_email on public.unified_lead_tracking (email) where email is not null;
create index if not exists unified_lead_tracking_by_phone on public.unified_lead_tracking (phone) where phone is not null;

-- A trigger and not CHECK constraints: a failing CHECK writes the whole row, a person's data, into the server's log.
create function amocrm.refuse_bad_lead() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_row jsonb;
  v_column text;
  v_limit int;
begin
  if amocrm.trimmed(new.email) is not null and amocrm.normalize_email(new.email) is null then
    raise exception 'email is not an e-mail address'
      using errcode = '23514', constraint = 'email_is_an_address', detail = 'email_is_an_address', column = 'email', table = tg_table_name,
            hint = 'Ask the visitor to correct it, or leave it out and give a phone number.';
  end if;
  if amocrm.normalize_email(new.email) is null and amocrm.normalize_phone(new.phone) is null then
    raise exception 'neither an e-mail address nor a phone number was given'
      using errcode = '23514', constraint = 'lead_can_be_reached', detail = 'lead_can_be_reached', column = 'phone', table = tg_table_name,
            hint = 'Give email or phone; a phone has 10 digits, or + and the country code.';
  end if;
  v_row := to_jsonb(new) - 'metadata';
  for v_column, v_limit in
    select limits.name, limits.longest from (values
      ('full_name', 500), ('email', 320), ('phone', 64), ('source', 200), ('utm_source', 1000), ('utm_medium', 1000),
      ('utm_campaign', 1000), ('utm_content', 1000), ('utm_term', 1000)) as limits (name, longest)
  loop
    if length(v_row ->> v_column) > v_limit then
      raise exception '% is longer than % characters', v_column, v_limit
        using errcode = '23514', constraint = v_column || '_is_not_too_long', detail = v_column || '_is_not_too_long', column = v_column, table = tg_table_name;
    end if;
  end loop;
  if jsonb_typeof(new.metadata) not in ('object', 'null') then
    raise exception 'metadata is not a JSON object'
      using errcode = '23514', constraint = 'metadata_is_an_object', detail = 'metadata_is_an_object', column = 'metadata', table = tg_table_name;
  end if;
  if octet_length(new.metadata::text) > 16384 then
    raise exception 'metadata is larger than 16384 bytes'
      using errcode = '23514', constraint = 'metadata_is_not_too_large', detail = 'metadata_is_not_too_large', column = 'metadata', table = tg_table_name;
  end if;
  return new;
end
$$;
comment on function amocrm.refuse_bad_lead() is
  'Refuses, in words and with SQLSTATE 23514, a lead that cannot be reached or has over-long values.';

create function amocrm.normalize_lead() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- What is no address or no phone number is kept as typed: the manager may still make sense of it.
  new.email := coalesce(amocrm.normalize_email(new.email), amocrm.trimmed(new.email));
  new.phone := coalesce(amocrm.normalize_phone(new.phone), amocrm.trimmed(new.phone));
  return new;
end
$$;
comment on function amocrm.normalize_lead() is 'Stores e-mail and phone of a lead in their normal form.';

create function amocrm.shorten_left_empty() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Not refused: a robot that is told of its mistake leaves the input empty the next time.
  new.left_empty := left(new.left_empty, 200);
  return new;
end
$$;
comment on function amocrm.shorten_left_empty() is 'Keeps of a robot''s input what a person needs to recognise it by.';

create function amocrm.copy_landing_leads() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.unified_lead_tracking (landing_lead_id, created_at, full_name, email, phone, source,
    utm_source, utm_medium, utm_campaign, utm_content, utm_term, metadata, consent_at)
  select new_rows.id, new_rows.created_at, new_rows.full_name, new_rows.email, new_rows.phone, new_rows.source,
    new_rows.utm_source, new_rows.utm_medium, new_rows.utm_campaign, new_rows.utm_content, new_rows.utm_term,
    new_rows.metadata, new_rows.consent_at
  from new_rows;
  return null;
end
$$;
comment on function amocrm.copy_landing_leads() is 'Makes the unified_lead_tracking rows of a landing_leads insert, in its transaction.';

revoke all on function amocrm.refuse_bad_lead(), amocrm.normalize_lead(), amocrm.shorten_left_empty(),
  amocrm.copy_landing_leads() from public;

-- Triggers fire in the order of their names: 050 counts visits, 100 refuses, 200 changes, 500 copies and enqueues.
create trigger amocrm_100_refuse_bad_lead before insert on public.landing_leads
  for each row execute function amocrm.refuse_bad_lead();
create trigger amocrm_200_shorten before insert on public.landing_leads
  for each row when (length(new.left_empty) > 200) execute function amocrm.shorten_left_empty();
create trigger amocrm_500_copy after insert on public.landing_leads
  referencing new table as new_rows for each statement execute function amocrm.copy_landing_leads();
create trigger amocrm_100_refuse_bad_lead before insert on public.unified_lead_tracking
  for each row execute function amocrm.refuse_bad_lead();
create trigger amocrm_200_normalize before insert or update of email, phone on public.unified_lead_tracking
  for each row execute function amocrm.normalize_lead();

alter table public.landing_leads enable row level security;
alter table public.unified_lead_tracking enable row level security;
revoke all on public.landing_leads, public.unified_lead_tracking from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.landing_leads, public.unified_lead_tracking to service_role;
grant insert (submission_id, full_name, email, phone, source, utm_source, utm_medium, utm_campaign, utm_content,
  utm_term, metadata, consent_at, left_empty) on public.landing_leads to anon, authenticated;
grant insert (full_name, email, phone, source, utm_source, utm_medium, utm_campaign, utm_content, utm_term,
  metadata, consent_at) on public.unified_lead_tracking to anon, authenticated;

-- Kept when this is uninstalled, so that forms go on.
drop policy if exists visitors_leave_their_lead on public.landing_leads;
drop policy if exists visitors_leave_their_lead on public.unified_lead_tracking;
create policy visitors_leave_their_lead on public.landing_leads for insert to anon, authenticated
  with check (email is not null or phone is not null);
create policy visitors_leave_their_lead on public.unified_lead_tracking for insert to anon, authenticated
  with check (landing_lead_id is null and amocrm_contact_id is null and amocrm_deal_id is null and amocrm_synced_at is null);
