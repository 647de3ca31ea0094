-- Who may do what an operator does: an admin, by the role in the token, and service_role.

create function amocrm.require_admin() returns void
language plpgsql stable set search_path = ''
as $$
begin
  -- Granted to authenticated and service_role only. A project may have roles of its own that inherit from authenticated:
  -- so whoever is not the owner or service_role has to show that an admin asks.
  if coalesce(current_setting('role', true), 'none') not in ('none', 'postgres', 'service_role')
    and (select auth.jwt()) -> 'app_metadata' ->> 'role' is distinct from 'admin' then
    raise exception 'only admins may do this' using errcode = '42501',
      hint = 'The role stands in app_metadata.role of the user; it must be admin.';
  end if;
end
$$;
comment on function amocrm.require_admin() is 'Raises 42501 for a signed-in caller whose app_metadata.role is not admin.';

revoke all on function amocrm.require_admin() from public;
