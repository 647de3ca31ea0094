-- The forms are open to everybody with the public key, so they can be flooded. Three answers, from the narrow to the wide:
-- an address that sends too much is refused (429, in words); when too much comes in from all addresses together, what
-- cannot be told from the flood is saved without a message (quarantined); an input that only robots fill in marks them.
--
-- Counted by appending: each visit leaves a row, and a visit reads what is there. No row is shared, so no insert waits for
-- another. Two visits at the same moment may both find the last place free; the limits need no more precision than that.

create table public.amocrm_form_limits (
  is_the_only_row boolean primary key default true,
  is_enabled boolean,
  per_address_count int not null default 30,
  per_address_seconds int not null default 600,
  fair_count int not null default 3,
  total_count int not null default 200,
  flood_count int not null default 500,
  total_seconds int not null default 600,
  rows_per_request int not null default 1000,
  quarantine_mb int not null default 100,
  has_honeypot boolean not null default true,
  requires_captcha boolean not null default false,
  address_header text not null default 'cf-connecting-ip',
  updated_at timestamptz not null default amocrm.clock(),
  constraint form_limits_have_one_row check (is_the_only_row),
  constraint counts_grow_from_fair_to_flood check (
    fair_count between 1 and per_address_count and fair_count <= total_count and total_count <= flood_count),
  constraint counts_are_sensible check (per_address_count <= 100000 and flood_count <= 100000),
  constraint windows_are_sensible check (per_address_seconds between 10 and 86400 and total_seconds between 10 and 86400),
  constraint rows_per_request_is_sensible check (rows_per_request between 1 and 10000),
  constraint quarantine_mb_is_sensible check (quarantine_mb between 1 and 1000000),
  constraint address_header_is_known check (
    address_header in ('cf-connecting-ip', 'x-real-ip', 'x-forwarded-for', 'fly-client-ip', 'true-client-ip'))
);
comment on table public.amocrm_form_limits is 'One row. How much visitors may send before they are refused or quarantined. A change acts at the next insert.';
comment on column public.amocrm_form_limits.is_enabled is
  'Whether visits are counted; null means yes, and supabase/seed.sql sets false on a developer''s machine.';
comment on column public.amocrm_form_limits.per_address_count is
  'Leads that one address may leave within per_address_seconds before 429; offices and mobile networks share an address.';
comment on column public.amocrm_form_limits.fair_count is
  'Leads of one network within total_seconds that form its fair share; further ones are quarantined first and sent last.';
comment on column public.amocrm_form_limits.total_count is
  'Leads within total_seconds above which a network''s leads beyond fair_count are quarantined.';
comment on column public.amocrm_form_limits.flood_count is
  'Fair leads within total_seconds above which everybody is quarantined except known people and solved captchas.';
comment on column public.amocrm_form_limits.rows_per_request is
  'Rows that a visitor''s insert may have, and bulk rows of all visitors within a minute, whether or not is_enabled.';
comment on column public.amocrm_form_limits.quarantine_mb is
  'Megabytes that quarantined leads may hold; beyond it a flood is refused with 429 until some are released or discarded.';
comment on column public.amocrm_form_limits.has_honeypot is 'Whether a lead with something in left_empty is quarantined, whether or not is_enabled.';
comment on column public.amocrm_form_limits.requires_captcha is
  'If true, visitors'' own inserts are refused with 403; leads come through form-submit, which checks a captcha.';
comment on column public.amocrm_form_limits.address_header is
  'The header with the visitor''s address, which the platform''s proxy must write; of x-forwarded-for the last entry counts.';
insert into public.amocrm_form_limits default values;
create trigger touch_updated_at before update on public.amocrm_form_limits for each row execute function amocrm.touch_updated_at();

create table amocrm.address_key (
  is_the_only_row boolean primary key default true,
  inner_key bytea not null,
  outer_key bytea not null,
  drawn_at timestamptz not null default amocrm.clock(),
  constraint address_key_has_one_row check (is_the_only_row)
);
comment on table amocrm.address_key is 'One row with the key of address hashes, renewed daily so that old hashes lead to nobody.';

create table amocrm.arrivals (
  id bigint generated always as identity primary key,
  counted text not null,
  key_hash bytea,
  row_count int not null,
  arrived_at timestamptz not null default amocrm.clock(),
  constraint counted_is_known check (counted in ('fair', 'further', 'network', 'person', 'source'))
);
comment on table amocrm.arrivals is
  'Visits within the windows of amocrm_form_limits, by hashes of addresses; rows are appended and pruned, never changed.';
comment on column amocrm.arrivals.counted is
  'The way a visit counts: fair or further for its network, network for an IPv6 /48, person if known, source for posted forms.';
create index arrivals_of_key_idx on amocrm.arrivals (key_hash, arrived_at) include (row_count) where key_hash is not null;
create index arrivals_by_time_idx on amocrm.arrivals (counted, arrived_at) include (row_count);

-- Sequences, because what they count stays counted when the insert is refused and rolled back.
create sequence amocrm.bulk_rows_seq;
comment on sequence amocrm.bulk_rows_seq is
  'Counts rows beyond the first of visitors'' inserts in this minute, refused ones included; cron resets it.';
create sequence amocrm.quarantined_kb_seq minvalue 0 start 0;
comment on sequence amocrm.quarantined_kb_seq is 'Estimates the kilobytes in quarantine: visits add to it, cron counts anew.';
revoke all on sequence amocrm.bulk_rows_seq, amocrm.quarantined_kb_seq from public, anon, authenticated, service_role;

create table amocrm.quarantined_leads (
  lead_id uuid primary key references public.unified_lead_tracking (id) on delete cascade,
  reason text not null,
  key_hash bytea,
  byte_count int not null default 0,
  quarantined_at timestamptz not null default amocrm.clock(),
  constraint reason_is_known check (reason in ('flood', 'address', 'captcha', 'honeypot'))
);
comment on table amocrm.quarantined_leads is
  'Leads saved without a message that wait for a person''s decision; release or discard deletes the row.';
comment on column amocrm.quarantined_leads.byte_count is 'The estimated bytes of the lead in both tables.';
create index quarantined_leads_by_reason_idx on amocrm.quarantined_leads (reason, quarantined_at);

alter table public.amocrm_form_limits enable row level security;
alter table amocrm.address_key enable row level security;
alter table amocrm.arrivals enable row level security;
alter table amocrm.quarantined_leads enable row level security;
revoke all on public.amocrm_form_limits, amocrm.address_key, amocrm.arrivals, amocrm.quarantined_leads
  from public, anon, authenticated, service_role;
grant select, update on public.amocrm_form_limits to service_role;
grant select on amocrm.quarantined_leads to service_role;

create function amocrm.draw_address_key() returns void
language sql set search_path = ''
as $$
  -- Each UUID has 122 random bits of the server's strong source; two make a key that cannot be guessed.
  insert into amocrm.address_key (inner_key, outer_key)
  values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))
  on conflict (is_the_only_row) do update
  set inner_key = excluded.inner_key, outer_key = excluded.outer_key, drawn_at = excluded.drawn_at
$$;
comment on function amocrm.draw_address_key() is 'Draws a new key for address hashes, so that earlier visits are no longer counted.';
select amocrm.draw_address_key();

create function amocrm.keyed_hash(p_text text) returns bytea
language plpgsql stable set search_path = ''
as $$
begin
  -- Twice and with two keys, as HMAC does: IPv4 has few addresses, and without a key all of them are hashed in a minute.
  return (select substr(sha256(address_key.outer_key || sha256(address_key.inner_key || convert_to(p_text, 'UTF8'))), 1, 16)
    from amocrm.address_key);
end
$$;
comment on function amocrm.keyed_hash(text) is
  'Returns a hash that recognises an address or person for a day and reveals nothing without the key.';

create function amocrm.address_of(p_headers jsonb, p_header text) returns inet
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := p_headers ->> p_header;
  v_address inet;
begin
  -- Whatever a visitor writes into X-Forwarded-For himself stands before what the last proxy adds.
  v_text := btrim(split_part(v_text, ',', -1));
  v_text := case when v_text like '[%' then split_part(substr(v_text, 2), ']', 1)
    when v_text ~ '^[0-9.]+:[0-9]+$' then split_part(v_text, ':', 1) else v_text end;
  v_address := host(v_text::inet)::inet;
  if v_address <<= '::ffff:0:0/96' then
    v_address := '0.0.0.0'::inet + (v_address - '::ffff:0:0'::inet);
  end if;
  return v_address;
exception when others then
  -- An unreadable address limits nobody; the limit over all addresses is still there.
  return null;
end
$$;
comment on function amocrm.address_of(jsonb, text) is
  'Returns the visitor''s address from the platform''s proxy; null if unreadable or absent. IPv4 within IPv6 becomes IPv4.';

create function amocrm.visit_headers() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  case
    when coalesce(current_setting('amocrm.form_headers', true), '') <> '' then current_setting('amocrm.form_headers', true)::jsonb
    when coalesce(current_setting('request.headers', true), '') = '' or current_setting('role', true) = 'service_role' then null
    when nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'app_metadata' ->> 'role' in ('admin', 'sales_manager') then null
    else current_setting('request.headers', true)::jsonb
  end);
end $$;
comment on function amocrm.visit_headers() is
  'Returns the headers of a visitor''s request, also through form-submit; null for owner, service role, managers and direct SQL.';

revoke all on function amocrm.draw_address_key(), amocrm.keyed_hash(text), amocrm.address_of(jsonb, text),
  amocrm.visit_headers() from public;
