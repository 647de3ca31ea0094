-- The connection to amoCRM. A refresh token works once, so two refreshes of one pair lose the connection: who wants to
-- refresh claims it, by version and a lease, asks amoCRM without holding any lock, and stores the answer only over the
-- version it started from. The pair is one Vault secret, so that it is written whole or not at all.
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
  imported_fingerprint text,
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
comment on column amocrm.accounts.imported_fingerprint is 'SHA-256 of the last AMOCRM_REFRESH_TOKEN taken over: it is taken over once.';
comment on column amocrm.accounts.refresh_claim_count is 'Counts refreshes begun; the number of the last one is the holder of the lease.';
comment on column amocrm.accounts.stored_claim is 'The refresh that the present pair came from; null if it came from a consent or an import.';
comment on column amocrm.accounts.refresh_not_before is 'No refresh is begun before: after a failed one, or while sending is stopped.';
alter table amocrm.accounts enable row level security;
revoke all on amocrm.accounts from public, anon, authenticated, service_role;
grant select on amocrm.accounts to service_role;

create function amocrm.refresh_lease() returns interval
language sql immutable set search_path = ''
as $$ select interval '60 seconds' $$;
comment on function amocrm.refresh_lease() is
  'How long a refresh may take before another may begin one: two waits for a slot (10 s) and two requests (15 s), and some.';

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

create function amocrm.is_stopped() returns boolean
language sql stable set search_path = ''
as $$
  select queue_control.paused_at is not null or queue_control.breaker_code is not null
  from amocrm.queue_control where queue_control.queue = 'amocrm'
$$;
comment on function amocrm.is_stopped() is 'True while sending to amoCRM is paused or its breaker is open.';

create function amocrm.is_refresh_due(p_account amocrm.accounts) returns boolean
language sql stable set search_path = ''
as $$
  select coalesce(p_account.access = 'oauth' and p_account.state <> 'reauth_required'
    and coalesce(p_account.refresh_lease_until <= amocrm.clock(), true)
    and coalesce(p_account.refresh_not_before <= amocrm.clock(), true)
    -- While nothing is sent, the refresh token is kept alive and that is all.
    and (coalesce(p_account.access_expires_at <= amocrm.clock() + interval '15 minutes', true) and not amocrm.is_stopped()
      or coalesce(p_account.last_refreshed_at, p_account.connected_at) <= amocrm.clock() - interval '7 days' + interval '15 minutes'), false)
$$;
comment on function amocrm.is_refresh_due(amocrm.accounts) is
  'A quarter of an hour before the access token ends, and a week after the last refresh: the refresh token would age out.';

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

create function public.amocrm_tokens_claim(p_project text, p_version int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_now timestamptz;
  v_seen jsonb;
begin
  select * into v_account from amocrm.accounts where accounts.queue = 'amocrm' for update;
  v_now := amocrm.clock();
  v_seen := amocrm.tokens_as_seen(v_account, p_project);
  if v_seen ->> 'state' in ('absent', 'foreign', 'unreadable', 'reauth_required') then
    return jsonb_build_object('outcome', 'unusable', 'tokens', v_seen);
  elsif v_account.version <> p_version then
    return jsonb_build_object('outcome', 'moved_on', 'tokens', v_seen);
  elsif v_account.refresh_lease_until > v_now then
    return jsonb_build_object('outcome', 'busy',
      'waitMs', ceil(extract(epoch from v_account.refresh_lease_until - v_now) * 1000));
  elsif v_account.refresh_not_before > v_now then
    return jsonb_build_object('outcome', 'not_yet', 'code', v_account.last_error_code,
      'waitMs', ceil(extract(epoch from v_account.refresh_not_before - v_now) * 1000));
  end if;
  update amocrm.accounts set
    state = 'refreshing', refresh_lease_until = v_now + amocrm.refresh_lease(),
    refresh_claim_count = accounts.refresh_claim_count + 1,
    -- A refresh passes by pause and breaker, but only one an hour: whoever blocked us must not be hammered.
    refresh_not_before = case when amocrm.is_stopped() then v_now + interval '1 hour' end
  where accounts.queue = 'amocrm';
  return jsonb_build_object('outcome', 'claimed', 'claim', v_account.refresh_claim_count + 1, 'version', v_account.version,
    'host', v_account.host, 'refreshToken', amocrm.read_pair(v_account) ->> 'refresh_token');
end
$$;
comment on function public.amocrm_tokens_claim(text, int) is
  'The right to refresh the pair of a version: claimed (with the refresh token), busy, not_yet, moved_on (a newer pair is there) or unusable.';

create function amocrm.forget_token_trouble() returns void
language plpgsql set search_path = ''
as $$
begin
  update public.amocrm_alerts set resolved_at = amocrm.clock()
  where amocrm_alerts.code = 'reauth_required' and amocrm_alerts.resolved_at is null;
  if exists (select from amocrm.queue_control where queue_control.queue = 'amocrm'
    and queue_control.breaker_code in ('reauth_required', 'token_unavailable', 'unauthorized')) then
    perform amocrm.close_breaker('amocrm');
  end if;
end
$$;
comment on function amocrm.forget_token_trouble() is 'A good pair is there: what only a missing one had stopped goes on.';

create function public.amocrm_tokens_store(p_claim int, p_version int, p_pair jsonb, p_expires_in_s int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_now timestamptz;
  v_written record;
begin
  perform amocrm.lock_queue('amocrm');
  select * into v_account from amocrm.accounts where accounts.queue = 'amocrm' for update;
  v_now := amocrm.clock();
  -- The lease does not matter here: once amoCRM has answered, this pair lives and the old one is dead. If two refreshes of
  -- the same version were answered (amoCRM's grace for lost answers), the later one killed the pair of the earlier one.
  if v_account.version is distinct from p_version
    and not coalesce(v_account.version = p_version + 1 and v_account.stored_claim < p_claim, false) then
    return jsonb_build_object('outcome', 'moved_on');
  end if;
  v_written := amocrm.write_pair(v_account.secret_id, p_pair);
  update amocrm.accounts set
    access = 'oauth', state = 'connected', version = accounts.version + 1, stored_claim = p_claim,
    secret_id = v_written.secret_id, fingerprint = v_written.fingerprint,
    access_expires_at = v_now + p_expires_in_s * interval '1 second', refresh_expires_at = v_now + interval '3 months',
    refresh_lease_until = null, refresh_failure_count = 0, last_refreshed_at = v_now, last_error_code = null,
    refresh_not_before = case when amocrm.is_stopped() then accounts.refresh_not_before end
  where accounts.queue = 'amocrm';
  if v_account.state = 'reauth_required' then
    perform amocrm.forget_token_trouble();
  end if;
  return jsonb_build_object('outcome', 'stored', 'version', v_account.version + 1);
end
$$;
comment on function public.amocrm_tokens_store(int, int, jsonb, int) is
  'Stores the pair that a refresh brought, before its first use: stored, or moved_on if a newer one is there.';

create function public.amocrm_tokens_fail(p_claim int, p_version int, p_code text, p_message text, p_is_final boolean, p_wait_ms int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_now timestamptz;
begin
  perform amocrm.lock_queue('amocrm');
  select * into v_account from amocrm.accounts where accounts.queue = 'amocrm' for update;
  v_now := amocrm.clock();
  if v_account.version is distinct from p_version then
    return jsonb_build_object('outcome', 'moved_on');
  elsif v_account.refresh_claim_count > p_claim and v_account.refresh_lease_until > v_now then
    -- Another refresh of the same pair is under way: the refusal may be the echo of its success.
    return jsonb_build_object('outcome', 'busy',
      'waitMs', ceil(extract(epoch from v_account.refresh_lease_until - v_now) * 1000));
  elsif p_is_final then
    update amocrm.accounts set state = 'reauth_required', refresh_lease_until = null, last_error_code = p_code
    where accounts.queue = 'amocrm';
    insert into public.amocrm_alerts (code, severity, first_seen_at, last_seen_at, detail) values ('reauth_required', 'critical', v_now, v_now, p_message)
    on conflict (code) where resolved_at is null do update set last_seen_at = excluded.last_seen_at, detail = excluded.detail;
    -- The breaker may be open for another reason; this one outlasts it.
    perform amocrm.close_breaker('amocrm');
    perform amocrm.open_breaker('amocrm', 'reauth_required', p_message, 300, 300);
    return jsonb_build_object('outcome', 'reauth_required');
  end if;
  update amocrm.accounts set
    state = case when accounts.state = 'refreshing' then 'connected' else accounts.state end,
    refresh_lease_until = null, last_error_code = p_code, refresh_failure_count = accounts.refresh_failure_count + 1,
    refresh_not_before = greatest(accounts.refresh_not_before, v_now + p_wait_ms * interval '1 millisecond',
      v_now + least(30 * power(2, least(accounts.refresh_failure_count, 10)), 3600) * interval '1 second')
  where accounts.queue = 'amocrm';
  return jsonb_build_object('outcome', 'released');
end
$$;
comment on function public.amocrm_tokens_fail(int, int, text, text, boolean, int) is
  'A refresh brought no pair. Final: reauth_required, with an alert and the breaker open. Else the next may try later: released. Unless moved_on or busy.';

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
  perform amocrm.forget_token_trouble();
  if amocrm.is_due('amocrm') then
    perform amocrm.ring('amocrm');
  end if;
  return v_version;
end
$$;
comment on function public.amocrm_tokens_connect(text, jsonb, int, text, bigint, text) is
  'Stores the pair of a consent, whatever was there before, and lets waiting messages go. Tells the version.';

create function public.amocrm_tokens_import(p_project text, p_refresh_token text, p_host text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_written record;
begin
  perform amocrm.lock_queue('amocrm');
  select * into v_account from amocrm.accounts where accounts.queue = 'amocrm' for update;
  -- A pair that works is never replaced: after each refresh the variable is the older one. And a token is taken over once.
  if v_account.imported_fingerprint = amocrm.fingerprint(p_refresh_token)
    or amocrm.tokens_as_seen(v_account, p_project) ->> 'state' in ('connected', 'refreshing') then
    return false;
  end if;
  v_written := amocrm.write_pair(v_account.secret_id, jsonb_build_object('access_token', null, 'refresh_token', p_refresh_token));
  insert into amocrm.accounts as accounts (queue, host, project, access, secret_id, fingerprint, imported_fingerprint)
  values ('amocrm', coalesce(p_host, v_account.host), p_project, 'oauth', v_written.secret_id, v_written.fingerprint, amocrm.fingerprint(p_refresh_token))
  on conflict (queue) do update set
    host = excluded.host, configured_host = null, project = excluded.project, access = 'oauth', state = 'connected',
    version = accounts.version + 1, secret_id = excluded.secret_id, fingerprint = excluded.fingerprint,
    imported_fingerprint = excluded.imported_fingerprint, access_expires_at = null, refresh_expires_at = null,
    refresh_lease_until = null, stored_claim = null, refresh_failure_count = 0, refresh_not_before = null, last_error_code = null;
  perform amocrm.forget_token_trouble();
  return true;
end
$$;
comment on function public.amocrm_tokens_import(text, text, text) is
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
      perform amocrm.forget_token_trouble();
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

revoke all on function amocrm.refresh_lease(), amocrm.fingerprint(text), amocrm.read_pair(amocrm.accounts),
  amocrm.write_pair(uuid, jsonb), amocrm.tokens_as_seen(amocrm.accounts, text), amocrm.is_stopped(),
  amocrm.is_refresh_due(amocrm.accounts), amocrm.forget_token_trouble() from public;
revoke all on function public.amocrm_tokens_read(text), public.amocrm_tokens_claim(text, int),
  public.amocrm_tokens_store(int, int, jsonb, int), public.amocrm_tokens_fail(int, int, text, text, boolean, int),
  public.amocrm_tokens_connect(text, jsonb, int, text, bigint, text), public.amocrm_tokens_import(text, text, text),
  public.amocrm_tokens_note_long_lived(text, text, timestamptz, bigint), public.amocrm_tokens_disconnect()
  from public, anon, authenticated;
grant execute on function public.amocrm_tokens_read(text), public.amocrm_tokens_claim(text, int),
  public.amocrm_tokens_store(int, int, jsonb, int), public.amocrm_tokens_fail(int, int, text, text, boolean, int),
  public.amocrm_tokens_connect(text, jsonb, int, text, bigint, text), public.amocrm_tokens_import(text, text, text),
  public.amocrm_tokens_note_long_lived(text, text, timestamptz, bigint), public.amocrm_tokens_disconnect()
  to service_role;
