-- For how much of the last month could the connection to amoCRM be used? Incidents tell, which are kept for 90 days: those
-- of the token itself, and a breaker that a refused or missing token has opened.

create function amocrm.token_uptime() returns numeric
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_since timestamptz := greatest(v_now - interval '30 days', (select installation.installed_at from amocrm.installation));
  v_down_seconds numeric;
begin
  -- Before the first connection there is nothing that could be up.
  if v_since >= v_now or not exists (select from amocrm.accounts where accounts.queue = amocrm.account()) then
    return null;
  end if;
  -- Two incidents of one cause overlap; together they are no longer than their union.
  select coalesce(sum(extract(epoch from upper(down.span) - lower(down.span))), 0) into v_down_seconds
  from unnest((
    -- A clock that was set back lets an incident end before it began: then it lasted no time.
    select range_agg(tstzrange(began.at, greatest(began.at, least(coalesce(amocrm_alerts.resolved_at, v_now), v_now))))
    from public.amocrm_alerts
    cross join lateral (select greatest(amocrm_alerts.first_seen_at, v_since) as at) as began
    where amocrm_alerts.first_seen_at < v_now and coalesce(amocrm_alerts.resolved_at, v_now) > v_since
      and (amocrm_alerts.code in ('reauth_required', 'token_unusable')
        or amocrm_alerts.code = 'breaker_open' and amocrm_alerts.detail ~ '\((unauthorized|token_unavailable|not_connected|signed_out|needs_person|session_unreachable|session_secret_refused|other_account|foreign_project|restored_database|vault_unreadable)\)')
  )) as down (span);
  return round(1 - v_down_seconds / extract(epoch from v_now - v_since), 4);
end
$$;
comment on function amocrm.token_uptime() is
  'Returns the share of the last 30 days in which amoCRM accepted us, by incidents; null before the first connection.';
revoke all on function amocrm.token_uptime() from public;
