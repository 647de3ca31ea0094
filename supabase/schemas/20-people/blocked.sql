-- Whose messages wait behind a stuck one. Messages of one person go out in order, so one that cannot go holds up the
-- others of the same person, and nobody else's.

create function amocrm.blocked_people_rows()
returns table (person_id bigint, stuck_id bigint, kind text, state text, reason text, explanation text, stuck_since timestamptz,
  next_attempt_at timestamptz, waiting_count bigint, waiting_since timestamptz, remedy text)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.require_reader();
  return query
  with recursive waiting as (
    -- From person to person by one probe each: however much one person has waiting, it is skipped.
    (select outbox.person_id, 1 as place from amocrm.outbox
     where outbox.queue = 'amocrm' and not outbox.is_head and not outbox.is_fresh and outbox.state in ('pending', 'uncertain')
     order by outbox.person_id limit 1)
    union all
    select (select outbox.person_id from amocrm.outbox
        where outbox.queue = 'amocrm' and not outbox.is_head and not outbox.is_fresh and outbox.state in ('pending', 'uncertain')
          and outbox.person_id > waiting.person_id
        order by outbox.person_id limit 1), waiting.place + 1
    from waiting where waiting.person_id is not null and waiting.place < 1000
  ), stuck as (
    select waiting.person_id, head.id, head.kind, head.state, head.last_error_code, head.created_at, head.sent_at, head.next_attempt_at,
      (select coalesce(people.merging_into, (select other.person_id from amocrm.people as other where other.merging_into = people.person_id limit 1))
       from amocrm.people where people.person_id = waiting.person_id) as other_person_id
    from waiting
    left join lateral (select * from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.person_id = waiting.person_id and outbox.is_head limit 1) as head on true
    where waiting.person_id is not null
      -- A head whose turn simply has not come holds up nobody.
      and (head.id is null or head.state in ('uncertain', 'dead') or head.last_error_code is not null)
  )
  select stuck.person_id, stuck.id, stuck.kind, stuck.state,
    coalesce(stuck.last_error_code, case when stuck.id is null then 'merging' end),
    case when stuck.id is null then 'This person turned out to be person ' || stuck.other_person_id || ', of whom something is on its way; both wait for it'
      else (amocrm.policy_of(stuck.last_error_code)).explanation end,
    coalesce(stuck.sent_at, stuck.created_at), stuck.next_attempt_at, behind.message_count, behind.oldest_at,
    case
      when stuck.id is null then 'Nothing, unless it stays: select * from amocrm_outbox where person_id = ' || stuck.other_person_id
      when stuck.state = 'dead' then 'Mend the cause, then: select amocrm_requeue(' || stuck.id || '); or let the others go: select amocrm_cancel(' || stuck.id || ')'
      when stuck.state = 'uncertain' then 'It is looked for in amoCRM at next_attempt_at. Only if you have looked there yourself: select amocrm_cancel(' || stuck.id || ')'
      when stuck.last_error_code = 'no_main_pipeline' then 'Name a pipeline in the row of amocrm_routes for its source'
      when stuck.last_error_code = 'no_route' then 'Add a row to amocrm_routes for its source, or one with source *'
      else 'It is tried again at next_attempt_at; at once: select amocrm_requeue(' || stuck.id || ')' end
  from stuck
  cross join lateral (
    select count(*) as message_count, min(bounded.created_at) as oldest_at from (
      select outbox.created_at from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.person_id = stuck.person_id and not outbox.is_head and not outbox.is_fresh
        and outbox.state in ('pending', 'uncertain')
      order by outbox.id limit 1000) as bounded) as behind
  order by behind.oldest_at, stuck.person_id;
end
$$;
comment on function amocrm.blocked_people_rows() is 'Returns the rows of amocrm_blocked_people.';

create view public.amocrm_blocked_people with (security_invoker = true) as
select person_id, stuck_id, kind, state, reason, explanation, stuck_since, next_attempt_at, waiting_count, waiting_since, remedy
from amocrm.blocked_people_rows();
comment on view public.amocrm_blocked_people is
  'Whose messages wait behind which stuck one, why, and what is the remedy? Counts a thousand people and 1000 messages at most.';

revoke all on function amocrm.blocked_people_rows() from public, anon;
grant execute on function amocrm.blocked_people_rows() to authenticated, service_role;
revoke all on public.amocrm_blocked_people from public, anon, authenticated, service_role;
grant select on public.amocrm_blocked_people to authenticated, service_role;
