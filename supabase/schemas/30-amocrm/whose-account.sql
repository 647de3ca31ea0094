-- Ids belong to an account: written into another one, they put people's data onto strangers' cards. So before a token is
-- used for the first time it is known whose it is: by what it tells of itself, else amoCRM is asked once. A token of another
-- account than the one whose ids are here gives nothing, until a person says that the account changes. A browser's session
-- (docs/areas/session.md) is admitted alike: it has no end that is known, and tells nothing of itself.

create function amocrm.keep_long_lived(
  p_host text, p_expires_at timestamptz, p_account_id bigint, p_fingerprint text, p_access text
) returns text
language plpgsql set search_path = ''
as $$
declare
  v_account amocrm.accounts;
begin
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account();
  if v_account.state = 'reauth_required' then
    perform amocrm.forget_token_trouble(true);
  end if;
  insert into amocrm.accounts as accounts (queue, host, configured_host, account_id, access, access_expires_at, long_lived_fingerprint)
  values (amocrm.account(), p_host, p_host, p_account_id, p_access, p_expires_at, p_fingerprint)
  on conflict (queue) do update set
    host = case when accounts.configured_host = excluded.configured_host then accounts.host else excluded.host end,
    configured_host = excluded.configured_host, account_id = excluded.account_id,
    long_lived_fingerprint = excluded.long_lived_fingerprint,
    access = excluded.access, state = 'connected', refresh_lease_until = null, access_expires_at = excluded.access_expires_at
  returning * into v_account;
  return v_account.host;
end
$$;
comment on function amocrm.keep_long_lived(text, timestamptz, bigint, text, text) is
  'Remembers AMOCRM_ACCESS_TOKEN or the session service as the way in, and returns the host. The caller holds the queue''s lock and knows whose it is.';

create function amocrm.end_doubts() returns void
language plpgsql set search_path = ''
as $$
begin
  if exists (select from amocrm.queue_control where queue_control.queue = amocrm.account()
    and queue_control.breaker_code in ('other_account', 'foreign_project', 'restored_database', 'access_token_missing', 'not_connected')) then
    perform amocrm.lock_queue(amocrm.account());
    perform amocrm.close_breaker(amocrm.account());
  end if;
end
$$;
comment on function amocrm.end_doubts() is 'The right token is there: what only the lack of one had stopped goes on.';

create function public.amocrm_tokens_note_long_lived(
  p_project text, p_host text, p_expires_at timestamptz, p_account_id bigint, p_fingerprint text, p_access text default 'long_lived'
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_id bigint;
  v_host text;
  v_configured text;
  v_has_lock boolean := false;
begin
  if amocrm.stranger(p_project) is not null then
    return jsonb_build_object('outcome', amocrm.stranger(p_project), 'project', (select residence.project from amocrm.residence));
  end if;
  loop
    select * into v_account from amocrm.accounts where accounts.queue = amocrm.account();
    -- A session service may be all that is set: it tells where the account is with its first answer.
    v_configured := coalesce(p_host, v_account.configured_host);
    v_host := case when v_account.configured_host = v_configured then v_account.host else v_configured end;
    v_id := coalesce(p_account_id, case when v_account.long_lived_fingerprint = p_fingerprint then v_account.account_id end);
    -- A token stays that of one account; who is signed in at a service may change at any time, so that it is asked anew.
    if v_account.account_id <> v_id or p_account_id is null and v_account.refused_fingerprint = p_fingerprint and p_access <> 'session' then
      update amocrm.accounts set refused_fingerprint = p_fingerprint
      where accounts.queue = amocrm.account() and accounts.refused_fingerprint is distinct from p_fingerprint;
      return jsonb_build_object('outcome', 'other_account', 'accountId', v_account.account_id);
    elsif v_id is null then
      return jsonb_build_object('outcome', 'unproven', 'host', v_host);
    end if;
    exit when v_account.access = p_access and v_account.configured_host = v_configured and v_account.account_id = v_id
      and v_account.access_expires_at is not distinct from p_expires_at and v_account.long_lived_fingerprint = p_fingerprint;
    if v_has_lock then
      v_host := amocrm.keep_long_lived(v_configured, p_expires_at, v_id, p_fingerprint, p_access);
      perform amocrm.move_in(p_project);
      exit;
    end if;
    -- Most calls find all as it was and lock nothing; the others look again once they are alone.
    perform amocrm.lock_queue(amocrm.account());
    v_has_lock := true;
  end loop;
  perform amocrm.end_doubts();
  return jsonb_build_object('outcome', 'granted', 'host', v_host, 'accountId', v_id);
end
$$;
comment on function public.amocrm_tokens_note_long_lived(text, text, timestamptz, bigint, text, text) is
  'Checks AMOCRM_ACCESS_TOKEN or the session service: granted with host and account, unproven (ask amoCRM for its account), other_account, foreign or restored.';

create function public.amocrm_tokens_prove(p_version int, p_account_id bigint) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
begin
  perform amocrm.lock_queue(amocrm.account());
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account() for update;
  if v_account.version is distinct from p_version then
    return 'moved_on';
  elsif v_account.account_id <> p_account_id then
    perform amocrm.end_connection('other_account',
      format('The token is of amoCRM account %s, and what is here of account %s', p_account_id, v_account.account_id));
    return 'other_account';
  end if;
  update amocrm.accounts set account_id = p_account_id, is_account_proven = true where accounts.queue = amocrm.account();
  return 'proven';
end
$$;
comment on function public.amocrm_tokens_prove(int, bigint) is
  'Stores whose a taken-over pair is, as amoCRM answered: proven, moved_on (another pair exists) or other_account, which ends the connection.';

create function public.amocrm_account_switch(
  p_project text, p_host text, p_expires_at timestamptz, p_account_id bigint, p_fingerprint text, p_access text default 'long_lived'
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
  v_is_other boolean;
begin
  perform amocrm.lock_queue(amocrm.account());
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account() for update;
  v_is_other := v_account.queue is not null and v_account.account_id is distinct from p_account_id;
  if v_is_other then
    perform public.amocrm_account_leave();
  else
    perform amocrm.note_action('switch_account', jsonb_build_object('account_id', p_account_id));
  end if;
  if amocrm.stranger(p_project) is not null and v_account.secret_id is not null then
    -- The pair is the original's: refreshed here, it would end there.
    update amocrm.accounts set access = 'long_lived', state = 'connected', secret_id = null, fingerprint = null,
      refresh_lease_until = null, refresh_expires_at = null
    where accounts.queue = amocrm.account();
    delete from vault.secrets where secrets.id = v_account.secret_id;
  end if;
  perform amocrm.move_in(p_project);
  perform amocrm.keep_long_lived(coalesce(p_host, v_account.configured_host), p_expires_at, p_account_id, p_fingerprint, p_access);
  perform amocrm.end_doubts();
  if amocrm.is_due(amocrm.account()) then
    perform amocrm.ring(amocrm.account());
  end if;
  return jsonb_build_object('isOther', v_is_other, 'previousId', v_account.account_id);
end
$$;
comment on function public.amocrm_account_switch(text, text, timestamptz, bigint, text, text) is
  'Makes the project send to the account of AMOCRM_ACCESS_TOKEN or the session service on a person''s word; another account is left first and sending pauses.';

revoke all on function amocrm.keep_long_lived(text, timestamptz, bigint, text, text), amocrm.end_doubts() from public;
revoke all on function public.amocrm_tokens_note_long_lived(text, text, timestamptz, bigint, text, text),
  public.amocrm_tokens_prove(int, bigint), public.amocrm_account_switch(text, text, timestamptz, bigint, text, text)
  from public, anon, authenticated;
grant execute on function public.amocrm_tokens_note_long_lived(text, text, timestamptz, bigint, text, text),
  public.amocrm_tokens_prove(int, bigint), public.amocrm_account_switch(text, text, timestamptz, bigint, text, text)
  to service_role;
