-- One refresh at a time. A refresh token works once, so two refreshes of one pair lose the connection: who wants to renew
-- it claims it, by version and a lease, asks amoCRM without holding any lock, and stores the answer only over the version
-- it started from. A lease ends by itself, so that a process that died holds up nobody for longer than a minute.

create function amocrm.refresh_lease() returns interval
language sql immutable set search_path = ''
as $$ select interval '60 seconds' $$;
comment on function amocrm.refresh_lease() is
  'How long a refresh may take before another may begin one: two waits for a slot (10 s) and two requests (15 s), and some.';

create function amocrm.is_stopped(p_account text default amocrm.account()) returns boolean
language sql stable set search_path = ''
as $$
  select queue_control.paused_at is not null
    or coalesce(queue_control.breaker_code not in ('token_refresh_failing', 'token_refresh_under_way'), false)
  from amocrm.queue_control where queue_control.queue = p_account
$$;
comment on function amocrm.is_stopped(text) is
  'True while sending to amoCRM is paused, or its breaker open for another reason than a refresh that does not succeed.';

create function amocrm.refresh_waits_until(p_account amocrm.accounts) returns timestamptz
language sql stable set search_path = ''
as $$
  -- One an hour is for the time of a stop: the pair that came meanwhile may have ended when sending goes on.
  select case when p_account.refresh_failure_count > 0 or amocrm.is_stopped(p_account.queue) then p_account.refresh_not_before end
$$;
comment on function amocrm.refresh_waits_until(amocrm.accounts) is 'Returns when the next refresh may begin, after one that failed or within a stop; null if nothing holds it.';

create function amocrm.is_refresh_due(p_account amocrm.accounts) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(p_account.access = 'oauth' and p_account.state <> 'reauth_required'
    and coalesce(p_account.refresh_lease_until <= amocrm.clock(), true)
    and coalesce(amocrm.refresh_waits_until(p_account) <= amocrm.clock(), true)
    -- While nothing is sent, the refresh token is kept alive and that is all.
    and (coalesce(p_account.access_expires_at <= amocrm.clock() + interval '15 minutes', true) and not amocrm.is_stopped(p_account.queue)
      or coalesce(p_account.last_refreshed_at, p_account.connected_at) <= amocrm.clock() - interval '7 days' + interval '15 minutes'), false));
end $$;
comment on function amocrm.is_refresh_due(amocrm.accounts) is
  'A quarter of an hour before the access token ends, and a week after the last refresh: the refresh token would age out.';

create function public.amocrm_tokens_claim(p_project text, p_version int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_now timestamptz;
  v_seen jsonb;
begin
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account() for update;
  v_now := amocrm.clock();
  v_seen := amocrm.tokens_as_seen(v_account, p_project);
  if v_seen ->> 'state' in ('absent', 'foreign', 'restored', 'unreadable', 'reauth_required') then
    return jsonb_build_object('outcome', 'unusable', 'tokens', v_seen);
  elsif v_account.version <> p_version then
    return jsonb_build_object('outcome', 'moved_on', 'tokens', v_seen);
  elsif v_account.refresh_lease_until > v_now then
    return jsonb_build_object('outcome', 'busy',
      'waitMs', ceil(extract(epoch from v_account.refresh_lease_until - v_now) * 1000));
  elsif amocrm.refresh_waits_until(v_account) > v_now then
    return jsonb_build_object('outcome', 'not_yet', 'code', v_account.last_error_code,
      'waitMs', ceil(extract(epoch from amocrm.refresh_waits_until(v_account) - v_now) * 1000));
  end if;
  update amocrm.accounts set
    state = 'refreshing', refresh_lease_until = v_now + amocrm.refresh_lease(),
    refresh_claim_count = accounts.refresh_claim_count + 1,
    -- A refresh passes by pause and breaker, but only one an hour: whoever blocked us must not be hammered.
    refresh_not_before = case when amocrm.is_stopped() then v_now + interval '1 hour' end
  where accounts.queue = amocrm.account();
  return jsonb_build_object('outcome', 'claimed', 'claim', v_account.refresh_claim_count + 1, 'version', v_account.version,
    'host', v_account.host, 'refreshToken', amocrm.read_pair(v_account) ->> 'refresh_token');
end
$$;
comment on function public.amocrm_tokens_claim(text, int) is
  'The right to refresh the pair of a version: claimed (with the refresh token), busy, not_yet, moved_on (a newer pair is there) or unusable.';

create function amocrm.end_connection(p_code text, p_message text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_is_other boolean := p_code = 'other_account';
begin
  update amocrm.accounts set state = 'reauth_required', refresh_lease_until = null, last_error_code = p_code
  where accounts.queue = amocrm.account();
  insert into public.amocrm_alerts (code, severity, first_seen_at, last_seen_at, detail, remedy)
  values ('reauth_required', 'critical', v_now, v_now, p_message,
    'npm run amocrm -- connect' || case when v_is_other then ' (with --switch if the account does change)' else '' end)
  on conflict (code) where resolved_at is null do update set last_seen_at = excluded.last_seen_at, detail = excluded.detail;
  -- The breaker may be open for another reason; this one outlasts it.
  perform amocrm.close_breaker(amocrm.account());
  perform amocrm.open_breaker(amocrm.account(), case when v_is_other then p_code else 'reauth_required' end, p_message, 300, 300);
end
$$;
comment on function amocrm.end_connection(text, text) is
  'Marks the pair in Vault as unusable or another account''s, which only a person can mend. The caller holds the queue''s lock.';

create function public.amocrm_tokens_store(p_claim int, p_version int, p_pair jsonb, p_expires_in_s int, p_account_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_now timestamptz;
  v_written record;
begin
  perform amocrm.lock_queue(amocrm.account());
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account() for update;
  v_now := amocrm.clock();
  -- The lease does not matter here: once amoCRM has answered, this pair lives and the old one is dead. If two refreshes of
  -- the same version were answered (amoCRM's grace for lost answers), the later one killed the pair of the earlier one.
  if v_account.version is distinct from p_version
    and not coalesce(v_account.version = p_version + 1 and v_account.stored_claim < p_claim, false) then
    return jsonb_build_object('outcome', 'moved_on');
  elsif v_account.account_id <> p_account_id then
    -- Taken over from another account than the one whose ids are here.
    perform amocrm.end_connection('other_account', format('The token is of amoCRM account %s, and what is here of account %s', p_account_id, v_account.account_id));
    return jsonb_build_object('outcome', 'other_account');
  end if;
  v_written := amocrm.write_pair(v_account.secret_id, p_pair);
  update amocrm.accounts set
    access = 'oauth', state = 'connected', version = accounts.version + 1, stored_claim = p_claim,
    account_id = coalesce(p_account_id, accounts.account_id),
    -- One that does not tell is asked about, even where the pair before it was known: a day's one request is the price.
    is_account_proven = p_account_id is not null, secret_id = v_written.secret_id, fingerprint = v_written.fingerprint,
    access_expires_at = v_now + p_expires_in_s * interval '1 second', refresh_expires_at = v_now + interval '3 months',
    refresh_lease_until = null, refresh_failure_count = 0, last_refreshed_at = v_now, last_error_code = null,
    refresh_not_before = case when amocrm.is_stopped() then accounts.refresh_not_before end
  where accounts.queue = amocrm.account();
  perform amocrm.forget_token_trouble(false);
  return jsonb_build_object('outcome', 'stored', 'version', v_account.version + 1);
end
$$;
comment on function public.amocrm_tokens_store(int, int, jsonb, int, bigint) is
  'Stores a refreshed pair before its first use: stored, moved_on (a newer one exists) or other_account. Null account: the token names none.';

create function public.amocrm_tokens_fail(p_claim int, p_version int, p_code text, p_message text, p_is_final boolean, p_wait_ms int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_now timestamptz;
begin
  perform amocrm.lock_queue(amocrm.account());
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account() for update;
  v_now := amocrm.clock();
  if v_account.version is distinct from p_version then
    return jsonb_build_object('outcome', 'moved_on');
  elsif v_account.refresh_claim_count > p_claim and v_account.refresh_lease_until > v_now then
    -- Another refresh of the same pair is under way: the refusal may be the echo of its success.
    return jsonb_build_object('outcome', 'busy',
      'waitMs', ceil(extract(epoch from v_account.refresh_lease_until - v_now) * 1000));
  elsif p_is_final then
    perform amocrm.end_connection(p_code, p_message);
    return jsonb_build_object('outcome', 'reauth_required');
  end if;
  update amocrm.accounts set
    state = case when accounts.state = 'refreshing' then 'connected' else accounts.state end,
    refresh_lease_until = null, last_error_code = p_code, refresh_failure_count = accounts.refresh_failure_count + 1,
    refresh_not_before = greatest(accounts.refresh_not_before, v_now + p_wait_ms * interval '1 millisecond',
      v_now + least(30 * power(2, least(accounts.refresh_failure_count, 10)), 300) * interval '1 second')
  where accounts.queue = amocrm.account();
  return jsonb_build_object('outcome', 'released');
end
$$;
comment on function public.amocrm_tokens_fail(int, int, text, text, boolean, int) is
  'A refresh brought no pair. Final: reauth_required, with an alert and the breaker open. Else the next may try later: released. Unless moved_on or busy.';

revoke all on function amocrm.refresh_lease(), amocrm.is_stopped(text), amocrm.refresh_waits_until(amocrm.accounts), amocrm.is_refresh_due(amocrm.accounts),
  amocrm.end_connection(text, text) from public;
revoke all on function public.amocrm_tokens_claim(text, int), public.amocrm_tokens_store(int, int, jsonb, int, bigint),
  public.amocrm_tokens_fail(int, int, text, text, boolean, int)
  from public, anon, authenticated;
grant execute on function public.amocrm_tokens_claim(text, int), public.amocrm_tokens_store(int, int, jsonb, int, bigint),
  public.amocrm_tokens_fail(int, int, text, text, boolean, int)
  to service_role;

create function amocrm.ring_for_refresh() returns void
language plpgsql set search_path = ''
as $$
declare
  v_beat amocrm.heartbeats;
  v_now timestamptz := amocrm.clock();
begin
  if not exists (select from amocrm.accounts where accounts.queue = amocrm.account() and amocrm.is_refresh_due(accounts)) then
    return;
  end if;
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'amocrm-oauth';
  -- Once a minute at most; a refresh that failed says itself when it is due again. What is switched off is asked now and then.
  if v_beat.last_post_at > v_now - (case when v_beat.state in ('disabled', 'unconfigured') then interval '10 minutes' else interval '55 seconds' end) then
    return;
  end if;
  perform amocrm.note_post('amocrm-oauth', amocrm.post('amocrm-oauth/refresh'));
exception when others then
  raise warning 'the refresh of the token was not called: % (%)', sqlerrm, sqlstate;
end
$$;
comment on function amocrm.ring_for_refresh() is
  'Requests a token refresh if one is due, even while sending is stopped; never fails, since a drain refreshes too.';

revoke all on function amocrm.ring_for_refresh() from public;
