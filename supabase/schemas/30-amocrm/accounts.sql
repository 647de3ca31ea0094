-- The connection to amoCRM: where the account is and how we are let in. The pair of tokens is one Vault secret, so that it
-- is written whole or not at all; how it is renewed stands in 30-amocrm/token-refresh.
-- Lock order: the queue's control row (its breaker) before the account.

create table amocrm.accounts (
  queue text primary key references amocrm.queue_control (queue),
  host text not null,
  configured_host text,
  account_id bigint,
  is_account_proven boolean not null default false,
  long_lived_fingerprint text,
  refused_fingerprint text,
  subdomain text,
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
  host_looked_up_at timestamptz,
  moved_from text,
  moved_at timestamptz,
  constraint host_is_an_origin check (host ~ '^https?://[^/\s?#@]+$'),
  constraint access_is_known check (access in ('oauth', 'long_lived', 'session')),
  constraint account_state_is_known check (state in ('connected', 'refreshing', 'reauth_required')),
  constraint oauth_has_a_pair check (access <> 'oauth' or secret_id is not null),
  constraint pair_has_a_fingerprint check ((secret_id is null) = (fingerprint is null)),
  constraint refreshing_has_a_lease check ((state = 'refreshing') = (refresh_lease_until is not null))
) with (fillfactor = 50);
comment on table amocrm.accounts is 'One row per connected amoCRM account with host, access and its end; the tokens are in Vault.';
comment on column amocrm.accounts.queue is 'The queue whose pace and breaker are the account''s.';
comment on column amocrm.accounts.host is 'Origin such as https://company.amocrm.ru, as last known: it follows an account that moves.';
comment on column amocrm.accounts.configured_host is 'The host in the settings when host was taken from them; changed settings win again.';
comment on column amocrm.accounts.account_id is 'amoCRM''s own id of the account, to which all ids of contacts and deals here belong.';
comment on column amocrm.accounts.is_account_proven is
  'Whether the pair in Vault is known to belong to account_id; amoCRM is asked before the first use otherwise.';
comment on column amocrm.accounts.long_lived_fingerprint is
  'SHA-256 of the AMOCRM_ACCESS_TOKEN known to belong to account_id, so that amoCRM is asked only once.';
comment on column amocrm.accounts.access is
  'The way in: oauth for the pair in Vault, long_lived for AMOCRM_ACCESS_TOKEN, session for a browser''s session; both leave a pair unused.';
comment on column amocrm.accounts.version is
  'The number of the current pair; a caller refused with one version looks for a newer pair first.';
comment on column amocrm.accounts.secret_id is 'The id of the Vault secret {"access_token", "refresh_token"}.';
comment on column amocrm.accounts.fingerprint is 'SHA-256 of the secret, which shows whether Vault still returns what was stored.';
comment on column amocrm.accounts.taken_over_fingerprint is
  'SHA-256 of the last AMOCRM_REFRESH_TOKEN taken over, so that each is taken over once.';
comment on column amocrm.accounts.refresh_claim_count is 'Counts refreshes begun; the number of the last one is the holder of the lease.';
comment on column amocrm.accounts.stored_claim is 'The refresh that the present pair came from; null if it came from a consent or was taken over.';
comment on column amocrm.accounts.refresh_not_before is
  'The moment before which no refresh begins, after a failed one or while sending is stopped.';
comment on column amocrm.accounts.refused_fingerprint is
  'SHA-256 of the last AMOCRM_ACCESS_TOKEN found to belong to another account, so that amoCRM is not asked again.';
comment on column amocrm.accounts.host_looked_up_at is 'When we last asked amoCRM where the account is; once an hour is enough.';
comment on column amocrm.accounts.moved_from is 'The account''s origin before it moved to host.';
alter table amocrm.accounts enable row level security;
revoke all on amocrm.accounts from public, anon, authenticated, service_role;
grant select on amocrm.accounts to service_role;

create function amocrm.fingerprint(p_text text) returns text
language sql immutable set search_path = ''
as $$ select encode(sha256(convert_to(p_text, 'utf8')), 'hex') $$;
comment on function amocrm.fingerprint(text) is
  'Returns the SHA-256 of a token in hex, by which the token is recognised without being kept.';

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
  'Returns the token pair; null if Vault has lost it or cannot decrypt it. Owner only.';

create function amocrm.is_readable(p_secret_id uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return exists (select from vault.decrypted_secrets
    where decrypted_secrets.id = p_secret_id and decrypted_secrets.decrypted_secret is not null);
exception when others then
  return false;
end
$$;
comment on function amocrm.is_readable(uuid) is 'True if Vault has the secret and can decrypt it.';

create function amocrm.write_pair(p_secret_id uuid, p_pair jsonb, out secret_id uuid, out fingerprint text)
language plpgsql set search_path = ''
as $$
declare
  v_secret text;
  -- Vault's names are one space for all accounts.
  v_name text := 'amocrm_token_pair' || case when amocrm.account() = 'amocrm' then '' else '_' || amocrm.account() end;
begin
  -- Without the value: what is wrong with it would otherwise be told together with it.
  if coalesce(p_pair ->> 'refresh_token', '') = '' then
    raise exception 'the pair has no refresh_token' using errcode = '22023';
  end if;
  v_secret := jsonb_build_object('access_token', p_pair ->> 'access_token', 'refresh_token', p_pair ->> 'refresh_token')::text;
  fingerprint := amocrm.fingerprint(v_secret);
  secret_id := case when amocrm.is_readable(p_secret_id) then p_secret_id end;
  if secret_id is null then
    -- What Vault cannot decrypt, as after a restore under another root key, it cannot change either: it reads it first. And the
    -- name may be taken by the pair of an account row that is gone.
    delete from vault.secrets where secrets.id = p_secret_id or secrets.name = v_name;
    secret_id := vault.create_secret(v_secret, v_name, 'Access and refresh token of amoCRM, always changed together');
  else
    perform vault.update_secret(secret_id, v_secret);
  end if;
end
$$;
comment on function amocrm.write_pair(uuid, jsonb) is
  'Puts a token pair into Vault in place of the previous one and returns its secret id. Owner only.';

create function amocrm.tokens_as_seen(p_account amocrm.accounts, p_project text) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_pair jsonb := amocrm.read_pair(p_account);
begin
  if p_account.secret_id is null then
    return jsonb_build_object('state', 'absent', 'host', p_account.host);
  elsif amocrm.stranger(p_project) is not null then
    -- The first refresh in a copy would end the connection of the original.
    return jsonb_build_object('state', amocrm.stranger(p_project), 'host', p_account.host,
      'project', (select residence.project from amocrm.residence));
  elsif v_pair is null then
    return jsonb_build_object('state', 'unreadable', 'host', p_account.host);
  end if;
  return jsonb_build_object(
    'state', p_account.state, 'host', p_account.host, 'accountId', p_account.account_id,
    'isProven', p_account.is_account_proven, 'subdomain', p_account.subdomain, 'version', p_account.version,
    'accessToken', case when p_account.state <> 'reauth_required' and p_account.access = 'oauth' then v_pair ->> 'access_token' end,
    -- What is left and no moment: the function's clock may go wrong, this one decides.
    'expiresInMs', case when p_account.access = 'oauth' and v_pair ->> 'access_token' is not null
      then greatest(floor(extract(epoch from p_account.access_expires_at - v_now) * 1000), 0) else 0 end,
    'isDue', amocrm.is_refresh_due(p_account),
    'lastErrorCode', p_account.last_error_code);
end
$$;
comment on function amocrm.tokens_as_seen(amocrm.accounts, text) is
  'Returns the stored connection: {state, host, …, version, accessToken, expiresInMs}; state may be absent, foreign, restored or unreadable.';

create function public.amocrm_tokens_read(p_project text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
begin
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account();
  return amocrm.tokens_as_seen(v_account, p_project);
end
$$;
comment on function public.amocrm_tokens_read(text) is
  'Returns the access token and its remaining life, {state, host, version, accessToken, expiresInMs, …}, never the refresh token.';

create function amocrm.forget_token_trouble(p_is_new_connection boolean) returns void
language plpgsql set search_path = ''
as $$
declare
  -- A refreshed pair proves nothing about a 401: else account and token could refuse and renew each other for ever.
  v_codes text[] := case when p_is_new_connection
    then '{reauth_required, token_refresh_failing, token_refresh_under_way, not_connected, other_account, foreign_project, restored_database, vault_unreadable, access_token_missing, unauthorized}'
    else '{reauth_required, token_refresh_failing, token_refresh_under_way}' end;
begin
  update public.amocrm_alerts set resolved_at = amocrm.clock()
  where amocrm_alerts.code = 'reauth_required' and amocrm_alerts.resolved_at is null;
  if exists (select from amocrm.queue_control where queue_control.queue = amocrm.account()
    and queue_control.breaker_code = any (v_codes)) then
    perform amocrm.close_breaker(amocrm.account());
  end if;
end
$$;
comment on function amocrm.forget_token_trouble(boolean) is
  'Resumes what only a missing token pair had stopped, once a good one is stored.';

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
  perform amocrm.lock_queue(amocrm.account());
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account() for update;
  v_now := amocrm.clock();
  -- Whoever changes the account leaves the one before first.
  if v_account.account_id <> p_account_id then
    raise exception 'account % is connected, not %', v_account.account_id, p_account_id using errcode = '55000',
      hint = 'amocrm_account_leave() first';
  end if;
  perform amocrm.move_in(p_project);
  v_written := amocrm.write_pair(v_account.secret_id, p_pair);
  insert into amocrm.accounts as accounts (queue, host, account_id, is_account_proven, subdomain, access, secret_id, fingerprint,
    access_expires_at, refresh_expires_at, last_refreshed_at, connected_at)
  values (amocrm.account(), p_host, p_account_id, true, p_subdomain, 'oauth', v_written.secret_id, v_written.fingerprint,
    v_now + p_expires_in_s * interval '1 second', v_now + interval '3 months', v_now, v_now)
  on conflict (queue) do update set
    host = excluded.host, configured_host = null, account_id = excluded.account_id, is_account_proven = true,
    subdomain = excluded.subdomain, access = 'oauth', state = 'connected', version = accounts.version + 1,
    secret_id = excluded.secret_id, fingerprint = excluded.fingerprint, access_expires_at = excluded.access_expires_at,
    refresh_expires_at = excluded.refresh_expires_at, refresh_lease_until = null, stored_claim = null,
    refresh_failure_count = 0, refresh_not_before = null, last_refreshed_at = v_now, last_error_code = null, connected_at = v_now
  returning accounts.version into v_version;
  perform amocrm.forget_token_trouble(true);
  if amocrm.is_due(amocrm.account()) then
    perform amocrm.ring(amocrm.account());
  end if;
  return v_version;
end
$$;
comment on function public.amocrm_tokens_connect(text, jsonb, int, text, bigint, text) is
  'Stores the token pair of a consent for the connected or first account and releases waiting messages; returns the version.';

create function public.amocrm_tokens_take_over(p_project text, p_refresh_token text, p_host text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_written record;
begin
  perform amocrm.lock_queue(amocrm.account());
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account() for update;
  -- A pair that works is never replaced: after each refresh the variable is the older one. And a token is taken over once.
  -- In a copy of the database nothing is taken over: there a person has to connect.
  if amocrm.stranger(p_project) is not null or v_account.taken_over_fingerprint = amocrm.fingerprint(p_refresh_token)
    or amocrm.tokens_as_seen(v_account, p_project) ->> 'state' in ('connected', 'refreshing') then
    return false;
  end if;
  perform amocrm.move_in(p_project);
  v_written := amocrm.write_pair(v_account.secret_id, jsonb_build_object('access_token', null, 'refresh_token', p_refresh_token));
  insert into amocrm.accounts as accounts (queue, host, access, secret_id, fingerprint, taken_over_fingerprint)
  values (amocrm.account(), coalesce(p_host, v_account.host), 'oauth', v_written.secret_id, v_written.fingerprint, amocrm.fingerprint(p_refresh_token))
  on conflict (queue) do update set
    host = excluded.host, configured_host = null, is_account_proven = false, access = 'oauth', state = 'connected',
    version = accounts.version + 1, secret_id = excluded.secret_id, fingerprint = excluded.fingerprint,
    taken_over_fingerprint = excluded.taken_over_fingerprint, access_expires_at = null, refresh_expires_at = null,
    refresh_lease_until = null, stored_claim = null, refresh_failure_count = 0, refresh_not_before = null, last_error_code = null;
  perform amocrm.forget_token_trouble(true);
  return true;
end
$$;
comment on function public.amocrm_tokens_take_over(text, text, text) is
  'Takes over AMOCRM_REFRESH_TOKEN of an existing connection; false if done before or a working pair exists.';

create function public.amocrm_tokens_disconnect() returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_secret_id uuid;
begin
  select accounts.secret_id into v_secret_id from amocrm.accounts where accounts.queue = amocrm.account();
  if not found then
    return false;
  end if;
  -- Without the account nobody could tell any more whose ids these are.
  perform public.amocrm_account_leave();
  delete from amocrm.accounts where accounts.queue = amocrm.account();
  delete from vault.secrets where secrets.id = v_secret_id;
  return true;
end
$$;
comment on function public.amocrm_tokens_disconnect() is 'Forgets the account, its tokens and all ids that are its own, and pauses sending; false if there was none.';

revoke all on function amocrm.fingerprint(text), amocrm.read_pair(amocrm.accounts), amocrm.is_readable(uuid), amocrm.write_pair(uuid, jsonb),
  amocrm.tokens_as_seen(amocrm.accounts, text),
  amocrm.forget_token_trouble(boolean) from public;
revoke all on function public.amocrm_tokens_read(text), public.amocrm_tokens_connect(text, jsonb, int, text, bigint, text),
  public.amocrm_tokens_take_over(text, text, text), public.amocrm_tokens_disconnect()
  from public, anon, authenticated;
grant execute on function public.amocrm_tokens_read(text), public.amocrm_tokens_connect(text, jsonb, int, text, bigint, text),
  public.amocrm_tokens_take_over(text, text, text), public.amocrm_tokens_disconnect()
  to service_role;
