-- An account is not bound to its address: it may be renamed, or go from amocrm.ru to kommo.com. amoCRM has a look-up for that,
-- and the connection goes on at the new address. Another account in its place is another matter: then all that we know of
-- the one before is worthless here, and is forgotten.

create function public.amocrm_account_read() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object('state', accounts.state, 'access', accounts.access, 'host', accounts.host,
    'accountId', accounts.account_id, 'subdomain', accounts.subdomain,
    'accessExpiresAt', accounts.access_expires_at, 'refreshExpiresAt', accounts.refresh_expires_at,
    'connectedAt', accounts.connected_at)
  from amocrm.accounts where accounts.queue = amocrm.account()
$$;
comment on function public.amocrm_account_read() is
  'Returns the connected account without its tokens as one object; null if there is none.';

create function public.amocrm_account_note(p_account_id bigint, p_subdomain text) returns void
language sql security definer set search_path = ''
as $$
  update amocrm.accounts set subdomain = p_subdomain where accounts.queue = amocrm.account() and accounts.account_id = p_account_id
$$;
comment on function public.amocrm_account_note(bigint, text) is 'Records the name that the account gives itself.';

create function public.amocrm_account_look_up(p_host text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account amocrm.accounts;
begin
  select * into v_account from amocrm.accounts where accounts.queue = amocrm.account() for update;
  if v_account.queue is null or v_account.host_looked_up_at > amocrm.clock() - interval '1 hour' and v_account.host = p_host then
    return jsonb_build_object('outcome', 'not_yet');
  elsif v_account.host <> p_host then
    return jsonb_build_object('outcome', 'moved', 'host', v_account.host);
  end if;
  update amocrm.accounts set host_looked_up_at = amocrm.clock() where accounts.queue = amocrm.account();
  return jsonb_build_object('outcome', 'granted');
end
$$;
comment on function public.amocrm_account_look_up(text) is
  'Grants one question an hour where a moved account is: granted, not_yet, or moved with a host found meanwhile.';

create function public.amocrm_account_moved(p_from text, p_to text) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue(amocrm.account());
  update amocrm.accounts set host = p_to, moved_from = p_from, moved_at = amocrm.clock(),
    subdomain = case when p_to ~ '^https://[a-z0-9-]+\.' then substring(p_to from '^https://([a-z0-9-]+)\.') else accounts.subdomain end
  where accounts.queue = amocrm.account() and accounts.host = p_from and p_to <> p_from;
  if not found then
    return false;
  end if;
  -- What only the old address had stopped goes on at the new one.
  if exists (select from amocrm.queue_control where queue_control.queue = amocrm.account()
    and queue_control.breaker_code in ('wrong_address', 'address_unknown', 'unauthorized', 'token_refresh_failing')) then
    perform amocrm.close_breaker(amocrm.account());
  end if;
  return true;
end
$$;
comment on function public.amocrm_account_moved(text, text) is
  'Records that an account moved to another host; false if another process has recorded it.';

create function amocrm.move_notice() returns text
language sql stable set search_path = ''
as $$
  select 'The amoCRM account has moved from ' || accounts.moved_from || ' to ' || accounts.host || ', and was followed: mend AMOCRM_SUBDOMAIN when convenient.'
  from amocrm.accounts where accounts.queue = amocrm.account() and accounts.moved_at > amocrm.clock() - interval '7 days'
$$;
comment on function amocrm.move_notice() is 'Returns a sentence about an account found at another host, for a week; else null.';

create function public.amocrm_account_leave() returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue(amocrm.account());
  -- Whoever is at work holds ids of the old account: without their leases they stop at the next slot.
  update amocrm.queue_control set
    drain_token = null, drain_expires_at = null,
    paused_at = coalesce(queue_control.paused_at, amocrm.clock()),
    pause_reason = 'Connected to another account: check routes, stages and fields (npm run amocrm -- setup), then select amocrm_resume()'
  where queue_control.queue = amocrm.account();
  update amocrm.pull_control set lease_token = null, lease_expires_at = null, refreshed_for = null, refreshing_for = null, refreshed_to = null
  where pull_control.account = amocrm.account();
  -- Another account's rows stay. As long as there is none, a truncate is quicker by far: the mirror may be large.
  if exists (select from amocrm.cursors where cursors.account <> amocrm.account()) then
    delete from amocrm.contacts where contacts.account = amocrm.account();
    delete from amocrm.card_keys where card_keys.other_account = amocrm.other_account();
    delete from amocrm.set_aside where set_aside.account = amocrm.account();
    delete from amocrm.missing_deals where missing_deals.account = amocrm.account();
    delete from amocrm.deals where deals.account = amocrm.account();
    delete from amocrm.own_writes where own_writes.account = amocrm.account();
    delete from public.amocrm_deal_events where amocrm.account() = 'amocrm';
  else
    truncate amocrm.contacts, amocrm.card_keys, amocrm.set_aside, amocrm.missing_deals, amocrm.deals;
  end if;
  delete from amocrm.pipelines where pipelines.account = amocrm.account();
  delete from amocrm.pulls where pulls.account = amocrm.account() and pulls.state = 'running';
  update amocrm.cursors set is_complete = false, changed_until = null, deleted_until = null, pulled_at = null, pull_began_at = null, position = '{}',
    failure_count = 0, next_attempt_at = null
  where cursors.account = amocrm.account();
  delete from amocrm.linked_rows where linked_rows.other_account = amocrm.other_account();
  update amocrm.accounts set account_id = null, is_account_proven = false,
    long_lived_fingerprint = null, refused_fingerprint = null
  where accounts.queue = amocrm.account();
  -- The marker is found or made anew; what an admin chose stays, and is why sending is paused.
  delete from amocrm.fields where fields.account = amocrm.account() and fields.entity = 'deal' and fields.path = 'id';
  delete from amocrm.marker_search where marker_search.account = amocrm.account();
  delete from amocrm.field_types where field_types.account = amocrm.account();
  delete from amocrm.custom_fields where custom_fields.account = amocrm.account();
  delete from amocrm.duplicates where duplicates.account = amocrm.account() and duplicates.type in ('contact', 'deal');
  update amocrm.people set amocrm_contact_id = null where people.account = amocrm.account() and people.amocrm_contact_id is not null;
  update amocrm.outbox set amocrm_contact_id = null, amocrm_deal_id = null, progress = '{}'
  where outbox.queue = amocrm.account() and outbox.state not in ('delivered', 'superseded', 'cancelled')
    and (outbox.amocrm_contact_id is not null or outbox.amocrm_deal_id is not null or outbox.progress <> '{}');
  update amocrm.tells set amocrm_deal_id = null where tells.account = amocrm.account() and tells.amocrm_deal_id is not null;
  perform amocrm.note_action('switch_account', '{}');
end
$$;
comment on function public.amocrm_account_leave() is
  'Forgets mirror, links and progress of the previous account before another is connected, and pauses sending. Leads keep their ids.';

revoke all on function amocrm.move_notice() from public;
revoke all on function public.amocrm_account_read(), public.amocrm_account_note(bigint, text),
  public.amocrm_account_look_up(text), public.amocrm_account_moved(text, text), public.amocrm_account_leave()
  from public, anon, authenticated;
grant execute on function public.amocrm_account_read(), public.amocrm_account_note(bigint, text),
  public.amocrm_account_look_up(text), public.amocrm_account_moved(text, text), public.amocrm_account_leave() to service_role;
