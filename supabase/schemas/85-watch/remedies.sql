-- What mends which cause: amocrm_health and the alerts say it in the same words.

create function amocrm.project_ref() returns text
language plpgsql stable set search_path = ''
as $$
begin
  return coalesce(substring(amocrm.vault_secret('amocrm_functions_url') from '^https://([a-z0-9]+)\.supabase\.co/'), '<ref>');
exception when others then
  -- A remedy that its reader has to complete is better than none.
  return '<ref>';
end
$$;
comment on function amocrm.project_ref() is 'Returns the ref of the hosted project by the address of its functions, for commands to paste; else <ref>.';
revoke all on function amocrm.project_ref() from public;

create function amocrm.breaker_remedy(p_code text) returns text
language sql immutable set search_path = ''
as $$
  select case
    when p_code in ('not_connected', 'vault_unreadable', 'reauth_required') then 'npm run amocrm -- connect'
    when p_code = 'other_account' then 'Set the token of the account of before; if the account does change: npm run amocrm -- setup --switch, or with OAuth npm run amocrm -- connect --switch'
    when p_code in ('foreign_project', 'restored_database')
      then 'Only if this database is to send: npm run amocrm -- setup --switch, or with OAuth npm run amocrm -- connect (docs/operate/runbook.md, a restored backup)'
    when p_code = 'signed_out' then 'Wait: the session service signs in again by itself; its GET /health tells more (docs/areas/session.md)'
    when p_code = 'needs_person' then 'Do what amoCRM asks for, then POST /resume to the session service (docs/areas/session.md)'
    when p_code in ('session_unreachable', 'session_unknown')
      then 'Look whether playwright-amocrm runs and can be reached from the functions, and check AMOCRM_PLAYWRIGHT_URL (docs/areas/session.md)'
    when p_code = 'session_secret_refused' then 'Set AMOCRM_PLAYWRIGHT_SECRET to what the session service was started with (docs/areas/session.md)'
    when p_code in ('timeout', 'connection_failed', 'connection_lost', 'server_error', 'gateway_timeout')
      then 'Wait: it is tried again by itself, at least each 5 minutes. At once: select amocrm_resume()'
    else case p_code
      when 'unauthorized' then 'Switch the integration on in amoCRM; else make a new long-lived token there and set AMOCRM_ACCESS_TOKEN, or npm run amocrm -- connect'
      when 'unpaid' then 'Pay the amoCRM account'
      when 'account_blocked' then 'Write to amoCRM''s support, and raise min_interval_ms of amocrm_settings if other integrations are at work'
      when 'forbidden' then 'Let the user of the token see and edit deals and contacts in amoCRM'
      when 'wrong_address' then 'Check AMOCRM_SUBDOMAIN and AMOCRM_BASE_URL'
      when 'address_unknown' then 'Look whether the account was renamed or deleted, and check AMOCRM_SUBDOMAIN and AMOCRM_BASE_URL'
      when 'refusal_unexplained' then 'Look in amoCRM at the subscription, the account''s limits and the rights of the token''s user; its own words are in breaker_message'
      when 'refused' then 'Look in amoCRM at the subscription and the rights of the token''s user, and at what stands before it; its own words are in breaker_message'
      else 'Mend the cause' end || ', then: select amocrm_resume()' end
$$;
comment on function amocrm.breaker_remedy(text) is 'Returns the remedy for the cause that stopped all sending.';

create function amocrm.road_remedy(p_status int) returns text
language sql immutable set search_path = ''
as $$
  select case
    when p_status in (401, 403) then 'The functions do not know what Vault shows them (amocrm_call_token; amocrm_cron_key is no secret key of this project): npm run amocrm -- setup'
    when p_status = 404 then 'The Vault secret amocrm_functions_url is wrong, or amocrm-drain is not deployed: npm run amocrm -- doctor tells which'
    else 'Check the Vault secret amocrm_functions_url, and that pg_net runs: npm run amocrm -- doctor tells which' end
$$;
comment on function amocrm.road_remedy(int) is
  'Returns the remedy for the database''s call of the functions, by the status of the last answer.';

create function amocrm.unended_problem(p_beat amocrm.heartbeats) returns text
language sql immutable set search_path = ''
as $$
  select case when p_beat.unended_count >= 3 then 'The last ' || p_beat.unended_count || ' calls of ' || p_beat.component
    || ' began and came to no end, the last one at ' || p_beat.begun_at || ': the platform ended them for CPU time, memory or time' end
$$;
comment on function amocrm.unended_problem(amocrm.heartbeats) is
  'Reports that three or more calls of an edge function in a row died at work; null if not.';

create function amocrm.pull_problem(out problem text, out remedy text)
language plpgsql stable set search_path = ''
as $$
declare
  v_beat amocrm.heartbeats;
  v_answer record;
begin
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-pull';
  v_answer := amocrm.call_answer(v_beat.last_request_id, v_beat.last_request_at);
  select judged.problem, judged.remedy into problem, remedy from (values
    (1, v_beat.unanswered_post_count >= 2, 'Cron called amocrm-pull ' || v_beat.unanswered_post_count || ' times without a sign of life'
        || case when v_answer.status_code is not null then ', last answer ' || v_answer.status_code
                when v_answer.error is not null then ', last error: ' || v_answer.error else '' end,
      case v_answer.status_code when 404 then 'Deploy the function amocrm-pull' else amocrm.road_remedy(v_answer.status_code) end),
    (2, v_beat.state = 'failed', 'The last pull failed: ' || coalesce(v_beat.detail, 'no reason given'),
      'See the logs of the function amocrm-pull; npm run amocrm -- doctor tells whether migrations are missing'),
    (3, amocrm.unended_problem(v_beat) is not null, amocrm.unended_problem(v_beat), 'See the logs of the function amocrm-pull'),
    (4, exists (select from amocrm.cursors where cursors.account = amocrm.account() and cursors.failure_count >= 3),
      (select 'The last ' || max(cursors.failure_count) || ' pulls of ' || string_agg(cursors.entity || 's', ' and ' order by cursors.entity)
          || ' failed, the last with ' || coalesce((select pulls.error_code from amocrm.pulls where pulls.account = amocrm.account() and pulls.state = 'failed'
            order by pulls.started_at desc limit 1), 'no code')
        from amocrm.cursors where cursors.account = amocrm.account() and cursors.failure_count >= 3),
      'select * from amocrm.pulls order by started_at desc')
    ) as judged (rank, applies, problem, remedy)
  where judged.applies order by judged.rank limit 1;
end
$$;
comment on function amocrm.pull_problem() is 'Returns why the mirror is not read and the remedy; nulls if it is read.';

revoke all on function amocrm.breaker_remedy(text), amocrm.road_remedy(int), amocrm.unended_problem(amocrm.heartbeats),
  amocrm.pull_problem() from public;
