-- What an admin does by hand. For service_role, and for signed-in people with the role admin; refused to everybody else.

create function amocrm.pause(p_queue text, p_reason text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.require_admin();
  if amocrm.trimmed(p_reason) is null then
    raise exception 'p_reason is missing' using errcode = '22023', hint = 'Say why, so that the next person knows, such as: moving to another account.';
  end if;
  perform amocrm.lock_queue(p_queue);
  update amocrm.queue_control set paused_at = amocrm.clock(), pause_reason = left(amocrm.trimmed(p_reason), 500)
  where queue_control.queue = p_queue;
  perform amocrm.note_action('pause', jsonb_build_object('queue', p_queue, 'reason', left(amocrm.trimmed(p_reason), 500)));
end
$$;
comment on function amocrm.pause(text, text) is 'Stops a queue until amocrm.resume(). Leads and students are saved and their messages wait.';

create function amocrm.resume(p_queue text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.require_admin();
  perform amocrm.lock_queue(p_queue);
  update amocrm.queue_control set paused_at = null, pause_reason = null, cool_off_until = null,
    breaker_probe_at = case when queue_control.breaker_code is not null then amocrm.clock() end
  where queue_control.queue = p_queue;
  perform amocrm.note_action('resume', jsonb_build_object('queue', p_queue));
  if amocrm.is_due(p_queue) then
    perform amocrm.ring(p_queue);
  end if;
end
$$;
comment on function amocrm.resume(text) is 'Resumes a queue after amocrm.pause, and probes at once if the breaker is open.';

create function amocrm.lock_message(p_id bigint) returns amocrm.outbox
language plpgsql set search_path = ''
as $$
declare
  v_message amocrm.outbox;
begin
  -- Ids are of one sequence, so the id alone tells the queue; the message is read anew under the queue's lock.
  select * into v_message from amocrm.outbox where outbox.id = p_id;
  if v_message.id is null then
    raise exception 'no message % in amocrm_outbox or message_outbox', p_id using errcode = '22023';
  end if;
  perform amocrm.lock_queue(v_message.queue);
  select * into v_message from amocrm.outbox where outbox.queue = v_message.queue and outbox.id = p_id;
  return v_message;
end
$$;
comment on function amocrm.lock_message(bigint) is 'Locks the queue of a message and returns the message.';

create function amocrm.requeue_all(p_queue text, p_ids bigint[]) returns void
language sql set search_path = ''
as $$
  -- What is not waiting in line any more is placed anew, because its person may have become another one in the meantime.
  update amocrm.outbox set state = 'pending', attempt_count = 0, error_count = 0, crash_count = 0, alone_crash_count = 0,
    company_fault_count = 0, alone_fault_count = 0, alone_fault_at = null,
    goes_alone = false, next_attempt_at = amocrm.clock(),
    is_head = outbox.is_head and outbox.state = 'pending',
    person_id = case when outbox.state = 'pending' then outbox.person_id end,
    -- And with it the contact, unless there is a deal already that hangs on it.
    amocrm_contact_id = case when outbox.state = 'pending' or outbox.amocrm_deal_id is not null then outbox.amocrm_contact_id end,
    is_fresh = case when outbox.state = 'pending' then outbox.is_fresh
      else (select kinds.has_handler from amocrm.kinds where kinds.kind = outbox.kind) end
  where outbox.queue = p_queue and outbox.id = any (p_ids)
$$;
comment on function amocrm.requeue_all(text, bigint[]) is
  'Makes messages pending again with all their attempts; the caller holds the lock and has checked their states.';

create function amocrm.give_up_doubt(p_queue text, p_id bigint) returns void
language sql set search_path = ''
as $$
  update amocrm.outbox set step = null, progress = '{}' where outbox.queue = p_queue and outbox.id = p_id and outbox.state = 'dead'
$$;
comment on function amocrm.give_up_doubt(text, bigint) is
  'Lets a dead message be sent anew instead of being looked for, on a person''s word; the caller holds the lock.';

create function amocrm.requeue(p_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_message amocrm.outbox;
begin
  perform amocrm.require_admin();
  v_message := amocrm.lock_message(p_id);
  if v_message.state not in ('dead', 'cancelled', 'pending') then
    raise exception 'message % is %, only dead, cancelled and pending ones can be requeued', p_id, v_message.state using errcode = '22023';
  end if;
  perform amocrm.requeue_all(v_message.queue, array[p_id]);
  perform amocrm.note_action('requeue', jsonb_build_object('id', p_id), jsonb_build_object('was', v_message.state), array[p_id]);
  perform amocrm.ring(v_message.queue);
end
$$;
comment on function amocrm.requeue(bigint) is 'Tries a dead, cancelled or waiting message again, now, with all its attempts.';

create function amocrm.cancel_all(p_queue text, p_ids bigint[]) returns bigint[]
language plpgsql set search_path = ''
as $$
declare
  v_people bigint[];
begin
  with cancelled as (
    update amocrm.outbox set state = 'cancelled', is_head = false, is_fresh = false, last_error_code = 'cancelled',
      last_error_message = 'Cancelled by hand'
    where outbox.queue = p_queue and outbox.id = any (p_ids)
    returning outbox.person_id
  )
  select coalesce(array_agg(distinct cancelled.person_id) filter (where cancelled.person_id is not null), '{}') into v_people from cancelled;
  return v_people;
end
$$;
comment on function amocrm.cancel_all(text, bigint[]) is
  'Takes messages out for good and returns whose they were; the caller holds the lock, has checked their states and releases the people.';

create function amocrm.cancel(p_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_message amocrm.outbox;
begin
  perform amocrm.require_admin();
  v_message := amocrm.lock_message(p_id);
  if v_message.state not in ('pending', 'uncertain', 'dead') then
    raise exception 'message % is %, only pending, uncertain and dead ones can be cancelled', p_id, v_message.state using errcode = '22023';
  end if;
  perform amocrm.landed(v_message.queue, person.id) from unnest(amocrm.cancel_all(v_message.queue, array[p_id])) as person (id);
  perform amocrm.note_action('cancel', jsonb_build_object('id', p_id), jsonb_build_object('was', v_message.state), array[p_id]);
end
$$;
comment on function amocrm.cancel(bigint) is 'Takes a message out for good; the person''s later messages go on.';

-- The public faces run as the caller, and their bodies are bound when they are created: so the caller needs neither
-- usage on the schema amocrm nor anything else but EXECUTE.
create function public.amocrm_pause(p_reason text) returns void
language sql set search_path = ''
begin atomic select amocrm.pause('amocrm', p_reason); end;
comment on function public.amocrm_pause(text) is 'Stops sending to amoCRM until amocrm_resume(). Leads and students are saved and wait.';

create function public.amocrm_resume() returns void
language sql set search_path = ''
begin atomic select amocrm.resume('amocrm'); end;
comment on function public.amocrm_resume() is 'Resumes sending after amocrm_pause, and probes at once if the breaker is open.';

create function public.amocrm_requeue(p_id bigint) returns void
language sql set search_path = ''
begin atomic select amocrm.requeue(p_id); end;
comment on function public.amocrm_requeue(bigint) is 'Tries a dead, cancelled or waiting message again, now, with all its attempts.';

create function public.amocrm_cancel(p_id bigint) returns void
language sql set search_path = ''
begin atomic select amocrm.cancel(p_id); end;
comment on function public.amocrm_cancel(bigint) is 'Takes a message out for good; the person''s later messages go on.';

revoke all on function amocrm.lock_message(bigint), amocrm.requeue_all(text, bigint[]), amocrm.give_up_doubt(text, bigint), amocrm.cancel_all(text, bigint[]) from public;
revoke all on function amocrm.pause(text, text), amocrm.resume(text), amocrm.requeue(bigint), amocrm.cancel(bigint),
  public.amocrm_pause(text), public.amocrm_resume(), public.amocrm_requeue(bigint), public.amocrm_cancel(bigint)
  from public, anon, authenticated;
grant execute on function amocrm.pause(text, text), amocrm.resume(text), amocrm.requeue(bigint), amocrm.cancel(bigint),
  public.amocrm_pause(text), public.amocrm_resume(), public.amocrm_requeue(bigint), public.amocrm_cancel(bigint)
  to authenticated, service_role;
