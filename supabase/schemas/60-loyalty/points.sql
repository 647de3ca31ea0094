-- The ledger: each row adds points to a member or takes some, and nothing is ever changed or deleted. What a row takes, it takes
-- from awards, oldest expiry first; what no award could cover is a debt, which later awards fill.

create table public.loyalty_points (
  id bigint generated always as identity primary key,
  member_id uuid not null references public.loyalty_members (id),
  kind text not null,
  amount bigint not null,
  source_key text not null unique,
  available_at timestamptz not null default amocrm.clock(),
  expires_at timestamptz,
  reverses_id bigint references public.loyalty_points (id),
  order_id bigint,
  is_award boolean not null default false,
  reason text,
  created_at timestamptz not null default amocrm.clock(),
  constraint kind_is_known check (kind in ('earn', 'spend', 'expire', 'reverse', 'adjust')),
  constraint amount_has_its_sign check (case kind when 'earn' then amount > 0 when 'spend' then amount < 0 when 'expire' then amount < 0 else amount <> 0 end),
  constraint award_adds_and_expires check (not is_award or amount > 0 and expires_at is not null),
  constraint source_key_has_a_length check (length(source_key) between 1 and 200)
);
comment on table public.loyalty_points is 'The ledger of points, append-only. Balances are computed from it.';
comment on column public.loyalty_points.amount is 'Points with their sign: what an earning adds, what spending, expiry or a reversal takes.';
comment on column public.loyalty_points.source_key is 'What the row stands for, such as an order or the caller''s key: once each.';
comment on column public.loyalty_points.available_at is 'The time from which an award can be spent.';
comment on column public.loyalty_points.expires_at is 'The time from which what is left of an award cannot be spent any more; null for rows that are no awards.';
comment on column public.loyalty_points.reverses_id is 'The row that this one takes back, wholly or in part.';
comment on column public.loyalty_points.order_id is 'The order (loyalty_orders) that earned it, or null.';
comment on column public.loyalty_points.is_award is 'True for a row from which points can be taken.';
create index loyalty_points_of_member_idx on public.loyalty_points (member_id, id);
create index loyalty_awards_idx on public.loyalty_points (member_id, expires_at) where is_award;
create index loyalty_points_reversing_idx on public.loyalty_points (reverses_id) where reverses_id is not null;
create index loyalty_points_of_order_idx on public.loyalty_points (order_id) where order_id is not null;

create table amocrm.loyalty_allocations (
  id bigint generated always as identity primary key,
  points_id bigint not null,
  award_id bigint not null,
  amount bigint not null,
  fills_debt boolean not null default false,
  constraint amount_is_not_zero check (amount <> 0)
);
comment on table amocrm.loyalty_allocations is 'Which award each row of the ledger took from, or gave back to, append-only.';
comment on column amocrm.loyalty_allocations.amount is 'Points with their sign, as they change what is left of the award.';
comment on column amocrm.loyalty_allocations.fills_debt is 'True if an award that came later filled the debt of a reversal.';
create index loyalty_allocations_of_award_idx on amocrm.loyalty_allocations (award_id) include (amount);
create index loyalty_allocations_of_points_idx on amocrm.loyalty_allocations (points_id);

alter table public.loyalty_points enable row level security;
alter table amocrm.loyalty_allocations enable row level security;
revoke all on public.loyalty_points, amocrm.loyalty_allocations from public, anon, authenticated, service_role;
revoke all on sequence public.loyalty_points_id_seq from public, anon, authenticated, service_role;
grant select on public.loyalty_points to service_role, authenticated;
grant select on amocrm.loyalty_allocations to service_role;
create policy admins_and_viewers_see_points on public.loyalty_points for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));

create function amocrm.refuse_loyalty_change() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception 'the ledger of points is only appended to' using errcode = '55000', hint = 'Book the difference by loyalty_adjust.';
end
$$;
comment on function amocrm.refuse_loyalty_change() is 'Refuses changes of the ledger.';
create trigger refuse_change before update or delete on public.loyalty_points
  for each row execute function amocrm.refuse_loyalty_change();
create trigger refuse_change before update or delete on amocrm.loyalty_allocations
  for each row execute function amocrm.refuse_loyalty_change();

create function amocrm.loyalty_awards(p_root uuid)
returns table (id bigint, member_id uuid, order_id bigint, available_at timestamptz, expires_at timestamptz, remaining bigint)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select award.id, award.member_id, award.order_id, award.available_at, award.expires_at,
    award.amount + coalesce((select sum(taken.amount) from amocrm.loyalty_allocations as taken where taken.award_id = award.id), 0)::bigint
  from public.loyalty_members as member
  join public.loyalty_points as award on award.member_id = member.id and award.is_award
  where member.root_id = p_root;
end
$$;
comment on function amocrm.loyalty_awards(uuid) is 'Lists all awards of a person, with what is left of each.';

create function amocrm.loyalty_debts(p_root uuid)
returns table (id bigint, member_id uuid, open_debt bigint, visible_debt bigint)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  -- An award that is pending yet has filled the debt, but nobody sees it before it is available.
  select debt.id, debt.member_id, - debt.amount + coalesce(sum(taken.amount), 0)::bigint,
    - debt.amount + coalesce(sum(taken.amount) filter (where not taken.fills_debt or award.available_at <= amocrm.clock()), 0)::bigint
  from public.loyalty_members as member
  join public.loyalty_points as debt on debt.member_id = member.id and debt.kind = 'reverse' and debt.amount < 0
  left join amocrm.loyalty_allocations as taken on taken.points_id = debt.id
  left join public.loyalty_points as award on award.id = taken.award_id
  where member.root_id = p_root
  group by debt.id;
end
$$;
comment on function amocrm.loyalty_debts(uuid) is
  'Lists a person''s reversals with what no award covers: in all, and as it shows while awards are pending.';

create function amocrm.loyalty_balance_of(p_root uuid) returns bigint
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
begin
  return coalesce((select sum(award.remaining) from amocrm.loyalty_awards(p_root) as award
      where award.available_at <= v_now and award.expires_at > v_now), 0)
    - coalesce((select sum(debt.visible_debt) from amocrm.loyalty_debts(p_root) as debt), 0);
end
$$;
comment on function amocrm.loyalty_balance_of(uuid) is 'Returns what a person can spend now; negative if a reversal found too little.';

create function amocrm.take_points(p_points_id bigint, p_root uuid, p_points bigint, p_scope text) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_taken bigint;
  v_row public.loyalty_points;
begin
  select * into v_row from public.loyalty_points where loyalty_points.id = p_points_id;
  with open as (
    select award.id, award.remaining, award.expires_at, award.available_at from amocrm.loyalty_awards(p_root) as award
    where award.remaining > 0 and award.expires_at > v_now
      and case p_scope
        when 'own order' then award.order_id = v_row.order_id
        when 'own award' then award.id = v_row.reverses_id
        when 'pending' then award.member_id = v_row.member_id and award.available_at > v_now
        when 'member' then award.member_id = v_row.member_id and award.available_at <= v_now
        when 'debt' then award.member_id = v_row.member_id
        else award.available_at <= v_now end
  ), placed as (
    select open.id, open.remaining, sum(open.remaining) over (order by open.expires_at, open.id) - open.remaining as before from open
  ), allocated as (
    insert into amocrm.loyalty_allocations (points_id, award_id, amount, fills_debt)
    select p_points_id, placed.id, - least(placed.remaining, p_points - placed.before), p_scope = 'debt'
    from placed where placed.before < p_points
    returning loyalty_allocations.amount
  )
  select coalesce(- sum(allocated.amount), 0)::bigint into v_taken from allocated;
  return v_taken;
end
$$;
comment on function amocrm.take_points(bigint, uuid, bigint, text) is
  'Takes points for a ledger row, oldest expiry first, from own order, own award, pending, member, debt or spendable; returns how many it found.';

create function amocrm.expire_points(p_root uuid) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  with due as (
    select award.* from amocrm.loyalty_awards(p_root) as award where award.remaining > 0 and award.expires_at <= amocrm.clock()
  ), expired as (
    insert into public.loyalty_points (member_id, kind, amount, source_key, available_at, reverses_id, order_id)
    select due.member_id, 'expire', - due.remaining, 'expire:' || due.id, due.expires_at, due.id, due.order_id from due
    returning loyalty_points.id, loyalty_points.reverses_id, loyalty_points.amount
  )
  insert into amocrm.loyalty_allocations (points_id, award_id, amount) select expired.id, expired.reverses_id, expired.amount from expired;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.expire_points(uuid) is 'Books what has expired of a person''s awards; call it under the lock. Returns how many awards.';

create function amocrm.fill_debts(p_root uuid) returns void
language plpgsql set search_path = ''
as $$
declare
  v_debt record;
begin
  for v_debt in select debt.id, debt.member_id, debt.open_debt from amocrm.loyalty_debts(p_root) as debt where debt.open_debt > 0 order by debt.id loop
    perform amocrm.take_points(v_debt.id, p_root, v_debt.open_debt, 'debt');
  end loop;
end
$$;
comment on function amocrm.fill_debts(uuid) is 'Lets awards fill the debts of their own member''s reversals; call it after each award.';

create function amocrm.release_fills(p_order_id bigint, p_points bigint) returns void
language plpgsql set search_path = ''
as $$
begin
  -- What a refunded order earned must fill nobody's debt: it was never there.
  insert into amocrm.loyalty_allocations (points_id, award_id, amount, fills_debt)
  select placed.points_id, placed.award_id, least(placed.filled, p_points - placed.before), true
  from (
    select fill.points_id, fill.award_id, fill.filled, sum(fill.filled) over (order by fill.award_id desc, fill.points_id desc) - fill.filled as before
    from (select taken.points_id, taken.award_id, - sum(taken.amount)::bigint as filled
      from public.loyalty_points as award join amocrm.loyalty_allocations as taken on taken.award_id = award.id and taken.fills_debt
      where award.order_id = p_order_id and award.is_award and award.expires_at > amocrm.clock()
      group by taken.points_id, taken.award_id) as fill
    where fill.filled > 0) as placed
  where placed.before < p_points;
end
$$;
comment on function amocrm.release_fills(bigint, bigint) is 'Gives back to an order''s awards up to so many points with which they filled debts.';

revoke all on function amocrm.release_fills(bigint, bigint), amocrm.refuse_loyalty_change(), amocrm.loyalty_awards(uuid), amocrm.loyalty_debts(uuid), amocrm.loyalty_balance_of(uuid),
  amocrm.take_points(bigint, uuid, bigint, text), amocrm.expire_points(uuid), amocrm.fill_debts(uuid) from public;
