-- Deals that were won in amoCRM are orders too, in the pipelines that loyalty_settings names; reopened, lost and deleted ones are
-- refunded whole. The events of deals come once each, so a deal is an order once.

create table amocrm.loyalty_deals_waiting (
  event_id bigint primary key,
  error text not null,
  since timestamptz not null default amocrm.clock()
);
comment on table amocrm.loyalty_deals_waiting is 'Events of deals that could not be booked; each night they are tried again.';
alter table amocrm.loyalty_deals_waiting enable row level security;
revoke all on amocrm.loyalty_deals_waiting from public, anon, authenticated, service_role;
grant select on amocrm.loyalty_deals_waiting to service_role;

create function amocrm.book_deal(p_event public.amocrm_deal_events) returns void
language plpgsql set search_path = ''
as $$
declare
  v_keys record;
  v_external text := p_event.amocrm_deal_id::text;
  v_known public.loyalty_orders;
begin
  select * into v_known from public.loyalty_orders where loyalty_orders.provider = 'amocrm' and loyalty_orders.external_id = v_external;
  if p_event.event in ('won', 'restored', 'added') then
    if p_event.to_status_id is distinct from 142
      or not (p_event.to_pipeline_id = any ((select loyalty_settings.amocrm_pipelines from public.loyalty_settings)::bigint[])) then
      return;
    end if;
    if v_known.id is not null then
      update public.loyalty_orders set deleted_at = null, amount = greatest(coalesce(p_event.price, 0), loyalty_orders.refunded_amount), updated_at = p_event.occurred_at
      where loyalty_orders.id = v_known.id;
      return;
    end if;
    select (array_agg(contact_keys.key) filter (where contact_keys.type = 'email'))[1] as email,
      (array_agg(contact_keys.key) filter (where contact_keys.type = 'phone'))[1] as phone into v_keys
    from amocrm.deals join amocrm.contact_keys on contact_keys.amocrm_contact_id = deals.amocrm_contact_id and contact_keys.account = deals.account
    where deals.amocrm_deal_id = p_event.amocrm_deal_id and deals.account = amocrm.account();
    insert into public.loyalty_orders (provider, external_id, member_id, amount, currency, ordered_at, paid_at, updated_at)
    values ('amocrm', v_external, amocrm.loyalty_member_of(v_keys.email, v_keys.phone, 'amocrm', null), coalesce(p_event.price, 0),
      (select loyalty_settings.currency from public.loyalty_settings), p_event.occurred_at, p_event.occurred_at, p_event.occurred_at);
  elsif v_known.id is not null and p_event.event in ('reopened', 'lost', 'deleted') then
    update public.loyalty_orders set deleted_at = p_event.occurred_at, updated_at = p_event.occurred_at
    where loyalty_orders.id = v_known.id and loyalty_orders.deleted_at is null;
  elsif v_known.id is not null and p_event.event = 'price_changed' then
    update public.loyalty_orders set amount = greatest(coalesce(p_event.price, 0), loyalty_orders.refunded_amount), updated_at = p_event.occurred_at
    where loyalty_orders.id = v_known.id;
  end if;
end
$$;
comment on function amocrm.book_deal(public.amocrm_deal_events) is 'Makes an order of a deal that was won in a pipeline that counts, and follows what becomes of it.';

create function amocrm.order_of_deal() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.book_deal(new);
  return null;
exception when others then
  -- The mirror of amoCRM must not stop for the sake of points.
  insert into amocrm.loyalty_deals_waiting (event_id, error) values (new.id, left(sqlstate, 5)) on conflict (event_id) do nothing;
  return null;
end
$$;
comment on function amocrm.order_of_deal() is 'Books the event of a deal; one that fails waits for the night, and the mirror goes on.';
create trigger order_of_deal after insert on public.amocrm_deal_events
  for each row execute function amocrm.order_of_deal();

create function amocrm.book_waiting_deals() returns int
language plpgsql set search_path = ''
as $$
declare
  v_event public.amocrm_deal_events;
  v_count int := 0;
begin
  for v_event in
    select event.* from public.amocrm_deal_events as event join amocrm.loyalty_deals_waiting as waiting on waiting.event_id = event.id order by event.id
  loop
    begin
      perform amocrm.book_deal(v_event);
      delete from amocrm.loyalty_deals_waiting where loyalty_deals_waiting.event_id = v_event.id;
      v_count := v_count + 1;
    exception when others then
      update amocrm.loyalty_deals_waiting set error = left(sqlstate, 5) where loyalty_deals_waiting.event_id = v_event.id;
    end;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.book_waiting_deals() is 'Tries again to book events of deals that failed; returns how many it booked.';

revoke all on function amocrm.book_deal(public.amocrm_deal_events), amocrm.order_of_deal(), amocrm.book_waiting_deals() from public;
