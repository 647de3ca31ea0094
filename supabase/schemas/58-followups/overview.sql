-- What an admin sees of sequences at a glance, and what of them is only half set up.

create function amocrm.followup_overview_rows()
returns table (sequence text, version int, events text[], step_count int, is_on boolean, switched_on_at timestamptz, paused_at timestamptz,
  people_inside bigint, people_in_older bigint, waiting_count bigint, held_count bigint, next_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.require_reader();
  return query
  select newest.sequence, newest.version, newest.events, newest.step_count, newest.is_on, known.switched_on_at, known.paused_at,
    coalesce(inside.people, 0), coalesce(inside.people_in_older, 0), coalesce(inside.waiting, 0), coalesce(inside.held, 0), inside.next_at
  from (
    select listed.sequence, listed.version, array_agg(distinct listed.event order by listed.event) as events, count(*)::int as step_count, bool_or(listed.is_on) as is_on
    from public.followup_steps as listed where listed.version = amocrm.newest_version(listed.sequence)
    group by listed.sequence, listed.version) as newest
  left join amocrm.followup_sequences as known on known.sequence = newest.sequence
  left join lateral (
    -- Counted up to a bound: somebody looks at a glance.
    select count(distinct unfinished.entry_id) as people, count(distinct unfinished.entry_id) filter (where unfinished.version < newest.version) as people_in_older,
      count(*) filter (where unfinished.state <> 'held') as waiting, count(*) filter (where unfinished.state = 'held') as held,
      min(unfinished.look_at) filter (where unfinished.state = 'waiting') as next_at
    from (select step.entry_id, step.state, step.look_at, entry.version from amocrm.followup_entries as entry
      join amocrm.followup_entry_steps as step on step.entry_id = entry.id
      where entry.sequence = newest.sequence and step.state in ('waiting', 'held', 'queued') limit 100000) as unfinished) as inside on true
  order by newest.sequence;
end
$$;
comment on function amocrm.followup_overview_rows() is 'Returns the rows of followup_overview.';

create view public.followup_overview with (security_invoker = true) as
select sequence, version, events, step_count, is_on, switched_on_at, paused_at, people_inside, people_in_older, waiting_count, held_count, next_at
from amocrm.followup_overview_rows();
comment on view public.followup_overview is
  'Which sequences are there, on or paused, and how many people and steps wait in each? Stops at 100000 steps.';

create function amocrm.followups_notice() returns text
language sql stable set search_path = ''
as $$
  select nullif(concat_ws(E'\n',
    (select 'Steps of sequences have no text in followup_templates, so they cannot be sent: ' || string_agg(lacking.name, ', ' order by lacking.name)
      from (select distinct listed.sequence || '/' || listed.step as name from public.followup_steps as listed
        where listed.is_on and listed.version = amocrm.newest_version(listed.sequence)
          and not exists (select from public.followup_templates as text where text.code = listed.template_code and text.channel = listed.channel)
        order by name limit 10) as lacking having count(*) > 0),
    (select 'Texts of sequences name links that link_targets does not have, so they cannot be sent: ' || string_agg(lacking.name, ', ' order by lacking.name)
      from (select distinct substring(named.placeholder from 6) as name
        from public.followup_templates as text
        cross join lateral (select amocrm.placeholders_of(text.subject) union select amocrm.placeholders_of(text.body)) as named (placeholder)
        where starts_with(named.placeholder, 'link:')
          and not exists (select from public.link_targets where link_targets.name = substring(named.placeholder from 6))
        order by name limit 10) as lacking having count(*) > 0),
    (select 'Sequences have steps by SMS, and sms-drain cannot send any: ' || heartbeats.detail
      from amocrm.heartbeats where heartbeats.component = 'sms-drain' and heartbeats.state = 'unconfigured'
        and exists (select from public.followup_steps as listed
          where listed.channel = 'sms' and listed.is_on and listed.version = amocrm.newest_version(listed.sequence))),
    (select 'Sequences have steps by mail, and message-drain cannot send any: ' || heartbeats.detail
      from amocrm.heartbeats where heartbeats.component = 'message-drain' and heartbeats.state = 'unconfigured'
        and exists (select from public.followup_steps as listed
          where listed.channel = 'mail' and listed.is_on and listed.version = amocrm.newest_version(listed.sequence)))), '')
$$;
comment on function amocrm.followups_notice() is
  'Returns the notice of amocrm_health about sequences that are only half set up: steps without a text, links without a target, no key.';

revoke all on function amocrm.followups_notice() from public;
revoke all on function amocrm.followup_overview_rows() from public, anon, authenticated;
grant execute on function amocrm.followup_overview_rows() to authenticated, service_role;
revoke all on public.followup_overview from public, anon, authenticated, service_role;
grant select on public.followup_overview to authenticated, service_role;
