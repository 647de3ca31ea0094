-- Alerts, second: each minute a look at the conditions. What lasts opens an incident, a row of amocrm_alerts; it is told
-- once when it opens and once when it is over, however often it comes and goes between.

create table amocrm.alert_scores (
  code text primary key,
  score int not null default 0,
  gone_since timestamptz,
  constraint score_is_between_0_and_6 check (score between 0 and 6)
) with (fillfactor = 50);
comment on table amocrm.alert_scores is
  'How steadily each condition was found of late, so that a flapping one does not open and end incidents.';
comment on column amocrm.alert_scores.score is
  'The steadiness of a condition: a check that finds it adds two, one that does not subtracts one, four opens the incident.';
comment on column amocrm.alert_scores.gone_since is 'Since when no check has found the condition; after 15 minutes the incident ends.';

create table amocrm.watch_control (
  is_the_only_row boolean primary key default true,
  last_look_at timestamptz,
  alert_request_id bigint,
  alert_request_at timestamptz,
  ping_at timestamptz,
  ping_request_id bigint,
  constraint watch_has_one_row check (is_the_only_row)
) with (fillfactor = 50);
comment on table amocrm.watch_control is
  'One row that locks the watch, with its last check and pg_net''s ids of its last alert posts and pings.';
insert into amocrm.watch_control default values;

alter table amocrm.alert_scores enable row level security;
alter table amocrm.watch_control enable row level security;
revoke all on amocrm.alert_scores, amocrm.watch_control from public, anon, authenticated, service_role;
grant select on amocrm.alert_scores, amocrm.watch_control to service_role;

create function amocrm.judge_conditions(p_conditions amocrm.alert_condition[]) returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
begin
  insert into amocrm.alert_scores as scores (code, score)
  select held.code, case when held.is_lasting then 4 else 2 end from unnest(p_conditions) as held
  on conflict (code) do update set score = least(scores.score + excluded.score, 6), gone_since = null;
  update amocrm.alert_scores set score = greatest(alert_scores.score - 1, 0), gone_since = coalesce(alert_scores.gone_since, v_now)
  where alert_scores.code not in (select held.code from unnest(p_conditions) as held);

  update public.amocrm_alerts set last_seen_at = greatest(amocrm_alerts.first_seen_at, v_now), over_since = null, severity = held.severity,
    detail = coalesce(held.detail, held.code), remedy = held.remedy
  from unnest(p_conditions) as held where amocrm_alerts.code = held.code and amocrm_alerts.resolved_at is null;
  insert into public.amocrm_alerts (code, severity, first_seen_at, last_seen_at, detail, remedy)
  select held.code, held.severity, v_now, v_now, coalesce(held.detail, held.code), held.remedy
  from unnest(p_conditions) as held join amocrm.alert_scores on alert_scores.code = held.code and alert_scores.score >= 4
  on conflict (code) where resolved_at is null do nothing;
  -- Codes without a score are opened and ended by others.
  update public.amocrm_alerts set over_since = alert_scores.gone_since
  from amocrm.alert_scores
  where amocrm_alerts.code = alert_scores.code and amocrm_alerts.resolved_at is null and amocrm_alerts.over_since is null
    and alert_scores.gone_since is not null;
  update public.amocrm_alerts set resolved_at = v_now
  from amocrm.alert_scores
  where amocrm_alerts.code = alert_scores.code and amocrm_alerts.resolved_at is null and alert_scores.gone_since <= v_now - interval '15 minutes';
  delete from amocrm.alert_scores where alert_scores.score = 0 and alert_scores.gone_since <= v_now - interval '15 minutes';
end
$$;
comment on function amocrm.judge_conditions(amocrm.alert_condition[]) is
  'Opens incidents that last, updates open ones, and ends those whose condition has been gone for 15 minutes.';

create function amocrm.continue_incidents() returns void
language plpgsql set search_path = ''
as $$
declare
  v_again record;
begin
  for v_again in
    select earlier.id as earlier_id, again.* from public.amocrm_alerts as again
    join lateral (select amocrm_alerts.id, amocrm_alerts.resolved_at from public.amocrm_alerts
      where amocrm_alerts.code = again.code and amocrm_alerts.resolved_at is not null
      order by amocrm_alerts.resolved_at desc limit 1) as earlier on earlier.resolved_at > again.first_seen_at - interval '1 hour'
    where again.resolved_at is null and again.opened_mail_at is null
  loop
    delete from public.amocrm_alerts where amocrm_alerts.id = v_again.id;
    update public.amocrm_alerts set resolved_at = null, over_since = null, resolved_mail_at = null, last_seen_at = v_again.last_seen_at,
      severity = v_again.severity, detail = v_again.detail, remedy = v_again.remedy
    where amocrm_alerts.id = v_again.earlier_id;
  end loop;
end
$$;
comment on function amocrm.continue_incidents() is
  'Continues the previous incident if its condition returns within an hour, so that no second mail is sent.';

create function amocrm.mail_alerts() returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_count int;
begin
  with opened as (
    update public.amocrm_alerts set opened_mail_at = v_now
    where amocrm_alerts.resolved_at is null and amocrm_alerts.opened_mail_at is null and amocrm_alerts.severity <> 'info'
    returning amocrm_alerts.incident_id
  )
  select amocrm.append('alert.opened', 'amocrm_alerts', jsonb_agg(jsonb_build_object('id', opened.incident_id)))
  into v_count from opened having count(*) > 0;
  -- Not before it can no longer come back as the same incident: who was told that it is over may rely on it.
  with ended as (
    update public.amocrm_alerts set resolved_mail_at = v_now
    where amocrm_alerts.resolved_at <= v_now - interval '1 hour' and amocrm_alerts.opened_mail_at is not null and amocrm_alerts.resolved_mail_at is null
    returning amocrm_alerts.incident_id
  )
  select coalesce(v_count, 0) + coalesce((
    select amocrm.append('alert.resolved', 'amocrm_alerts', jsonb_agg(jsonb_build_object('id', ended.incident_id)))
    from ended having count(*) > 0), 0) into v_count;
  if v_count > 0 then
    perform amocrm.ring('message');
  end if;
end
$$;
comment on function amocrm.mail_alerts() is 'Enqueues mails about opened incidents and about those that ended an hour ago.';

create function amocrm.look() returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_step text;
  v_is_whole boolean := true;
begin
  -- One look at a time: cron's, or that of amocrm-health where cron stands still.
  perform from amocrm.watch_control for update skip locked;
  if not found then
    return false;
  end if;
  update amocrm.watch_control set last_look_at = v_now where watch_control.is_the_only_row;
  perform amocrm.judge_conditions(array(select distinct on (held.code) held from amocrm.alert_conditions() as held order by held.code, held.is_lasting desc));
  foreach v_step in array array['continue_incidents', 'mail_alerts', 'post_alerts'] loop
    begin
      case v_step
        when 'continue_incidents' then perform amocrm.continue_incidents();
        when 'mail_alerts' then perform amocrm.mail_alerts();
        when 'post_alerts' then perform amocrm.post_alerts();
      end case;
    exception when others then
      -- A broken pg_net must not keep the mail from being enqueued, nor a broken queue the post.
      v_is_whole := false;
      raise warning '% of the watch failed: % (%)', v_step, sqlerrm, sqlstate;
    end;
  end loop;
  if v_is_whole then
    begin
      perform amocrm.ping_dead_man();
    exception when others then
      raise warning 'the dead-man address was not called: % (%)', sqlerrm, sqlstate;
    end;
  end if;
  return true;
end
$$;
comment on function amocrm.look() is 'Checks all conditions and acts on them; false if another check is under way.';

create function amocrm.watch() returns void
language sql security definer set search_path = ''
as $$ select amocrm.look() $$;
comment on function amocrm.watch() is 'Checks all conditions each minute, called by pg_cron.';

revoke all on function amocrm.judge_conditions(amocrm.alert_condition[]), amocrm.continue_incidents(), amocrm.mail_alerts(),
  amocrm.look(), amocrm.watch() from public;

create function amocrm.read_incidents(p_ids uuid[]) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_object_agg(alert.incident_id, jsonb_build_object('alert', jsonb_build_object('code', alert.code, 'severity', alert.severity,
    'detail', alert.detail, 'remedy', alert.remedy, 'firstSeenAt', alert.first_seen_at, 'resolvedAt', alert.resolved_at)))
  from public.amocrm_alerts as alert where alert.incident_id = any (p_ids)
$$;
comment on function amocrm.read_incidents(uuid[]) is
  'Returns incidents as the drain of mails reads them, {alert} by their ids.';
revoke all on function amocrm.read_incidents(uuid[]) from public;

insert into amocrm.queue_subjects (queue, subject_table, reads) values ('message', 'amocrm_alerts', 'amocrm.read_incidents');
insert into amocrm.kinds (kind, queue, has_handler, purpose) values
  ('alert.opened', 'message', true, 'An incident: a mail to ADMIN_EMAIL with what is wrong and what to do.'),
  ('alert.resolved', 'message', true, 'An incident has been over for an hour: a mail to ADMIN_EMAIL.');

select amocrm.schedule_job('amocrm-watch', '* * * * *', 'select amocrm.watch()');
