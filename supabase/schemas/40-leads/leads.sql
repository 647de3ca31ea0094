-- What a lead is, and what is refused as none: the two tables and the functions that look at their rows. Who may insert,
-- and what the triggers do, begins in the next file, all at once. Saving a lead depends on nothing outside of Postgres.
--
-- Both tables may already exist in a project that adopts this one: then missing columns are added, old rows stay
-- untouched and are never sent by themselves (docs/start/adopting.md). Old rows without created_at get the epoch and not the
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
  'The form''s id of a submission; a double click fails with 23505 on landing_leads_one_per_submission, which the form treats as success.';
comment on column public.landing_leads.left_empty is
  'An input that people do not see: whoever fills it in is a robot, and the lead is quarantined.';
create unique index if not exists landing_leads_one_per_submission on public.landing_leads (submission_id);

create table if not exists public.unified_lead_tracking (id uuid primary key default gen_random_uuid());
alter table public.unified_lead_tracking
  add column if not exists created_at timestamptz not null default 'epoch',
  add column if not exists full_name text,
  add column if not exists email text,
  add column if not exists phone text,
  add column if not exists phone_typed text,
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
comment on column public.unified_lead_tracking.phone_typed is
  'The typed phone, if it held more than the number: a remark, an extension, a second number.';
comment on column public.unified_lead_tracking.amocrm_synced_at is
  'When the lead first reached amoCRM; while it is set the lead is never sent again by itself.';
create unique index if not exists unified_lead_tracking_one_per_landing_lead
  on public.unified_lead_tracking (landing_lead_id);
create index if not exists unified_lead_tracking_by_time on public.unified_lead_tracking (created_at);
-- For what an admin asks about one person; who is who is decided by amocrm.person_keys. No hash: after a rush, in which
-- each lead is written twice, it stays as large as these, whose bytes vacuum gives back.
create index if not exists unified_lead_tracking_by_email on public.unified_lead_tracking (email) where email is not null;
create index if not exists unified_lead_tracking_by_phone on public.unified_lead_tracking (phone) where phone is not null;
-- Few sources have many leads each: Postgres writes each name once, seven bytes a lead.
create index if not exists unified_lead_tracking_by_source on public.unified_lead_tracking (source);

-- A trigger and not CHECK constraints: a failing CHECK writes the whole row, a person's data, into the server's log.
create function amocrm.refuse_bad_lead() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_phone record;
  v_row jsonb;
  v_column text;
  v_limit int;
begin
  v_phone := amocrm.read_phone(new.phone);
  -- A slip in the address costs no lead that can be called: it is kept as typed for the manager.
  if amocrm.trimmed(new.email) is not null and amocrm.normalize_email(new.email) is null and v_phone.phone_key is null then
    raise exception 'email is not an e-mail address'
      using errcode = '23514', constraint = 'email_is_an_address', detail = 'email_is_an_address', column = 'email', table = tg_table_name,
            hint = 'Ask the visitor to correct it, or leave it out and give a phone number.';
  end if;
  -- Nor is one refused whose number is a dummy or cannot be read: only a person can tell what was meant.
  if amocrm.normalize_email(new.email) is null and not v_phone.has_number then
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
  -- Nothing that people fill in is nested so deeply, and programs that read it would run out of stack.
  if jsonb_path_exists(new.metadata, 'strict $.**{32} ? (@.type() == "array" || @.type() == "object")') then
    raise exception 'metadata is nested deeper than 32 levels'
      using errcode = '23514', constraint = 'metadata_is_not_too_deep', detail = 'metadata_is_not_too_deep', column = 'metadata', table = tg_table_name;
  end if;
  return new;
end
$$;
comment on function amocrm.refuse_bad_lead() is
  'Refuses, in words and with SQLSTATE 23514, a lead that cannot be reached or has over-long or too deeply nested values.';

create function amocrm.normalize_lead() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_phone text := amocrm.normalize_phone(new.phone);
begin
  -- What is no address or no phone number is kept as typed: the manager may still make sense of it.
  new.email := coalesce(amocrm.normalize_email(new.email), amocrm.trimmed(new.email));
  if tg_op = 'INSERT' or new.phone is distinct from old.phone then
    new.phone_typed := case when v_phone is not null then amocrm.phone_as_typed(new.phone) end;
  end if;
  new.phone := coalesce(v_phone, amocrm.trimmed(new.phone));
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
comment on function amocrm.shorten_left_empty() is 'Shortens a robot''s input in left_empty to what a person needs to recognise it.';

revoke all on function amocrm.refuse_bad_lead(), amocrm.normalize_lead(), amocrm.shorten_left_empty() from public;
