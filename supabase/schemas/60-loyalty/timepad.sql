-- TimePad tells its orders by event only, without a time of their last change: all orders of the events that are on are read by turns,
-- and one that is as we have it changes nothing.

create table public.loyalty_timepad_events (
  event_id bigint primary key,
  is_on boolean not null default true,
  constraint event_id_is_positive check (event_id > 0)
);
comment on table public.loyalty_timepad_events is 'Events at TimePad whose orders are read; switch one off when nothing changes any more.';
alter table public.loyalty_timepad_events enable row level security;
revoke all on public.loyalty_timepad_events from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.loyalty_timepad_events to service_role;
insert into amocrm.loyalty_sources (provider) values ('timepad');

create function public.loyalty_timepad_due(p_nightly boolean) returns bigint[]
language sql stable security definer set search_path = ''
as $$
  -- A call for the other seller's sake does not read all of this one's events again.
  select case when p_nightly or coalesce(source.pulled_at, '-infinity') <= amocrm.clock() - interval '14 minutes'
    then array(select loyalty_timepad_events.event_id from public.loyalty_timepad_events where loyalty_timepad_events.is_on order by 1) else '{}' end
  from amocrm.loyalty_sources as source where source.provider = 'timepad'
$$;
comment on function public.loyalty_timepad_due(boolean) is 'Returns the events at TimePad whose orders are to be read now; none if that was done within a quarter of an hour.';

revoke all on function public.loyalty_timepad_due(boolean) from public, anon, authenticated;
grant execute on function public.loyalty_timepad_due(boolean) to service_role;
