-- Whose turn it is. Live leads go before everything, with one exception: while the mirror of contacts is behind, each new
-- person costs up to two searches, and a backlog would take hundreds of times as long as reading the mirror first.

create function amocrm.due_pull(p_account text default amocrm.account()) returns text
language plpgsql stable set search_path = ''
as $$
begin return (
  select cursors.entity
  from amocrm.cursors cross join amocrm.pull_control
  where cursors.account = p_account and pull_control.account = cursors.account
    and (cursors.next_attempt_at is null or cursors.next_attempt_at <= amocrm.clock())
    and (not cursors.is_complete or cursors.position <> '{}' or cursors.pulled_at is null
      or cursors.pulled_at + amocrm.pull_rest() <= amocrm.clock()
      or pull_control.wanted_at > coalesce(cursors.pull_began_at, '-infinity') or cursors.look_voided_at > cursors.pulled_at
      or (cursors.entity = 'deal' and pull_control.wanted_since is not null))
    -- The first run of deals reads those that the contacts name.
    and (cursors.entity = 'contact' or (select contact.is_complete from amocrm.cursors as contact
      where contact.entity = 'contact' and contact.account = cursors.account))
  order by cursors.entity limit 1);
end $$;
comment on function amocrm.due_pull(text) is
  'Returns what a pull must read now, contact before deal: new, unfinished, requested, behind a failed refresh, or due; else null.';

create function amocrm.mirror_is_behind(p_account text default amocrm.account()) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  select not cursors.is_complete or coalesce(cursors.look_voided_at > coalesce(cursors.pulled_at, '-infinity'), false)
  from amocrm.cursors where cursors.entity = 'contact' and cursors.account = p_account);
end $$;
comment on function amocrm.mirror_is_behind(text) is
  'True while the mirror of contacts is incomplete, or a refresh failed and no pull has caught up since.';

create function amocrm.mirror_serves(p_account text default amocrm.account()) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  select cursors.is_complete and not (amocrm.mirror_is_behind(p_account) and cursors.look_voided_at > amocrm.clock() - interval '1 minute')
  from amocrm.cursors where cursors.entity = 'contact' and cursors.account = p_account);
end $$;
comment on function amocrm.mirror_serves(text) is
  'True if people may be matched by the mirror: it is complete, and no refresh failed within the last minute.';

create function amocrm.oldest_wait(p_queue text) returns interval
language plpgsql stable set search_path = ''
as $$
begin return (
  select amocrm.clock() - min(waiting.since) from (
    (select outbox.created_at as since from amocrm.outbox where outbox.queue = p_queue and outbox.is_fresh order by outbox.id limit 1)
    union all
    select due.next_attempt_at from generate_series(0, 9) as priorities (priority)
    cross join lateral (
      -- A probe of the ready index for each priority, as in is_due.
      select outbox.next_attempt_at from amocrm.outbox
      where outbox.queue = p_queue and outbox.lane = 'live' and outbox.priority = priorities.priority
        and outbox.is_head and outbox.state in ('pending', 'uncertain') and outbox.next_attempt_at <= amocrm.clock()
      order by outbox.next_attempt_at, outbox.id limit 1) as due) as waiting);
end $$;
comment on function amocrm.oldest_wait(text) is 'Returns for how long the first live message has been due; null if none is.';

create function amocrm.pull_is_at_hand(p_account text default amocrm.account()) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  select amocrm.due_pull(p_account) is not null and (
    exists (select from amocrm.pull_control where pull_control.account = p_account and pull_control.lease_expires_at > amocrm.clock())
    or exists (select from amocrm.heartbeats where heartbeats.component = 'amocrm-pull'
      and heartbeats.state not in ('disabled', 'unconfigured') and heartbeats.unanswered_post_count < 3
      and (heartbeats.last_seen_at > amocrm.clock() - amocrm.pull_rest() - interval '5 minutes'
        -- On the first day nobody has heard of it, and leads give it a minute to show itself.
        or heartbeats.last_seen_at is null and coalesce(amocrm.oldest_wait(p_account) < interval '1 minute', true))
      and not amocrm.is_resting('amocrm-pull'))));
end $$;
comment on function amocrm.pull_is_at_hand(text) is 'True if a pull is due and amocrm-pull works, or was never heard of and is about to be called.';

create function amocrm.waits_more_than(p_queue text, p_count int) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  select count(*) > p_count from (
    (select from amocrm.outbox where outbox.queue = p_queue and outbox.is_fresh limit p_count + 1)
    union all
    select from generate_series(0, 9) as priorities (priority)
    cross join lateral (
      -- A probe of the ready index for each priority, as in is_due.
      select from amocrm.outbox
      where outbox.queue = p_queue and outbox.lane = 'live' and outbox.priority = priorities.priority
        and outbox.is_head and outbox.state in ('pending', 'uncertain') and outbox.next_attempt_at <= amocrm.clock()
      order by outbox.next_attempt_at, outbox.id limit p_count + 1) as due) as waiting);
end $$;
comment on function amocrm.waits_more_than(text, int) is 'True if more live messages than that are due; counts no further than needed.';

create function amocrm.lane_in_turn(p_account text default amocrm.account(), p_claimed_count int default 0) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_first_since timestamptz;
  v_pages_left int;
begin
  if not amocrm.mirror_is_behind(p_account) or amocrm.due_pull(p_account) is distinct from 'contact' or not amocrm.pull_is_at_hand(p_account) then
    return 'live';
  end if;
  select pull_control.first_since into v_first_since from amocrm.pull_control where pull_control.account = p_account;
  -- While nobody can tell, a small account's list.
  select coalesce(max(pulls.pages_left), 20) into v_pages_left from amocrm.pulls
  where pulls.entity = 'contact' and pulls.account = p_account and pulls.state = 'running';
  -- Five minutes for the pull, five in which leads go first, and so on: a pull without an end holds nobody up for good.
  return case
    when amocrm.waits_more_than(p_account, greatest(v_pages_left / 2 - p_claimed_count, -1))
      and mod(floor(coalesce(extract(epoch from amocrm.clock() - v_first_since), 0))::bigint, 600) < 300 then 'pull'
    else 'shared' end;
end
$$;
comment on function amocrm.lane_in_turn(text, int) is
  'Returns who sends first: live, shared (each third slot is the pull''s), or pull, when searching would cost more than the pages left.';

create function amocrm.open_lanes(p_queue text) returns text[]
language plpgsql stable set search_path = ''
as $$
begin return (
  select case when amocrm.pull_is_at_hand(p_queue)
    -- One that was never heard of may not be deployed: the backfill would wait for ever.
    and exists (select from amocrm.heartbeats where heartbeats.component = 'amocrm-pull' and heartbeats.last_seen_at is not null)
    then array['live'] else array['live', 'backfill'] end);
end $$;
comment on function amocrm.open_lanes(text) is 'Lists the lanes from which a drain may claim; backfill stands behind pulls.';

revoke all on function amocrm.due_pull(text), amocrm.mirror_is_behind(text), amocrm.mirror_serves(text), amocrm.oldest_wait(text), amocrm.pull_is_at_hand(text),
  amocrm.waits_more_than(text, int), amocrm.lane_in_turn(text, int), amocrm.open_lanes(text) from public;

create function amocrm.function_in_turn(p_queue text) returns text
language plpgsql stable set search_path = ''
as $$
begin return (
  select case when amocrm.lane_in_turn(p_queue) <> 'pull' then amocrm.function_of(p_queue)
    -- One at work goes on by itself.
    when not exists (select from amocrm.pull_control where pull_control.account = p_queue and pull_control.lease_expires_at > amocrm.clock()) then 'amocrm-pull' end);
end $$;
comment on function amocrm.function_in_turn(text) is
  'Returns the edge function to call for a queue with something due: its drain, or a pull that goes first; null for none.';

revoke all on function amocrm.function_in_turn(text) from public;
