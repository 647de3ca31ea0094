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
  constraint address_header_is_known check (
    address_header in ('cf-connecting-ip', 'x-real-ip', 'x-forwarded-for', 'fly-client-ip', 'true-client-ip'))
);
comment on table public.amocrm_form_limits is 'One row. How much visitors may send before they are refused or quarantined. A change acts at the next insert.';
comment on column public.amocrm_form_limits.is_enabled is 'Whether visits are counted. Null, as after the installation: yes. The stacks on a developer''s machine write false into a null (supabase/seed.sql).';
comment on column public.amocrm_form_limits.per_address_count is 'Leads that one address may leave within per_address_seconds; then it is refused with 429. Offices and mobile networks share an address among many people.';
comment on column public.amocrm_form_limits.fair_count is 'Leads of one network within total_seconds that are its fair share. Further ones are the first to be quarantined. Of all that goes out, the first lead of each network goes before the second ones, and so on.';
comment on column public.amocrm_form_limits.total_count is 'When more leads than this came in within total_seconds, what a network sends beyond fair_count is quarantined.';
comment on column public.amocrm_form_limits.flood_count is 'When more leads than this came in within total_seconds, not counting what networks sent beyond fair_count, everybody is quarantined but those who are known and those with a solved captcha. So few addresses cannot shut everybody else out.';
comment on column public.amocrm_form_limits.rows_per_request is 'Leads in one insert of a visitor, whether or not is_enabled.';
comment on column public.amocrm_form_limits.has_honeypot is 'Whether a lead with something in left_empty is quarantined, whether or not is_enabled.';
comment on column public.amocrm_form_limits.requires_captcha is 'If true, visitors'' own inserts are refused with 403: leads come in by the function form-submit, which checks a captcha.';
comment on column public.amocrm_form_limits.address_header is 'The header in which the platform''s own proxy writes the visitor''s address. It must be one that a visitor cannot write: of x-forwarded-for the last entry counts.';
insert into public.amocrm_form_limits default values;
create trigger touch_updated_at before update on public.amocrm_form_limits for each row execute function amocrm.touch_updated_at();

create table amocrm.address_key (
  is_the_only_row boolean primary key default true,
  inner_key bytea not null,
  outer_key bytea not null,
  drawn_at timestamptz not null default amocrm.clock(),
  constraint address_key_has_one_row check (is_the_only_row)
);
comment on table amocrm.address_key is
  'One row: with what addresses are hashed. Drawn anew each day, so that yesterday''s hashes lead back to nobody.';

create table amocrm.arrivals (
  id bigint generated always as identity primary key,
  counted text not null,
  key_hash bytea,
  row_count int not null,
  arrived_at timestamptz not null default amocrm.clock(),
  constraint counted_is_known check (counted in ('fair', 'further', 'network', 'person'))
);
comment on table amocrm.arrivals is 'What visitors left within the last windows of amocrm_form_limits, by hashes of their addresses. Appended and pruned, never changed.';
comment on column amocrm.arrivals.counted is 'Each visit once: fair if its network had not used up fair_count, else further. network: an IPv6 visit once more, for its /48. person: somebody known who was let through a flood.';
create index arrivals_of_key_idx on amocrm.arrivals (key_hash, arrived_at) include (row_count) where key_hash is not null;
create index arrivals_by_time_idx on amocrm.arrivals (counted, arrived_at) include (row_count);

create table amocrm.quarantined_leads (
  lead_id uuid primary key references public.unified_lead_tracking (id) on delete cascade,
  reason text not null,
  key_hash bytea,
  quarantined_at timestamptz not null default amocrm.clock(),
  constraint reason_is_known check (reason in ('flood', 'address', 'captcha', 'honeypot'))
);
comment on table amocrm.quarantined_leads is 'Leads that were saved without a message and wait for a person''s decision. Released or discarded, the row is gone.';
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
comment on function amocrm.draw_address_key() is 'Draws the key of the address hashes anew. What was counted before counts no longer.';
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
comment on function amocrm.keyed_hash(text) is 'A hash by which the same address or person is recognised today, and by nobody without the key.';

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
  'The visitor''s address as the platform''s proxy gives it; null if there is none or it cannot be read. IPv4 written as IPv6 is IPv4.';

create function amocrm.visit_headers() returns jsonb
language sql stable set search_path = ''
as $$
  select case
    when coalesce(current_setting('amocrm.form_headers', true), '') <> '' then current_setting('amocrm.form_headers', true)::jsonb
    when coalesce(current_setting('request.headers', true), '') = '' or current_setting('role', true) = 'service_role' then null
    when nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'app_metadata' ->> 'role' in ('admin', 'sales_manager') then null
    else current_setting('request.headers', true)::jsonb
  end
$$;
comment on function amocrm.visit_headers() is
  'The headers of a visitor''s request, also if it came by form-submit; null for what comes from the owner, the service role, managers, or not over the Data API.';

revoke all on function amocrm.draw_address_key(), amocrm.keyed_hash(text), amocrm.address_of(jsonb, text),
  amocrm.visit_headers() from public;
