-- What an admin sees and does about SMS. A message is requeued and cancelled by amocrm_requeue and amocrm_cancel, which know it
-- by its id whatever its queue; one in doubt is looked for again then, and not sent.

create view public.sms_dead_letters with (security_invoker = true) as
select id, kind, error_code, error_message, attempt_count, subject_table, subject_id, created_at,
  case error_code when 'sms_outcome_unknown' then 'Look at Mobizon whether it is there. It is: select amocrm_cancel(' || id
      || '); it is not and is to be sent: select sms_send_again(' || id || ')'
    else remedy end as remedy
from amocrm.dead_letter_rows('sms');
comment on view public.sms_dead_letters is 'Which SMS will not be retried, why, and what is the remedy?';

create function amocrm.send_sms_again(p_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_message amocrm.outbox;
begin
  perform amocrm.require_admin();
  v_message := amocrm.lock_message(p_id);
  if v_message.queue <> 'sms' or v_message.state <> 'dead' or v_message.last_error_code is distinct from 'sms_outcome_unknown' then
    raise exception 'message % is no SMS that was looked for in vain', p_id using errcode = '22023',
      hint = 'select * from sms_dead_letters; others are tried again by amocrm_requeue.';
  end if;
  perform amocrm.give_up_doubt('sms', p_id);
  update amocrm.sms set doubt_since = null where sms.message_id = p_id;
  perform amocrm.requeue_all('sms', array[p_id]);
  perform amocrm.note_action('send_sms_again', jsonb_build_object('id', p_id), '{}', array[p_id]);
  perform amocrm.ring('sms');
end
$$;
comment on function amocrm.send_sms_again(bigint) is 'Sends an SMS once more that may have been sent, on a person''s word.';

create function public.sms_send_again(p_id bigint) returns void
language sql set search_path = ''
begin atomic select amocrm.send_sms_again(p_id); end;
comment on function public.sms_send_again(bigint) is
  'Sends an SMS once more whose first request nobody could find at Mobizon; whoever calls it has looked there.';

create function amocrm.sms_rows()
returns table (message_id bigint, kind text, subject_table text, subject_id uuid, state text, outcome text, part_count int, is_moderated boolean,
  reason_code text, reason text, created_at timestamptz, sent_at timestamptz, outcome_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.require_reader();
  return query
  select outbox.id, outbox.kind, outbox.subject_table, outbox.subject_id, outbox.state, sms.outcome,
    -- Before it is sent, what its text would cost.
    coalesce(sms.part_count, case when jsonb_typeof(outbox.payload -> 'text') = 'string' then (public.sms_parts(outbox.payload ->> 'text')).part_count end),
    coalesce(sms.is_moderated, false), outbox.last_error_code,
    case when amocrm.sees_people() then outbox.last_error_message else amocrm.masked_text(outbox.last_error_message) end, outbox.created_at, sms.sent_at, sms.outcome_at
  from (select * from amocrm.outbox as newest where newest.queue = 'sms' order by newest.id desc limit 1000) as outbox
  left join amocrm.sms on sms.message_id = outbox.id
  order by outbox.id desc;
end
$$;
comment on function amocrm.sms_rows() is 'Returns the rows of sms_overview.';

create view public.sms_overview with (security_invoker = true) as
select message_id, kind, subject_table, subject_id, state, outcome, part_count, is_moderated, reason_code, reason, created_at, sent_at, outcome_at
from amocrm.sms_rows();
comment on view public.sms_overview is 'What became of the newest 1000 SMS, and how many parts does each have?';

revoke all on function amocrm.send_sms_again(bigint), public.sms_send_again(bigint), amocrm.sms_rows() from public, anon, authenticated;
grant execute on function amocrm.send_sms_again(bigint), public.sms_send_again(bigint), amocrm.sms_rows() to authenticated, service_role;
revoke all on public.sms_dead_letters, public.sms_overview from public, anon, authenticated, service_role;
grant select on public.sms_dead_letters, public.sms_overview to authenticated, service_role;
