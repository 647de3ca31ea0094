-- How fast and how well: percentiles over three windows, the flow of a day by hour, requests and refusals, the connection, and
-- marks where something was changed. The same numbers go out to Prometheus.

create function amocrm.windows_shown(p_queue text) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_object_agg(spans.name, (select coalesce(jsonb_agg(to_jsonb(rows)), '[]')
    from amocrm.percentiles(p_queue, spans.span, date_trunc(spans.span, amocrm.clock() - spans.length)) as rows))
  from (values ('1h', 'minute', interval '1 hour'), ('24h', 'minute', interval '24 hours'), ('7d', 'hour', interval '7 days')) as spans (name, span, length)
$$;
comment on function amocrm.windows_shown(text) is 'Returns the percentiles of a queue over 1 h, 24 h and 7 d.';

create function amocrm.pace_shown(p_language text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_health record;
  v_webhook record;
begin
  perform amocrm.require_reader();
  select * into v_health from amocrm.health_row();
  select * into v_webhook from amocrm.webhook_status_rows();
  return jsonb_build_object('at', v_now, 'version', v_health.version,
    'percentiles', jsonb_build_object('amocrm', amocrm.windows_shown(amocrm.account()), 'message', amocrm.windows_shown('message'), 'sms', amocrm.windows_shown('sms')),
    'hours', amocrm.flow_shown(amocrm.account(), 'hour', date_trunc('hour', v_now) - interval '7 days'),
    'requests', (select coalesce(jsonb_agg(jsonb_build_object('hour', sent.hour, 'request_count', sent.request_count, 'rate_limited_count', sent.rate_limited_count,
        'slot_share', sent.slot_share) order by sent.hour), '[]')
      from (select date_trunc('hour', requests.at) as hour, count(*) as request_count, count(*) filter (where requests.http_status = 429) as rate_limited_count,
          round(count(*) * v_health.min_interval_ms::numeric
            / (1000 * greatest(extract(epoch from least(v_now, date_trunc('hour', requests.at) + interval '1 hour') - date_trunc('hour', requests.at)), 1)), 3) as slot_share
        from amocrm.requests where requests.at >= date_trunc('hour', v_now) - interval '23 hours' group by 1) as sent),
    'pace', jsonb_build_object('min_interval_ms', v_health.min_interval_ms, 'interval_in_force_ms', v_health.interval_in_force_ms,
      'slow_reason', amocrm.said(v_health.slow_reason, p_language), 'breaker_code', v_health.breaker_code, 'breaker_message', amocrm.said(v_health.breaker_message, p_language),
      'breaker_opened_at', v_health.breaker_opened_at, 'breaker_probe_at', v_health.breaker_probe_at),
    'connection', jsonb_build_object('token_state', v_health.token_state, 'token_expires_at', v_health.token_expires_at, 'refresh_expires_at', v_health.refresh_expires_at,
      'last_pull_at', v_health.last_pull_at, 'mirror_complete', v_health.mirror_complete, 'webhook_state', v_webhook.state, 'webhook_is_healthy', v_webhook.is_healthy,
      'last_delivery_at', v_webhook.last_delivery_at, 'deliveries_day', v_webhook.deliveries_day),
    'queues', (select jsonb_agg(jsonb_build_object('queue', queues.queue, 'drain', queues.drain, 'last_seen_at', heartbeats.last_seen_at, 'state', heartbeats.state,
        'paused_at', control.paused_at, 'breaker_code', control.breaker_code) order by queues.queue)
      from amocrm.queues left join amocrm.heartbeats on heartbeats.component = queues.drain left join amocrm.queue_control as control on control.queue = queues.queue),
    'marks', (select coalesce(jsonb_agg(marks order by marks.at), '[]') from (
      select upgrades.applied_at as at, 'version' as what, upgrades.version as name from amocrm.upgrades where upgrades.applied_at > v_now - interval '7 days'
      union all
      select changed.at, 'setting', changed.action from (select * from amocrm.actions where actions.at > v_now - interval '7 days'
        and actions.action in ('change_settings', 'set_route', 'set_stage', 'set_field', 'change_form_limits', 'change_message_settings', 'followup_change_step',
          'followup_change_text', 'pause', 'resume') order by actions.at desc limit 100) as changed) as marks));
end
$$;
comment on function amocrm.pace_shown(text) is 'Returns what amocrm_pace returns.';

create function public.amocrm_pace(p_language text default 'en') returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.pace_shown(p_language); end;
comment on function public.amocrm_pace(text) is
  'Returns pace and health: percentiles over 1 h, 24 h and 7 d, flow and requests by hour, breaker, tokens, mirror, hooks, marks.';

create function public.amocrm_metrics() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_health record;
begin
  select * into v_health from amocrm.health_row();
  return jsonb_build_object('verdict', v_health.verdict, 'version', v_health.version,
    'last_tick_at', extract(epoch from v_health.last_tick_at), 'oldest_waiting_at', extract(epoch from v_health.oldest_waiting_at),
    'breaker_is_open', v_health.breaker_code is not null, 'is_paused', v_health.paused_at is not null,
    'interval_in_force_ms', v_health.interval_in_force_ms, 'min_interval_ms', v_health.min_interval_ms,
    'token_expires_at', extract(epoch from coalesce(v_health.refresh_expires_at, v_health.token_expires_at)),
    'last_pull_at', extract(epoch from v_health.last_pull_at), 'at', extract(epoch from amocrm.clock()),
    'depth', (select coalesce(jsonb_agg(jsonb_build_object('queue', queues.queue, 'state', states.state, 'count',
        (amocrm.filter_count(jsonb_build_object('states', jsonb_build_array(states.state), 'queue', queues.queue), 10000) ->> 'count')::int)), '[]')
      from amocrm.queues cross join (values ('pending'), ('leased'), ('uncertain'), ('dead')) as states (state)
      where queues.queue in ('amocrm', 'message', 'sms')),
    'flow', (select coalesce(jsonb_agg(to_jsonb(summed)), '[]') from (
      select flow_counts.queue, flow_counts.kind, sum(flow_counts.in_count) as came, sum(flow_counts.delivered_count) as delivered, sum(flow_counts.dead_count) as dead,
        sum(flow_counts.failed_count) as failed
      from amocrm.flow_counts where flow_counts.span = 'minute' and flow_counts.at >= date_trunc('minute', amocrm.clock()) - interval '60 minutes' group by 1, 2) as summed),
    'took', (select coalesce(jsonb_agg(jsonb_build_object('queue', queues.queue, 'kind', rows.kind, 'measure', rows.measure,
        'half_ms', rows.half_ms, 'most_ms', rows.most_ms, 'nearly_all_ms', rows.nearly_all_ms)), '[]')
      from amocrm.queues cross join lateral amocrm.percentiles(queues.queue, 'minute', date_trunc('minute', amocrm.clock()) - interval '60 minutes') as rows),
    'requests', (select coalesce(jsonb_object_agg(sent.status, sent.request_count), '{}') from (
      select coalesce(requests.http_status::text, 'none') as status, count(*) as request_count from amocrm.requests
      where requests.at >= amocrm.clock() - interval '60 minutes' group by 1) as sent));
end
$$;
comment on function public.amocrm_metrics() is 'Returns the numbers of amocrm-health/metrics, counted over the last 60 minutes; without personal data.';

revoke all on function amocrm.windows_shown(text) from public;
revoke all on function amocrm.pace_shown(text), public.amocrm_pace(text), public.amocrm_metrics() from public, anon, authenticated;
grant execute on function amocrm.pace_shown(text), public.amocrm_pace(text) to authenticated, service_role;
grant execute on function public.amocrm_metrics() to service_role;
