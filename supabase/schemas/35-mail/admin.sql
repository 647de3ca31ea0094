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

create function public.message_allow_address(p_email text) returns boolean
language sql set search_path = ''
begin atomic select amocrm.allow_address(p_email); end;
comment on function public.message_allow_address(text) is
  'Allows mail to an address that bounced or complained; remove it from Resend''s suppression list as well.';

create function public.message_pause(p_reason text) returns void
language sql set search_path = ''
begin atomic select amocrm.pause('message', p_reason); end;
comment on function public.message_pause(text) is 'Stops sending mail until message_resume(). Students are saved and their mails wait.';

create function public.message_resume() returns void
language sql set search_path = ''
begin atomic select amocrm.resume('message'); end;
comment on function public.message_resume() is 'Resumes sending mail after message_pause, and probes at once if the breaker is open.';

revoke all on function amocrm.allow_address(text), public.message_allow_address(text), public.message_pause(text),
  public.message_resume() from public, anon, authenticated;
grant execute on function amocrm.allow_address(text), public.message_allow_address(text), public.message_pause(text),
  public.message_resume() to authenticated, service_role;
