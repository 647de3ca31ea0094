-- Sequences: what is sent how long after which event. An edit of a sequence that people are in makes a new version: those
-- inside keep the steps they came in with, unless somebody moves them.

create table public.followup_steps (
  sequence text not null,
  step text not null,
  version int not null default 1,
  event text not null default 'lead.created',
  filter jsonb not null default '{}',
  source text not null default '*',
  channel text not null,
  template_code text not null,
  delay_minutes int not null default 0,
  max_delay_minutes int not null default 2880,
  stop_on text[] not null default '{won,student}',
  topic text default 'news',
  is_on boolean not null default true,
  created_at timestamptz not null default amocrm.clock(),
  primary key (sequence, version, step),
  constraint sequence_is_a_word check (sequence ~ '^[A-Za-z][A-Za-z0-9_.-]{0,59}$'),
  constraint step_is_short check (step ~ '^[A-Za-z0-9_.-]{1,60}$'),
  constraint version_is_positive check (version >= 1),
  constraint event_is_known check (event in ('lead.created', 'student.created', 'lesson.completed', 'deal.won', 'deal.stage_changed',
    'loyalty.tier_changed', 'loyalty.tier_at_risk', 'loyalty.segment_changed', 'loyalty.points_expiring')),
  constraint members_are_written_mails check (event !~ '^loyalty' or channel = 'mail'),
  constraint filter_is_an_object check (jsonb_typeof(filter) = 'object'),
  constraint channel_is_known check (channel in ('mail', 'sms')),
  constraint delay_is_at_most_a_year check (delay_minutes between 0 and 527040),
  constraint max_delay_is_sensible check (max_delay_minutes between 1 and 43200),
  constraint stop_on_is_known check (stop_on <@ '{won,lost,student,certificate}'::text[]),
  constraint topic_is_a_word check (topic ~ '^[a-z][a-z0-9_.-]{0,59}$')
);
comment on table public.followup_steps is
  'Steps of sequences. The newest version of a sequence takes newcomers; people inside keep the steps of theirs.';
comment on column public.followup_steps.filter is 'What the event must have: {"pipeline_id", "status_id"} of a deal, {"lesson_id"} of a lesson, {"from", "to"} of a member.';
comment on column public.followup_steps.source is 'The source of leads that the step is for; * for all.';
comment on column public.followup_steps.delay_minutes is
  'How long after the event. Whole days keep the local hour, also when clocks change; the rest is exact.';
comment on column public.followup_steps.max_delay_minutes is 'A step that is later than this, apart from being held, is skipped with the reason late.';
comment on column public.followup_steps.stop_on is 'What ends the sequence for a person; withdrawal and bounces always stop their channel.';
comment on column public.followup_steps.topic is 'What people consent to and withdraw from, null for news. The topic course needs no consent from students and no cap.';
create index followup_steps_by_event_idx on public.followup_steps (event) where is_on;
alter table public.followup_steps enable row level security;
revoke all on public.followup_steps from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.followup_steps to service_role;

create table amocrm.followup_sequences (
  sequence text primary key,
  switched_on_at timestamptz,
  paused_at timestamptz,
  resumed_at timestamptz
);
comment on table amocrm.followup_sequences is 'Since when each sequence takes people, and whether it is paused.';
comment on column amocrm.followup_sequences.switched_on_at is 'What happened before is not its matter; null while no step is on.';
alter table amocrm.followup_sequences enable row level security;
revoke all on amocrm.followup_sequences from public, anon, authenticated, service_role;
grant select on amocrm.followup_sequences to service_role;

create function amocrm.newest_version(p_sequence text) returns int
language sql stable set search_path = ''
as $$ select max(followup_steps.version) from public.followup_steps where followup_steps.sequence = p_sequence $$;
comment on function amocrm.newest_version(text) is 'Returns the version of a sequence that takes newcomers; null if there is no such sequence.';

create function amocrm.tend_sequences(p_sequences text[]) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.followup_sequences as known (sequence, switched_on_at)
  select listed.sequence, case when listed.is_on then amocrm.clock() end
  from (select one.sequence, exists (select from public.followup_steps
      where followup_steps.sequence = one.sequence and followup_steps.version = amocrm.newest_version(one.sequence) and followup_steps.is_on) as is_on
    from (select distinct unnest(p_sequences) as sequence) as one) as listed
  on conflict (sequence) do update
  set switched_on_at = case when excluded.switched_on_at is null then null else coalesce(known.switched_on_at, excluded.switched_on_at) end;
end
$$;
comment on function amocrm.tend_sequences(text[]) is 'Notes since when these sequences are on, after their steps were changed.';

create function amocrm.renew_version(p_sequences text[]) returns void
language plpgsql set search_path = ''
as $$
begin
  update public.followup_steps set version = followup_steps.version + 1
  from (select distinct unnest(p_sequences) as sequence) as changed
  where followup_steps.sequence = changed.sequence and followup_steps.version = amocrm.newest_version(changed.sequence)
    and exists (select from amocrm.followup_entries
      where followup_entries.sequence = changed.sequence and followup_entries.version = followup_steps.version);
end
$$;
comment on function amocrm.renew_version(text[]) is 'Gives the newest steps of these sequences a new version if people are in the present one.';

create function amocrm.follow_changed_steps() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_sequences text[];
begin
  if pg_trigger_depth() > 1 then
    return null;
  end if;
  if tg_op = 'INSERT' then
    v_sequences := array(select distinct new_rows.sequence from new_rows);
  elsif tg_op = 'DELETE' then
    v_sequences := array(select distinct old_rows.sequence from old_rows);
  else
    v_sequences := array(select distinct new_rows.sequence from new_rows
      where not exists (select from old_rows where to_jsonb(old_rows) = to_jsonb(new_rows)));
  end if;
  perform amocrm.renew_version(v_sequences);
  perform amocrm.tend_sequences(v_sequences);
  return null;
end
$$;
comment on function amocrm.follow_changed_steps() is 'Makes a new version of a sequence with people in it, and notes whether it is on.';
revoke all on function amocrm.newest_version(text), amocrm.tend_sequences(text[]), amocrm.renew_version(text[]), amocrm.follow_changed_steps() from public;
create trigger follow_inserted_steps after insert on public.followup_steps referencing new table as new_rows
  for each statement execute function amocrm.follow_changed_steps();
create trigger follow_updated_steps after update on public.followup_steps referencing old table as old_rows new table as new_rows
  for each statement execute function amocrm.follow_changed_steps();
create trigger follow_deleted_steps after delete on public.followup_steps referencing old table as old_rows
  for each statement execute function amocrm.follow_changed_steps();
