-- Messages that wait for a route or a stage are tried at once when the admin has set it.

create function amocrm.wake_waiting() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- The queue's lock before its messages, as everybody takes them: whoever saves a route and then calls amocrm_resume() in one
  -- transaction would else stand crosswise to a drain.
  perform amocrm.lock_queue(new.account);
  update amocrm.outbox set next_attempt_at = amocrm.clock()
  where outbox.queue = new.account and outbox.is_head and outbox.state = 'pending' and outbox.last_error_code = any (tg_argv);
  if found then
    perform amocrm.ring(new.account);
  end if;
  return null;
end
$$;
comment on function amocrm.wake_waiting() is
  'Retries messages at once whose error code is an argument of the trigger, since an admin set what they wait for.';
create trigger wake_unrouted after insert or update on amocrm.routes
  for each row execute function amocrm.wake_waiting('no_route', 'no_main_pipeline');
create trigger wake_stageless after insert or update on amocrm.stages
  for each row execute function amocrm.wake_waiting('no_stage');
revoke all on function amocrm.wake_waiting() from public;
