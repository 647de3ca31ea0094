-- Alerts, third: roads around the functions, for when these are what is broken. A post straight from the database, a ping
-- whose absence an outside monitor notices, and a report for monitors that ask.

create function amocrm.post_text(p_text text) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_url text := amocrm.vault_secret('amocrm_alert_url');
begin
  if v_url is null or to_regclass('net.http_request_queue') is null then
    return null;
  end if;
  return net.http_post(url := v_url, timeout_milliseconds := 5000, body := jsonb_build_object('text', p_text));
end
$$;
comment on function amocrm.post_text(text) is
  'Posts {"text"} to amocrm_alert_url and returns pg_net''s request id; null if that cannot be tried.';

create function amocrm.road_host(p_name text) returns text
language sql stable set search_path = ''
as $$ select substring(amocrm.vault_secret(p_name) from '(?i)^https?://([^/?#]+)') $$;
comment on function amocrm.road_host(text) is 'Returns the host of an address in Vault; the rest of it may be secret.';

create function amocrm.alert_text(p_code text, p_detail text, p_remedy text) returns text
language plpgsql stable set search_path = ''
as $$
declare
  -- Two projects of one owner would else look alike; the address of the functions tells them apart.
  v_head text := 'amoCRM' || coalesce(' (' || amocrm.road_host('amocrm_functions_url') || ')', '') || ': ' || p_code || '. ';
  v_english text := v_head || p_detail || coalesce('. Remedy: ' || p_remedy, '');
begin
  return amocrm.by_the_clock(amocrm.in_the_admins_languages(v_english,
    v_head || amocrm.in_russian(p_detail) || coalesce('. Что делать: ' || amocrm.in_russian(p_remedy), '')));
exception when others then
  -- An alert in the wrong language is better than none.
  return v_english;
end
$$;
comment on function amocrm.alert_text(text, text, text) is
  'Returns what is posted of an incident: the project, what is wrong and what mends it, in the admin''s languages.';

create function amocrm.post_alerts() returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_alert record;
  v_request_id bigint;
begin
  for v_alert in
    select amocrm_alerts.* from public.amocrm_alerts
    where amocrm_alerts.resolved_at is null and amocrm_alerts.over_since is null and amocrm_alerts.severity = 'critical'
      and amocrm_alerts.posted_at is null and amocrm_alerts.opened_mail_at <= v_now - interval '3 minutes'
      -- Taken by Resend is not read by anybody: a mail that has bounced has told nobody.
      and not exists (select from amocrm.outbox where outbox.queue = 'message' and outbox.subject_id = amocrm_alerts.incident_id
        and outbox.kind = 'alert.opened' and outbox.state = 'delivered'
        and not exists (select from amocrm.mails where mails.message_id = outbox.id and mails.outcome in ('bounced', 'failed', 'complained')))
    order by amocrm_alerts.id
  loop
    v_request_id := amocrm.post_text(amocrm.alert_text(v_alert.code, v_alert.detail, v_alert.remedy));
    exit when v_request_id is null;
    update public.amocrm_alerts set posted_at = v_now where amocrm_alerts.id = v_alert.id;
    update amocrm.watch_control set alert_request_id = v_request_id, alert_request_at = v_now where watch_control.is_the_only_row;
  end loop;
end
$$;
comment on function amocrm.post_alerts() is
  'Posts critical incidents whose mail failed within 3 minutes, or bounced, to amocrm_alert_url, once each.';

create function amocrm.ping_dead_man() returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_url text := amocrm.vault_secret('amocrm_dead_man_url');
begin
  if v_url is null or exists (select from public.amocrm_alerts where amocrm_alerts.resolved_at is null and amocrm_alerts.over_since is null and amocrm_alerts.severity = 'critical')
    or amocrm.is_stuck() then
    return;
  end if;
  update amocrm.watch_control set ping_at = v_now, ping_request_id = net.http_get(url := v_url, timeout_milliseconds := 5000)
  where watch_control.ping_at is null or watch_control.ping_at <= v_now - interval '5 minutes';
end
$$;
comment on function amocrm.ping_dead_man() is
  'Pings an outside monitor each five minutes while all is well; the monitor raises the alarm when the pings stop.';

create function amocrm.road_problem(p_name text, p_request_id bigint, p_queued_at timestamptz) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_answer record := amocrm.call_answer(p_request_id, p_queued_at);
begin
  return coalesce(amocrm.vault_problem(p_name), (amocrm.extension_problem('pg_net')).problem,
    case when v_answer.status_code not between 200 and 299 then p_name || ' answered ' || v_answer.status_code
      when v_answer.error is not null then p_name || ' cannot be reached: ' || v_answer.error end);
end
$$;
comment on function amocrm.road_problem(text, bigint, timestamptz) is
  'Returns why an alert address cannot be used, or null, but never the address, which may hold a secret.';

create function amocrm.road_notice() returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_control amocrm.watch_control;
  v_alert text;
  v_ping text;
begin
  select * into v_control from amocrm.watch_control;
  v_alert := amocrm.road_problem('amocrm_alert_url', v_control.alert_request_id, v_control.alert_request_at);
  v_ping := amocrm.road_problem('amocrm_dead_man_url', v_control.ping_request_id, v_control.ping_at);
  return case when v_alert is not null and v_ping is not null
    then 'Nobody is told when the functions are down (' || v_alert || case when v_ping <> v_alert then '; ' || v_ping else '' end
      || '): npm run amocrm -- setup --alert-url or --dead-man-url, see docs/operate/runbook.md.' end;
exception when others then
  return 'Whether anybody is told when the functions are down cannot be found out: ' || sqlerrm || '.';
end
$$;
comment on function amocrm.road_notice() is 'Returns a notice if no alert reaches anybody when the functions fail; null if one does.';

create function public.amocrm_health_report() returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_health jsonb;
  v_mail jsonb;
  v_alerts jsonb;
  v_watch_fault text;
begin
  -- Where cron stands still nobody looks; then whoever asks does, once a minute at most. So a stopped cron is told by mail, too.
  -- In a read-only database nothing can be written down, and the verdict says so.
  if current_setting('transaction_read_only') = 'off' and current_setting('default_transaction_read_only') = 'off'
    and (select coalesce(watch_control.last_look_at < v_now - interval '2 minutes', installation.installed_at < v_now - interval '2 minutes')
      and coalesce(watch_control.last_look_at < v_now - interval '1 minute', true)
      from amocrm.watch_control cross join amocrm.installation) then
    begin
      perform amocrm.look();
    exception when others then
      -- What keeps the watch from looking must not keep this from answering.
      v_watch_fault := sqlerrm;
    end;
  end if;
  begin
    select jsonb_build_object('verdict', health.verdict, 'problem', health.problem, 'remedy', health.remedy, 'notice', health.notice, 'version', health.version)
    into v_health from amocrm.health_row() as health;
  exception when others then
    v_health := jsonb_build_object('verdict', 'broken', 'problem', 'amocrm_health cannot be asked: ' || sqlerrm,
      'remedy', 'Check the extensions pg_cron, pg_net and supabase_vault, and that all migrations are applied', 'notice', null, 'version', null);
  end;
  begin
    select jsonb_build_object('verdict', health.verdict, 'problem', health.problem, 'remedy', health.remedy)
    into v_mail from amocrm.mail_health_row() as health;
  exception when others then
    v_mail := jsonb_build_object('verdict', 'broken', 'problem', 'message_health cannot be asked: ' || sqlerrm, 'remedy', null);
  end;
  if v_watch_fault is not null then
    v_health := v_health || jsonb_build_object('verdict', 'broken', 'problem', 'The watch fails, so nobody is told of what is wrong: ' || v_watch_fault,
      'remedy', 'select * from cron.job_run_details order by runid desc limit 20; are all migrations applied?');
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('code', open.code, 'severity', open.severity, 'detail', open.detail,
    'remedy', open.remedy, 'first_seen_at', open.first_seen_at, 'over_since', open.over_since) order by open.first_seen_at), '[]') into v_alerts
  from (select * from public.amocrm_alerts where amocrm_alerts.resolved_at is null order by amocrm_alerts.first_seen_at limit 100) as open;
  -- What a person decided or has time for is well enough; what stops leads is not.
  return v_health || jsonb_build_object('mail', v_mail, 'open_alerts', v_alerts,
    -- In which the function tells it, where whoever asks has not said.
    'language', (select message_settings.alert_language from public.message_settings),
    'time_zone', (select message_settings.time_zone from public.message_settings),
    'is_well', v_health ->> 'verdict' in ('ok', 'attention', 'behind', 'paused', 'disabled')
      and not amocrm.is_stuck() and not jsonb_path_exists(v_alerts, '$[*] ? (@.severity == "critical" && @.over_since == null)'));
end
$$;
comment on function public.amocrm_health_report() is
  'Returns the state for outside monitors, {is_well, verdict, problem, remedy, notice, version, mail, open_alerts, language, time_zone}; checks itself if cron has not.';

revoke all on function amocrm.post_text(text), amocrm.road_host(text), amocrm.alert_text(text, text, text), amocrm.post_alerts(), amocrm.ping_dead_man(), amocrm.road_problem(text, bigint, timestamptz), amocrm.road_notice() from public;
revoke all on function public.amocrm_health_report() from public, anon, authenticated;
grant execute on function public.amocrm_health_report() to service_role;
