-- The ground everything stands on: the extensions, and the private schema `amocrm`.
-- The Data API exposes `public` only, so what lives in `amocrm` is reached through named functions or not at all.
-- Nothing relies on default privileges: every object below names who may use it.

create extension if not exists pg_cron with schema pg_catalog;
create extension if not exists pg_net with schema extensions;
create extension if not exists supabase_vault with schema vault;

create schema amocrm;
comment on schema amocrm is
  'Internals of the amoCRM delivery: queue engine, people, links, control rows. Not exposed by the Data API.';
revoke all on schema amocrm from public;
grant usage on schema amocrm to service_role;

-- Postgres lets everybody execute a new function. Only the form without "in schema" takes that back.
alter default privileges revoke execute on functions from public;

create table amocrm.installation (
  is_the_only_row boolean primary key default true,
  installed_at timestamptz not null default clock_timestamp(),
  version text not null,
  constraint installation_has_one_row check (is_the_only_row)
);
comment on table amocrm.installation is
  'One row: when this was installed and which version runs. Rows older than installed_at are history and go out by backfill only.';
alter table amocrm.installation enable row level security;
revoke all on amocrm.installation from public, anon, authenticated;
grant select on amocrm.installation to service_role;

insert into amocrm.installation (version) values ('0.1.0');
