-- What lets people into sequences: events that triggers append, each in the transaction of the row that it is about. They only
-- append, and only while a sequence waits for such an event; who enters what is decided later, under a queue's lock.

create table amocrm.followup_events (
  id bigint generated always as identity primary key,
  event text not null,
  lead_id uuid,
  student_id uuid,
  member_id uuid,
  facts jsonb not null default '{}',
  occurred_at timestamptz not null,
  look_at timestamptz not null default amocrm.clock(),
  state text not null default 'waiting',
  outcome text,
  constraint state_is_known check (state in ('waiting', 'worked', 'failed')),
  constraint event_has_its_subject check (num_nonnulls(lead_id, student_id, member_id) >= 1)
);
comment on table amocrm.followup_events is 'Events that may let somebody into a sequence, by the row that they are about.';
comment on column amocrm.followup_events.facts is 'What filters ask for: pipeline_id and status_id of a deal, lesson_id of a lesson, from and to of a member.';
comment on column amocrm.followup_events.member_id is 'The member, of the area that followup_members names.';
comment on column amocrm.followup_events.look_at is 'When it is looked at next; later than now while the lead is quarantined or a flood runs.';
comment on column amocrm.followup_events.outcome is 'What became of it: entered, or why nobody did.';
create index followup_events_waiting_idx on amocrm.followup_events (look_at, id) where state = 'waiting';
create index followup_events_of_lead_idx on amocrm.followup_events (lead_id) where lead_id is not null;
create index followup_events_of_student_idx on amocrm.followup_events (student_id) where student_id is not null;
create index followup_events_of_member_idx on amocrm.followup_events (member_id) where member_id is not null;
create index followup_events_by_time_idx on amocrm.followup_events (occurred_at);
alter table amocrm.followup_events enable row level security;
revoke all on amocrm.followup_events from public, anon, authenticated, service_role;
grant select on amocrm.followup_events to service_role;

create table amocrm.followup_members (
  subject_table text primary key,
  reads text not null
);
comment on table amocrm.followup_members is 'The area whose members sequences may be about; empty without one.';
comment on column amocrm.followup_members.reads is
  'Function (uuid) that returns {email, full_name, mailing, metadata} of a member, null for none; mailing: joining was consent to news.';
alter table amocrm.followup_members enable row level security;
revoke all on amocrm.followup_members from public, anon, authenticated, service_role;

create function amocrm.followup_member(p_id uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_reads text := (select followup_members.reads from amocrm.followup_members limit 1);
  v_member jsonb;
begin
  if p_id is not null and v_reads is not null then
    execute format('select %I.%I($1)', split_part(v_reads, '.', 1), split_part(v_reads, '.', 2)) into v_member using p_id;
  end if;
  return v_member;
end
$$;
comment on function amocrm.followup_member(uuid) is 'Returns a member as its area has it; null for none.';

create function amocrm.note_followup_member(p_event text, p_member_id uuid, p_facts jsonb, p_at timestamptz) returns void
language plpgsql set search_path = ''
as $$
begin
  if amocrm.is_event_awaited(p_event) then
    insert into amocrm.followup_events (event, member_id, facts, occurred_at) values (p_event, p_member_id, p_facts, p_at);
  end if;
end
$$;
comment on function amocrm.note_followup_member(text, uuid, jsonb, timestamptz) is 'Appends what happened to a member, if a step waits for it.';

create function amocrm.forget_followup_members(p_member_ids uuid[]) returns void
language plpgsql set search_path = ''
as $$
begin
  delete from amocrm.followup_events where followup_events.member_id = any (p_member_ids);
  delete from amocrm.followup_entries where followup_entries.member_id = any (p_member_ids);
end
$$;
comment on function amocrm.forget_followup_members(uuid[]) is 'Deletes events and entries of members.';

create function amocrm.is_event_awaited(p_event text) returns boolean
language plpgsql stable set search_path = ''
as $$ begin return exists (select from public.followup_steps where followup_steps.event = p_event and followup_steps.is_on); end $$;
comment on function amocrm.is_event_awaited(text) is 'True if a step of a sequence waits for an event, so that projects without sequences pay nothing.';

create function amocrm.note_followup_leads() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if amocrm.is_event_awaited('lead.created') then
    -- A row that comes with its place in amoCRM is history that somebody imports.
    insert into amocrm.followup_events (event, lead_id, occurred_at, state, outcome)
    select 'lead.created', new_rows.id, new_rows.created_at, imported.state, imported.outcome from new_rows
    cross join lateral (select case when new_rows.amocrm_synced_at is null then 'waiting' else 'worked' end,
      case when new_rows.amocrm_synced_at is not null then 'imported' end) as imported (state, outcome);
    perform amocrm.ring('message');
  end if;
  return null;
exception when others then
  raise warning 'row of % saved without its sequences: % (%)', tg_table_name, sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.note_followup_leads() is 'Appends lead.created for sequences. Never fails the insert.';

create function amocrm.note_followup_students() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if amocrm.is_event_awaited('student.created') then
    -- Who was welcomed elsewhere is imported.
    insert into amocrm.followup_events (event, student_id, occurred_at, state, outcome)
    select 'student.created', new_rows.id, new_rows.created_at, imported.state, imported.outcome from new_rows
    cross join lateral (select case when coalesce(new_rows.welcome_email_sent_at, new_rows.amocrm_synced_at) is null then 'waiting' else 'worked' end,
      case when coalesce(new_rows.welcome_email_sent_at, new_rows.amocrm_synced_at) is not null then 'imported' end) as imported (state, outcome);
    perform amocrm.ring('message');
  end if;
  return null;
exception when others then
  raise warning 'row of % saved without its sequences: % (%)', tg_table_name, sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.note_followup_students() is 'Appends student.created for sequences. Never fails the insert.';

create function amocrm.note_followup_lessons() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if amocrm.is_event_awaited('lesson.completed') then
    if tg_op = 'INSERT' then
      insert into amocrm.followup_events (event, student_id, facts, occurred_at)
      select 'lesson.completed', student.id, jsonb_build_object('lesson_id', new_rows.lesson_id), new_rows.completed_at
      from new_rows join public.tripwire_users as student on student.user_id = new_rows.user_id where new_rows.completed_at is not null;
    else
      insert into amocrm.followup_events (event, student_id, facts, occurred_at)
      select 'lesson.completed', student.id, jsonb_build_object('lesson_id', new_rows.lesson_id), new_rows.completed_at
      from new_rows join old_rows on old_rows.user_id = new_rows.user_id and old_rows.lesson_id = new_rows.lesson_id
      join public.tripwire_users as student on student.user_id = new_rows.user_id
      where new_rows.completed_at is not null and old_rows.completed_at is null;
    end if;
  end if;
  return null;
exception when others then
  raise warning 'row of % saved without its sequences: % (%)', tg_table_name, sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.note_followup_lessons() is 'Appends lesson.completed for sequences. Never fails the write.';

create function amocrm.note_followup_deals() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into amocrm.followup_events (event, lead_id, student_id, facts, occurred_at)
  select 'deal.' || new_rows.event, new_rows.lead_id, new_rows.student_id,
    jsonb_build_object('pipeline_id', new_rows.to_pipeline_id, 'status_id', new_rows.to_status_id), new_rows.occurred_at
  from new_rows where new_rows.event in ('won', 'stage_changed') and num_nonnulls(new_rows.lead_id, new_rows.student_id) > 0
    and amocrm.is_event_awaited('deal.' || new_rows.event);
  return null;
exception when others then
  raise warning 'row of % saved without its sequences: % (%)', tg_table_name, sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.note_followup_deals() is 'Appends deal.won and deal.stage_changed for sequences. Never fails the insert.';

revoke all on function amocrm.followup_member(uuid), amocrm.note_followup_member(text, uuid, jsonb, timestamptz), amocrm.forget_followup_members(uuid[]),
  amocrm.is_event_awaited(text), amocrm.note_followup_leads(), amocrm.note_followup_students(), amocrm.note_followup_lessons(),
  amocrm.note_followup_deals() from public;
create trigger amocrm_530_followups after insert on public.unified_lead_tracking
  referencing new table as new_rows for each statement execute function amocrm.note_followup_leads();
create trigger amocrm_530_followups after insert on public.tripwire_users
  referencing new table as new_rows for each statement execute function amocrm.note_followup_students();
create trigger amocrm_530_followups after insert on public.tripwire_lesson_progress
  referencing new table as new_rows for each statement execute function amocrm.note_followup_lessons();
create trigger amocrm_531_followups after update on public.tripwire_lesson_progress
  referencing old table as old_rows new table as new_rows for each statement execute function amocrm.note_followup_lessons();
create trigger amocrm_530_followups after insert on public.amocrm_deal_events
  referencing new table as new_rows for each statement execute function amocrm.note_followup_deals();

create function amocrm.sweep_followups() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_since timestamptz := greatest(amocrm.sweep_since(), (select min(followup_sequences.switched_on_at) from amocrm.followup_sequences));
  v_count int := 0;
  v_further_count int := 0;
begin
  if amocrm.is_event_awaited('lead.created') then
    insert into amocrm.followup_events (event, lead_id, occurred_at)
    select 'lead.created', lead.id, lead.created_at from public.unified_lead_tracking as lead
    where lead.created_at > v_since and lead.created_at < amocrm.clock() - interval '1 minute'
      and not exists (select from amocrm.followup_events where followup_events.lead_id = lead.id and followup_events.event = 'lead.created')
    order by lead.created_at limit 1000;
    get diagnostics v_count = row_count;
  end if;
  if amocrm.is_event_awaited('student.created') then
    insert into amocrm.followup_events (event, student_id, occurred_at)
    select 'student.created', student.id, student.created_at from public.tripwire_users as student
    where student.created_at > v_since and student.created_at < amocrm.clock() - interval '1 minute'
      and not exists (select from amocrm.followup_events where followup_events.student_id = student.id and followup_events.event = 'student.created')
    order by student.created_at limit 1000;
    get diagnostics v_further_count = row_count;
  end if;
  return v_count + v_further_count;
end
$$;
comment on function amocrm.sweep_followups() is 'Appends events of the last day that a trigger left out; returns how many.';
revoke all on function amocrm.sweep_followups() from public;
select amocrm.schedule_job('amocrm-followup-sweep', '*/5 * * * *', 'select amocrm.sweep_followups()');
