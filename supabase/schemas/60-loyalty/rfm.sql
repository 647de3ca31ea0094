-- Who bought lately, often and for much: scores from 1 to 5 and a segment for each member with orders, computed anew each night.
-- Equal values always get equal scores, whatever the others bought.

create table public.loyalty_rfm_thresholds (
  dimension text not null,
  score smallint not null,
  value numeric not null,
  primary key (dimension, score),
  constraint dimension_is_known check (dimension in ('recency', 'frequency', 'monetary')),
  constraint score_is_between_2_and_5 check (score between 2 and 5)
);
comment on table public.loyalty_rfm_thresholds is
  'From which value a score begins, if you do not want quantiles. Without rows of a dimension its scores are quantiles of distinct values.';
comment on column public.loyalty_rfm_thresholds.value is
  'The least orders or spend for the score; for recency the most days since the last order. Below the lowest the score is 1.';

create table public.loyalty_segments (
  code text primary key,
  position int not null unique,
  r_from smallint not null default 1,
  r_to smallint not null default 5,
  f_from smallint not null default 1,
  f_to smallint not null default 5,
  m_from smallint not null default 1,
  m_to smallint not null default 5,
  constraint code_is_a_word check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint bounds_are_scores check (1 <= r_from and r_from <= r_to and r_to <= 5 and 1 <= f_from and f_from <= f_to and f_to <= 5
    and 1 <= m_from and m_from <= m_to and m_to <= 5)
);
comment on table public.loyalty_segments is 'Which scores make which segment: the first by position that fits.';
insert into public.loyalty_segments (code, position, r_from, r_to, f_from, f_to, m_from, m_to) values
  ('champions', 10, 4, 5, 4, 5, 4, 5), ('loyal', 20, 3, 5, 4, 5, 1, 5), ('big_spenders', 30, 3, 5, 1, 3, 5, 5),
  ('newcomers', 40, 5, 5, 1, 1, 1, 5), ('promising', 50, 4, 5, 1, 3, 1, 5), ('need_attention', 60, 3, 3, 1, 3, 1, 5),
  ('cannot_lose', 70, 1, 2, 4, 5, 4, 5), ('at_risk', 80, 1, 2, 3, 5, 1, 5), ('hibernating', 90, 1, 2, 1, 2, 1, 5);

create table public.loyalty_rfm (
  member_id uuid primary key references public.loyalty_members (id),
  recency_score smallint not null,
  frequency_score smallint not null,
  monetary_score smallint not null,
  segment text,
  recency_days int not null,
  frequency int not null,
  monetary numeric not null,
  computed_at timestamptz not null
);
comment on table public.loyalty_rfm is 'The scores of each member with orders, joined ones together; 5 is best. No order, no score.';
comment on column public.loyalty_rfm.recency_days is 'Local days from the last paid order to the computation.';
comment on column public.loyalty_rfm.monetary is 'Net spend over all orders, in the programme''s currency.';
create index loyalty_rfm_by_segment_idx on public.loyalty_rfm (segment);

alter table public.loyalty_rfm_thresholds enable row level security;
alter table public.loyalty_segments enable row level security;
alter table public.loyalty_rfm enable row level security;
revoke all on public.loyalty_rfm_thresholds, public.loyalty_segments, public.loyalty_rfm from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.loyalty_rfm_thresholds, public.loyalty_segments to service_role;
grant select on public.loyalty_rfm to service_role;
grant select on public.loyalty_rfm_thresholds, public.loyalty_segments, public.loyalty_rfm to authenticated;
create policy admins_and_viewers_see_thresholds on public.loyalty_rfm_thresholds for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));
create policy admins_and_viewers_see_segments on public.loyalty_segments for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));
create policy admins_and_viewers_see_rfm on public.loyalty_rfm for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));

create function amocrm.compute_rfm()
returns table (member_id uuid, recency_score smallint, frequency_score smallint, monetary_score smallint, segment text,
  recency_days int, frequency int, monetary numeric)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
declare
  v_zone text := (select loyalty_settings.time_zone from public.loyalty_settings);
  v_today date := (amocrm.clock() at time zone v_zone)::date;
  v_by_table text[] := array(select distinct loyalty_rfm_thresholds.dimension from public.loyalty_rfm_thresholds);
begin
  return query
  with bought as (
    select member.root_id, max(loyalty_orders.paid_at) as last_at, count(*)::int as orders,
      sum((loyalty_orders.amount - loyalty_orders.refunded_amount) * loyalty_orders.rate) as spend
    from public.loyalty_orders join public.loyalty_members as member on member.id = loyalty_orders.member_id
    where loyalty_orders.paid_at is not null and loyalty_orders.deleted_at is null and loyalty_orders.rate is not null
      and loyalty_orders.amount > loyalty_orders.refunded_amount
    group by member.root_id
  ), days as (
    select bought.root_id, v_today - (bought.last_at at time zone v_zone)::date as days, bought.orders, bought.spend from bought
  ), ranked as (
    select days.*, dense_rank() over (order by days.days desc) as r, dense_rank() over (order by days.orders) as f,
      dense_rank() over (order by days.spend) as m
    from days
  ), tops as (
    select max(ranked.r) as r, max(ranked.f) as f, max(ranked.m) as m from ranked
  ), scored as (
    select ranked.root_id, ranked.days, ranked.orders, ranked.spend,
      case when 'recency' = any (v_by_table) then coalesce((select max(threshold.score) from public.loyalty_rfm_thresholds as threshold
          where threshold.dimension = 'recency' and ranked.days <= threshold.value), 1)
        else ceil(5.0 * ranked.r / tops.r) end::smallint as r,
      case when 'frequency' = any (v_by_table) then coalesce((select max(threshold.score) from public.loyalty_rfm_thresholds as threshold
          where threshold.dimension = 'frequency' and ranked.orders >= threshold.value), 1)
        else ceil(5.0 * ranked.f / tops.f) end::smallint as f,
      case when 'monetary' = any (v_by_table) then coalesce((select max(threshold.score) from public.loyalty_rfm_thresholds as threshold
          where threshold.dimension = 'monetary' and ranked.spend >= threshold.value), 1)
        else ceil(5.0 * ranked.m / tops.m) end::smallint as m
    from ranked cross join tops
  ), segments as (
    -- There are 125 triples of scores, and perhaps a million members.
    select r.score::smallint as r, f.score::smallint as f, m.score::smallint as m, (
      select loyalty_segments.code from public.loyalty_segments
      where r.score between loyalty_segments.r_from and loyalty_segments.r_to and f.score between loyalty_segments.f_from and loyalty_segments.f_to
        and m.score between loyalty_segments.m_from and loyalty_segments.m_to order by loyalty_segments.position limit 1) as code
    from generate_series(1, 5) as r (score) cross join generate_series(1, 5) as f (score) cross join generate_series(1, 5) as m (score)
  )
  select scored.root_id, scored.r, scored.f, scored.m, segments.code, scored.days, scored.orders, scored.spend
  from scored join segments on segments.r = scored.r and segments.f = scored.f and segments.m = scored.m;
end
$$;
comment on function amocrm.compute_rfm() is 'Computes scores and segment of everybody who has an order with something left of it.';

create function amocrm.store_rfm() returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_is_first boolean := not exists (select from public.loyalty_rfm);
  v_count int;
  v_changed int;
begin
  create temporary table rfm_now on commit drop as select * from amocrm.compute_rfm();
  select count(*) into v_count from pg_temp.rfm_now;
  -- At the first time there is no change: else whatever hangs on changes would be flooded.
  insert into public.loyalty_changes (member_id, event, from_value, to_value)
  select coalesce(now.member_id, old.member_id), 'loyalty.segment_changed', old.segment, now.segment
  from pg_temp.rfm_now as now full join public.loyalty_rfm as old on old.member_id = now.member_id
  where not v_is_first and now.segment is distinct from old.segment;
  get diagnostics v_changed = row_count;
  perform amocrm.mark_for_unisender(array(select coalesce(now.member_id, old.member_id)
    from pg_temp.rfm_now as now full join public.loyalty_rfm as old on old.member_id = now.member_id
    where now.segment is distinct from old.segment));
  delete from public.loyalty_rfm as old where not exists (select from pg_temp.rfm_now as now where now.member_id = old.member_id);
  insert into public.loyalty_rfm as old (member_id, recency_score, frequency_score, monetary_score, segment, recency_days, frequency, monetary, computed_at)
  select now.member_id, now.recency_score, now.frequency_score, now.monetary_score, now.segment, now.recency_days, now.frequency, now.monetary, v_now
  from pg_temp.rfm_now as now
  on conflict (member_id) do update set recency_score = excluded.recency_score, frequency_score = excluded.frequency_score,
    monetary_score = excluded.monetary_score, segment = excluded.segment, recency_days = excluded.recency_days, frequency = excluded.frequency,
    monetary = excluded.monetary, computed_at = excluded.computed_at;
  drop table pg_temp.rfm_now;
  return jsonb_build_object('members', v_count, 'changed', v_changed);
end
$$;
comment on function amocrm.store_rfm() is 'Stores scores and segments as they are now, with a row of loyalty_changes for each other segment.';

create function amocrm.expire_due_points() returns int
language plpgsql set search_path = ''
as $$
declare
  v_root uuid;
  v_count int := 0;
begin
  -- What expired longer ago was booked on an earlier night, or is booked when the member's ledger is used next.
  for v_root in
    select distinct member.root_id from public.loyalty_points as award join public.loyalty_members as member on member.id = award.member_id
    where award.is_award and award.expires_at <= amocrm.clock() and award.expires_at > amocrm.clock() - interval '60 days'
      and award.amount + coalesce((select sum(taken.amount) from amocrm.loyalty_allocations as taken where taken.award_id = award.id), 0) > 0
    order by member.root_id
  loop
    perform amocrm.lock_loyalty_member(v_root);
    v_count := v_count + amocrm.expire_points(v_root);
  end loop;
  return v_count;
end
$$;
comment on function amocrm.expire_due_points() is 'Books what expired of late; returns how many awards.';

create function amocrm.note_expiring_points() returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  insert into public.loyalty_changes (member_id, event, to_value, change_key)
  select member.root_id, 'loyalty.points_expiring', sum(award.amount + given.points)::text, 'expiring:' || member.root_id || ':' || extract(epoch from award.expires_at)::bigint
  from public.loyalty_points as award join public.loyalty_members as member on member.id = award.member_id
  cross join lateral (select coalesce(sum(taken.amount), 0) as points from amocrm.loyalty_allocations as taken where taken.award_id = award.id) as given
  where award.is_award and award.expires_at > amocrm.clock() and award.expires_at <= amocrm.clock() + interval '14 days' and award.amount + given.points > 0
  group by member.root_id, award.expires_at
  on conflict (change_key) do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.note_expiring_points() is 'Notes once for each day and person what expires within 14 days; returns how many notes.';

create function public.loyalty_recompute() returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_booked int := amocrm.book_waiting_deals();
  v_expired int := amocrm.expire_due_points();
  v_fallen int := amocrm.review_tiers();
begin
  return amocrm.store_rfm() || jsonb_build_object('told', amocrm.tell_loyalty(20000)) || jsonb_build_object('expired_awards', v_expired, 'fallen_tiers', v_fallen, 'booked_deals', v_booked, 'expiring', amocrm.note_expiring_points());
end
$$;
comment on function public.loyalty_recompute() is
  'Books what expired, reviews tiers, computes scores and segments, sends amoCRM the changes; each night by pg_cron, or on call. Returns counts.';

revoke all on function amocrm.compute_rfm(), amocrm.store_rfm(), amocrm.expire_due_points(), amocrm.note_expiring_points() from public;
revoke all on function public.loyalty_recompute() from public, anon, authenticated;
grant execute on function public.loyalty_recompute() to service_role;

select amocrm.schedule_job('amocrm-loyalty-recompute', '40 21 * * *', 'select public.loyalty_recompute()');
