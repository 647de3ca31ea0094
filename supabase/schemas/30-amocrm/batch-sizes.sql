-- How much travels together: people in a claim, items in a request, and what is remembered where amoCRM did not cope.

create function amocrm.bulk_limit() returns int
language sql stable set search_path = ''
as $$
  -- The deals of a claim are made within about twenty seconds of pace. After a worker's death a claim is one request's again:
  -- who shares two of them with a message that kills workers goes alone. So it is after a call that failed, as a slow database makes it.
  select case when queue_control.worker_died_at > amocrm.clock() - interval '10 minutes'
      or exists (select from amocrm.heartbeats where heartbeats.component = 'amocrm-drain' and heartbeats.failure_count > 0)
    then amocrm_settings.batch_size
    else greatest(amocrm_settings.batch_size, least(amocrm_settings.batch_size, queue_control.batch_size_in_force)
      * least(5, 20000 / amocrm.interval_in_force(queue_control, amocrm_settings.min_interval_ms))) end
  from public.amocrm_settings, amocrm.queue_control where queue_control.queue = amocrm.account()
$$;
comment on function amocrm.bulk_limit() is 'Returns how many people a claim may hold while the mirror serves: up to five requests of new deals.';

create function public.amocrm_drain_limit_batches(p_size int, p_is_large boolean default false) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if p_is_large then
    update amocrm.queue_control set large_batch_size_in_force = p_size, large_batch_limited_at = amocrm.clock() where queue_control.queue = amocrm.account();
  else
    update amocrm.queue_control set batch_size_in_force = p_size where queue_control.queue = amocrm.account();
  end if;
end
$$;
comment on function public.amocrm_drain_limit_batches(int, boolean) is
  'Sets how many items a request may hold after a timeout or 504; null once full batches work again. Of large ones for an hour.';

revoke all on function amocrm.bulk_limit() from public;
revoke all on function public.amocrm_drain_limit_batches(int, boolean) from public, anon, authenticated;
grant execute on function public.amocrm_drain_limit_batches(int, boolean) to service_role;
