-- What a sales manager looks at: every student with progress, mail and deal. Like the admin's views it is refused to
-- everybody else, because the rows come from a private function that checks who asks.

create function amocrm.require_manager() returns void
language plpgsql stable set search_path = ''
as $$
begin
  -- As in require_admin: whoever is not the owner or service_role has to show that a manager asks.
  if coalesce(current_setting('role', true), 'none') not in ('none', 'postgres', 'service_role')
    and coalesce((select auth.jwt()) -> 'app_metadata' ->> 'role', '') not in ('sales_manager', 'admin') then
    raise exception 'only managers may do this' using errcode = '42501',
      hint = 'The role stands in app_metadata.role of the user; it must be sales_manager or admin.';
  end if;
end
$$;
comment on function amocrm.require_manager() is
  'Raises 42501 for a signed-in caller whose app_metadata.role is neither sales_manager nor admin.';

create function amocrm.students_overview_rows()
returns table (id uuid, user_id uuid, full_name text, email text, phone text, status text, granted_by uuid, created_at timestamptz,
  lesson_count bigint, completed_count bigint, watched_seconds bigint, last_activity_at timestamptz, completed_course_at timestamptz,
  mail_state text, mail_error_code text, welcome_email_sent_at timestamptz,
  sync_state text, sync_error_code text, amocrm_contact_id bigint, amocrm_deal_id bigint, amocrm_synced_at timestamptz,
  amocrm_deal_url text, certificate_code text)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.require_manager();
  return query
  with progress as (
    select progress.user_id, count(lesson.id) filter (where progress.completed_at is not null) as completed_count,
      sum(progress.watched_seconds) as watched_seconds, max(greatest(progress.watched_at, progress.completed_at)) as last_activity_at
    from public.tripwire_lesson_progress as progress
    left join public.tripwire_lessons as lesson on lesson.id = progress.lesson_id
    group by progress.user_id
  )
  select student.id, student.user_id, student.full_name, student.email, student.phone, student.status, student.granted_by,
    student.created_at, course.lesson_count, coalesce(progress.completed_count, 0), coalesce(progress.watched_seconds, 0),
    progress.last_activity_at, course_achievement.earned_at,
    case
      when mailed.outcome is not null and mailed.message_id >= coalesce(told.mail_id, 0) then mailed.outcome
      when told.mail_state = 'delivered' or (told.mail_state is null and student.welcome_email_sent_at is not null) then 'sent'
      when told.mail_state = 'dead' then 'failed'
      when told.mail_state in ('cancelled', 'superseded') then 'cancelled'
      when told.mail_state is not null then 'waiting'
      else 'none' end,
    case when mailed.outcome is not null and mailed.message_id >= coalesce(told.mail_id, 0) then mailed.outcome_reason
      when told.mail_state <> 'delivered' then told.mail_error_code end,
    student.welcome_email_sent_at,
    coalesce(told.sync_state, case when student.amocrm_synced_at is not null then 'delivered' else 'none' end),
    told.sync_error_code, student.amocrm_contact_id, student.amocrm_deal_id, student.amocrm_synced_at,
    account.host || '/leads/detail/' || student.amocrm_deal_id, certificate.verification_code
  from public.tripwire_users as student
  cross join (select count(*) as lesson_count from public.tripwire_lessons) as course
  left join progress on progress.user_id = student.user_id
  left join amocrm.accounts as account on account.queue = amocrm.account()
  left join public.tripwire_certificates as certificate on certificate.user_id = student.user_id
  left join public.tripwire_achievements as course_achievement
    on course_achievement.user_id = student.user_id and course_achievement.code = 'course'
  -- By subject alone and not by queue as well, so that no plan can take another index than the subject's.
  cross join lateral (
    select max(outbox.id) filter (where outbox.kind = 'student.welcome') as mail_id,
      (array_agg(outbox.state order by outbox.id desc) filter (where outbox.kind = 'student.welcome'))[1] as mail_state,
      (array_agg(outbox.last_error_code order by outbox.id desc) filter (where outbox.kind = 'student.welcome'))[1] as mail_error_code,
      (array_agg(outbox.state order by badness.rank, outbox.id) filter (where outbox.queue = 'amocrm' and badness.rank is not null))[1] as sync_state,
      (array_agg(outbox.last_error_code order by badness.rank, outbox.id) filter (where outbox.queue = 'amocrm' and badness.rank is not null))[1] as sync_error_code
    from amocrm.outbox
    -- The worst first: the row shows what somebody may have to do something about.
    cross join lateral (values (array_position(array['dead', 'uncertain', 'leased', 'pending'], outbox.state))) as badness (rank)
    where outbox.subject_id = student.id
  ) as told
  -- What became of the latest mail; it is known for longer than its message is kept.
  left join lateral (
    select mails.message_id, mails.outcome, mails.outcome_reason from amocrm.mails
    where mails.subject_id = student.id and mails.kind = 'student.welcome'
    order by mails.message_id desc limit 1
  ) as mailed on true;
end
$$;
comment on function amocrm.students_overview_rows() is 'Returns the rows of tripwire_students_overview.';

create view public.tripwire_students_overview with (security_invoker = true) as
select id, user_id, full_name, email, phone, status, granted_by, created_at, lesson_count, completed_count, watched_seconds,
  last_activity_at, completed_course_at, mail_state, mail_error_code, welcome_email_sent_at,
  sync_state, sync_error_code, amocrm_contact_id, amocrm_deal_id, amocrm_synced_at, amocrm_deal_url, certificate_code
from amocrm.students_overview_rows();
comment on view public.tripwire_students_overview is
  'Who are the students, how far is each, did the mail arrive, and where is the deal? For managers and admins.';

revoke all on function amocrm.require_manager() from public;
revoke all on function amocrm.students_overview_rows() from public, anon;
grant execute on function amocrm.students_overview_rows() to authenticated, service_role;
revoke all on public.tripwire_students_overview from public, anon, authenticated, service_role;
grant select on public.tripwire_students_overview to authenticated, service_role;
