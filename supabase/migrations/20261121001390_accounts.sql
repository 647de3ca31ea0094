-- The connection to amoCRM: where the account is and how we are let in. The pair of tokens is one Vault secret, so that it
-- is written whole or not at all; how it is renewed stands in 20261121001392.
-- Lock order: the queue's control row (its breaker) before the account.

create table amocrm.accounts (
  queue text primary key references amocrm.queue_control (queue),
  host text not null,
  configured_host text,
  account_id bigint,
  subdomain text,
  project text not null,
  access text not null,
  state text not null default 'connected',
  version int not null default 1,
  secret_id uuid,
  fingerprint text,
  taken_over_fingerprint text,
  access_expires_at timestamptz,
  refresh_expires_at timestamptz,
  refresh_claim_count int not null default 0,
  refresh_lease_until timestamptz,
  stored_claim int,
  refresh_failure_count int not null default 0,
  refresh_not_before timestamptz,
  last_refreshed_at timestamptz,
  last_error_code text,
  connected_at timestamptz not null default amocrm.clock(),
  constraint host_is_an_origin check (host ~ '^https?://[^/\s?#@]+$'),
  constraint access_is_known check (access in ('oauth', 'long_lived')),
  constraint account_state_is_known check (state in ('connected', 'refreshing', 'reauth_required')),
  constraint oauth_has_a_pair check (access <> 'oauth' or secret_id is not null),
  constraint pair_has_a_fingerprint check ((secret_id is null) = (fingerprint is null)),
  constraint refreshing_has_a_lease check ((state = 'refreshing') = (refresh_lease_until is not null))
) with (fillfactor = 50);
comment on table amocrm.accounts is
  'One row per amoCRM account, today one: where it is, how we are let in, until when. The tokens themselves are in Vault.';
comment on column amocrm.accounts.queue is 'The queue whose pace and breaker are the account''s.';
comment on column amocrm.accounts.host is 'Origin such as https://company.amocrm.ru, as last known: it follows an account that moves.';
comment on column amocrm.accounts.configured_host is 'Origin of the settings when host was taken from them. If the settings change, they win again.';
comment on column amocrm.accounts.project is
  'The Supabase project that connected. A copy of the database in another project must not use the pair: the first refresh there would end the connection here.';
comment on column amocrm.accounts.access is 'oauth: the pair in Vault. long_lived: AMOCRM_ACCESS_TOKEN; a pair may lie in Vault unused.';
comment on column amocrm.accounts.version is 'Counts pairs. Whoever was refused with the token of a version looks for a newer one first.';
comment on column amocrm.accounts.secret_id is 'The Vault secret {"access_token", "refresh_token"}.';
comment on column amocrm.accounts.fingerprint is 'SHA-256 of the secret: tells whether Vault still gives back what was put in.';
comment on column amocrm.accounts.taken_over_fingerprint is 'SHA-256 of the last AMOCRM_REFRESH_TOKEN taken over: it is taken over once.';
comment on column amocrm.accounts.refresh_claim_count is 'Counts refreshes begun; the number of the last one is the holder of the lease.';
comment on column amocrm.accounts.stored_claim is 'The refresh that the present pair came from; null if it came from a consent or was taken over.';
comment on column amocrm.accounts.refresh_not_before is 'No refresh is begun before: after a failed one, or while sending is stopped.';
alter table amocrm.accounts enable row level security;
revoke all on amocrm.accounts from public, anon, authenticated, service_role;
grant select on amocrm.accounts to service_role;

create function amocrm.fingerprint(p_text text) returns text
language sql immutable set search_path = ''
as $$ select encode(sha256(convert_to(p_text, 'utf8')), 'hex') $$;
comment on function amocrm.fingerprint(text) is 'SHA-256 in hex: recognises a token without keeping it.';

create function amocrm.read_pair(p_account amocrm.accounts) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_secret text;
begin
  select decrypted_secrets.decrypted_secret into v_secret from vault.decrypted_secrets where decrypted_secrets.id = p_account.secret_id;
  return case when amocrm.fingerprint(v_secret) = p_account.fingerprint then v_secret::jsonb end;
exception when others then
  -- A restored database has another root key: Vault raises, and its message is no help to anybody.
  return null;
end
$$;
comment on function amocrm.read_pair(amocrm.accounts) is
  'The pair, or null if Vault has lost it or cannot decrypt it. Never granted to anybody.';

create function amocrm.write_pair(p_secret_id uuid, p_pair jsonb, out secret_id uuid, out fingerprint text)
language plpgsql set search_path = ''
as $$
declare
  v_secret text;
begin
  -- Without the value: what is wrong with it would otherwise be told together with it.
  if coalesce(p_pair ->> 'refresh_token', '') = '' then
    raise exception 'the pair has no refresh_token' using errcode = '22023';
  end if;
  v_secret := jsonb_build_object('access_token', p_pair ->> 'access_token', 'refresh_token', p_pair ->> 'refresh_token')::text;
  fingerprint := amocrm.fingerprint(v_secret);
  select secrets.id into secret_id from vault.secrets where secrets.id = p_secret_id;
  if secret_id is null then
    -- The name may be taken by a copy that this database cannot decrypt, or by an account row that is gone.
    delete from vault.secrets where secrets.name = 'amocrm_token_pair';
    secret_id := vault.create_secret(v_secret, 'amocrm_token_pair', 'Access and refresh token of amoCRM, always changed together');
  else
    perform vault.update_secret(secret_id, v_secret);
  end if;
end
$$;
comment on function amocrm.write_pair(uuid, jsonb) is
  'Puts a pair into Vault, in place of the one before, and tells where it is. Never granted to anybody.';

create function amocrm.tokens_as_seen(p_account amocrm.accounts, p_project text) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_pair jsonb := amocrm.read_pair(p_account);
begin
  if p_account.secret_id is null then
    return jsonb_build_object('state', 'absent', 'host', p_account.host);
  elsif p_account.project is distinct from p_project then
    return jsonb_build_object('state', 'foreign', 'host', p_account.host, 'project', p_account.project);
  elsif v_pair is null then
    return jsonb_build_object('state', 'unreadable', 'host', p_account.host);
  end if;
  return jsonb_build_object(
    'state', p_account.state, 'host', p_account.host, 'accountId', p_account.account_id,
    'subdomain', p_account.subdomain, 'version', p_account.version,
    'accessToken', case when p_account.state <> 'reauth_required' and p_account.access = 'oauth' then v_pair ->> 'access_token' end,
    -- What is left and no moment: the function's clock may go wrong, this one decides.
    'expiresInMs', case when p_account.access = 'oauth' and v_pair ->> 'access_token' is not null
      then greatest(floor(extract(epoch from p_account.access_expires_at - v_now) * 1000), 0) else 0 end,
    'isDue', amocrm.is_refresh_due(p_account),
    'lastErrorCode', p_account.last_error_code);
end
$$;
comment on function amocrm.tokens_as_seen(amocrm.accounts, text) is
  '{state, host, …, version, accessToken, expiresInMs}; state also absent, foreign (connected by another project) or unreadable (Vault).';

create function public.amocrm_tokens_read(p_project text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
begin
  select * into v_account from amocrm.accounts where accounts.queue = 'amocrm';
  return amocrm.tokens_as_seen(v_account, p_project);
end
$$;
comment on function public.amocrm_tokens_read(text) is
  'The access token and how long it lasts, {state, host, version, accessToken, expiresInMs, …}. Never the refresh token.';

create function amocrm.forget_token_trouble(p_is_new_connection boolean) returns void
language plpgsql set search_path = ''
as $$
declare
  -- A refreshed pair proves nothing about a 401: else account and token could refuse and renew each other for ever.
  v_codes text[] := case when p_is_new_connection
    then '{reauth_required, token_refresh_failing, token_refresh_under_way, not_connected, foreign_project, vault_unreadable, access_token_missing, unauthorized}'
    else '{reauth_required, token_refresh_failing, token_refresh_under_way}' end;
begin
  update public.amocrm_alerts set resolved_at = amocrm.clock()
  where amocrm_alerts.code = 'reauth_required' and amocrm_alerts.resolved_at is null;
  if exists (select from amocrm.queue_control where queue_control.queue = 'amocrm'
    and queue_control.breaker_code = any (v_codes)) then
    perform amocrm.close_breaker('amocrm');
  end if;
end
$$;
comment on function amocrm.forget_token_trouble(boolean) is 'A good pair is there: what only a missing one had stopped goes on.';

create function public.amocrm_tokens_connect(
  p_project text, p_pair jsonb, p_expires_in_s int, p_host text, p_account_id bigint, p_subdomain text
) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_now timestamptz;
  v_written record;
  v_version int;
begin
  perform amocrm.lock_queue('amocrm');
  select * into v_account from amocrm.accounts where accounts.queue = 'amocrm' for update;
  v_now := amocrm.clock();
  v_written := amocrm.write_pair(v_account.secret_id, p_pair);
  insert into amocrm.accounts as accounts (queue, host, account_id, subdomain, project, access, secret_id, fingerprint,
    access_expires_at, refresh_expires_at, last_refreshed_at, connected_at)
  values ('amocrm', p_host, p_account_id, p_subdomain, p_project, 'oauth', v_written.secret_id, v_written.fingerprint,
    v_now + p_expires_in_s * interval '1 second', v_now + interval '3 months', v_now, v_now)
  on conflict (queue) do update set
    host = excluded.host, configured_host = null, account_id = excluded.account_id, subdomain = excluded.subdomain,
    project = excluded.project, access = 'oauth', state = 'connected', version = accounts.version + 1,
    secret_id = excluded.secret_id, fingerprint = excluded.fingerprint, access_expires_at = excluded.access_expires_at,
    refresh_expires_at = excluded.refresh_expires_at, refresh_lease_until = null, stored_claim = null,
    refresh_failure_count = 0, refresh_not_before = null, last_refreshed_at = v_now, last_error_code = null, connected_at = v_now
  returning accounts.version into v_version;
  perform amocrm.forget_token_trouble(true);
  if amocrm.is_due('amocrm') then
    perform amocrm.ring('amocrm');
  end if;
  return v_version;
end
$$;
comment on function public.amocrm_tokens_connect(text, jsonb, int, text, bigint, text) is
  'Stores the pair of a consent, whatever was there before, and lets waiting messages go. Tells the version.';

create function public.amocrm_tokens_take_over(p_project text, p_refresh_token text, p_host text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_written record;
begin
  perform amocrm.lock_queue('amocrm');
  select * into v_account from amocrm.accounts where accounts.queue = 'amocrm' for update;
  -- A pair that works is never replaced: after each refresh the variable is the older one. And a token is taken over once.
  if v_account.taken_over_fingerprint = amocrm.fingerprint(p_refresh_token)
    or amocrm.tokens_as_seen(v_account, p_project) ->> 'state' in ('connected', 'refreshing') then
    return false;
  end if;
  v_written := amocrm.write_pair(v_account.secret_id, jsonb_build_object('access_token', null, 'refresh_token', p_refresh_token));
  insert into amocrm.accounts as accounts (queue, host, project, access, secret_id, fingerprint, taken_over_fingerprint)
  values ('amocrm', coalesce(p_host, v_account.host), p_project, 'oauth', v_written.secret_id, v_written.fingerprint, amocrm.fingerprint(p_refresh_token))
  on conflict (queue) do update set
    host = excluded.host, configured_host = null, project = excluded.project, access = 'oauth', state = 'connected',
    version = accounts.version + 1, secret_id = excluded.secret_id, fingerprint = excluded.fingerprint,
    taken_over_fingerprint = excluded.taken_over_fingerprint, access_expires_at = null, refresh_expires_at = null,
    refresh_lease_until = null, stored_claim = null, refresh_failure_count = 0, refresh_not_before = null, last_error_code = null;
  perform amocrm.forget_token_trouble(true);
  return true;
end
$$;
comment on function public.amocrm_tokens_take_over(text, text, text) is
  'Takes over AMOCRM_REFRESH_TOKEN of an existing connection; false if it was taken over before or a working pair is there.';

create function public.amocrm_tokens_note_long_lived(p_project text, p_host text, p_expires_at timestamptz, p_account_id bigint) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
begin
  select * into v_account from amocrm.accounts where accounts.queue = 'amocrm';
  if v_account.access is distinct from 'long_lived' or v_account.configured_host is distinct from p_host
    or v_account.access_expires_at is distinct from p_expires_at or v_account.project is distinct from p_project then
    perform amocrm.lock_queue('amocrm');
    if v_account.state = 'reauth_required' then
      perform amocrm.forget_token_trouble(true);
    end if;
    insert into amocrm.accounts as accounts (queue, host, configured_host, account_id, project, access, access_expires_at)
    values ('amocrm', p_host, p_host, p_account_id, p_project, 'long_lived', p_expires_at)
    on conflict (queue) do update set
      host = case when accounts.configured_host = excluded.configured_host then accounts.host else excluded.host end,
      configured_host = excluded.configured_host, account_id = coalesce(excluded.account_id, accounts.account_id),
      access = 'long_lived', state = 'connected', refresh_lease_until = null, access_expires_at = excluded.access_expires_at,
      -- A pair in Vault stays the property of the project that connected.
      project = case when accounts.secret_id is null then excluded.project else accounts.project end
    returning * into v_account;
  end if;
  return v_account.host;
end
$$;
comment on function public.amocrm_tokens_note_long_lived(text, text, timestamptz, bigint) is
  'Remembers that AMOCRM_ACCESS_TOKEN is in use and until when it lasts, as far as it tells. Tells the host, which may have moved since.';

create function public.amocrm_tokens_disconnect() returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_secret_id uuid;
begin
  delete from amocrm.accounts where accounts.queue = 'amocrm' returning accounts.secret_id into v_secret_id;
  if not found then
    return false;
  end if;
  delete from vault.secrets where secrets.id = v_secret_id;
  return true;
end
$$;
comment on function public.amocrm_tokens_disconnect() is 'Forgets the account and its tokens; false if there was none. Messages wait.';

revoke all on function amocrm.fingerprint(text), amocrm.read_pair(amocrm.accounts), amocrm.write_pair(uuid, jsonb),
  amocrm.tokens_as_seen(amocrm.accounts, text),
  amocrm.forget_token_trouble(boolean) from public;
revoke all on function public.amocrm_tokens_read(text), public.amocrm_tokens_connect(text, jsonb, int, text, bigint, text),
  public.amocrm_tokens_take_over(text, text, text), public.amocrm_tokens_note_long_lived(text, text, timestamptz, bigint),
  public.amocrm_tokens_disconnect()
  from public, anon, authenticated;
grant execute on function public.amocrm_tokens_read(text), public.amocrm_tokens_connect(text, jsonb, int, text, bigint, text),
  public.amocrm_tokens_take_over(text, text, text), public.amocrm_tokens_note_long_lived(text, text, timestamptz, bigint),
  public.amocrm_tokens_disconnect()
  to service_role;
