-- The tier of a member, by net spend within a window and never by balance: up at once, down at the review by a step at most, and
-- an admin may set one until a day.

create table amocrm.loyalty_tier_times (
  id bigint generated always as identity primary key,
  member_id uuid not null,
  tier text not null,
  since timestamptz not null,
  until timestamptz,
  is_manual boolean not null default false,
  reason text
);
comment on table amocrm.loyalty_tier_times is 'Which tier a member held since when; a tier set by hand also until when.';
comment on column amocrm.loyalty_tier_times.since is 'From when it counts: the payment that reached it, not when we got to know of that.';
create index loyalty_tier_times_of_member_idx on amocrm.loyalty_tier_times (member_id, since);
create index loyalty_tier_times_by_hand_idx on amocrm.loyalty_tier_times (until) where is_manual;
alter table amocrm.loyalty_tier_times enable row level security;
revoke all on amocrm.loyalty_tier_times from public, anon, authenticated, service_role;
grant select on amocrm.loyalty_tier_times to service_role;

create table public.loyalty_changes (
  id bigint generated always as identity primary key,
  member_id uuid not null references public.loyalty_members (id),
  event text not null,
  from_value text,
  to_value text,
  occurred_at timestamptz not null default amocrm.clock(),
  change_key text unique,
  constraint event_is_known check (event in
    ('loyalty.tier_changed', 'loyalty.tier_at_risk', 'loyalty.segment_changed', 'loyalty.points_expiring'))
);
comment on table public.loyalty_changes is 'What became of members, each change once. Triggers of your own and Realtime may hang on it.';
comment on column public.loyalty_changes.from_value is 'The tier or segment before; for expiring points null.';
comment on column public.loyalty_changes.to_value is 'The tier or segment now, or how many points expire.';
comment on column public.loyalty_changes.change_key is 'What makes a change the same one, where it would be found each night; else null.';
create index loyalty_changes_of_member_idx on public.loyalty_changes (member_id, id);
alter table public.loyalty_changes enable row level security;
revoke all on public.loyalty_changes from public, anon, authenticated, service_role;
revoke all on sequence public.loyalty_changes_id_seq from public, anon, authenticated, service_role;
grant select on public.loyalty_changes to service_role, authenticated;
create policy admins_and_viewers_see_changes on public.loyalty_changes for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));

create function amocrm.tier_of_spend(p_spend numeric) returns text
language plpgsql stable set search_path = ''
as $$
begin return (
  select loyalty_tiers.code from public.loyalty_tiers where loyalty_tiers.threshold <= greatest(p_spend, 0) order by loyalty_tiers.threshold desc limit 1);
end
$$;
comment on function amocrm.tier_of_spend(numeric) is 'Returns the tier that a net spend within the window reaches.';

create function amocrm.tier_threshold(p_tier text) returns bigint
language plpgsql stable set search_path = ''
as $$
begin return (
  select loyalty_tiers.threshold from public.loyalty_tiers where loyalty_tiers.code = p_tier);
end
$$;
comment on function amocrm.tier_threshold(text) is 'Returns from which net spend a tier begins.';

create function amocrm.percent_of_tier(p_tier text) returns numeric
language plpgsql stable set search_path = ''
as $$
begin return (
  select loyalty_tiers.cashback_percent from public.loyalty_tiers where loyalty_tiers.code = p_tier);
end
$$;
comment on function amocrm.percent_of_tier(text) is 'Returns the cashback rate of a tier.';

create function amocrm.net_spend(p_root uuid, p_until timestamptz, p_before_id bigint) returns numeric
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(sum((loyalty_orders.amount - loyalty_orders.refunded_amount) * loyalty_orders.rate) filter (where loyalty_orders.deleted_at is null), 0)
  from public.loyalty_members as member join public.loyalty_orders on loyalty_orders.member_id = member.id
  where member.root_id = p_root
    and loyalty_orders.paid_at > p_until - make_interval(days => (select loyalty_settings.tier_window_days from public.loyalty_settings))
    and (loyalty_orders.paid_at < p_until or loyalty_orders.paid_at = p_until and (p_before_id is null or loyalty_orders.id < p_before_id)));
end
$$;
comment on function amocrm.net_spend(uuid, timestamptz, bigint) is
  'Returns a person''s net spend in the window that ends at an instant, of orders before one of that instant if its id is given.';

create function amocrm.tier_at(p_root uuid, p_at timestamptz, p_before_id bigint) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_tier text;
begin
  select times.tier into v_tier from amocrm.loyalty_tier_times as times
  join public.loyalty_members as member on member.id = times.member_id and member.root_id = p_root
  where times.is_manual and times.since <= p_at and times.until > p_at order by times.id desc limit 1;
  return coalesce(v_tier, (
    -- By what was bought before; and a tier that is held until its review.
    select reached.tier from (
      select amocrm.tier_of_spend(amocrm.net_spend(p_root, p_at, p_before_id)) as tier
      union all
      (select times.tier from amocrm.loyalty_tier_times as times
        where times.member_id = p_root and not times.is_manual and times.since < p_at order by times.id desc limit 1)) as reached
    order by amocrm.tier_threshold(reached.tier) desc limit 1));
end
$$;
comment on function amocrm.tier_at(uuid, timestamptz, bigint) is 'Returns the tier that a person held at an instant, before the order with this id.';

create function amocrm.set_tier(p_root uuid, p_tier text, p_since timestamptz) returns void
language plpgsql set search_path = ''
as $$
declare
  v_before text := (select loyalty_members.tier from public.loyalty_members where loyalty_members.id = p_root);
  v_now timestamptz := amocrm.clock();
begin
  update public.loyalty_members set tier = p_tier, tier_warned_at = null,
    tier_review_at = case when amocrm.tier_threshold(p_tier) > 0
      then v_now + make_interval(days => (select loyalty_settings.tier_window_days from public.loyalty_settings)) end
  where loyalty_members.id = p_root;
  if p_tier <> v_before then
    insert into amocrm.loyalty_tier_times (member_id, tier, since) values (p_root, p_tier, p_since);
    insert into public.loyalty_changes (member_id, event, from_value, to_value) values (p_root, 'loyalty.tier_changed', v_before, p_tier);
  end if;
end
$$;
comment on function amocrm.set_tier(uuid, text, timestamptz) is 'Gives a person a tier from an instant on and sets the next review.';

create function amocrm.raise_tier(p_root uuid, p_since timestamptz) returns void
language plpgsql set search_path = ''
as $$
declare
  -- A provider's clock may be a little ahead of ours.
  v_reached text := amocrm.tier_of_spend(amocrm.net_spend(p_root, greatest(amocrm.clock(), least(p_since, amocrm.clock() + interval '1 day')), null));
  v_tier text := (select loyalty_members.tier from public.loyalty_members where loyalty_members.id = p_root);
begin
  if amocrm.tier_threshold(v_reached) > amocrm.tier_threshold(v_tier) then
    perform amocrm.set_tier(p_root, v_reached, least(p_since, amocrm.clock()));
  end if;
end
$$;
comment on function amocrm.raise_tier(uuid, timestamptz) is 'Lifts a person at once to the tier that the net spend has reached.';

create function amocrm.review_tiers() returns int
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_member public.loyalty_members;
  v_reached text;
  v_below text;
  v_count int := 0;
begin
  for v_member in select * from public.loyalty_members
    where loyalty_members.tier_review_at <= v_now + interval '14 days' and loyalty_members.root_id = loyalty_members.id order by loyalty_members.id
  loop
    -- What a rise needs is there already, so the spend decides only whether it falls.
    v_reached := amocrm.tier_of_spend(amocrm.net_spend(v_member.id, greatest(v_now, v_member.tier_review_at), null));
    if amocrm.tier_threshold(v_reached) >= amocrm.tier_threshold(v_member.tier) then
      if v_member.tier_review_at <= v_now then
        perform amocrm.set_tier(v_member.id, v_member.tier, v_now);
      end if;
      continue;
    end if;
    if v_member.tier_warned_at is null then
      -- Nobody falls without a warning: one that comes late moves the review.
      update public.loyalty_members set tier_warned_at = v_now,
        tier_review_at = case when loyalty_members.tier_review_at > v_now then loyalty_members.tier_review_at else v_now + interval '14 days' end
      where loyalty_members.id = v_member.id;
      insert into public.loyalty_changes (member_id, event, from_value, to_value) values (v_member.id, 'loyalty.tier_at_risk', v_member.tier, v_reached);
    elsif v_member.tier_review_at <= v_now then
      select loyalty_tiers.code into v_below from public.loyalty_tiers
      where loyalty_tiers.threshold < amocrm.tier_threshold(v_member.tier) order by loyalty_tiers.threshold desc limit 1;
      perform amocrm.set_tier(v_member.id, v_below, v_now);
      v_count := v_count + 1;
    end if;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.review_tiers() is 'Warns of tiers that will fall in 14 days and lowers by one step those whose review is due; returns how many fell.';

create function amocrm.current_tier(p_root uuid) returns text
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(
    (select times.tier from amocrm.loyalty_tier_times as times join public.loyalty_members as own on own.id = times.member_id and own.root_id = p_root
      where times.is_manual and times.since <= amocrm.clock() and times.until > amocrm.clock() order by times.id desc limit 1),
    (select loyalty_members.tier from public.loyalty_members where loyalty_members.id = p_root)));
end
$$;
comment on function amocrm.current_tier(uuid) is 'Returns the tier that counts now: one set by hand until its day, else the one that was reached.';

create function amocrm.loyalty_tier_set(p_member uuid, p_tier text, p_until timestamptz, p_reason text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_root uuid;
  v_before text;
begin
  perform amocrm.require_admin();
  if not exists (select from public.loyalty_tiers where loyalty_tiers.code = p_tier) then
    raise exception 'p_tier is no tier' using errcode = '22023';
  elsif p_until is null or p_until <= amocrm.clock() then
    raise exception 'p_until must lie in the future: a tier set by hand ends on a day' using errcode = '22023';
  elsif amocrm.trimmed(p_reason) is null or length(p_reason) > 500 then
    raise exception 'p_reason must have from 1 to 500 characters' using errcode = '22023';
  end if;
  v_root := amocrm.lock_loyalty_member(p_member);
  v_before := amocrm.current_tier(v_root);
  insert into amocrm.loyalty_tier_times (member_id, tier, since, until, is_manual, reason)
  values (v_root, p_tier, amocrm.clock(), p_until, true, p_reason);
  if p_tier <> v_before then
    insert into public.loyalty_changes (member_id, event, from_value, to_value) values (v_root, 'loyalty.tier_changed', v_before, p_tier);
  end if;
  perform amocrm.note_action('loyalty_tier_set', jsonb_build_object('member', p_member, 'tier', p_tier, 'until', p_until));
end
$$;
comment on function amocrm.loyalty_tier_set(uuid, text, timestamptz, text) is 'Sets a person''s tier until an instant.';

create function public.loyalty_tier_set(p_member uuid, p_tier text, p_until timestamptz, p_reason text) returns void
language sql set search_path = ''
begin atomic select amocrm.loyalty_tier_set(p_member, p_tier, p_until, p_reason); end;
comment on function public.loyalty_tier_set(uuid, text, timestamptz, text) is 'Sets a member''s tier by hand until an instant, with the reason.';

revoke all on function amocrm.tier_of_spend(numeric), amocrm.tier_threshold(text), amocrm.percent_of_tier(text), amocrm.net_spend(uuid, timestamptz, bigint),
  amocrm.tier_at(uuid, timestamptz, bigint), amocrm.set_tier(uuid, text, timestamptz), amocrm.raise_tier(uuid, timestamptz), amocrm.review_tiers(),
  amocrm.current_tier(uuid) from public;
revoke all on function amocrm.loyalty_tier_set(uuid, text, timestamptz, text), public.loyalty_tier_set(uuid, text, timestamptz, text)
  from public, anon, authenticated;
grant execute on function amocrm.loyalty_tier_set(uuid, text, timestamptz, text), public.loyalty_tier_set(uuid, text, timestamptz, text)
  to authenticated, service_role;
