-- Ids of contacts, deals, pipelines, stages and fields are an amoCRM account's own: two accounts may use the same numbers. So the
-- account stands in every key that holds such an id. There is one account today; another is another queue that amocrm-drain drains.

create function amocrm.account() returns text
language plpgsql stable set search_path = ''
as $$
begin
  return coalesce(nullif(current_setting('amocrm.account', true), ''), 'amocrm');
end
$$;
comment on function amocrm.account() is
  'Returns the amoCRM account that a session works for, by its queue: the setting amocrm.account, or amocrm without one.';
-- Views of the admin are planned with it, and look at functions as the admin.
revoke all on function amocrm.account() from public;
grant execute on function amocrm.account() to authenticated, service_role;

create function amocrm.other_account(p_account text default amocrm.account()) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return case when p_account = 'amocrm' then '' else p_account end;
end
$$;
comment on function amocrm.other_account(text) is
  'Returns an account as tables of many short rows store it: empty for amocrm, which saves a sixth of row and key.';
revoke all on function amocrm.other_account(text) from public;
