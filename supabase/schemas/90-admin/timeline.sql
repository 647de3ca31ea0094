-- Everything about one person or one deal, in order. A view over a function could not be filtered without making all of
-- it first, so here the inner view is a plain one that belongs to the owner: a condition on person, row, deal or message
-- reaches the indexes of each part. Who asks is checked once, before anything is read; schema amocrm is in nobody's reach.

create function amocrm.is_reader_asking() returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return true;
end
$$;
comment on function amocrm.is_reader_asking() is 'True for an admin, a viewer, the owner or service_role; raises 42501 otherwise.';

create function amocrm.readable_text(p_text text) returns text
language sql stable security definer set search_path = ''
as $$ select case when amocrm.sees_people() then p_text else amocrm.masked_text(p_text) end $$;
comment on function amocrm.readable_text(text) is 'Returns a text as the caller of a view may read it: a viewer without personal data.';

-- The deal is looked up in each part, and not joined to their union, so that a condition on it reaches the links' index.
create view amocrm.subjects as
select keys.person_id, 'unified_lead_tracking' as subject_table, lead.id as subject_id, lead.created_at, lead.source, deal.deal_id as amocrm_deal_id
from amocrm.person_keys as keys join public.unified_lead_tracking as lead on keys.account = amocrm.account() and keys.type = 'email' and lead.email = keys.key
left join amocrm.linked as deal on deal.subject_id = lead.id and deal.subject_table = 'unified_lead_tracking' and deal.account = amocrm.account()
union all
-- The e-mail wins (rule 2), so a phone counts where no person has the e-mail.
select keys.person_id, 'unified_lead_tracking', lead.id, lead.created_at, lead.source, deal.deal_id
from amocrm.person_keys as keys join public.unified_lead_tracking as lead on keys.account = amocrm.account() and keys.type = 'phone' and lead.phone = keys.key
left join amocrm.linked as deal on deal.subject_id = lead.id and deal.subject_table = 'unified_lead_tracking' and deal.account = amocrm.account()
where not exists (select from amocrm.person_keys as better
  where better.account = amocrm.account() and better.type = 'email' and better.key = lead.email)
union all
select null, 'unified_lead_tracking', lead.id, lead.created_at, lead.source, deal.deal_id
from public.unified_lead_tracking as lead
left join amocrm.linked as deal on deal.subject_id = lead.id and deal.subject_table = 'unified_lead_tracking' and deal.account = amocrm.account()
where not exists (select from amocrm.person_keys as better
  where better.account = amocrm.account() and better.type = 'email' and better.key = lead.email)
  and not exists (select from amocrm.person_keys as better
  where better.account = amocrm.account() and better.type = 'phone' and better.key = lead.phone)
union all
select keys.person_id, 'tripwire_users', student.id, student.created_at, null, deal.deal_id
from amocrm.person_keys as keys join public.tripwire_users as student on keys.account = amocrm.account() and keys.type = 'email' and student.email_key = keys.key
left join amocrm.linked as deal on deal.subject_id = student.id and deal.subject_table = 'tripwire_users' and deal.account = amocrm.account()
union all
select null, 'tripwire_users', student.id, student.created_at, null, deal.deal_id
from public.tripwire_users as student
left join amocrm.linked as deal on deal.subject_id = student.id and deal.subject_table = 'tripwire_users' and deal.account = amocrm.account()
where not exists (select from amocrm.person_keys as better
  where better.account = amocrm.account() and better.type = 'email' and better.key = student.email_key);
comment on view amocrm.subjects is
  'Lists leads and students with their deal and present person; the person is null until a drain has placed them.';

create view amocrm.timeline_events with (security_barrier = true) as
select event.at, event.person_id, event.subject_table, event.subject_id, event.message_id, event.amocrm_deal_id, event.event,
  amocrm.readable_text(event.detail) as detail
from (
  select subject.created_at as at, subject.person_id, subject.subject_table, subject.subject_id, null::bigint as message_id,
    subject.amocrm_deal_id, case subject.subject_table when 'tripwire_users' then 'student inserted' else 'lead inserted' end as event,
    coalesce('source ' || subject.source, '') as detail
  from amocrm.subjects as subject
  union all
  select outbox.created_at, subject.person_id, subject.subject_table, subject.subject_id, outbox.id, subject.amocrm_deal_id,
    'message appended', outbox.kind || ', lane ' || outbox.lane
  from amocrm.subjects as subject
  join amocrm.outbox on outbox.subject_id = subject.subject_id
  union all
  -- What is over stands at its end; what is not, at the moment when it goes on.
  select coalesce(outbox.delivered_at, case when outbox.state in ('pending', 'uncertain') then outbox.next_attempt_at else outbox.leased_at end,
      (select max(attempts.ended_at) from amocrm.attempts where attempts.message_id = outbox.id), outbox.created_at),
    subject.person_id, subject.subject_table, subject.subject_id, outbox.id, subject.amocrm_deal_id,
    'message is ' || outbox.state,
    concat_ws(', ', outbox.kind, outbox.last_error_code, outbox.last_error_message,
      case when outbox.state in ('pending', 'uncertain') then 'goes on at this moment' end)
  from amocrm.subjects as subject
  join amocrm.outbox on outbox.subject_id = subject.subject_id
  union all
  select attempts.ended_at, subject.person_id, subject.subject_table, subject.subject_id, outbox.id, subject.amocrm_deal_id,
    'tried', concat_ws(', ', 'then ' || attempts.state, attempts.error_code,
      'took ' || round(extract(epoch from attempts.ended_at - attempts.started_at), 1) || ' s',
      'waits ' || round(attempts.wait_ms / 1000.0, 1) || ' s')
  from amocrm.subjects as subject
  join amocrm.outbox on outbox.subject_id = subject.subject_id
  join amocrm.attempts on attempts.message_id = outbox.id
  union all
  select coalesce(outbox.delivered_at, outbox.created_at), subject.person_id, subject.subject_table, subject.subject_id, outbox.id, subject.amocrm_deal_id,
    'warning', concat_ws(': ', warning.value ->> 'code', warning.value ->> 'message')
  from amocrm.subjects as subject
  join amocrm.outbox on outbox.subject_id = subject.subject_id
  cross join lateral jsonb_array_elements(outbox.warnings) as warning
  union all
  select actions.at, subject.person_id, subject.subject_table, subject.subject_id, outbox.id, subject.amocrm_deal_id,
    'done by hand', concat_ws(' ', actions.action, actions.arguments::text, 'by', actions.actor, actions.user_id::text)
  from amocrm.subjects as subject
  join amocrm.outbox on outbox.subject_id = subject.subject_id
  join amocrm.actions on actions.message_ids @> array[outbox.id]
  union all
  select mirrored.at, subject.person_id, subject.subject_table, subject.subject_id, null, subject.amocrm_deal_id, mirrored.event,
    concat_ws(', ', 'pipeline ' || known.pipeline_id, 'stage ' || coalesce(known.status_label, known.status_id::text))
  from amocrm.subjects as subject
  join amocrm.deals as known on known.amocrm_deal_id = subject.amocrm_deal_id and known.account = amocrm.account()
  cross join lateral (values
    (known.created_at, 'deal made in amoCRM'),
    (case when not known.is_deleted then known.updated_at end, 'deal last changed in amoCRM'),
    (known.closed_at, 'deal closed in amoCRM'),
    (case when known.is_deleted then known.updated_at end, 'deal deleted in amoCRM')) as mirrored (at, event)
  where mirrored.at is not null
  union all
  select clicks.clicked_at, subject.person_id, subject.subject_table, subject.subject_id, links.message_id, subject.amocrm_deal_id,
    case clicks.verdict when 'human' then 'link clicked' else 'link opened by a machine' end,
    concat_ws(', ', coalesce(links.target_name, links.target_url), clicks.verdict, clicks.reason)
  from amocrm.subjects as subject
  join public.short_links as links on (links.lead_id = subject.subject_id or links.student_id = subject.subject_id)
  join public.link_clicks as clicks on clicks.code = links.code
  union all
  select mails.accepted_at, subject.person_id, subject.subject_table, subject.subject_id, mails.message_id, subject.amocrm_deal_id, 'mail sent', mails.kind
  from amocrm.subjects as subject
  join amocrm.mails on mails.subject_id = subject.subject_id
  where mails.accepted_at is not null
  union all
  -- Resend's own sent is the line before.
  select events.happened_at, subject.person_id, subject.subject_table, subject.subject_id, mails.message_id, subject.amocrm_deal_id,
    'mail ' || substr(events.type, 7), concat_ws(', ', mails.kind, events.reason)
  from amocrm.subjects as subject
  join amocrm.mails on mails.subject_id = subject.subject_id
  join amocrm.mail_events as events on events.message_id = mails.message_id and starts_with(events.type, 'email.') and events.type <> 'email.sent'
  union all
  select texted.at, subject.person_id, subject.subject_table, subject.subject_id, sms.message_id, subject.amocrm_deal_id, texted.event,
    concat_ws(', ', sms.part_count || case sms.part_count when 1 then ' part' else ' parts' end, texted.status)
  from amocrm.subjects as subject
  join amocrm.sms on sms.subject_id = subject.subject_id
  cross join lateral (values (sms.accepted_at, 'sms sent', null),
    (case when sms.outcome <> 'sent' then sms.outcome_at end, 'sms ' || sms.outcome, sms.status)) as texted (at, event, status)
  where texted.at is not null
  union all
  select people.merged_at, people.merged_into, null, null, null, null, 'people merged', 'person ' || people.person_id || ' turned out to be this one'
  from amocrm.people where people.account = amocrm.account() and people.merged_at is not null
  union all
  select duplicates.found_at, pair.person_id, null, null, duplicates.outbox_id, null, 'duplicate listed',
    'pair ' || duplicates.id || ', people ' || duplicates.kept_id || ' and ' || duplicates.other_id || ': ' || duplicates.reason
  from amocrm.duplicates cross join lateral (values (duplicates.kept_id), (duplicates.other_id)) as pair (person_id)
  where duplicates.account = amocrm.account() and duplicates.type = 'people'
) as event
where (select amocrm.is_reader_asking());
comment on view amocrm.timeline_events is 'Returns the rows of amocrm_timeline.';

create view public.amocrm_timeline with (security_invoker = true) as
select at, person_id, subject_table, subject_id, message_id, amocrm_deal_id, event, detail from amocrm.timeline_events;
comment on view public.amocrm_timeline is
  'What happened to a person, lead, student, message or deal? Filter by person_id, subject_id or amocrm_deal_id.';

create function amocrm.timeline_of(p_email text, p_phone text, p_deal_id bigint)
returns table (at timestamptz, person_id bigint, subject_table text, subject_id uuid, message_id bigint, amocrm_deal_id bigint, event text, detail text)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_people bigint[];
  v_subjects uuid[];
begin
  perform amocrm.require_reader();
  if amocrm.normalize_email(p_email) is null and amocrm.trimmed(p_email) is not null then
    raise exception 'p_email is not an e-mail address' using errcode = '22023';
  elsif amocrm.normalize_phone(p_phone) is null and amocrm.trimmed(p_phone) is not null then
    raise exception 'p_phone is not a phone number' using errcode = '22023', hint = 'It has 10 digits, or + and the country code.';
  elsif coalesce(amocrm.trimmed(p_email), amocrm.trimmed(p_phone), p_deal_id::text) is null then
    raise exception 'none of p_email, p_phone and p_deal_id was given' using errcode = '22023',
      hint = 'select * from amocrm_timeline_of(p_email => ''somebody@example.com'')';
  end if;
  v_people := array(
    select amocrm.person_of_key('email', amocrm.normalize_email(p_email)) union select amocrm.person_of_key('phone', amocrm.normalize_phone(p_phone)));
  v_subjects := array(
    select lead.id from public.unified_lead_tracking as lead where lead.email = amocrm.normalize_email(p_email)
    union select lead.id from public.unified_lead_tracking as lead where lead.phone = amocrm.normalize_phone(p_phone)
    union select student.id from public.tripwire_users as student where student.email_key = amocrm.normalize_email(p_email)
    union select links.subject_id from amocrm.links
    where links.object = 'deal' and links.amocrm_id = p_deal_id and links.account = amocrm.account()
    union select known.subject_id from amocrm.subjects as known where known.person_id = any (v_people));
  return query
  select * from (
    select * from amocrm.timeline_events as timeline where timeline.subject_id = any (v_subjects)
    union all
    select * from amocrm.timeline_events as timeline where timeline.person_id = any (v_people) and timeline.subject_id is null
    union all
    select actions.at, null::bigint, null, null, null, null, 'done by hand', concat_ws(' ', actions.action, 'by', actions.actor, actions.user_id::text)
    from amocrm.actions where actions.person_ids && v_people) as found
  order by found.at, found.message_id nulls first, found.event;
end
$$;
comment on function amocrm.timeline_of(text, text, bigint) is 'Returns the rows of amocrm_timeline_of.';

create function public.amocrm_timeline_of(p_email text default null, p_phone text default null, p_deal_id bigint default null)
returns table (at timestamptz, person_id bigint, subject_table text, subject_id uuid, message_id bigint, amocrm_deal_id bigint, event text, detail text)
language sql stable set search_path = ''
begin atomic
  select timeline.at, timeline.person_id, timeline.subject_table, timeline.subject_id, timeline.message_id, timeline.amocrm_deal_id,
    timeline.event, timeline.detail
  from amocrm.timeline_of(p_email, p_phone, p_deal_id) as timeline;
end;
comment on function public.amocrm_timeline_of(text, text, bigint) is
  'Lists in order what happened to a deal, or to the person with an e-mail or phone in any spelling.';

revoke all on function amocrm.is_reader_asking(), amocrm.readable_text(text) from public, anon;
grant execute on function amocrm.is_reader_asking(), amocrm.readable_text(text) to authenticated, service_role;
revoke all on amocrm.subjects, amocrm.timeline_events from public, anon, authenticated, service_role;
grant select on amocrm.timeline_events to authenticated, service_role;
revoke all on public.amocrm_timeline from public, anon, authenticated, service_role;
grant select on public.amocrm_timeline to authenticated, service_role;
revoke all on function amocrm.timeline_of(text, text, bigint), public.amocrm_timeline_of(text, text, bigint) from public, anon, authenticated;
grant execute on function amocrm.timeline_of(text, text, bigint), public.amocrm_timeline_of(text, text, bigint) to authenticated, service_role;
