-- Who may do what an operator does: an admin, by the role in the token, and service_role. A viewer reads what an admin reads,
-- with personal data masked, and changes nothing.

create function amocrm.role_asking() returns text
language sql stable set search_path = ''
as $$
  -- Granted to authenticated and service_role only. A project may have roles of its own that inherit from authenticated:
  -- so whoever is not the owner or service_role has to show who asks.
  select case when coalesce(current_setting('role', true), 'none') in ('none', 'postgres', 'service_role') then 'admin'
    else (select auth.jwt()) -> 'app_metadata' ->> 'role' end
$$;
comment on function amocrm.role_asking() is 'Returns app_metadata.role of the signed-in caller; the owner and service_role count as admin.';

create function amocrm.require_admin() returns void
language plpgsql stable set search_path = ''
as $$
begin
  if amocrm.role_asking() is distinct from 'admin' then
    raise exception 'only admins may do this' using errcode = '42501',
      hint = 'The role stands in app_metadata.role of the user; it must be admin.';
  end if;
end
$$;
comment on function amocrm.require_admin() is 'Raises 42501 for a signed-in caller whose app_metadata.role is not admin.';

create function amocrm.require_reader() returns void
language plpgsql stable set search_path = ''
as $$
begin
  if coalesce(amocrm.role_asking(), '') not in ('admin', 'viewer') then
    raise exception 'only admins and viewers may read this' using errcode = '42501',
      hint = 'The role stands in app_metadata.role of the user; it must be admin or viewer.';
  end if;
end
$$;
comment on function amocrm.require_reader() is 'Raises 42501 for a signed-in caller whose app_metadata.role is neither admin nor viewer.';

revoke all on function amocrm.role_asking(), amocrm.require_admin(), amocrm.require_reader() from public;
