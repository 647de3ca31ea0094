-- Spending, giving back and correcting by hand: wholly or not at all, and the same key is the same once.

create function amocrm.check_points_key(p_key text) returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if amocrm.trimmed(p_key) is null or length(p_key) > 200 or p_key ~ '^(order|expire|refund|social):' then
    raise exception 'p_key must have from 1 to 200 characters and not begin like a key of ours' using errcode = '22023';
  end if;
end
$$;
comment on function amocrm.check_points_key(text) is 'Refuses a key that is empty, too long, or of those that the ledger makes itself.';

create function amocrm.known_points(p_key text, p_kind text, p_root uuid, p_points bigint) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_known public.loyalty_points;
begin
  select * into v_known from public.loyalty_points where loyalty_points.source_key = p_key;
  if v_known.id is null then
    return false;
  end if;
  if (v_known.kind, v_known.amount, amocrm.loyalty_root(v_known.member_id)) is distinct from (p_kind, p_points, p_root) then
    raise exception 'p_key has been used with other values' using errcode = '22023',
      hint = 'The same key is the same booking: take another key for another one.';
  end if;
  return true;
end
$$;
comment on function amocrm.known_points(text, text, uuid, bigint) is
  'True if exactly this was booked before under the key; raises 22023 if something else was.';

create function amocrm.book_spend(p_member uuid, p_kind text, p_points bigint, p_key text, p_reason text) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_root uuid;
  v_id bigint;
  v_balance bigint;
begin
  perform amocrm.check_points_key(p_key);
  v_root := amocrm.lock_loyalty_member(p_member);
  if amocrm.known_points(p_key, p_kind, v_root, - p_points) then
    return amocrm.loyalty_balance_of(v_root);
  end if;
  perform amocrm.expire_points(v_root);
  v_balance := amocrm.loyalty_balance_of(v_root);
  if v_balance < p_points then
    raise exception 'not_enough' using errcode = 'P0001', detail = 'The balance is ' || v_balance || '.';
  end if;
  insert into public.loyalty_points (member_id, kind, amount, source_key, reason)
  values (p_member, p_kind, - p_points, p_key, p_reason) returning loyalty_points.id into v_id;
  perform amocrm.take_points(v_id, v_root, p_points, 'spendable');
  return v_balance - p_points;
end
$$;
comment on function amocrm.book_spend(uuid, text, bigint, text, text) is
  'Takes points from the awards that expire first, all or none, and returns the new balance; raises not_enough.';

create function public.loyalty_spend(p_member uuid, p_points bigint, p_key text) returns bigint
language plpgsql security definer set search_path = ''
as $$
begin
  if p_points is null or p_points <= 0 then
    raise exception 'p_points must be greater than 0' using errcode = '22023';
  end if;
  return amocrm.book_spend(p_member, 'spend', p_points, p_key, null);
end
$$;
comment on function public.loyalty_spend(uuid, bigint, text) is
  'Spends points of a member, never in part, and returns the new balance; the same key spends once. Raises not_enough.';

create function amocrm.points_to_return(p_spend_id bigint, p_points bigint)
returns table (award_id bigint, points bigint)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select placed.award_id, least(placed.taken, p_points - placed.before)::bigint
  from (
    select spent.award_id, spent.taken, sum(spent.taken) over (order by spent.expires_at desc, spent.award_id desc) - spent.taken as before
    from (
      select taken.award_id, award.expires_at, - sum(taken.amount) as taken
      from amocrm.loyalty_allocations as taken join public.loyalty_points as award on award.id = taken.award_id
      where taken.points_id = p_spend_id
        or taken.points_id in (select given.id from public.loyalty_points as given where given.reverses_id = p_spend_id)
      group by taken.award_id, award.expires_at) as spent
    where spent.taken > 0 and spent.expires_at > amocrm.clock()) as placed
  where placed.before < p_points;
end
$$;
comment on function amocrm.points_to_return(bigint, bigint) is
  'Lists the awards of a spend that hold yet, and how many of so many points each gets back; what expires last is first.';

create function public.loyalty_refund(p_key text, p_points bigint default null) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_spend public.loyalty_points;
  v_root uuid;
  v_left bigint;
  v_same bigint;
  v_number int;
  v_id bigint;
begin
  if p_points <= 0 then
    raise exception 'p_points must be greater than 0' using errcode = '22023';
  end if;
  select * into v_spend from public.loyalty_points where loyalty_points.source_key = p_key and loyalty_points.kind = 'spend';
  if v_spend.id is null then
    return null;
  end if;
  v_root := amocrm.lock_loyalty_member(v_spend.member_id);
  perform amocrm.expire_points(v_root);
  select - v_spend.amount - coalesce(sum(given.amount), 0), count(*) into v_left, v_number
  from public.loyalty_points as given where given.reverses_id = v_spend.id;
  v_left := least(v_left, p_points);
  select coalesce(sum(part.points), 0) into v_same from amocrm.points_to_return(v_spend.id, v_left) as part;
  if v_same > 0 then
    -- Its own row is not counted yet among those that gave back, so the same parts are found again.
    insert into public.loyalty_points (member_id, kind, amount, source_key, reverses_id)
    values (v_spend.member_id, 'reverse', v_same, 'refund:' || v_spend.id || ':' || v_number, v_spend.id) returning loyalty_points.id into v_id;
    insert into amocrm.loyalty_allocations (points_id, award_id, amount)
    select v_id, part.award_id, part.points from amocrm.points_to_return(v_spend.id, v_left) as part;
  end if;
  if v_left > v_same then
    insert into public.loyalty_points (member_id, kind, amount, source_key, reverses_id, is_award, expires_at)
    values (v_spend.member_id, 'reverse', v_left - v_same, 'refund:' || v_spend.id || ':' || v_number || ':late', v_spend.id, true,
      amocrm.loyalty_day_end(amocrm.clock(), (select loyalty_settings.refund_grace_days from public.loyalty_settings)));
  end if;
  perform amocrm.fill_debts(v_root);
  return amocrm.loyalty_balance_of(v_root);
end
$$;
comment on function public.loyalty_refund(text, bigint) is
  'Gives points of a spend, by default all, back to their awards; returns the balance, or null for an unknown key.';

create function amocrm.loyalty_adjust(p_member uuid, p_points bigint, p_key text, p_reason text) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_root uuid;
  v_balance bigint;
begin
  perform amocrm.require_admin();
  if p_points is null or p_points = 0 then
    raise exception 'p_points must be another number than 0' using errcode = '22023';
  elsif amocrm.trimmed(p_reason) is null or length(p_reason) > 500 then
    raise exception 'p_reason must have from 1 to 500 characters' using errcode = '22023';
  end if;
  if p_points < 0 then
    v_balance := amocrm.book_spend(p_member, 'adjust', - p_points, p_key, p_reason);
  else
    perform amocrm.check_points_key(p_key);
    v_root := amocrm.lock_loyalty_member(p_member);
    if not amocrm.known_points(p_key, 'adjust', v_root, p_points) then
      insert into public.loyalty_points (member_id, kind, amount, source_key, reason, is_award, expires_at)
      values (p_member, 'adjust', p_points, p_key, p_reason, true,
        amocrm.loyalty_day_end(amocrm.clock(), (select loyalty_settings.expires_after_days from public.loyalty_settings)));
      perform amocrm.fill_debts(v_root);
    end if;
    v_balance := amocrm.loyalty_balance_of(v_root);
  end if;
  perform amocrm.note_action('loyalty_adjust', jsonb_build_object('member', p_member, 'points', p_points, 'key', p_key));
  return v_balance;
end
$$;
comment on function amocrm.loyalty_adjust(uuid, bigint, text, text) is 'Adds or takes points by hand; never below zero. Returns the balance.';

create function public.loyalty_adjust(p_member uuid, p_points bigint, p_key text, p_reason text) returns bigint
language sql set search_path = ''
begin atomic select amocrm.loyalty_adjust(p_member, p_points, p_key, p_reason); end;
comment on function public.loyalty_adjust(uuid, bigint, text, text) is
  'Adds points to a member, or takes some if p_points is negative, once per key; never below zero. Returns the balance.';

revoke all on function amocrm.check_points_key(text), amocrm.known_points(text, text, uuid, bigint), amocrm.book_spend(uuid, text, bigint, text, text),
  amocrm.points_to_return(bigint, bigint) from public;
revoke all on function amocrm.loyalty_adjust(uuid, bigint, text, text), public.loyalty_adjust(uuid, bigint, text, text),
  public.loyalty_spend(uuid, bigint, text), public.loyalty_refund(text, bigint) from public, anon, authenticated;
grant execute on function amocrm.loyalty_adjust(uuid, bigint, text, text), public.loyalty_adjust(uuid, bigint, text, text) to authenticated, service_role;
grant execute on function public.loyalty_spend(uuid, bigint, text), public.loyalty_refund(text, bigint) to service_role;
