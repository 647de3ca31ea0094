-- Orders of ticket sellers: hooks say that there is something to read, and everything is read from the seller's API. A run reads
-- what hooks named, then what came after the last known id; at night all that may have changed.

insert into amocrm.inbox_sources (source, keep_worked, max_rows) values ('qtickets', '3 days', 10000);

create table amocrm.loyalty_sources (
  provider text primary key,
  last_id bigint not null default 0,
  begun_at timestamptz,
  pulled_at timestamptz,
  nightly_at timestamptz,
  nightly_ended_at timestamptz,
  lease_token uuid,
  lease_expires_at timestamptz,
  error text,
  error_at timestamptz,
  cut_count bigint not null default 0
);
comment on table amocrm.loyalty_sources is 'Each seller whose orders are read: how far, and who reads now.';
comment on column amocrm.loyalty_sources.last_id is 'The seller''s id up to which all orders have been read; hooks never move it.';
comment on column amocrm.loyalty_sources.begun_at is 'When a configured function read for the first time: from then on cron calls it.';
comment on column amocrm.loyalty_sources.nightly_at is 'When the last nightly reading was asked for: orders read before that are read again.';
comment on column amocrm.loyalty_sources.nightly_ended_at is 'When nothing of it was left.';
comment on column amocrm.loyalty_sources.error is 'The code of what stopped the last run; null after a good one.';
comment on column amocrm.loyalty_sources.cut_count is 'How many orders came with more refunded than was paid, and were cut to that.';
alter table amocrm.loyalty_sources enable row level security;
revoke all on amocrm.loyalty_sources from public, anon, authenticated, service_role;
grant select on amocrm.loyalty_sources to service_role;
insert into amocrm.loyalty_sources (provider) values ('qtickets');

create function amocrm.record_order(p_provider text, p_order jsonb) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_new record;
  v_old public.loyalty_orders;
begin
  select * into v_new from jsonb_to_record(p_order) as told (external_id text, email text, phone text, client_id text, amount numeric, refunded_amount numeric,
    currency text, ordered_at timestamptz, paid_at timestamptz, updated_at timestamptz, deleted_at timestamptz);
  if v_new.refunded_amount > v_new.amount then
    v_new.refunded_amount := v_new.amount;
    update amocrm.loyalty_sources set cut_count = loyalty_sources.cut_count + 1 where loyalty_sources.provider = p_provider;
  end if;
  select * into v_old from public.loyalty_orders
  where loyalty_orders.provider = p_provider and loyalty_orders.external_id = v_new.external_id for no key update;
  if v_new.updated_at is null then
    -- Of a seller who tells no versions, and of rows by hand, the last word counts; what is as we have it changes nothing.
    if (v_old.amount, v_old.refunded_amount, v_old.currency, v_old.paid_at, v_old.deleted_at) is not distinct from
      (v_new.amount, v_new.refunded_amount, coalesce(v_new.currency, v_old.currency), v_new.paid_at, v_new.deleted_at) and v_old.id is not null then
      return false;
    end if;
    v_new.updated_at := greatest(v_old.updated_at, amocrm.clock());
  end if;
  -- An older version, as of a read that was overtaken, says nothing.
  if v_old.updated_at > v_new.updated_at then
    return false;
  end if;
  -- Only a buyer becomes a member, and an order that has its member keeps it: also one who was forgotten.
  v_old.member_id := coalesce(v_old.member_id,
    case when v_new.paid_at is not null then amocrm.loyalty_member_of(v_new.email, v_new.phone, p_provider, v_new.client_id) end);
  insert into public.loyalty_orders as known (provider, external_id, member_id, amount, refunded_amount, currency, ordered_at, paid_at, updated_at, deleted_at)
  values (p_provider, v_new.external_id, v_old.member_id, v_new.amount, v_new.refunded_amount, coalesce(v_new.currency, (amocrm.loyalty_setting()).currency), v_new.ordered_at, v_new.paid_at,
    v_new.updated_at, v_new.deleted_at)
  on conflict (provider, external_id) do update set member_id = coalesce(known.member_id, excluded.member_id), amount = excluded.amount,
    refunded_amount = excluded.refunded_amount, currency = excluded.currency, ordered_at = excluded.ordered_at, paid_at = excluded.paid_at,
    updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, read_at = amocrm.clock()
  where known.updated_at <= excluded.updated_at;
  return true;
end
$$;
comment on function amocrm.record_order(text, jsonb) is 'Stores an order as its seller has it, unless a newer version is known.';

create function public.loyalty_pull_begin(p_provider text, p_nightly boolean, p_token uuid, p_seconds int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_source amocrm.loyalty_sources;
  v_now timestamptz := amocrm.clock();
begin
  update amocrm.loyalty_sources set begun_at = coalesce(loyalty_sources.begun_at, v_now),
    nightly_at = case when p_nightly then v_now else loyalty_sources.nightly_at end
  where loyalty_sources.provider = p_provider;
  update amocrm.loyalty_sources set lease_token = p_token, lease_expires_at = v_now + make_interval(secs => p_seconds)
  where loyalty_sources.provider = p_provider and coalesce(loyalty_sources.lease_expires_at, '-infinity') <= v_now
  returning * into v_source;
  -- Null: another run reads, and does the night's work as well.
  return case when v_source.provider is not null then jsonb_build_object('last_id', v_source.last_id,
    'is_nightly', coalesce(v_source.nightly_at, '-infinity') > coalesce(v_source.nightly_ended_at, '-infinity')) end;
end
$$;
comment on function public.loyalty_pull_begin(text, boolean, uuid, int) is
  'Begins a run for a seller, {last_id, is_nightly}, and requests the nightly reading if p_nightly is true; null while another run reads.';

create function public.loyalty_pull_store(p_provider text, p_token uuid, p_orders jsonb, p_last_id bigint default null) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  -- A run that lost its lease may still tell what it read: orders have versions, only the cursor does not.
  select count(*) filter (where amocrm.record_order(p_provider, told.value)) into v_count
  from (select value from jsonb_array_elements(p_orders) order by value ->> 'external_id') as told;
  update amocrm.loyalty_sources set last_id = greatest(loyalty_sources.last_id, p_last_id)
  where loyalty_sources.provider = p_provider and loyalty_sources.lease_token = p_token and p_last_id is not null;
  return v_count;
end
$$;
comment on function public.loyalty_pull_store(text, uuid, jsonb, bigint) is
  'Stores orders of a seller and, with p_last_id, that everything up to that id has been read; returns how many orders were news.';

create function public.loyalty_pull_due(p_provider text, p_limit int) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce(jsonb_agg(due.external_id), '[]') from (
    select loyalty_orders.external_id from public.loyalty_orders join amocrm.loyalty_sources as source on source.provider = loyalty_orders.provider
    where loyalty_orders.provider = p_provider and loyalty_orders.read_at < source.nightly_at
      and (loyalty_orders.paid_at is null or loyalty_orders.paid_at > source.nightly_at - interval '90 days'
        or loyalty_orders.ordered_at > source.nightly_at - interval '90 days')
    order by loyalty_orders.id limit p_limit) as due
$$;
comment on function public.loyalty_pull_due(text, int) is
  'Lists orders that the night reads again, [external_id]: unpaid ones and those of the last 90 days that were not read since it began.';

create function public.loyalty_pull_touch(p_provider text, p_ids text[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.loyalty_orders set read_at = amocrm.clock()
  where loyalty_orders.provider = p_provider and loyalty_orders.external_id = any (p_ids);
end
$$;
comment on function public.loyalty_pull_touch(text, text[]) is 'Notes that orders were read again and nothing was new, or that the seller has them no more.';

create function public.loyalty_pull_end(p_provider text, p_token uuid, p_is_night_over boolean, p_error text default null) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
begin
  update amocrm.loyalty_sources set lease_token = null, lease_expires_at = null, error = p_error,
    error_at = case when p_error is not null then v_now end,
    pulled_at = case when p_error is null then v_now else loyalty_sources.pulled_at end,
    nightly_ended_at = case when p_is_night_over then v_now else loyalty_sources.nightly_ended_at end
  where loyalty_sources.provider = p_provider and loyalty_sources.lease_token = p_token;
end
$$;
comment on function public.loyalty_pull_end(text, uuid, boolean, text) is 'Ends a run, well or with the code of an error.';

create function amocrm.loyalty_tick(p_nightly boolean) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
begin
  if not exists (select from amocrm.loyalty_sources as source where source.begun_at is not null
    and coalesce(source.lease_expires_at, '-infinity') <= v_now
    and (p_nightly or source.nightly_at > coalesce(source.nightly_ended_at, '-infinity')
      -- Hooks come at once, and what they missed each quarter of an hour; after an error less often.
      or exists (select from amocrm.inbox where inbox.source = source.provider and inbox.state = 'waiting' and inbox.due_at <= v_now)
      or coalesce(source.pulled_at, '-infinity') <= v_now - interval '15 minutes')
    and coalesce(source.error_at, '-infinity') <= v_now - interval '5 minutes') then
    return;
  end if;
  if p_nightly then
    update amocrm.loyalty_sources set nightly_at = v_now where loyalty_sources.begun_at is not null;
  end if;
  perform amocrm.post('loyalty-pull');
end
$$;
comment on function amocrm.loyalty_tick(boolean) is 'Calls loyalty-pull if a seller that was read before has something to read; nothing where none was.';

create function amocrm.loyalty_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select 'loyalty_rate_missing', 'warning',
    'Orders in ' || string_agg(distinct waiting.currency, ', ') || ' earn nothing, since loyalty_rates has no rate of their day',
    'insert into loyalty_rates (currency, day, rate) values (''RUB'', ''2026-12-01'', 5.5)', true
  from (select loyalty_orders.currency from public.loyalty_orders
    where loyalty_orders.rate is null and loyalty_orders.paid_at is not null limit 1000) as waiting having count(*) > 0;
  return query
  select 'loyalty_pull_failing', 'warning', 'Orders of ' || source.provider || ' are not read: ' || source.error,
    'select * from amocrm.loyalty_sources', false
  from amocrm.loyalty_sources as source where source.error is not null;
  return query
  select 'loyalty_refund_cut', 'info', 'Orders of ' || source.provider || ' came with more refunded than was paid, and were cut to that',
    'select * from amocrm.loyalty_sources', true
  from amocrm.loyalty_sources as source where source.cut_count > 0;
end
$$;
comment on function amocrm.loyalty_conditions() is 'Lists what is wrong with orders: a rate that is missing, a seller that cannot be read, refunds that were cut.';

revoke all on function amocrm.record_order(text, jsonb), amocrm.loyalty_tick(boolean), amocrm.loyalty_conditions() from public;
revoke all on function public.loyalty_pull_begin(text, boolean, uuid, int), public.loyalty_pull_store(text, uuid, jsonb, bigint), public.loyalty_pull_due(text, int),
  public.loyalty_pull_touch(text, text[]), public.loyalty_pull_end(text, uuid, boolean, text) from public, anon, authenticated;
grant execute on function public.loyalty_pull_begin(text, boolean, uuid, int), public.loyalty_pull_store(text, uuid, jsonb, bigint), public.loyalty_pull_due(text, int),
  public.loyalty_pull_touch(text, text[]), public.loyalty_pull_end(text, uuid, boolean, text) to service_role;

insert into amocrm.conditions (name, rank, function) values ('loyalty', 90, 'amocrm.loyalty_conditions');
select amocrm.schedule_job('amocrm-loyalty-tick', '* * * * *', 'select amocrm.loyalty_tick(false)');
select amocrm.schedule_job('amocrm-loyalty-nightly', '10 22 * * *', 'select amocrm.loyalty_tick(true)');
