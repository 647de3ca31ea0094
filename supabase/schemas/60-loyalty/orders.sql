-- What members bought, from wherever it came: each order once. Whatever becomes of an order, its points are what is left of it:
-- the difference is booked, never a percentage of a percentage.

create table public.loyalty_orders (
  id bigint generated always as identity primary key,
  provider text not null,
  external_id text not null,
  member_id uuid references public.loyalty_members (id),
  amount numeric(14, 2) not null,
  refunded_amount numeric(14, 2) not null default 0,
  currency text not null default 'KZT',
  rate numeric(18, 8),
  percent numeric(5, 2),
  ordered_at timestamptz,
  paid_at timestamptz,
  updated_at timestamptz not null default amocrm.clock(),
  deleted_at timestamptz,
  read_at timestamptz not null default amocrm.clock(),
  told_at timestamptz not null default amocrm.clock(),
  constraint provider_is_known check (provider in ('qtickets', 'timepad', 'amocrm', 'manual')),
  constraint external_id_has_a_length check (length(external_id) between 1 and 200),
  constraint amount_is_not_negative check (amount >= 0),
  constraint refund_is_no_more_than_the_amount check (refunded_amount between 0 and amount),
  constraint currency_is_a_code check (currency ~ '^[A-Z]{3}$'),
  constraint paid_order_has_a_member check (paid_at is null or member_id is not null),
  constraint one_row_per_order unique (provider, external_id)
);
comment on table public.loyalty_orders is 'Orders of members. A row that is put in earns like any other; raising refunded_amount takes the difference back.';
comment on column public.loyalty_orders.member_id is 'Whose order it is; null only while it is not paid.';
comment on column public.loyalty_orders.amount is 'What was really paid, after discounts and points, in the order''s currency.';
comment on column public.loyalty_orders.rate is 'What a unit of the currency is worth in the programme''s; null while nobody has said it: then the order counts nowhere.';
comment on column public.loyalty_orders.percent is 'The cashback rate when it was paid; it stays, whatever happens to order or tier.';
comment on column public.loyalty_orders.updated_at is 'The provider''s time of the last change; an older version changes nothing.';
comment on column public.loyalty_orders.deleted_at is 'When the provider cancelled it, which counts as refunded whole; null for a restored one.';
comment on column public.loyalty_orders.read_at is 'When we read it last.';
comment on column public.loyalty_orders.told_at is 'When we got to know of it.';
create index loyalty_orders_of_member_idx on public.loyalty_orders (member_id, paid_at, id) include (amount, refunded_amount, rate, deleted_at);
create index loyalty_orders_to_read_idx on public.loyalty_orders (provider, read_at);
create index loyalty_orders_without_rate_idx on public.loyalty_orders (currency) where rate is null and paid_at is not null;

alter table public.loyalty_orders enable row level security;
revoke all on public.loyalty_orders from public, anon, authenticated, service_role;
revoke all on sequence public.loyalty_orders_id_seq from public, anon, authenticated, service_role;
grant select, insert, update on public.loyalty_orders to service_role;
grant select on public.loyalty_orders to authenticated;
create policy admins_and_viewers_see_orders on public.loyalty_orders for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));

create function amocrm.order_value(p_order public.loyalty_orders) returns numeric
language plpgsql immutable set search_path = ''
as $$
begin return (
  select case when p_order.paid_at is null or p_order.deleted_at is not null or p_order.rate is null then 0
    else (p_order.amount - p_order.refunded_amount) * p_order.rate end);
end
$$;
comment on function amocrm.order_value(public.loyalty_orders) is
  'Returns what is left of an order in the programme''s currency; 0 if it is not paid, cancelled, or its rate is unknown.';

create function amocrm.book_order(p_order public.loyalty_orders) returns void
language plpgsql set search_path = ''
as $$
declare
  v_setting public.loyalty_settings := amocrm.loyalty_setting();
  v_root uuid := amocrm.lock_loyalty_member(p_order.member_id);
  v_target bigint := floor(amocrm.order_value(p_order) * coalesce(p_order.percent, 0) / 100);
  v_earn public.loyalty_points;
  v_booked bigint;
  v_expired bigint;
  v_number int;
  v_id bigint;
  v_left bigint;
begin
  perform amocrm.expire_points(v_root);
  select * into v_earn from public.loyalty_points where loyalty_points.order_id = p_order.id and loyalty_points.kind = 'earn';
  select coalesce(sum(booked.amount) filter (where booked.kind <> 'expire'), 0), - coalesce(sum(booked.amount) filter (where booked.kind = 'expire'), 0), count(*)
  into v_booked, v_expired, v_number from public.loyalty_points as booked where booked.order_id = p_order.id;
  v_left := v_target - v_booked;
  if v_left < 0 then
    -- What has expired was lost already.
    v_left := least(- v_left, v_booked - v_expired);
    if v_left <= 0 then
      return;
    end if;
    insert into public.loyalty_points (member_id, kind, amount, source_key, reverses_id, order_id)
    values (v_earn.member_id, 'reverse', - v_left, 'order:' || p_order.id || ':' || v_number, v_earn.id, p_order.id) returning loyalty_points.id into v_id;
    v_left := v_left - amocrm.take_points(v_id, v_root, v_left, 'own order');
    if v_left > 0 then
      perform amocrm.release_fills(p_order.id, v_left);
      v_left := v_left - amocrm.take_points(v_id, v_root, v_left, 'own order');
    end if;
    if v_left > 0 then
      v_left := v_left - amocrm.take_points(v_id, v_root, v_left, 'pending');
    end if;
    if v_left > 0 then
      perform amocrm.take_points(v_id, v_root, v_left, 'member');
    end if;
  elsif v_left > 0 then
    -- An order that is told late may have expired already; what is given back later than it expired holds for the grace.
    insert into public.loyalty_points (member_id, kind, amount, source_key, available_at, expires_at, reverses_id, order_id, is_award)
    select coalesce(v_earn.member_id, p_order.member_id),
      case when v_earn.id is null then 'earn' when v_target <= v_earn.amount then 'reverse' else 'adjust' end,
      v_left, 'order:' || p_order.id || case when v_earn.id is null then '' else ':' || v_number end,
      coalesce(v_earn.available_at, p_order.paid_at + make_interval(days => v_setting.available_after_days)),
      case when v_earn.expires_at <= amocrm.clock() then amocrm.loyalty_day_end(amocrm.clock(), v_setting.refund_grace_days)
        else coalesce(v_earn.expires_at, amocrm.loyalty_day_end(p_order.paid_at, v_setting.expires_after_days)) end,
      v_earn.id, p_order.id, true;
    perform amocrm.expire_points(v_root);
  else
    return;
  end if;
  perform amocrm.fill_debts(v_root);
end
$$;
comment on function amocrm.book_order(public.loyalty_orders) is
  'Books the difference between what an order is to have earned and what it has, and locks its member.';

create function amocrm.rate_order() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.paid_at is null then
    return new;
  end if;
  if tg_op = 'INSERT' or old.rate is null or new.currency <> old.currency then
    new.rate := coalesce(case when tg_op = 'INSERT' then new.rate end, amocrm.loyalty_rate(new.currency, new.paid_at));
  end if;
  if new.rate is not null and new.percent is null then
    -- Locked here already, so that of two orders at one moment the second one sees the first.
    new.percent := amocrm.percent_of_tier(amocrm.tier_at(amocrm.lock_loyalty_member(new.member_id), new.paid_at, new.id));
  end if;
  return new;
end
$$;
comment on function amocrm.rate_order() is 'Gives a paid order the currency''s rate of its day and the cashback rate of its member''s tier, once.';
create trigger rate_order before insert or update on public.loyalty_orders
  for each row execute function amocrm.rate_order();

create function amocrm.book_changed_order() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and old.member_id is distinct from new.member_id and old.member_id is not null then
    raise exception 'an order stays with its member' using errcode = '22023', hint = 'Join the members by loyalty_join.';
  end if;
  if new.rate is not null and new.member_id is not null and new.percent is not null then
    perform amocrm.book_order(new);
    perform amocrm.raise_tier(amocrm.loyalty_root(new.member_id), new.paid_at);
  end if;
  return null;
end
$$;
comment on function amocrm.book_changed_order() is 'Books an order that was put in or changed, and lifts its member''s tier.';
create trigger book_new_order after insert on public.loyalty_orders
  for each row execute function amocrm.book_changed_order();
create trigger book_changed_order after update on public.loyalty_orders
  for each row when ((old.member_id, old.amount, old.refunded_amount, old.paid_at, old.deleted_at, old.rate)
    is distinct from (new.member_id, new.amount, new.refunded_amount, new.paid_at, new.deleted_at, new.rate))
  execute function amocrm.book_changed_order();

create function amocrm.rate_waiting_orders() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.loyalty_orders set rate = new.rate
  where loyalty_orders.rate is null and loyalty_orders.currency = new.currency
    and (loyalty_orders.paid_at at time zone (select loyalty_settings.time_zone from public.loyalty_settings))::date = new.day;
  return null;
end
$$;
comment on function amocrm.rate_waiting_orders() is 'Lets orders earn that waited for the rate of their currency and day.';
create trigger rate_waiting_orders after insert or update on public.loyalty_rates
  for each row execute function amocrm.rate_waiting_orders();

revoke all on function amocrm.order_value(public.loyalty_orders), amocrm.book_order(public.loyalty_orders), amocrm.rate_order(),
  amocrm.book_changed_order(), amocrm.rate_waiting_orders() from public;
