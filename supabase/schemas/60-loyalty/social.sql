-- Points for what members do in social networks. A network's deliveries are kept by the inbox and worked off here, in order of
-- arrival; a post's points follow its present state, so that liking, taking it back and liking again is one award.

insert into amocrm.inbox_sources (source, keep_worked, max_rows) values
  ('vk', '3 days', 20000), ('telegram', '3 days', 20000), ('instagram', '3 days', 20000);

create table public.loyalty_award_rules (
  provider text not null,
  action text not null,
  points bigint not null default 1,
  per_day int default 10,
  per_post int default 1,
  created_at timestamptz not null default amocrm.clock(),
  primary key (provider, action),
  constraint provider_is_known check (provider in ('vk', 'telegram', 'instagram')),
  constraint action_is_known check (action in ('like', 'comment', 'repost', 'join')),
  constraint points_are_sensible check (points between 0 and 1000000),
  constraint caps_are_not_negative check (per_day >= 0 and per_post >= 0)
);
comment on table public.loyalty_award_rules is 'What earns points in which network. Without a row nothing does; a changed row holds at once.';
comment on column public.loyalty_award_rules.points is 'Points of one award, at once spendable; 0 switches the rule off.';
comment on column public.loyalty_award_rules.per_day is 'Awards a person gets on one local day; null for no bound. One that was taken back counts too.';
comment on column public.loyalty_award_rules.per_post is 'Awards a person gets for one post; null for no bound.';

create table amocrm.loyalty_activities (
  id bigint generated always as identity primary key,
  provider text not null,
  action text not null,
  actor text not null,
  post text not null,
  item text not null,
  is_on boolean not null,
  arrived_id bigint not null,
  member_id uuid,
  counted_on date,
  award_id bigint,
  last_id bigint,
  booking_count int not null default 0,
  constraint one_row_per_thing unique (provider, action, item, actor)
);
comment on table amocrm.loyalty_activities is 'Each like, comment, repost and membership of an account that is a member''s, as it stands now.';
comment on column amocrm.loyalty_activities.actor is 'The account in the network, by its id there.';
comment on column amocrm.loyalty_activities.item is 'What was liked or written, by the network''s id.';
comment on column amocrm.loyalty_activities.arrived_id is 'The delivery that it stands by; an older one that was worked off later says nothing.';
comment on column amocrm.loyalty_activities.counted_on is 'The local day in whose cap its award is; null without an award.';
comment on column amocrm.loyalty_activities.award_id is 'The first award of it in the ledger; null if there was no rule or a cap was reached.';
comment on column amocrm.loyalty_activities.last_id is 'The last booking of it in the ledger: positive while its points stand.';
create index loyalty_activities_by_day_idx on amocrm.loyalty_activities (member_id, provider, action, counted_on) where award_id is not null;
create index loyalty_activities_by_post_idx on amocrm.loyalty_activities (member_id, provider, action, post) where award_id is not null;
create index loyalty_activities_of_account_idx on amocrm.loyalty_activities (provider, actor);

create table amocrm.loyalty_networks (
  source text primary key references amocrm.inbox_sources (source),
  takes_all boolean not null default false,
  worked_at timestamptz
);
comment on table amocrm.loyalty_networks is 'Each social network: whether its function takes deliveries of any community, and when one was worked off last.';
insert into amocrm.loyalty_networks (source) values ('vk'), ('telegram'), ('instagram');

alter table public.loyalty_award_rules enable row level security;
alter table amocrm.loyalty_activities enable row level security;
alter table amocrm.loyalty_networks enable row level security;
revoke all on public.loyalty_award_rules, amocrm.loyalty_activities, amocrm.loyalty_networks from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.loyalty_award_rules to service_role;
grant select on public.loyalty_award_rules to authenticated;
grant select on amocrm.loyalty_activities, amocrm.loyalty_networks to service_role;
create policy everybody_signed_in_sees_award_rules on public.loyalty_award_rules for select to authenticated using (true);

create function amocrm.give_social(p_id bigint, p_member uuid, p_at timestamptz) returns void
language plpgsql set search_path = ''
as $$
declare
  v_setting public.loyalty_settings := amocrm.loyalty_setting();
  v_activity amocrm.loyalty_activities;
  v_rule public.loyalty_award_rules;
  v_award public.loyalty_points;
  v_root uuid;
  v_day date := (p_at at time zone v_setting.time_zone)::date;
  v_id bigint;
begin
  select * into v_activity from amocrm.loyalty_activities where loyalty_activities.id = p_id;
  select * into v_award from public.loyalty_points where loyalty_points.id = v_activity.award_id;
  if v_award.id is not null then
    if v_award.expires_at <= amocrm.clock() or (select loyalty_points.amount > 0 from public.loyalty_points where loyalty_points.id = v_activity.last_id) then
      return;
    end if;
    v_root := amocrm.lock_loyalty_member(v_award.member_id);
    insert into public.loyalty_points (member_id, kind, amount, source_key, expires_at, reverses_id, is_award)
    values (v_award.member_id, 'reverse', v_award.amount, v_award.source_key || ':' || v_activity.booking_count, v_award.expires_at, v_activity.last_id, true)
    returning loyalty_points.id into v_id;
  else
    select * into v_rule from public.loyalty_award_rules
    where loyalty_award_rules.provider = v_activity.provider and loyalty_award_rules.action = v_activity.action and loyalty_award_rules.points > 0;
    if v_rule.points is null or p_member is null then
      return;
    end if;
    v_root := amocrm.lock_loyalty_member(p_member);
    if (select count(*) >= v_rule.per_day from public.loyalty_members as member join amocrm.loyalty_activities as other on other.member_id = member.id
        where member.root_id = v_root and other.provider = v_rule.provider and other.action = v_rule.action and other.counted_on = v_day and other.award_id is not null)
      or (select count(*) >= v_rule.per_post from public.loyalty_members as member join amocrm.loyalty_activities as other on other.member_id = member.id
        where member.root_id = v_root and other.provider = v_rule.provider and other.action = v_rule.action and other.post = v_activity.post and other.award_id is not null) then
      return;
    end if;
    insert into public.loyalty_points (member_id, kind, amount, source_key, expires_at, is_award)
    values (p_member, 'earn', v_rule.points, 'social:' || v_rule.provider || ':' || v_rule.action || ':' || p_id,
      amocrm.loyalty_day_end(p_at, v_setting.expires_after_days), true) returning loyalty_points.id into v_id;
    update amocrm.loyalty_activities set award_id = v_id, member_id = p_member, counted_on = v_day where loyalty_activities.id = p_id;
  end if;
  update amocrm.loyalty_activities set last_id = v_id, booking_count = loyalty_activities.booking_count + 1 where loyalty_activities.id = p_id;
  perform amocrm.expire_points(v_root);
  perform amocrm.fill_debts(v_root);
end
$$;
comment on function amocrm.give_social(bigint, uuid, timestamptz) is
  'Books the award of an activity within the caps of its rule, or restores the one that was taken back.';

create function amocrm.take_back_social(p_id bigint) returns void
language plpgsql set search_path = ''
as $$
declare
  v_activity amocrm.loyalty_activities;
  v_standing public.loyalty_points;
  v_root uuid;
  v_left bigint;
  v_id bigint;
begin
  select * into v_activity from amocrm.loyalty_activities where loyalty_activities.id = p_id;
  select * into v_standing from public.loyalty_points where loyalty_points.id = v_activity.last_id;
  -- Nothing was given, it is taken back already, or has expired and is lost anyway.
  if v_standing.amount is null or v_standing.amount < 0 or v_standing.expires_at <= amocrm.clock() then
    return;
  end if;
  v_root := amocrm.lock_loyalty_member(v_standing.member_id);
  perform amocrm.expire_points(v_root);
  v_left := v_standing.amount;
  insert into public.loyalty_points (member_id, kind, amount, source_key, reverses_id)
  select v_standing.member_id, 'reverse', - v_left, award.source_key || ':' || v_activity.booking_count, v_standing.id
  from public.loyalty_points as award where award.id = v_activity.award_id returning loyalty_points.id into v_id;
  update amocrm.loyalty_activities set last_id = v_id, booking_count = loyalty_activities.booking_count + 1 where loyalty_activities.id = p_id;
  v_left := v_left - amocrm.take_points(v_id, v_root, v_left, 'own award');
  if v_left > 0 then
    v_left := v_left - amocrm.take_points(v_id, v_root, v_left, 'pending');
  end if;
  if v_left > 0 then
    perform amocrm.take_points(v_id, v_root, v_left, 'member');
  end if;
end
$$;
comment on function amocrm.take_back_social(bigint) is 'Reverses the award of an activity, into the negative if its points are spent.';

create function amocrm.take_social(p_provider text, p_event_id bigint, p_at timestamptz, p_change jsonb) returns void
language plpgsql set search_path = ''
as $$
declare
  v_new record;
  v_known amocrm.loyalty_activities;
  v_member uuid;
begin
  select * into v_new from jsonb_to_record(p_change) as told (act text, is_on boolean, account text, post text, item text, code_hash text);
  if v_new.act = 'code' then
    perform amocrm.take_code(p_provider, v_new.account, v_new.code_hash, p_at);
    return;
  end if;
  -- Whoever deletes a comment is seldom named; then it is the one of this id, whoever wrote it.
  select * into v_known from amocrm.loyalty_activities as known
  where known.provider = p_provider and known.action = v_new.act and known.item = v_new.item and known.actor = coalesce(v_new.account, known.actor)
  order by known.id limit 1 for update;
  select identity.member_id into v_member from public.loyalty_identities as identity
  where identity.provider = p_provider and identity.external_id = coalesce(v_new.account, v_known.actor) and identity.created_at <= p_at;
  if v_known.id is null then
    if v_member is null then
      return;
    end if;
    insert into amocrm.loyalty_activities (provider, action, actor, post, item, is_on, arrived_id)
    values (p_provider, v_new.act, v_new.account, v_new.post, v_new.item, v_new.is_on, p_event_id) returning * into v_known;
  elsif p_event_id < v_known.arrived_id then
    return;
  else
    update amocrm.loyalty_activities set is_on = v_new.is_on, arrived_id = p_event_id where loyalty_activities.id = v_known.id;
    if v_known.is_on = v_new.is_on then
      return;
    end if;
  end if;
  if v_new.is_on then
    perform amocrm.give_social(v_known.id, v_member, p_at);
  else
    perform amocrm.take_back_social(v_known.id);
  end if;
end
$$;
comment on function amocrm.take_social(text, bigint, timestamptz, jsonb) is
  'Works off one change, {act, is_on, account, post, item} or {act: code, account, code_hash}, of a delivery that came at an instant.';

create function amocrm.work_network(p_source text, p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_claimed jsonb := public.inbox_claim(p_source, p_limit, 60);
  v_event record;
  v_results jsonb := '[]';
begin
  if v_claimed = '[]' then
    return 0;
  end if;
  -- All ledgers of the batch in the order of their ids, as the nightly jobs lock them.
  perform amocrm.lock_loyalty_member(concerned.root_id) from (
    select distinct member.root_id from jsonb_path_query(v_claimed, '$[*].body.changes[*].account') as said (account)
    join public.loyalty_identities as identity on identity.provider = p_source and identity.external_id = said.account #>> '{}'
    join public.loyalty_members as member on member.id = identity.member_id order by member.root_id) as concerned;
  for v_event in select * from jsonb_to_recordset(v_claimed) as event (id bigint, attempt int, origin text, body jsonb, received_at timestamptz) order by event.id loop
    begin
      perform amocrm.take_social(p_source, v_event.id, v_event.received_at, change.value)
      from jsonb_array_elements(v_event.body -> 'changes') with ordinality as change (value, place) order by change.place;
      v_results := v_results || jsonb_build_object('id', v_event.id, 'attempt', v_event.attempt, 'outcome', 'worked');
    exception when others then
      v_results := v_results || jsonb_build_object('id', v_event.id, 'attempt', v_event.attempt, 'outcome', 'again', 'error', sqlstate);
    end;
  end loop;
  update amocrm.loyalty_networks set takes_all = coalesce(v_event.origin, '') = 'any', worked_at = amocrm.clock() where loyalty_networks.source = p_source;
  return public.inbox_settle(v_results);
end
$$;
comment on function amocrm.work_network(text, int) is 'Works off up to p_limit deliveries of a network in order of arrival; returns how many.';

create function amocrm.work_social(p_limit int default 1000) returns int
language plpgsql security definer set search_path = ''
as $$
begin
  -- Two at once would not keep the order.
  if not pg_try_advisory_xact_lock(hashtextextended('amocrm loyalty social', 0)) then
    return 0;
  end if;
  return (select coalesce(sum(amocrm.work_network(loyalty_networks.source, p_limit)), 0) from amocrm.loyalty_networks);
end
$$;
comment on function amocrm.work_social(int) is 'Works off what social networks delivered, up to p_limit of each; returns how many deliveries.';

create function amocrm.social_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select 'loyalty_network_open', 'warning', 'Deliveries of ' || string_agg(network.source, ', ' order by network.source) || ' are taken from any community or account, since none are named',
    'docs/areas/loyalty.md', true
  from amocrm.loyalty_networks as network where network.takes_all having count(*) > 0;
  return query
  select 'loyalty_network_silent', 'info', 'There are rules of points for ' || string_agg(network.source, ', ' order by network.source) || ', and no delivery was ever received',
    'docs/areas/loyalty.md', true
  from amocrm.loyalty_networks as network
  where network.worked_at is null and exists (select from public.loyalty_award_rules as rule
    where rule.provider = network.source and rule.created_at < amocrm.clock() - interval '1 day') having count(*) > 0;
end
$$;
comment on function amocrm.social_conditions() is 'Lists networks that are taken from anywhere, and those with rules that never delivered.';

create function amocrm.forget_accounts(p_members uuid[]) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Of a delivery of many people only what is theirs goes.
  perform amocrm.drop_inbox_parts(network.source, 'changes', 'account', array(select identity.external_id from public.loyalty_identities as identity
    where identity.member_id = any (p_members) and identity.provider = network.source)) from amocrm.loyalty_networks as network;
  delete from amocrm.loyalty_activities as activity using public.loyalty_identities as identity
  where identity.member_id = any (p_members) and activity.provider = identity.provider and activity.actor = identity.external_id;
  delete from amocrm.loyalty_code_tries as tries using public.loyalty_identities as identity
  where identity.member_id = any (p_members) and tries.provider = identity.provider and tries.actor = identity.external_id;
  delete from amocrm.loyalty_codes where loyalty_codes.member_id = any (p_members);
end
$$;
comment on function amocrm.forget_accounts(uuid[]) is 'Deletes what is known of members'' accounts elsewhere, before their identities go.';

revoke all on function amocrm.give_social(bigint, uuid, timestamptz), amocrm.take_back_social(bigint), amocrm.take_social(text, bigint, timestamptz, jsonb),
  amocrm.work_network(text, int), amocrm.work_social(int), amocrm.social_conditions(), amocrm.forget_accounts(uuid[]) from public;

insert into amocrm.conditions (name, rank, function) values ('social', 92, 'amocrm.social_conditions');
select amocrm.schedule_job('amocrm-loyalty-social', '10 seconds', 'select amocrm.work_social()');
