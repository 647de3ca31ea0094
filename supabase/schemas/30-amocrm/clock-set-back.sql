-- A clock that is set back leaves times behind that are still to come: a last slot, a lease, what the mirror vouches for.
-- Everything would wait until the clock is there again. The tick sees it, and takes those times along.

create table amocrm.clock_watch (
  is_the_only_row boolean primary key default true,
  seen_at timestamptz,
  set_back_at timestamptz,
  constraint clock_watch_has_one_row check (is_the_only_row)
) with (fillfactor = 50);
comment on table amocrm.clock_watch is 'One row with the time that the tick last saw.';
comment on column amocrm.clock_watch.set_back_at is 'When the clock was last found set back, by the clock as it then was.';
insert into amocrm.clock_watch default values;

create function amocrm.follow_clock() returns void
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_seen timestamptz;
  v_back interval;
begin
  select clock_watch.seen_at into v_seen from amocrm.clock_watch;
  v_back := v_seen - v_now;
  if v_back > interval '1 minute' then
    perform amocrm.lock_queue(queue_control.queue) from amocrm.queue_control order by queue_control.queue;
    update amocrm.queue_control set
      drain_expires_at = queue_control.drain_expires_at - v_back, last_slot_at = queue_control.last_slot_at - v_back,
      cool_off_until = queue_control.cool_off_until - v_back, slow_since = queue_control.slow_since - v_back,
      breaker_opened_at = queue_control.breaker_opened_at - v_back, breaker_probe_at = queue_control.breaker_probe_at - v_back,
      worker_died_at = queue_control.worker_died_at - v_back, large_batch_limited_at = queue_control.large_batch_limited_at - v_back
    where true;
    update amocrm.pull_control set lease_expires_at = pull_control.lease_expires_at - v_back,
      first_since = pull_control.first_since - v_back, wanted_at = pull_control.wanted_at - v_back
    where true;
    update amocrm.cursors set changed_until = cursors.changed_until - v_back, deleted_until = cursors.deleted_until - v_back,
      pulled_at = cursors.pulled_at - v_back, pull_began_at = cursors.pull_began_at - v_back, next_attempt_at = cursors.next_attempt_at - v_back,
      look_voided_at = cursors.look_voided_at - v_back
    where true;
    update amocrm.heartbeats set last_seen_at = heartbeats.last_seen_at - v_back, last_post_at = heartbeats.last_post_at - v_back,
      begun_at = heartbeats.begun_at - v_back, ended_at = heartbeats.ended_at - v_back, last_ok_at = heartbeats.last_ok_at - v_back
    where true;
    update amocrm.outbox set next_attempt_at = outbox.next_attempt_at - v_back
    where outbox.state in ('pending', 'uncertain') and outbox.next_attempt_at > v_now;
  end if;
  update amocrm.clock_watch set seen_at = v_now, set_back_at = case when v_back > interval '1 minute' then v_now else clock_watch.set_back_at end
  where clock_watch.is_the_only_row;
end
$$;
comment on function amocrm.follow_clock() is
  'Moves leases, slots, waits and mirror times back when the clock was set back by over a minute since the last tick.';

alter table amocrm.clock_watch enable row level security;
revoke all on amocrm.clock_watch from public, anon, authenticated, service_role;
grant select on amocrm.clock_watch to service_role;
revoke all on function amocrm.follow_clock() from public;
