-- Messages that are dead: what each was about, why it ended, and what to do about it.

create function amocrm.dead_letter_rows(p_queue text)
returns table (id bigint, kind text, error_code text, error_message text, attempt_count int, subject_table text,
  subject_id uuid, person_id bigint, created_at timestamptz, remedy text)
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return query
  select outbox.id, outbox.kind, outbox.last_error_code,
    case when amocrm.sees_people() then outbox.last_error_message else amocrm.masked_text(outbox.last_error_message) end, outbox.attempt_count,
    outbox.subject_table, outbox.subject_id, outbox.person_id, outbox.created_at,
    case when outbox.last_error_code = 'look_unclear'
      then 'Look in amoCRM whether it is there. Not there: select amocrm_requeue(' || outbox.id || '); there: select amocrm_cancel(' || outbox.id || ')'
      else 'Mend the cause, then: select amocrm_requeue(' || outbox.id || ')' end
  from amocrm.outbox
  where outbox.queue = p_queue and outbox.state = 'dead'
  order by outbox.id;
end
$$;
comment on function amocrm.dead_letter_rows(text) is 'Returns the rows of amocrm_dead_letters and message_dead_letters.';

create view public.amocrm_dead_letters with (security_invoker = true) as
select id, kind, error_code, error_message, attempt_count, subject_table, subject_id, person_id, created_at, remedy
from amocrm.dead_letter_rows('amocrm');
comment on view public.amocrm_dead_letters is 'Which messages will not be retried, why, and what is the remedy?';
revoke all on function amocrm.dead_letter_rows(text) from public, anon;
grant execute on function amocrm.dead_letter_rows(text) to authenticated, service_role;
revoke all on public.amocrm_dead_letters from public, anon, authenticated, service_role;
grant select on public.amocrm_dead_letters to authenticated, service_role;

create view public.message_dead_letters with (security_invoker = true) as
select id, kind, error_code, error_message, attempt_count, subject_table, subject_id, created_at, remedy
from amocrm.dead_letter_rows('message');
comment on view public.message_dead_letters is 'Which mails will not be retried, why, and what is the remedy?';
revoke all on public.message_dead_letters from public, anon, authenticated, service_role;
grant select on public.message_dead_letters to authenticated, service_role;
