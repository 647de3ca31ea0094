-- Two members that are one person are joined and may be parted again: rows keep their member, and only the root that they are
-- looked up by changes. What was booked before stays as it was.

create table public.loyalty_joins (
  id bigint generated always as identity primary key,
  kept_id uuid not null references public.loyalty_members (id),
  other_id uuid not null references public.loyalty_members (id),
  kept_tier text not null,
  kept_review_at timestamptz,
  joined_at timestamptz not null default amocrm.clock(),
  parted_at timestamptz
);
comment on table public.loyalty_joins is 'Which members were joined, and parted again.';
comment on column public.loyalty_joins.kept_tier is 'The kept member''s tier before, for the case that they are parted.';
create index loyalty_joins_of_kept_idx on public.loyalty_joins (kept_id);
create index loyalty_joins_of_other_idx on public.loyalty_joins (other_id);
alter table public.loyalty_joins enable row level security;
revoke all on public.loyalty_joins from public, anon, authenticated, service_role;
revoke all on sequence public.loyalty_joins_id_seq from public, anon, authenticated, service_role;
grant select on public.loyalty_joins to service_role, authenticated;
create policy admins_and_viewers_see_joins on public.loyalty_joins for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));

create function amocrm.loyalty_join(p_keep uuid, p_other uuid) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_keep uuid;
  v_other uuid;
  v_kept public.loyalty_members;
  v_tier text;
  v_id bigint;
begin
  perform amocrm.require_admin();
  -- In the order of their ids, so that two joins the other way round do not wait for each other.
  perform amocrm.lock_loyalty_member(both_members.id) from (
    select loyalty_members.id from public.loyalty_members
    where loyalty_members.id in (amocrm.loyalty_root(p_keep), amocrm.loyalty_root(p_other)) order by loyalty_members.id) as both_members;
  v_keep := amocrm.lock_loyalty_member(p_keep);
  v_other := amocrm.lock_loyalty_member(p_other);
  if v_keep = v_other then
    raise exception 'p_keep and p_other are one member already' using errcode = '22023';
  end if;
  select * into v_kept from public.loyalty_members where loyalty_members.id = v_keep;
  select loyalty_members.tier into v_tier from public.loyalty_members where loyalty_members.id = v_other;
  insert into public.loyalty_joins (kept_id, other_id, kept_tier, kept_review_at) values (v_keep, v_other, v_kept.tier, v_kept.tier_review_at)
  returning loyalty_joins.id into v_id;
  perform set_config('amocrm.joins_members', 'yes', true);
  update public.loyalty_members set joined_into = v_keep where loyalty_members.id = v_other;
  update public.loyalty_members set root_id = v_keep where loyalty_members.root_id = v_other;
  perform set_config('amocrm.joins_members', '', true);
  if amocrm.tier_threshold(v_tier) > amocrm.tier_threshold(v_kept.tier) then
    perform amocrm.set_tier(v_keep, v_tier, amocrm.clock());
  end if;
  perform amocrm.raise_tier(v_keep, amocrm.clock());
  delete from public.loyalty_join_suggestions as suggestion using public.loyalty_members as one, public.loyalty_members as other
  where one.id = suggestion.member_id and other.id = suggestion.other_id and one.root_id = v_keep and other.root_id = v_keep;
  perform amocrm.note_action('loyalty_join', jsonb_build_object('keep', p_keep, 'other', p_other), jsonb_build_object('join', v_id));
  return v_id;
end
$$;
comment on function amocrm.loyalty_join(uuid, uuid) is 'Joins two members with their ledgers; returns the id of the join.';

create function amocrm.loyalty_unjoin(p_join bigint) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_join public.loyalty_joins;
  v_reached text;
begin
  perform amocrm.require_admin();
  select * into v_join from public.loyalty_joins where loyalty_joins.id = p_join and loyalty_joins.parted_at is null;
  if v_join.id is null then
    raise exception 'p_join is no join that holds' using errcode = '22023';
  end if;
  perform amocrm.lock_loyalty_member(v_join.other_id);
  update public.loyalty_joins set parted_at = amocrm.clock() where loyalty_joins.id = p_join and loyalty_joins.parted_at is null;
  if not found then
    raise exception 'p_join is no join that holds' using errcode = '22023';
  end if;
  perform set_config('amocrm.joins_members', 'yes', true);
  update public.loyalty_members set joined_into = null where loyalty_members.id = v_join.other_id;
  with recursive branch as (
    select v_join.other_id as id
    union
    select loyalty_members.id from branch join public.loyalty_members on loyalty_members.joined_into = branch.id
  )
  update public.loyalty_members set root_id = v_join.other_id from branch where loyalty_members.id = branch.id;
  perform set_config('amocrm.joins_members', '', true);
  -- Its own tier, or what it has bought since.
  v_reached := amocrm.tier_of_spend(amocrm.net_spend(v_join.kept_id, amocrm.clock(), null));
  if amocrm.tier_threshold(v_reached) < amocrm.tier_threshold(v_join.kept_tier) then
    v_reached := v_join.kept_tier;
  end if;
  if v_reached <> (select loyalty_members.tier from public.loyalty_members where loyalty_members.id = v_join.kept_id) then
    perform amocrm.set_tier(v_join.kept_id, v_reached, amocrm.clock());
    update public.loyalty_members set tier_review_at = v_join.kept_review_at
    where loyalty_members.id = v_join.kept_id and v_reached = v_join.kept_tier;
  end if;
  perform amocrm.note_action('loyalty_unjoin', jsonb_build_object('join', p_join));
end
$$;
comment on function amocrm.loyalty_unjoin(bigint) is 'Parts two joined members: each gets what its own rows say.';

create function public.loyalty_join(p_keep uuid, p_other uuid) returns bigint
language sql set search_path = ''
begin atomic select amocrm.loyalty_join(p_keep, p_other); end;
comment on function public.loyalty_join(uuid, uuid) is 'Joins two members that are one person and returns the id of the join, for loyalty_unjoin.';

create function public.loyalty_unjoin(p_join bigint) returns void
language sql set search_path = ''
begin atomic select amocrm.loyalty_unjoin(p_join); end;
comment on function public.loyalty_unjoin(bigint) is 'Parts two members that were joined by mistake; each keeps its own awards and what was spent of them.';

revoke all on function amocrm.loyalty_join(uuid, uuid), amocrm.loyalty_unjoin(bigint), public.loyalty_join(uuid, uuid), public.loyalty_unjoin(bigint)
  from public, anon, authenticated;
grant execute on function amocrm.loyalty_join(uuid, uuid), amocrm.loyalty_unjoin(bigint), public.loyalty_join(uuid, uuid), public.loyalty_unjoin(bigint)
  to authenticated, service_role;
