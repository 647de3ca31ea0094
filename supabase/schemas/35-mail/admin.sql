-- What an admin sees and does about mail. A message is requeued and cancelled by amocrm_requeue and amocrm_cancel, which
-- know it by its id whatever its queue.

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
comment on function amocrm.allow_address(text) is 'Allows mail to a suppressed address again; false if nothing suppressed it.';

create function amocrm.suppress_address(p_email text, p_reason text) returns void
language sql set search_path = ''
as $$ insert into amocrm.suppressed_addresses (email_key, reason) values (p_email, p_reason) on conflict (email_key) do nothing $$;
comment on function amocrm.suppress_address(text, text) is 'Lets nothing more be sent to a normalised address, which bounced or complained elsewhere.';

create function public.message_allow_address(p_email text) returns boolean
language sql set search_path = ''
begin atomic select amocrm.allow_address(p_email); end;
comment on function public.message_allow_address(text) is
  'Allows mail to an address that bounced or complained; remove it from Resend''s suppression list as well.';

create function amocrm.message_queues(p_queue text) returns setof text
language plpgsql stable set search_path = ''
as $$
begin
  if p_queue is not null and p_queue not in ('message', 'sms', 'unisender') then
    raise exception 'p_queue is "%", must be message, sms or unisender', p_queue using errcode = '22023', hint = 'message is the queue of mails, unisender that of mailings to members; null is mails and SMS.';
  end if;
  return query select named.queue from unnest(array['message', 'sms', 'unisender']) as named (queue)
    where named.queue = p_queue or p_queue is null and named.queue <> 'unisender';
end
$$;
comment on function amocrm.message_queues(text) is 'Lists the queues of messages to people that a name means, null mail and SMS; raises 22023 for another.';

create function amocrm.pause_messages(p_reason text, p_queue text) returns void
language sql security definer set search_path = ''
as $$ select amocrm.pause(named.queue, p_reason) from amocrm.message_queues(p_queue) as named (queue) $$;
comment on function amocrm.pause_messages(text, text) is 'Stops sending mail, SMS or both.';

create function amocrm.resume_messages(p_queue text) returns void
language sql security definer set search_path = ''
as $$ select amocrm.resume(named.queue) from amocrm.message_queues(p_queue) as named (queue) $$;
comment on function amocrm.resume_messages(text) is 'Resumes sending mail, SMS or both.';

create function public.message_pause(p_reason text, p_queue text default null) returns void
language sql set search_path = ''
begin atomic select amocrm.pause_messages(p_reason, p_queue); end;
comment on function public.message_pause(text, text) is
  'Stops mail (message), SMS (sms), mailings (unisender), or by default mail and SMS until message_resume(). People are saved and their messages wait.';

create function public.message_resume(p_queue text default null) returns void
language sql set search_path = ''
begin atomic select amocrm.resume_messages(p_queue); end;
comment on function public.message_resume(text) is
  'Resumes mail, SMS, mailings, or by default mail and SMS after message_pause, and probes at once if the breaker is open.';

revoke all on function amocrm.message_queues(text), amocrm.suppress_address(text, text) from public;
revoke all on function amocrm.allow_address(text), amocrm.pause_messages(text, text), amocrm.resume_messages(text), public.message_allow_address(text),
  public.message_pause(text, text), public.message_resume(text) from public, anon, authenticated;
grant execute on function amocrm.allow_address(text), amocrm.pause_messages(text, text), amocrm.resume_messages(text), public.message_allow_address(text),
  public.message_pause(text, text), public.message_resume(text) to authenticated, service_role;
