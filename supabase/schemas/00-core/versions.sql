-- Which version runs, and how it came to be: each release ends with one call of amocrm.record_upgrade in its last migration,
-- so the version changes in the transaction that brings what it promises. The first one is the installation itself.

create table amocrm.installation (
  is_the_only_row boolean primary key default true,
  installed_at timestamptz not null default amocrm.clock(),
  version text not null,
  constraint installation_has_one_row check (is_the_only_row)
);
comment on table amocrm.installation is
  'One row: when this was installed and which version runs. Rows older than installed_at are history and go out by backfill only.';
alter table amocrm.installation enable row level security;
revoke all on amocrm.installation from public, anon, authenticated;
grant select on amocrm.installation to service_role;

insert into amocrm.installation (version) values ('0.1.0');

create table amocrm.upgrades (
  version text primary key,
  applied_at timestamptz not null default amocrm.clock(),
  constraint version_is_semantic check (version ~ '^[0-9]+\.[0-9]+\.[0-9]+(-[0-9a-z.]+)?$')
);
comment on table amocrm.upgrades is 'One row per version ever installed here, with its time.';
alter table amocrm.upgrades enable row level security;
revoke all on amocrm.upgrades from public, anon, authenticated;
grant select on amocrm.upgrades to service_role;

insert into amocrm.upgrades (version, applied_at)
select installation.version, installation.installed_at from amocrm.installation;

create function amocrm.record_upgrade(p_version text) returns void
language plpgsql set search_path = ''
as $$
begin
  -- An upgrade that is repeated keeps the time of its first run.
  insert into amocrm.upgrades (version) values (p_version) on conflict (version) do nothing;
  update amocrm.installation set version = p_version where installation.version is distinct from p_version;
end
$$;
comment on function amocrm.record_upgrade(text) is 'Records in a release''s last migration that this version runs from now on. Owner only.';

create function amocrm.version_rows() returns table (version text, applied_at timestamptz, is_current boolean)
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return query
  select upgrades.version, upgrades.applied_at, upgrades.version = installation.version
  from amocrm.upgrades cross join amocrm.installation order by upgrades.applied_at, upgrades.version;
end
$$;
comment on function amocrm.version_rows() is 'Returns the rows of amocrm_versions.';

create view public.amocrm_versions with (security_invoker = true) as
select version, applied_at, is_current from amocrm.version_rows();
comment on view public.amocrm_versions is 'Which versions were installed here, when, and which one runs?';

revoke all on function amocrm.record_upgrade(text) from public, anon, authenticated;
revoke all on function amocrm.version_rows() from public, anon;
grant execute on function amocrm.version_rows() to authenticated, service_role;
revoke all on public.amocrm_versions from public, anon, authenticated, service_role;
grant select on public.amocrm_versions to authenticated, service_role;
