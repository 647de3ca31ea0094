-- The loyalty programme on the dashboard: how many members in which tier and segment, the grid of scores, and the list of members.
-- Who was forgotten is on none of it: of them there is nothing left to see.

create function amocrm.tiers_by_hand() returns table (root_id uuid, tier text, until timestamptz, reason text)
language sql stable set search_path = ''
as $$
  select distinct on (member.root_id) member.root_id, times.tier, times.until, times.reason
  from amocrm.loyalty_tier_times as times join public.loyalty_members as member on member.id = times.member_id
  where times.is_manual and times.since <= amocrm.clock() and times.until > amocrm.clock() order by member.root_id, times.id desc
$$;
comment on function amocrm.tiers_by_hand() is 'Lists the people whose tier an admin has set until a day yet to come.';

create function amocrm.loyalty_is_in_use() returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return exists (select from public.loyalty_members);
end
$$;
comment on function amocrm.loyalty_is_in_use() is 'Returns what loyalty_is_in_use returns.';

create function amocrm.loyalty_overview() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return (
    with people as materialized (
      select coalesce(by_hand.tier, root.tier) as tier, rfm.recency_score, rfm.frequency_score, rfm.segment, rfm.monetary, rfm.member_id is not null as is_scored
      from public.loyalty_members as root left join amocrm.tiers_by_hand() as by_hand on by_hand.root_id = root.id
      left join public.loyalty_rfm as rfm on rfm.member_id = root.id
      where root.root_id = root.id and root.forgotten_at is null
    ), by_tier as (
      select people.tier, count(*) as members from people group by people.tier
    ), by_segment as (
      select people.segment, count(*) as members, sum(people.monetary) as spend from people where people.is_scored group by people.segment
    ), by_scores as (
      select people.recency_score as r, people.frequency_score as f, count(*) as members, round(avg(people.monetary)) as spend,
        mode() within group (order by people.segment) as segment
      from people where people.is_scored group by people.recency_score, people.frequency_score
    )
    select jsonb_build_object('currency', setting.currency, 'computed_at', (select max(loyalty_rfm.computed_at) from public.loyalty_rfm),
      'member_count', (select count(*) from people), 'scored_count', (select count(*) from people where people.is_scored),
      'suggestions', (select coalesce(jsonb_agg(to_jsonb(pair)), '[]') from (
        select suggestion.member_id, suggestion.other_id, suggestion.reason, suggestion.created_at from public.loyalty_join_suggestions as suggestion
        order by suggestion.created_at desc, suggestion.member_id limit 20) as pair),
      'tiers', (select coalesce(jsonb_agg(jsonb_build_object('code', known.code, 'threshold', known.threshold, 'cashback_percent', known.cashback_percent,
          'member_count', coalesce(by_tier.members, 0)) order by known.threshold), '[]')
        from public.loyalty_tiers as known left join by_tier on by_tier.tier = known.code),
      'segments', (select coalesce(jsonb_agg(to_jsonb(known) || jsonb_build_object('member_count', coalesce(by_segment.members, 0), 'spend', coalesce(by_segment.spend, 0))
          order by known.position), '[]')
        from public.loyalty_segments as known left join by_segment on by_segment.segment = known.code),
      'without_segment_count', coalesce((select by_segment.members from by_segment where by_segment.segment is null), 0),
      'grid', (select coalesce(jsonb_agg(jsonb_build_object('r', by_scores.r, 'f', by_scores.f, 'member_count', by_scores.members, 'spend', by_scores.spend,
          'segment', by_scores.segment) order by by_scores.f desc, by_scores.r), '[]')
        from by_scores))
    from public.loyalty_settings as setting);
end
$$;
comment on function amocrm.loyalty_overview() is 'Returns what loyalty_overview returns.';

create function amocrm.members_searched(p_search text) returns uuid[]
language sql stable set search_path = ''
as $$
  select array(
    select member.root_id from (values ('email', amocrm.normalize_email(p_search)), ('phone', amocrm.normalize_phone(p_search)), ('vk', amocrm.trimmed(p_search)),
      ('telegram', amocrm.trimmed(p_search)), ('instagram', amocrm.trimmed(p_search)), ('qtickets', amocrm.trimmed(p_search))) as wanted (provider, external_id)
    join public.loyalty_identities as identity on identity.provider = wanted.provider and identity.external_id = wanted.external_id
    join public.loyalty_members as member on member.id = identity.member_id
    union
    select member.root_id from public.loyalty_members as member
    where member.id = case when amocrm.trimmed(p_search) ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then amocrm.trimmed(p_search)::uuid end)
$$;
comment on function amocrm.members_searched(text) is 'Returns the people with this e-mail, phone, account or id of a member.';

create function amocrm.check_member_filter(p_filter jsonb) returns void
language plpgsql immutable set search_path = ''
as $$
declare
  v_key text;
  v_value jsonb;
begin
  if jsonb_typeof(p_filter) is distinct from 'object' then
    raise exception 'p_filter is not an object' using errcode = '22023';
  end if;
  for v_key, v_value in select * from jsonb_each(p_filter) loop
    if (case when v_key in ('search', 'tier', 'segment') then jsonb_typeof(v_value) = 'string' and length(v_value #>> '{}') between 1 and 320
      when v_key in ('r', 'f', 'm') then v_value::text ~ '^[1-5]$' end) is not true then
      raise exception 'p_filter does not take % as %', left(v_value::text, 100), left(v_key, 50) using errcode = '22023',
        hint = 'It takes search, tier, segment, r, f, m.';
    end if;
  end loop;
end
$$;
comment on function amocrm.check_member_filter(jsonb) is 'Raises 22023 for a filter of members with an unknown key or a senseless value.';

create function amocrm.member_ids(p_filter jsonb, p_before uuid, p_limit int) returns uuid[]
language plpgsql stable set search_path = ''
as $$
declare
  v_tier text := p_filter ->> 'tier';
  v_found uuid[];
  v_last timestamptz := (select loyalty_members.created_at from public.loyalty_members where loyalty_members.id = p_before);
begin
  if p_filter ? 'search' then
    v_found := amocrm.members_searched(p_filter ->> 'search');
  end if;
  if p_filter ?| '{segment,r,f,m}' then
    return array(
      select root.id from public.loyalty_rfm as rfm join public.loyalty_members as root on root.id = rfm.member_id
      left join amocrm.tiers_by_hand() as by_hand on by_hand.root_id = root.id
      where root.root_id = root.id and root.forgotten_at is null and (not p_filter ? 'segment' or rfm.segment = p_filter ->> 'segment')
        and (not p_filter ? 'r' or rfm.recency_score = (p_filter -> 'r')::int) and (not p_filter ? 'f' or rfm.frequency_score = (p_filter -> 'f')::int)
        and (not p_filter ? 'm' or rfm.monetary_score = (p_filter -> 'm')::int) and (v_tier is null or coalesce(by_hand.tier, root.tier) = v_tier)
        and (v_found is null or root.id = any (v_found)) and (v_last is null or (root.created_at, root.id) < (v_last, p_before))
      order by root.created_at desc, root.id desc limit p_limit);
  elsif v_found is not null then
    return array(
      select root.id from public.loyalty_members as root left join amocrm.tiers_by_hand() as by_hand on by_hand.root_id = root.id
      where root.id = any (v_found) and root.forgotten_at is null and (v_tier is null or coalesce(by_hand.tier, root.tier) = v_tier)
        and (v_last is null or (root.created_at, root.id) < (v_last, p_before))
      order by root.created_at desc, root.id desc limit p_limit);
  end if;
  -- By the index of the newest, a page at a time.
  return array(
    select root.id from public.loyalty_members as root left join amocrm.tiers_by_hand() as by_hand on by_hand.root_id = root.id
    where root.root_id = root.id and root.forgotten_at is null and (v_tier is null or coalesce(by_hand.tier, root.tier) = v_tier)
      and (root.created_at, root.id) < (coalesce(v_last, 'infinity'), coalesce(p_before, '00000000-0000-0000-0000-000000000000'))
    order by root.created_at desc, root.id desc limit p_limit);
end
$$;
comment on function amocrm.member_ids(jsonb, uuid, int) is 'Returns the members of a filter, newest first, those before one if it is given.';

create function amocrm.members_page(p_filter jsonb, p_before uuid, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_limit int := least(greatest(coalesce(p_limit, 50), 1), 200);
  v_ids uuid[];
begin
  perform amocrm.require_reader();
  perform amocrm.check_member_filter(p_filter);
  v_ids := amocrm.member_ids(p_filter, p_before, v_limit + 1);
  return jsonb_build_object('next', case when cardinality(v_ids) > v_limit then v_ids[v_limit] end,
    'rows', (select coalesce(jsonb_agg(jsonb_build_object('id', root.id, 'created_at', root.created_at, 'tier', amocrm.current_tier(root.id),
        'balance', amocrm.loyalty_balance_of(root.id), 'segment', rfm.segment, 'recency_days', rfm.recency_days, 'order_count', rfm.frequency, 'spend', rfm.monetary,
        'contacts', (select coalesce(jsonb_agg(jsonb_build_object('provider', identity.provider,
            'value', amocrm.loyalty_masked(identity.provider, identity.external_id)) order by identity.provider, identity.id), '[]')
          from public.loyalty_members as own join public.loyalty_identities as identity on identity.member_id = own.id where own.root_id = root.id))
        order by listed.place), '[]')
      from unnest(v_ids[1:v_limit]) with ordinality as listed (id, place) join public.loyalty_members as root on root.id = listed.id
      left join public.loyalty_rfm as rfm on rfm.member_id = root.id));
end
$$;
comment on function amocrm.members_page(jsonb, uuid, int) is 'Returns what loyalty_member_list returns.';

create function public.loyalty_is_in_use() returns boolean
language sql stable set search_path = ''
begin atomic select amocrm.loyalty_is_in_use(); end;
comment on function public.loyalty_is_in_use() is 'True once there is a member: the dashboard shows its screens of loyalty then.';

create function public.loyalty_overview() returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.loyalty_overview(); end;
comment on function public.loyalty_overview() is
  'Returns how many members each tier, segment and pair of scores has, and pairs of members that may be one person.';

create function public.loyalty_member_list(p_filter jsonb default '{}', p_before uuid default null, p_limit int default 50) returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.members_page(p_filter, p_before, p_limit); end;
comment on function public.loyalty_member_list(jsonb, uuid, int) is
  'Returns a page of members, newest first and masked, {rows, next}; next is p_before of the following page. At most 200 rows.';

revoke all on function amocrm.tiers_by_hand(), amocrm.members_searched(text), amocrm.check_member_filter(jsonb), amocrm.member_ids(jsonb, uuid, int) from public;
revoke all on function amocrm.loyalty_is_in_use(), amocrm.loyalty_overview(), amocrm.members_page(jsonb, uuid, int), public.loyalty_is_in_use(),
  public.loyalty_overview(), public.loyalty_member_list(jsonb, uuid, int) from public, anon, authenticated;
grant execute on function amocrm.loyalty_is_in_use(), amocrm.loyalty_overview(), amocrm.members_page(jsonb, uuid, int), public.loyalty_is_in_use(),
  public.loyalty_overview(), public.loyalty_member_list(jsonb, uuid, int) to authenticated, service_role;
