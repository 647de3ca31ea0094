-- What a member sees: the balance, the tier and what expires next. Computed from the ledger, so that it is right also when a job is late.

create function amocrm.loyalty_card_of(p_root uuid)
returns table (tier text, cashback_percent numeric, balance bigint, pending bigint, next_expiry_at timestamptz, next_expiry_amount bigint)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := amocrm.clock();
  v_tier text := amocrm.current_tier(p_root);
begin
  return query
  with awards as materialized (
    select award.available_at, award.expires_at, award.remaining from amocrm.loyalty_awards(p_root) as award
    where award.remaining > 0 and award.expires_at > v_now
  ), next as (
    select awards.expires_at, sum(awards.remaining)::bigint as points from awards where awards.available_at <= v_now
    group by awards.expires_at order by awards.expires_at limit 1
  )
  select v_tier, amocrm.percent_of_tier(v_tier),
    (coalesce((select sum(awards.remaining) from awards where awards.available_at <= v_now), 0)
      - coalesce((select sum(debt.visible_debt) from amocrm.loyalty_debts(p_root) as debt), 0))::bigint,
    coalesce((select sum(awards.remaining) from awards where awards.available_at > v_now), 0)::bigint,
    (select next.expires_at from next), coalesce((select next.points from next), 0);
end
$$;
comment on function amocrm.loyalty_card_of(uuid) is 'Returns the card of a person.';

create function amocrm.loyalty_balance_shown(p_root uuid) returns bigint
language plpgsql stable security definer set search_path = ''
as $$
begin return amocrm.loyalty_balance_of(p_root); end
$$;
comment on function amocrm.loyalty_balance_shown(uuid) is 'Returns a balance to whoever sees the member''s row.';

create view public.loyalty_balance with (security_invoker = true) as
select loyalty_members.id as member_id, shown.balance
from public.loyalty_members cross join lateral (select amocrm.loyalty_balance_shown(loyalty_members.root_id) as balance) as shown;
comment on view public.loyalty_balance is 'How many points can each member spend now? Joined members have one balance; a reversal may make it negative.';

create view public.loyalty_card with (security_invoker = true) as
select loyalty_members.id as member_id, card.tier, card.cashback_percent, card.balance, card.pending, card.next_expiry_at, card.next_expiry_amount
from public.loyalty_members cross join lateral amocrm.loyalty_card_of(loyalty_members.root_id) as card;
comment on view public.loyalty_card is 'What does each member''s card show: tier, rate, balance, what is pending, and what expires next?';

create function amocrm.loyalty_masked(p_provider text, p_value text) returns text
language sql immutable set search_path = ''
as $$
  select case p_provider
    when 'email' then left(p_value, 1) || '***@' || left(split_part(p_value, '@', 2), 1) || '***'
    else '***' || right(p_value, 2) end
$$;
comment on function amocrm.loyalty_masked(text, text) is 'Returns an identity as a viewer may see it.';

create function amocrm.loyalty_contact_rows() returns table (member_id uuid, provider text, external_id text)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_role text := (select auth.jwt()) -> 'app_metadata' ->> 'role';
begin
  if v_role is distinct from 'viewer' then
    perform amocrm.require_admin();
  end if;
  return query
  select loyalty_identities.member_id, loyalty_identities.provider,
    case when v_role = 'viewer' then amocrm.loyalty_masked(loyalty_identities.provider, loyalty_identities.external_id) else loyalty_identities.external_id end
  from public.loyalty_identities;
end
$$;
comment on function amocrm.loyalty_contact_rows() is 'Returns the rows of loyalty_contacts.';

create view public.loyalty_contacts with (security_invoker = true) as
select member_id, provider, external_id from amocrm.loyalty_contact_rows();
comment on view public.loyalty_contacts is 'By what is each member recognised? A viewer sees masked values.';

create function amocrm.loyalty_my_member() returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
  v_user auth.users;
  v_member uuid;
begin
  select * into v_user from auth.users where users.id = v_user_id and not coalesce(users.is_anonymous, false);
  if v_user.id is null then
    raise exception 'only a signed-in person has a card' using errcode = 'P0002';
  end if;
  select loyalty_members.id into v_member from public.loyalty_members where loyalty_members.user_id = v_user_id;
  if v_member is not null then
    return v_member;
  end if;
  -- Only an address that the person has proved is theirs.
  select loyalty_identities.member_id into v_member from public.loyalty_identities
  where (loyalty_identities.provider, loyalty_identities.external_id)
      = ('email', case when v_user.email_confirmed_at is not null then amocrm.normalize_email(v_user.email) end)
    or (loyalty_identities.provider, loyalty_identities.external_id)
      = ('phone', case when v_user.phone_confirmed_at is not null then amocrm.normalize_phone('+' || ltrim(v_user.phone, '+')) end)
  order by loyalty_identities.provider limit 1;
  v_member := amocrm.loyalty_root(v_member);
  update public.loyalty_members set user_id = v_user_id where loyalty_members.id = v_member and loyalty_members.user_id is null;
  if not found then
    insert into public.loyalty_members (user_id) values (v_user_id) on conflict (user_id) do nothing returning loyalty_members.id into v_member;
    v_member := coalesce(v_member, (select loyalty_members.id from public.loyalty_members where loyalty_members.user_id = v_user_id));
  end if;
  if v_user.email_confirmed_at is not null then
    perform amocrm.add_loyalty_identity(v_member, 'email', amocrm.normalize_email(v_user.email));
  end if;
  if v_user.phone_confirmed_at is not null then
    perform amocrm.add_loyalty_identity(v_member, 'phone', amocrm.normalize_phone('+' || ltrim(v_user.phone, '+')));
  end if;
  return v_member;
end
$$;
comment on function amocrm.loyalty_my_member() is 'Returns the signed-in person''s member, by account or proved address, and makes one at the first time.';

create function amocrm.loyalty_my_card()
returns table (member_id uuid, tier text, cashback_percent numeric, balance bigint, pending bigint, next_expiry_at timestamptz, next_expiry_amount bigint)
language plpgsql security definer set search_path = ''
as $$
declare
  v_member uuid := amocrm.loyalty_my_member();
begin
  return query select v_member, card.* from amocrm.loyalty_card_of(amocrm.loyalty_root(v_member)) as card;
end
$$;
comment on function amocrm.loyalty_my_card() is 'Returns the signed-in person''s card.';

create function public.loyalty_my_card()
returns table (member_id uuid, tier text, cashback_percent numeric, balance bigint, pending bigint, next_expiry_at timestamptz, next_expiry_amount bigint)
language sql set search_path = ''
begin atomic select card.member_id, card.tier, card.cashback_percent, card.balance, card.pending, card.next_expiry_at, card.next_expiry_amount
  from amocrm.loyalty_my_card() as card; end;
comment on function public.loyalty_my_card() is 'Returns the signed-in person''s own card; opening it the first time makes the person a member.';

create function amocrm.loyalty_my_history()
returns table (at timestamptz, kind text, points bigint, available_at timestamptz, expires_at timestamptz, provider text)
language plpgsql security definer set search_path = ''
as $$
declare
  v_root uuid := amocrm.loyalty_root(amocrm.loyalty_my_member());
begin
  return query
  select booked.created_at, booked.kind, booked.amount, booked.available_at, booked.expires_at,
    coalesce(loyalty_orders.provider, case when booked.source_key like 'social:%' then split_part(booked.source_key, ':', 2) end)
  from public.loyalty_members as member join public.loyalty_points as booked on booked.member_id = member.id
  left join public.loyalty_orders on loyalty_orders.id = booked.order_id
  where member.root_id = v_root order by booked.id desc limit 200;
end
$$;
comment on function amocrm.loyalty_my_history() is 'Returns the signed-in person''s ledger.';

create function public.loyalty_my_history()
returns table (at timestamptz, kind text, points bigint, available_at timestamptz, expires_at timestamptz, provider text)
language sql set search_path = ''
begin atomic select history.at, history.kind, history.points, history.available_at, history.expires_at, history.provider
  from amocrm.loyalty_my_history() as history; end;
comment on function public.loyalty_my_history() is 'Lists the signed-in person''s own latest 200 bookings, newest first.';

revoke all on function amocrm.loyalty_masked(text, text), amocrm.loyalty_my_member() from public;
revoke all on function amocrm.loyalty_card_of(uuid), amocrm.loyalty_balance_shown(uuid), amocrm.loyalty_contact_rows(), amocrm.loyalty_my_card(),
  amocrm.loyalty_my_history(), public.loyalty_my_card(), public.loyalty_my_history() from public, anon, authenticated, service_role;
grant execute on function amocrm.loyalty_card_of(uuid), amocrm.loyalty_balance_shown(uuid), amocrm.loyalty_contact_rows() to authenticated, service_role;
grant execute on function amocrm.loyalty_my_card(), amocrm.loyalty_my_history(), public.loyalty_my_card(), public.loyalty_my_history() to authenticated;
revoke all on public.loyalty_balance, public.loyalty_card, public.loyalty_contacts from public, anon, authenticated, service_role;
grant select on public.loyalty_balance, public.loyalty_card, public.loyalty_contacts to authenticated, service_role;
