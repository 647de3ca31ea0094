-- One member on the dashboard, whole: card, scores, how the person is recognised, orders, the ledger and what changed; and the
-- campaigns without their texts.

create function amocrm.ledger_shown(p_root uuid, p_limit int) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(latest) order by latest.id desc), '[]') from (
    select booked.id, booked.created_at as at, booked.kind, booked.amount, booked.is_award, booked.available_at, booked.expires_at, booked.reverses_id,
      bought.external_id as order_external_id,
      coalesce(bought.provider, case when booked.source_key like 'social:%' then split_part(booked.source_key, ':', 2) end) as provider,
      case when booked.source_key like 'social:%' then split_part(booked.source_key, ':', 3) end as action,
      case when amocrm.sees_people() then booked.reason else amocrm.masked_text(booked.reason) end as reason
    from public.loyalty_members as own join public.loyalty_points as booked on booked.member_id = own.id
    left join public.loyalty_orders as bought on bought.id = booked.order_id
    where own.root_id = p_root order by booked.id desc limit p_limit) as latest
$$;
comment on function amocrm.ledger_shown(uuid, int) is 'Returns the latest rows of a person''s ledger, newest first.';

create function amocrm.orders_shown(p_root uuid, p_limit int) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(latest) order by latest.at desc, latest.id desc), '[]') from (
    select bought.id, coalesce(bought.paid_at, bought.ordered_at, bought.told_at) as at, bought.provider, bought.external_id, bought.amount,
      bought.refunded_amount, bought.currency, bought.percent, bought.paid_at, bought.deleted_at, bought.paid_at is not null and bought.rate is null as lacks_rate
    from public.loyalty_members as own join public.loyalty_orders as bought on bought.member_id = own.id
    where own.root_id = p_root order by 2 desc, bought.id desc limit p_limit) as latest
$$;
comment on function amocrm.orders_shown(uuid, int) is 'Returns the latest orders of a person, newest first.';

create function amocrm.identities_shown(p_root uuid, p_is_masked boolean) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('member_id', identity.member_id, 'provider', identity.provider, 'created_at', identity.created_at,
    'value', case when p_is_masked then amocrm.loyalty_masked(identity.provider, identity.external_id) else identity.external_id end)
    order by identity.provider, identity.id), '[]')
  from public.loyalty_members as own join public.loyalty_identities as identity on identity.member_id = own.id where own.root_id = p_root
$$;
comment on function amocrm.identities_shown(uuid, boolean) is 'Returns by what a person is recognised, masked or not.';

create function amocrm.member_shown(p_member uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_root public.loyalty_members;
begin
  perform amocrm.require_reader();
  select * into v_root from public.loyalty_members where loyalty_members.id = amocrm.loyalty_root(p_member);
  if v_root.id is null then
    raise exception 'there is no member %', p_member using errcode = '22023';
  end if;
  return jsonb_build_object('id', v_root.id, 'created_at', v_root.created_at, 'forgotten_at', v_root.forgotten_at, 'has_account', v_root.user_id is not null,
    'currency', (select loyalty_settings.currency from public.loyalty_settings),
    'is_mailable', exists (select from amocrm.mailable_members(array[v_root.id])), 'mailing', v_root.mailing,
    'card', (select to_jsonb(card) from amocrm.loyalty_card_of(v_root.id) as card),
    'reached_tier', v_root.tier, 'tier_review_at', v_root.tier_review_at, 'tier_warned_at', v_root.tier_warned_at,
    'by_hand', (select jsonb_build_object('until', by_hand.until, 'reason', case when amocrm.sees_people() then by_hand.reason else amocrm.masked_text(by_hand.reason) end)
      from amocrm.tiers_by_hand() as by_hand where by_hand.root_id = v_root.id),
    'tiers', (select jsonb_agg(loyalty_tiers.code order by loyalty_tiers.threshold) from public.loyalty_tiers),
    'scores', (select to_jsonb(rfm) - '{member_id}'::text[] from public.loyalty_rfm as rfm where rfm.member_id = v_root.id),
    'identities', amocrm.identities_shown(v_root.id, true), 'orders', amocrm.orders_shown(v_root.id, 200), 'ledger', amocrm.ledger_shown(v_root.id, 200),
    'changes', (select coalesce(jsonb_agg(to_jsonb(latest) order by latest.id desc), '[]') from (
      select change.id, change.occurred_at as at, change.event, change.from_value, change.to_value
      from public.loyalty_members as own join public.loyalty_changes as change on change.member_id = own.id
      where own.root_id = v_root.id order by change.id desc limit 100) as latest),
    'suggestions', (select coalesce(jsonb_agg(jsonb_build_object('other_id', other.root_id, 'reason', suggestion.reason, 'created_at', suggestion.created_at)), '[]')
      from public.loyalty_members as own
      join public.loyalty_join_suggestions as suggestion on own.id in (suggestion.member_id, suggestion.other_id)
      join public.loyalty_members as other on other.id in (suggestion.member_id, suggestion.other_id) and other.id <> own.id
      where own.root_id = v_root.id and other.root_id <> v_root.id),
    'joins', (select coalesce(jsonb_agg(jsonb_build_object('id', held.id, 'other_id', held.other_id, 'joined_at', held.joined_at) order by held.id), '[]')
      from public.loyalty_joins as held join public.loyalty_members as other on other.id = held.other_id
      where held.parted_at is null and other.root_id = v_root.id));
end
$$;
comment on function amocrm.member_shown(uuid) is 'Returns what loyalty_member returns.';

create function amocrm.member_revealed(p_member uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_root uuid := amocrm.loyalty_root(p_member);
begin
  perform amocrm.require_admin();
  if v_root is null then
    raise exception 'there is no member %', p_member using errcode = '22023';
  end if;
  perform amocrm.note_action('loyalty_member_reveal', jsonb_build_object('member', p_member));
  return amocrm.identities_shown(v_root, false);
end
$$;
comment on function amocrm.member_revealed(uuid) is 'Returns what loyalty_member_reveal returns.';

create function amocrm.campaigns_shown(p_language text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return (select coalesce(jsonb_agg(to_jsonb(latest) order by latest.created_at desc, latest.id), '[]') from (
    select campaign.id, campaign.segment, campaign.subject, campaign.state, amocrm.said(campaign.problem, p_language) as problem, campaign.expected_count, campaign.counted, campaign.created_at,
      campaign.confirmed_at, campaign.start_at, campaign.state_at, campaign.cancels, (select count(*) from amocrm.loyalty_audience as audience where audience.campaign_id = campaign.id) as audience_count
    from public.loyalty_campaigns as campaign order by campaign.created_at desc, campaign.id limit 50) as latest);
end
$$;
comment on function amocrm.campaigns_shown(text) is 'Returns what loyalty_campaign_list returns.';

create function public.loyalty_member(p_member uuid) returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.member_shown(p_member); end;
comment on function public.loyalty_member(uuid) is
  'Returns one member, joined ones together: card, scores, masked identities, latest orders, ledger and changes, suggestions and joins.';

create function public.loyalty_member_reveal(p_member uuid) returns jsonb
language sql set search_path = ''
begin atomic select amocrm.member_revealed(p_member); end;
comment on function public.loyalty_member_reveal(uuid) is
  'Returns to an admin a member''s e-mails, phones and accounts as they are; each call is a row of amocrm_actions.';

create function public.loyalty_campaign_list(p_language text default 'en') returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.campaigns_shown(p_language); end;
comment on function public.loyalty_campaign_list(text) is 'Returns the latest 50 campaigns without their texts, with how many people each is for.';

revoke all on function amocrm.ledger_shown(uuid, int), amocrm.orders_shown(uuid, int), amocrm.identities_shown(uuid, boolean) from public;
revoke all on function amocrm.member_shown(uuid), amocrm.member_revealed(uuid), amocrm.campaigns_shown(text), public.loyalty_member(uuid),
  public.loyalty_member_reveal(uuid), public.loyalty_campaign_list(text) from public, anon, authenticated;
grant execute on function amocrm.member_shown(uuid), amocrm.member_revealed(uuid), amocrm.campaigns_shown(text), public.loyalty_member(uuid),
  public.loyalty_member_reveal(uuid), public.loyalty_campaign_list(text) to authenticated, service_role;
