-- The health of the queue of mails, in one row.

create function amocrm.mail_health_row()
returns table (verdict text, problem text, remedy text, waiting_count bigint, uncertain_count bigint, dead_count bigint,
  oldest_waiting_at timestamptz, last_delivered_at timestamptz, last_drain_at timestamptz, unanswered_post_count int, missing text[],
  breaker_code text, breaker_message text, breaker_probe_at timestamptz, paused_at timestamptz, pause_reason text, notice text)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_beat amocrm.heartbeats;
  v_control amocrm.queue_control;
begin
  perform amocrm.require_reader();
  select * into v_control from amocrm.queue_control where queue_control.queue = 'message';
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'message-drain';
  -- Counted up to a bound, as amocrm_health does.
  select count(*) filter (where unfinished.state in ('pending', 'leased')), count(*) filter (where unfinished.state = 'uncertain'),
    min(unfinished.created_at)
  into waiting_count, uncertain_count, oldest_waiting_at from (
    (select outbox.state, outbox.created_at from amocrm.outbox
      where outbox.queue = 'message' and not outbox.is_fresh and outbox.state in ('pending', 'uncertain') limit 10000)
    union all
    (select outbox.state, outbox.created_at from amocrm.outbox where outbox.queue = 'message' and outbox.state = 'leased')
    union all
    (select outbox.state, outbox.created_at from amocrm.outbox where outbox.queue = 'message' and outbox.is_fresh limit 10000)) as unfinished;
  select count(*) into dead_count from (
    select from amocrm.outbox where outbox.queue = 'message' and outbox.state = 'dead' limit 10000) as dead;
  select max(outbox.delivered_at) into last_delivered_at from amocrm.outbox where outbox.queue = 'message' and outbox.state = 'delivered';
  last_drain_at := v_beat.last_seen_at;
  unanswered_post_count := v_beat.unanswered_post_count;
  missing := v_beat.missing;
  breaker_code := v_control.breaker_code;
  breaker_message := v_control.breaker_message;
  breaker_probe_at := v_control.breaker_probe_at;
  paused_at := v_control.paused_at;
  pause_reason := v_control.pause_reason;
  -- The first thing that is wrong, nearest to the cause first. Vault and cron are amocrm_health's matter.
  select judged.verdict, judged.problem, judged.remedy into verdict, problem, remedy from (values
    (1, paused_at is not null, 'paused', 'Mail is paused since ' || paused_at || ': ' || pause_reason, 'select message_resume()'),
    (2, v_beat.state = 'unconfigured', 'unconfigured', v_beat.detail, 'npx supabase secrets set --remote=' || amocrm.project_ref() || ' NAME=value'),
    (3, unanswered_post_count >= 3, 'unreachable', 'Cron called message-drain ' || unanswered_post_count || ' times without a sign of life',
      'select * from amocrm_health; check that message-drain is deployed'),
    (4, v_beat.state = 'failed', 'failing', 'The last drain failed: ' || v_beat.detail, 'See the logs of the function message-drain'),
    (4, amocrm.unended_problem(v_beat) is not null, 'failing', amocrm.unended_problem(v_beat), 'See the logs of the function message-drain'),
    (5, breaker_code is not null, 'blocked', breaker_message,
      case when breaker_code in ('foreign_project', 'restored_database') then amocrm.breaker_remedy(breaker_code) else 'Mend the cause, then: select message_resume()' end),
    (6, dead_count > 0, 'attention', dead_count || case dead_count when 1 then ' mail is dead' else ' mails are dead' end, 'select * from message_dead_letters'),
    (7, oldest_waiting_at < v_now - interval '15 minutes', 'behind', 'The oldest mail waits since ' || oldest_waiting_at,
      'select kind, state, last_error_message from message_outbox where state in (''pending'', ''uncertain'')'),
    (8, true, 'ok', null, null)) as judged (rank, applies, verdict, problem, remedy)
  where judged.applies order by judged.rank limit 1;
  notice := case when v_beat.state = 'ok' and 'ADMIN_EMAIL' = any (missing)
    then 'ADMIN_EMAIL is not set, or is no address: nobody gets alerts by mail. They are in amocrm_alerts.' end;
  return next;
end
$$;
comment on function amocrm.mail_health_row() is 'Returns the row of message_health.';

create view public.message_health with (security_invoker = true) as
select verdict, problem, remedy, waiting_count, uncertain_count, dead_count, oldest_waiting_at, last_delivered_at, last_drain_at,
  unanswered_post_count, missing, breaker_code, breaker_message, breaker_probe_at, paused_at, pause_reason, notice
from amocrm.mail_health_row();
comment on view public.message_health is
  'Do mails go out, and if not, what is wrong and what is the remedy? One row; counts stop at 10000.';

revoke all on function amocrm.mail_health_row() from public, anon, authenticated;
grant execute on function amocrm.mail_health_row() to authenticated, service_role;
revoke all on public.message_health from public, anon, authenticated, service_role;
grant select on public.message_health to authenticated, service_role;
