-- The ground everything stands on: the extensions, and the private schema `amocrm`.
-- The Data API exposes `public` only, so what lives in `amocrm` is reached through named functions or not at all.
-- Every object below names who may use it, and default privileges stay as they are: they would count for the project's own
-- functions too. Postgres lets everybody execute a new function, so each of ours takes that back in the file that makes it.

create extension if not exists pg_cron with schema pg_catalog;
create extension if not exists pg_net with schema extensions;
create extension if not exists supabase_vault with schema vault;

create schema amocrm;
comment on schema amocrm is
  'Internals of the amoCRM delivery: queue engine, people, links, control rows. Not exposed by the Data API.';
revoke all on schema amocrm from public;
grant usage on schema amocrm to service_role;
