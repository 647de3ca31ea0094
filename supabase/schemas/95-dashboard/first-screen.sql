-- The dashboard's first screen in one call: is it alive, does it keep up, what is broken, what waits for a person. Every number
-- says over which time it was counted; none is counted over history.

create function amocrm.what_waits_for_a_person() returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_account text := amocrm.account();
begin
  return jsonb_build_object(
    'dead', amocrm.filter_count('{"states": ["dead"]}', 10000) -> 'count',
    'dead_mails', amocrm.filter_count('{"states": ["dead"], "queue": "message"}', 10000) -> 'count',
    'dead_sms', amocrm.filter_count('{"states": ["dead"], "queue": "sms"}', 10000) -> 'count',
    'held_sms', amocrm.filter_count('{"states": ["pending"], "queue": "sms", "error_code": "sms_held"}', 10000) -> 'count',
    'uncertain_long', (select count(*) from (select from amocrm.outbox where outbox.queue = v_account and outbox.state = 'uncertain'
      and outbox.sent_at < v_now - interval '15 minutes' limit 10000) as found),
    'duplicates', (select count(*) from (select from amocrm.duplicates where duplicates.account = v_account and duplicates.resolved_at is null limit 10000) as found),
    'quarantine', (select count(*) from (select from amocrm.quarantined_leads where quarantined_leads.reason in ('flood', 'address', 'captcha') limit 10000) as found),
    'unmapped_forms', (select count(*) from (select from amocrm.inbox where inbox.source = 'forms' and inbox.state = 'unreadable' limit 10000) as found),
    'held_tells', (select count(*) from (select from amocrm.outbox where outbox.queue = v_account and outbox.state = 'pending' and not outbox.is_fresh
      and outbox.last_error_code = 'tells_held' and outbox.state in ('pending', 'uncertain', 'dead') limit 10000) as found));
end
$$;
comment on function amocrm.what_waits_for_a_person() is 'Counts what only a person can decide, each up to 10000.';

create function amocrm.flow_shown(p_queue text, p_span text, p_since timestamptz) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_array(counted.at, counted.in_count, counted.delivered_count, counted.dead_count, counted.failed_count) order by counted.at), '[]')
  from (select flow_counts.at, sum(flow_counts.in_count) as in_count, sum(flow_counts.delivered_count) as delivered_count,
      sum(flow_counts.dead_count) as dead_count, sum(flow_counts.failed_count) as failed_count
    from amocrm.flow_counts where flow_counts.span = p_span and flow_counts.at >= p_since and flow_counts.queue = p_queue group by 1) as counted
$$;
comment on function amocrm.flow_shown(text, text, timestamptz) is
  'Returns [at, in, delivered, dead, failed] for each minute or hour since a moment in which something happened.';

create function amocrm.first_screen(p_language text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_health record;
  v_backlog record;
  v_since timestamptz := date_trunc('minute', v_now) - interval '59 minutes';
begin
  perform amocrm.require_reader();
  select * into v_health from amocrm.health_row();
  select * into v_backlog from amocrm.backlog();
  return jsonb_build_object(
    'at', v_now, 'version', v_health.version, 'may_change', amocrm.sees_people(),
    'account_host', (select accounts.host from amocrm.accounts where accounts.queue = amocrm.account()),
    'alive', jsonb_build_object('verdict', v_health.verdict,
      'problem', amocrm.said(v_health.problem, p_language), 'remedy', amocrm.said(v_health.remedy, p_language), 'notice', amocrm.said(v_health.notice, p_language),
      'last_tick_at', v_health.last_tick_at,
      -- The tick comes each ten seconds.
      'is_working', coalesce(v_health.last_tick_at > v_now - interval '30 seconds', false),
      'last_drain_at', v_health.last_drain_at, 'last_delivered_at', v_health.last_delivered_at, 'last_lead_at', v_health.last_lead_at,
      'oldest_waiting_at', v_health.oldest_waiting_at, 'breaker_code', v_health.breaker_code, 'breaker_probe_at', v_health.breaker_probe_at,
      'paused_at', v_health.paused_at, 'pause_reason', v_health.pause_reason, 'folded_to', (select flow_control.folded_to from amocrm.flow_control)),
    'flow', jsonb_build_object('window_minutes', 60, 'since', v_since, 'minutes', amocrm.flow_shown(amocrm.account(), 'minute', v_since),
      'waiting_count', v_backlog.fresh_count + v_backlog.placed_count, 'is_estimate', v_backlog.is_estimate, 'done_at', v_health.backlog_done_at),
    'errors', (select coalesce(jsonb_agg(to_jsonb(groups) || jsonb_build_object('message', amocrm.said(groups.message, p_language))), '[]')
      from amocrm.error_groups(amocrm.account(), 50, 10000) as groups),
    'person', amocrm.what_waits_for_a_person());
end
$$;
comment on function amocrm.first_screen(text) is 'Returns what amocrm_dashboard returns.';

create function public.amocrm_dashboard(p_language text default 'en') returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.first_screen(p_language); end;
comment on function public.amocrm_dashboard(text) is
  'Returns the dashboard''s first screen in one call: alive, flow of 60 minutes, errors by group, what waits for a person.';

revoke all on function amocrm.what_waits_for_a_person(), amocrm.flow_shown(text, text, timestamptz) from public;
revoke all on function amocrm.first_screen(text), public.amocrm_dashboard(text) from public, anon, authenticated;
grant execute on function amocrm.first_screen(text), public.amocrm_dashboard(text) to authenticated, service_role;
