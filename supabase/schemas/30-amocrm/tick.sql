-- What pg_cron calls each ten seconds.

create function public.amocrm_tick() returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_queue text;
begin
  begin
    perform amocrm.follow_clock();
  exception when others then
    raise warning 'the clock was not followed: % (%)', sqlerrm, sqlstate;
  end;
  perform amocrm.ring_for_refresh();
  perform amocrm.ring_for_hints();
  for v_queue in select queue_control.queue from amocrm.queue_control order by queue_control.queue loop
    begin
      perform amocrm.tick(v_queue);
    exception when others then
      -- What is wrong with one queue's call must not silence the other's. It counts as a call that nobody heard, so
      -- that health names it.
      raise warning 'the drain of queue % was not called: % (%)', v_queue, sqlerrm, sqlstate;
      perform amocrm.note_post(amocrm.function_of(v_queue), null);
    end;
  end loop;
end
$$;
comment on function public.amocrm_tick() is
  'Calls the drains of queues with something due and the token refresh, every ten seconds by pg_cron; otherwise calls nothing.';
revoke all on function public.amocrm_tick() from public, anon, authenticated;
grant execute on function public.amocrm_tick() to service_role;

select amocrm.schedule_job('amocrm-tick', '10 seconds', 'select public.amocrm_tick()');
