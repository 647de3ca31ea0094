-- The health of the queue of SMS, in one row, and what of it concerns the admin.

create function amocrm.sms_health_row()
returns table (verdict text, problem text, remedy text, waiting_count bigint, held_count bigint, uncertain_count bigint, dead_count bigint,
  oldest_waiting_at timestamptz, last_delivered_at timestamptz, last_drain_at timestamptz, unanswered_post_count int, missing text[],
  breaker_code text, breaker_message text, breaker_probe_at timestamptz, paused_at timestamptz, pause_reason text,
  balance numeric, currency text, balance_checked_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_beat amocrm.heartbeats;
  v_control amocrm.queue_control;
begin
  perform amocrm.require_reader();
  select * into v_control from amocrm.queue_control where queue_control.queue = 'sms';
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'sms-drain';
  select count(*) filter (where not unfinished.is_held and unfinished.state <> 'uncertain'), count(*) filter (where unfinished.is_held),
    count(*) filter (where unfinished.state = 'uncertain'), min(unfinished.created_at) filter (where not unfinished.is_held)
  into waiting_count, held_count, uncertain_count, oldest_waiting_at from (
    (select outbox.state, outbox.created_at, outbox.last_error_code is not distinct from 'sms_held' as is_held from amocrm.outbox
      where outbox.queue = 'sms' and not outbox.is_fresh and outbox.state in ('pending', 'uncertain') limit 10000)
    union all
    (select outbox.state, outbox.created_at, false from amocrm.outbox where outbox.queue = 'sms' and outbox.state = 'leased')
    union all
    (select outbox.state, outbox.created_at, false from amocrm.outbox where outbox.queue = 'sms' and outbox.is_fresh limit 10000)) as unfinished;
  select count(*) into dead_count from (select from amocrm.outbox where outbox.queue = 'sms' and outbox.state = 'dead' limit 10000) as dead;
  select max(outbox.delivered_at) into last_delivered_at from amocrm.outbox where outbox.queue = 'sms' and outbox.state = 'delivered';
  select sms_account.balance, sms_account.currency, sms_account.checked_at into balance, currency, balance_checked_at from amocrm.sms_account;
  last_drain_at := v_beat.last_seen_at;
  unanswered_post_count := v_beat.unanswered_post_count;
  missing := v_beat.missing;
  breaker_code := v_control.breaker_code;
  breaker_message := v_control.breaker_message;
  breaker_probe_at := v_control.breaker_probe_at;
  paused_at := v_control.paused_at;
  pause_reason := v_control.pause_reason;
  -- The first thing that is wrong, nearest to the cause first. A project that sends no SMS is well without Mobizon.
  select judged.verdict, judged.problem, judged.remedy into verdict, problem, remedy from (values
    (1, paused_at is not null, 'paused', 'SMS are paused since ' || paused_at || ': ' || pause_reason, 'select message_resume(''sms'')'),
    (2, v_beat.state = 'unconfigured' and waiting_count > 0, 'unconfigured', v_beat.detail, 'npx supabase secrets set --remote=' || amocrm.project_ref() || ' NAME=value'),
    (3, unanswered_post_count >= 3, 'unreachable', 'Cron called sms-drain ' || unanswered_post_count || ' times without a sign of life',
      'select * from amocrm_health; check that sms-drain is deployed'),
    (4, v_beat.state = 'failed', 'failing', 'The last drain failed: ' || v_beat.detail, 'See the logs of the function sms-drain'),
    (4, amocrm.unended_problem(v_beat) is not null, 'failing', amocrm.unended_problem(v_beat), 'See the logs of the function sms-drain'),
    (5, breaker_code is not null, 'blocked', breaker_message,
      case when breaker_code in ('foreign_project', 'restored_database') then amocrm.breaker_remedy(breaker_code) else 'Mend the cause, then: select message_resume(''sms'')' end),
    (6, held_count > 0, 'held', 'SMS are held, because there are too many or their numbers are abroad: ' || held_count,
      'Look at sms_held, then: select sms_release(), or to drop them sms_release(null, true)'),
    (7, dead_count > 0, 'attention', dead_count || ' SMS are dead', 'select * from sms_dead_letters'),
    (8, amocrm.is_balance_low(), 'low_balance', 'The balance at Mobizon is ' || balance || coalesce(' ' || currency, ''),
      'Top it up, or lower message_settings.sms_balance_alert'),
    (9, oldest_waiting_at < v_now - interval '15 minutes', 'behind', 'The oldest SMS waits since ' || oldest_waiting_at,
      'select kind, state, last_error_message from message_outbox where queue = ''sms'' and state in (''pending'', ''uncertain'')'),
    (10, true, 'ok', null, null)) as judged (rank, applies, verdict, problem, remedy)
  where judged.applies order by judged.rank limit 1;
  return next;
end
$$;
comment on function amocrm.sms_health_row() is 'Returns the row of sms_health.';

create view public.sms_health with (security_invoker = true) as
select verdict, problem, remedy, waiting_count, held_count, uncertain_count, dead_count, oldest_waiting_at, last_delivered_at, last_drain_at,
  unanswered_post_count, missing, breaker_code, breaker_message, breaker_probe_at, paused_at, pause_reason, balance, currency, balance_checked_at
from amocrm.sms_health_row();
comment on view public.sms_health is 'Do SMS go out, and if not, what is wrong and what is the remedy? One row; counts stop at 10000.';

create function amocrm.sms_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_health record;
  v_opened_at timestamptz;
begin
  select * into v_health from amocrm.sms_health_row();
  select queue_control.breaker_opened_at into v_opened_at from amocrm.queue_control where queue_control.queue = 'sms';
  return query
  select judged.code, judged.severity, v_health.problem, v_health.remedy, judged.is_lasting
  from (values
    ('paused', v_health.paused_at < v_now - interval '1 day', 'sms_paused', 'warning', true),
    ('unconfigured', true, 'sms_unconfigured', 'warning', false),
    ('unreachable', true, 'sms_unreachable', 'critical', false),
    ('failing', true, 'sms_failing', 'critical', false),
    ('blocked', v_opened_at < v_now - interval '5 minutes', 'sms_breaker_open', 'critical', true),
    ('held', true, 'sms_held', 'warning', true),
    ('attention', true, 'sms_dead_letters', 'warning', false),
    ('low_balance', true, 'sms_balance_low', 'warning', true),
    ('behind', true, 'sms_backlog', 'warning', true)) as judged (verdict, applies, code, severity, is_lasting)
  where judged.verdict = v_health.verdict and judged.applies;
end
$$;
comment on function amocrm.sms_conditions() is 'Lists the nearest cause for which SMS do not go out, as in sms_health.';
insert into amocrm.conditions (name, rank, function) values ('sms', 91, 'amocrm.sms_conditions');

revoke all on function amocrm.sms_conditions() from public;
revoke all on function amocrm.sms_health_row() from public, anon, authenticated;
grant execute on function amocrm.sms_health_row() to authenticated, service_role;
revoke all on public.sms_health from public, anon, authenticated, service_role;
grant select on public.sms_health to authenticated, service_role;
