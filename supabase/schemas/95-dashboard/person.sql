-- One person: everything in order, whichever key an admin has at hand.

create function amocrm.next_steps(p_subjects uuid[]) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(coming) order by coming.expected_at, coming.sequence, coming.step), '[]') from (
    select entry.sequence, step.step, step.channel, step.state, step.reason, step.message_id, step.template_code as template,
      sequence.paused_at is not null as is_paused,
      greatest(step.look_at, coalesce(amocrm.quiet_ends(step.look_at, zone.name,
        case step.channel when 'mail' then settings.quiet_from else settings.sms_quiet_from end,
        case step.channel when 'mail' then settings.quiet_until else settings.sms_quiet_until end), step.look_at)) as expected_at
    from amocrm.followup_entries as entry join amocrm.followup_entry_steps as step on step.entry_id = entry.id
    left join amocrm.followup_sequences as sequence on sequence.sequence = entry.sequence
    cross join public.message_settings as settings
    cross join lateral (select amocrm.zone_of(entry.lead_id, entry.student_id, entry.phone_key) as name) as zone
    where (entry.lead_id = any (p_subjects) or entry.student_id = any (p_subjects)) and entry.ended_at is null and step.state in ('waiting', 'held', 'queued')
    order by step.look_at limit 100) as coming
$$;
comment on function amocrm.next_steps(uuid[]) is 'Returns the steps of sequences that are still to come for leads and students, soonest first; caps may move one.';

create function amocrm.news_of(p_subjects uuid[]) returns table (at timestamptz, event text, detail text, message_id bigint)
language sql stable set search_path = ''
as $$
  select certificate.issued_at, 'certificate issued', certificate.number, null::bigint
  from public.tripwire_certificates as certificate where certificate.student_id = any (p_subjects)
  union all
  select step.departed_at, 'sequence step', concat_ws(', ', entry.sequence, step.step, step.channel), step.message_id
  from amocrm.followup_entries as entry join amocrm.followup_entry_steps as step on step.entry_id = entry.id
  where (entry.lead_id = any (p_subjects) or entry.student_id = any (p_subjects)) and step.departed_at is not null
$$;
comment on function amocrm.news_of(uuid[]) is 'Returns what amocrm_timeline lacks of leads and students: certificates, and steps of sequences.';

create function amocrm.person_shown(p_filter jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
-- The plan is the same for whoever is asked for, and takes several times as long to make as to run: made once in a session.
set plan_cache_mode = force_generic_plan
as $$
declare
  v_subjects uuid[];
  v_people bigint[];
begin
  perform amocrm.require_reader();
  perform amocrm.check_filter(p_filter);
  v_subjects := amocrm.people_of_filter(p_filter);
  v_people := array(select distinct subjects.person_id from amocrm.subjects where subjects.subject_id = any (v_subjects) and subjects.person_id is not null);
  return jsonb_build_object('person_ids', to_jsonb(v_people), 'account_host', (select accounts.host from amocrm.accounts where accounts.queue = amocrm.account()),
    'subjects', (select coalesce(jsonb_agg(to_jsonb(mine) order by mine.created_at), '[]') from (
      select 'lead' as what, lead.id, lead.created_at, lead.source, amocrm.masked_name(lead.full_name) as name, amocrm.masked_email(lead.email) as email,
        amocrm.masked_phone(lead.phone) as phone, lead.amocrm_contact_id as contact_id, lead.amocrm_deal_id as deal_id
      from public.unified_lead_tracking as lead where lead.id = any (v_subjects)
      union all
      select 'student', student.id, student.created_at, null, amocrm.masked_name(student.full_name), amocrm.masked_email(student.email),
        amocrm.masked_phone(student.phone), student.amocrm_contact_id, student.amocrm_deal_id
      from public.tripwire_users as student where student.id = any (v_subjects)) as mine),
    'quarantined', (select coalesce(jsonb_agg(jsonb_build_object('lead_id', held.lead_id, 'reason', held.reason, 'at', held.quarantined_at)), '[]')
      from amocrm.quarantined_leads as held where held.lead_id = any (v_subjects)),
    'certificates', (select coalesce(jsonb_agg(jsonb_build_object('student_id', made.student_id, 'number', made.number, 'issued_at', made.issued_at,
        'code', case when amocrm.sees_people() then made.verification_code end) order by made.issued_at), '[]')
      from public.tripwire_certificates as made where made.student_id = any (v_subjects)),
    'next', amocrm.next_steps(v_subjects),
    'events', (select coalesce(jsonb_agg(to_jsonb(latest) order by latest.at, latest.message_id), '[]') from (
      select * from (
        select timeline.at, timeline.event, timeline.detail, timeline.message_id, timeline.amocrm_deal_id as deal_id
        from amocrm.timeline_events as timeline where timeline.subject_id = any (v_subjects)
        union all
        select timeline.at, timeline.event, timeline.detail, timeline.message_id, timeline.amocrm_deal_id
        from amocrm.timeline_events as timeline where timeline.person_id = any (v_people) and timeline.subject_id is null
        union all
        select event.occurred_at, 'deal ' || event.event, concat_ws(' → ', event.from_status_id::text, event.to_status_id::text), null, event.amocrm_deal_id
        from public.amocrm_deal_events as event where event.lead_id = any (v_subjects) or event.student_id = any (v_subjects)
        union all
        select news.at, news.event, news.detail, news.message_id, null from amocrm.news_of(v_subjects) as news
        union all
        select progress.completed_at, 'lesson completed', progress.lesson_id::text, null, null
        from public.tripwire_lesson_progress as progress join public.tripwire_users as student on student.user_id = progress.user_id
        where student.id = any (v_subjects) and progress.completed_at is not null
      ) as all_of_them order by all_of_them.at desc limit 500) as latest));
end
$$;
comment on function amocrm.person_shown(jsonb) is 'Returns what amocrm_person returns.';

create function public.amocrm_person(p_filter jsonb) returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.person_shown(p_filter); end;
comment on function public.amocrm_person(jsonb) is
  'Returns a person by email, phone, deal_id, contact_id, person_id or subject_id: leads and students, masked, what comes next, and the latest 500 events.';

revoke all on function amocrm.next_steps(uuid[]), amocrm.news_of(uuid[]) from public;
revoke all on function amocrm.person_shown(jsonb), public.amocrm_person(jsonb) from public, anon, authenticated;
grant execute on function amocrm.person_shown(jsonb), public.amocrm_person(jsonb) to authenticated, service_role;
