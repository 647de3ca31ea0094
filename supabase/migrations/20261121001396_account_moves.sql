-- An account is not bound to its address: it may be renamed, or go from amocrm.ru to kommo.com. amoCRM has a look-up for that,
-- and the connection goes on at the new address. Another account in its place is another matter: then all that we know of
-- the one before is worthless here, and is forgotten.

alter table amocrm.accounts
  add column host_looked_up_at timestamptz,
  add column moved_from text,
  add column moved_at timestamptz;
comment on column amocrm.accounts.host_looked_up_at is 'When we last asked where the account is; once an hour is enough.';
comment on column amocrm.accounts.moved_from is 'Its origin before it moved to host.';

create function public.amocrm_account_read() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object('state', accounts.state, 'access', accounts.access, 'host', accounts.host,
    'accountId', accounts.account_id, 'subdomain', accounts.subdomain,
    'accessExpiresAt', accounts.access_expires_at, 'refreshExpiresAt', accounts.refresh_expires_at,
    'connectedAt', accounts.connected_at)
  from amocrm.accounts where accounts.queue = 'amocrm'
$$;
comment on function public.amocrm_account_read() is 'The connected account without its tokens, as one object; null if there is none.';

create function public.amocrm_account_note(p_account_id bigint, p_subdomain text) returns void
language sql security definer set search_path = ''
as $$
  update amocrm.accounts set subdomain = p_subdomain where accounts.queue = 'amocrm' and accounts.account_id = p_account_id
$$;
comment on function public.amocrm_account_note(bigint, text) is 'Notes what the account calls itself.';

create function public.amocrm_account_look_up(p_host text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
begin
  select * into v_account from amocrm.accounts where accounts.queue = 'amocrm' for update;
  if v_account.queue is null or v_account.host_looked_up_at > amocrm.clock() - interval '1 hour' and v_account.host = p_host then
    return jsonb_build_object('outcome', 'not_yet');
  elsif v_account.host <> p_host then
    return jsonb_build_object('outcome', 'moved', 'host', v_account.host);
  end if;
  update amocrm.accounts set host_looked_up_at = amocrm.clock() where accounts.queue = 'amocrm';
  return jsonb_build_object('outcome', 'granted');
end
$$;
comment on function public.amocrm_account_look_up(text) is
  'Whether whoever was turned away at a host may ask where the account is: granted once an hour, not_yet, or moved with the host that somebody else found.';

create function public.amocrm_account_moved(p_from text, p_to text) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue('amocrm');
  update amocrm.accounts set host = p_to, moved_from = p_from, moved_at = amocrm.clock(),
    subdomain = case when p_to ~ '^https://[a-z0-9-]+\.' then substring(p_to from '^https://([a-z0-9-]+)\.') else accounts.subdomain end
  where accounts.queue = 'amocrm' and accounts.host = p_from and p_to <> p_from;
  if not found then
    return false;
  end if;
  -- What only the old address had stopped goes on at the new one.
  if exists (select from amocrm.queue_control where queue_control.queue = 'amocrm'
    and queue_control.breaker_code in ('wrong_address', 'unauthorized', 'token_refresh_failing')) then
    perform amocrm.close_breaker('amocrm');
  end if;
  return true;
end
$$;
comment on function public.amocrm_account_moved(text, text) is
  'The account of a host is at another one now; false if somebody else has noted it.';

create function amocrm.move_notice() returns text
language sql stable set search_path = ''
as $$
  select 'The amoCRM account has moved from ' || accounts.moved_from || ' to ' || accounts.host || ', and was followed: mend AMOCRM_SUBDOMAIN when convenient.'
  from amocrm.accounts where accounts.queue = 'amocrm' and accounts.moved_at > amocrm.clock() - interval '7 days'
$$;
comment on function amocrm.move_notice() is 'For a week after the account was found at another host: a sentence about it. Else null.';

create function public.amocrm_account_leave() returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue('amocrm');
  -- Whoever is at work holds ids of the old account: without their leases they stop at the next slot.
  update amocrm.queue_control set
    drain_token = null, drain_expires_at = null,
    paused_at = coalesce(queue_control.paused_at, amocrm.clock()),
    pause_reason = 'Connected to another account: check routes, stages and fields (npm run amocrm -- setup), then select amocrm_resume()'
  where queue_control.queue = 'amocrm';
  update amocrm.pull_control set lease_token = null, lease_expires_at = null, refreshed_for = null, refreshing_for = null, refreshed_to = null;
  truncate amocrm.contacts, amocrm.contact_keys, amocrm.missing_deals, public.amocrm_deals;
  delete from amocrm.pipelines;
  delete from amocrm.pulls where pulls.state = 'running';
  update amocrm.cursors set is_complete = false, changed_until = null, deleted_until = null, pulled_at = null, position = '{}',
    failure_count = 0, next_attempt_at = null;
  delete from amocrm.links;
  -- The marker is found or made anew; what an admin chose stays, and is why sending is paused.
  delete from public.amocrm_fields where amocrm_fields.entity = 'deal' and amocrm_fields.path = 'id';
  delete from amocrm.marker_search;
  delete from amocrm.duplicates where duplicates.type in ('contact', 'deal');
  update amocrm.people set amocrm_contact_id = null where people.amocrm_contact_id is not null;
  update amocrm.outbox set amocrm_contact_id = null, amocrm_deal_id = null, progress = '{}'
  where outbox.queue = 'amocrm' and outbox.state not in ('delivered', 'superseded', 'cancelled')
    and (outbox.amocrm_contact_id is not null or outbox.amocrm_deal_id is not null or outbox.progress <> '{}');
  perform amocrm.note_action('switch_account', '{}');
end
$$;
comment on function public.amocrm_account_leave() is
  'Before another account is connected: forgets mirror, links and progress of the one before, and pauses sending. Leads keep the ids they were delivered with.';

revoke all on function amocrm.move_notice() from public;
revoke all on function public.amocrm_account_read(), public.amocrm_account_note(bigint, text),
  public.amocrm_account_look_up(text), public.amocrm_account_moved(text, text), public.amocrm_account_leave()
  from public, anon, authenticated;
grant execute on function public.amocrm_account_read(), public.amocrm_account_note(bigint, text),
  public.amocrm_account_look_up(text), public.amocrm_account_moved(text, text), public.amocrm_account_leave() to service_role;
