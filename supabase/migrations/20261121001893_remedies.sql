-- What mends which cause: amocrm_health and the alerts say it in the same words.

create function amocrm.breaker_remedy(p_code text) returns text
language sql immutable set search_path = ''
as $$
  select case
    when p_code in ('not_connected', 'foreign_project', 'vault_unreadable', 'reauth_required') then 'npm run amocrm -- connect'
    when p_code in ('timeout', 'connection_failed', 'connection_lost', 'server_error', 'gateway_timeout')
      then 'Wait: it is tried again by itself, at least each 5 minutes. At once: select amocrm_resume()'
    else case p_code
      when 'unauthorized' then 'Switch the integration on in amoCRM; else make a new long-lived token there and set AMOCRM_ACCESS_TOKEN, or npm run amocrm -- connect'
      when 'unpaid' then 'Pay the amoCRM account'
      when 'account_blocked' then 'Write to amoCRM''s support, and raise min_interval_ms of amocrm_settings if other integrations are at work'
      when 'forbidden' then 'Let the user of the token see and edit deals and contacts in amoCRM'
      when 'wrong_address' then 'Check AMOCRM_SUBDOMAIN and AMOCRM_BASE_URL'
      else 'Mend the cause' end || ', then: select amocrm_resume()' end
$$;
comment on function amocrm.breaker_remedy(text) is 'What mends the cause for which all sending has stopped.';

create function amocrm.road_remedy(p_status int) returns text
language sql immutable set search_path = ''
as $$
  select case
    when p_status in (401, 403) then 'The Vault secret amocrm_cron_key is no secret key of this project: npm run amocrm -- setup --cron-key sb_secret_…'
    when p_status = 404 then 'The Vault secret amocrm_functions_url is wrong, or amocrm-drain is not deployed: npm run amocrm -- doctor tells which'
    else 'Check the Vault secret amocrm_functions_url, and that pg_net runs: npm run amocrm -- doctor tells which' end
$$;
comment on function amocrm.road_remedy(int) is 'What mends the database''s call of the functions, by the status of the last answer.';

revoke all on function amocrm.breaker_remedy(text), amocrm.road_remedy(int) from public;
