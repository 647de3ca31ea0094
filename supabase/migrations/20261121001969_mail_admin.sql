-- What an admin sees and does about mail. A message is requeued and cancelled by amocrm_requeue and amocrm_cancel, which
-- know it by its id whatever its queue.

create function amocrm.resend_welcome(p_student_id uuid) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_student public.tripwire_users;
  v_id bigint;
begin
  perform amocrm.require_admin();
  perform amocrm.lock_queue('message');
  select * into v_student from public.tripwire_users where tripwire_users.id = p_student_id;
  if v_student.id is null then
    raise exception 'no student % in tripwire_users', p_student_id using errcode = '22023';
  elsif exists (select from amocrm.outbox where outbox.subject_id = p_student_id and outbox.kind = 'student.welcome'
      and outbox.state in ('pending', 'leased', 'uncertain')) then
    raise exception 'a welcome mail for student % is on its way', p_student_id using errcode = '22023',
      hint = 'See message_outbox; amocrm_requeue tries a waiting message at once.';
  end if;
  perform amocrm.append('student.welcome', 'tripwire_users',
    jsonb_build_array(jsonb_build_object('id', v_student.id, 'email', v_student.email)));
  select max(outbox.id) into v_id from amocrm.outbox
  where outbox.queue = 'message' and outbox.subject_id = p_student_id and outbox.kind = 'student.welcome';
  perform amocrm.note_action('resend_welcome', jsonb_build_object('student_id', p_student_id), '{}', array[v_id]);
  perform amocrm.ring('message');
  return v_id;
end
$$;
comment on function amocrm.resend_welcome(uuid) is 'A further welcome mail with a link of its own; tells the message''s id.';

create function amocrm.allow_address(p_email text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_was_suppressed boolean;
begin
  perform amocrm.require_admin();
  delete from amocrm.suppressed_addresses where suppressed_addresses.email_key = amocrm.normalize_email(p_email);
  v_was_suppressed := found;
  perform amocrm.note_action('allow_address', '{}', jsonb_build_object('was_suppressed', v_was_suppressed));
  return v_was_suppressed;
end
$$;
comment on function amocrm.allow_address(text) is 'Mail may go to this address again; false if nothing was in the way.';

create function public.message_resend_welcome(p_student_id uuid) returns bigint
language sql set search_path = ''
begin atomic select amocrm.resend_welcome(p_student_id); end;
comment on function public.message_resend_welcome(uuid) is 'Sends a student a further welcome mail with a link of its own; tells the message''s id.';

create function public.message_allow_address(p_email text) returns boolean
language sql set search_path = ''
begin atomic select amocrm.allow_address(p_email); end;
comment on function public.message_allow_address(text) is
  'Mail may go again to an address that bounced or complained. Take it off Resend''s own suppression list as well.';

create function public.message_pause(p_reason text) returns void
language sql set search_path = ''
begin atomic select amocrm.pause('message', p_reason); end;
comment on function public.message_pause(text) is 'Stops sending mail until message_resume(). Students are saved and their mails wait.';

create function public.message_resume() returns void
language sql set search_path = ''
begin atomic select amocrm.resume('message'); end;
comment on function public.message_resume() is 'Goes on after message_pause, and probes at once if the breaker is open.';

create view public.message_dead_letters with (security_invoker = true) as
select id, kind, error_code, error_message, attempt_count, subject_table, subject_id, created_at, remedy
from amocrm.dead_letter_rows('message');
comment on view public.message_dead_letters is 'Which mails will not be tried again, why, and what to do?';

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
  perform amocrm.require_admin();
  select * into v_control from amocrm.queue_control where queue_control.queue = 'message';
  select * into v_beat from amocrm.heartbeats where heartbeats.component = 'message-drain';
  -- Counted up to a bound, as amocrm_health does.
  select count(*) filter (where unfinished.state in ('pending', 'leased')), count(*) filter (where unfinished.state = 'uncertain'),
    min(unfinished.created_at)
  into waiting_count, uncertain_count, oldest_waiting_at from (
    (select outbox.state, outbox.created_at from amocrm.outbox
      where outbox.queue = 'message' and not outbox.is_fresh and outbox.state in ('pending', 'leased', 'uncertain') limit 10000)
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
    (2, v_beat.state = 'unconfigured', 'unconfigured', v_beat.detail, 'npx supabase secrets set --remote=<ref> NAME=value'),
    (3, unanswered_post_count >= 3, 'unreachable', 'Cron called message-drain ' || unanswered_post_count || ' times without a sign of life',
      'select * from amocrm_health; check that message-drain is deployed'),
    (4, v_beat.state = 'failed', 'failing', 'The last drain failed: ' || v_beat.detail, 'See the logs of the function message-drain'),
    (5, breaker_code is not null, 'blocked', breaker_message, 'Mend the cause, then: select message_resume()'),
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
comment on function amocrm.mail_health_row() is 'The row of message_health.';

create view public.message_health with (security_invoker = true) as
select verdict, problem, remedy, waiting_count, uncertain_count, dead_count, oldest_waiting_at, last_delivered_at, last_drain_at,
  unanswered_post_count, missing, breaker_code, breaker_message, breaker_probe_at, paused_at, pause_reason, notice
from amocrm.mail_health_row();
comment on view public.message_health is 'Do mails go out, and if not, what is wrong and what is to be done? One row; counts stop at 10000.';

revoke all on function amocrm.resend_welcome(uuid), amocrm.allow_address(text), amocrm.mail_health_row(),
  public.message_resend_welcome(uuid), public.message_allow_address(text), public.message_pause(text), public.message_resume()
  from public, anon, authenticated;
grant execute on function amocrm.resend_welcome(uuid), amocrm.allow_address(text), amocrm.mail_health_row(),
  public.message_resend_welcome(uuid), public.message_allow_address(text), public.message_pause(text), public.message_resume()
  to authenticated, service_role;
revoke all on public.message_dead_letters, public.message_health from public, anon, authenticated, service_role;
grant select on public.message_dead_letters, public.message_health to authenticated, service_role;
