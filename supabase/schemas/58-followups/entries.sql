-- Who is in which sequence: an entry, and a row for each of its steps. Both have unique keys, so that a second tick, however it
-- comes about, neither lets anybody in again nor sends a step again. One recipient enters a sequence once, however many leads
-- name the address: an open form is no machine for writing to strangers.

create index if not exists tripwire_users_by_phone on public.tripwire_users (phone) where phone is not null;

create table amocrm.followup_entries (
  id bigint generated always as identity primary key,
  sequence text not null,
  version int not null,
  event text not null,
  lead_id uuid,
  student_id uuid,
  member_id uuid,
  facts jsonb not null default '{}',
  email_key text,
  phone_key text,
  entered_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  created_at timestamptz not null default amocrm.clock(),
  constraint end_has_its_reason check ((ended_at is null) = (end_reason is null))
);
comment on table amocrm.followup_entries is 'One row for each time that somebody entered a sequence, by which version and when.';
comment on column amocrm.followup_entries.facts is 'What happened to a member, for the placeholders of the texts.';
comment on column amocrm.followup_entries.entered_at is 'When the event happened; delays count from it.';
create index followup_entries_of_version_idx on amocrm.followup_entries (sequence, version);
create index followup_entries_of_lead_idx on amocrm.followup_entries (lead_id) where lead_id is not null;
create index followup_entries_of_student_idx on amocrm.followup_entries (student_id) where student_id is not null;
create index followup_entries_of_member_idx on amocrm.followup_entries (member_id) where member_id is not null;
create index followup_entries_by_time_idx on amocrm.followup_entries (entered_at);

create table amocrm.followup_recipients (
  sequence text not null,
  channel text not null,
  recipient text not null,
  entry_number int not null default 1,
  entry_id bigint not null references amocrm.followup_entries (id) on delete cascade,
  primary key (sequence, channel, recipient, entry_number)
);
comment on table amocrm.followup_recipients is 'Which address entered which sequence, once for each entry number.';
create index followup_recipients_of_entry_idx on amocrm.followup_recipients (entry_id);
create index followup_recipients_by_address_idx on amocrm.followup_recipients (recipient);

create table amocrm.followup_entry_steps (
  entry_id bigint not null references amocrm.followup_entries (id) on delete cascade,
  step text not null,
  version int not null,
  channel text not null,
  recipient text,
  template_code text not null,
  topic text not null,
  stop_on text[] not null,
  delay_minutes int not null,
  max_delay_minutes int not null,
  due_local timestamp not null,
  due_at timestamptz not null,
  look_at timestamptz not null,
  held_until timestamptz,
  capped_since timestamptz,
  is_released boolean not null default false,
  state text not null default 'waiting',
  reason text,
  message_id bigint,
  departed_at timestamptz,
  primary key (entry_id, step),
  constraint channel_is_known check (channel in ('mail', 'sms')),
  constraint state_is_known check (state in ('waiting', 'held', 'queued', 'departed', 'skipped')),
  constraint skipped_has_its_reason check (state not in ('skipped', 'held') or reason is not null),
  constraint message_belongs_to_what_is_sent check ((message_id is not null) = (state in ('queued', 'departed')) or state = 'skipped'),
  constraint departed_has_its_time check (state <> 'departed' or departed_at is not null)
);
comment on table amocrm.followup_entry_steps is 'The steps of each entry as they were when it was made: when due, and what became of each.';
comment on column amocrm.followup_entry_steps.due_local is 'The local day and hour that was meant, which an instant alone does not keep.';
comment on column amocrm.followup_entry_steps.look_at is 'When a waiting step is looked at next.';
comment on column amocrm.followup_entry_steps.held_until is 'Until when quiet hours, a cap or a pause held it; lateness counts from then.';
comment on column amocrm.followup_entry_steps.is_released is 'True: a person let it go beyond mails_per_hour.';
comment on column amocrm.followup_entry_steps.departed_at is 'When the last request with it left.';
create index followup_steps_waiting_idx on amocrm.followup_entry_steps (channel, look_at, entry_id) where state = 'waiting';
create index followup_steps_held_idx on amocrm.followup_entry_steps (channel, look_at) where state = 'held';
create index followup_steps_queued_idx on amocrm.followup_entry_steps (channel) where state = 'queued';
create unique index followup_steps_one_per_message on amocrm.followup_entry_steps (message_id) where message_id is not null;
create index followup_steps_departed_idx on amocrm.followup_entry_steps (channel, departed_at) where departed_at is not null;
create index followup_steps_of_recipient_idx on amocrm.followup_entry_steps (recipient, departed_at) where departed_at is not null;
create index followup_steps_queued_for_idx on amocrm.followup_entry_steps (recipient) where state = 'queued';
create index followup_steps_by_due_idx on amocrm.followup_entry_steps (due_at);

alter table amocrm.followup_entries enable row level security;
alter table amocrm.followup_recipients enable row level security;
alter table amocrm.followup_entry_steps enable row level security;
revoke all on amocrm.followup_entries, amocrm.followup_recipients, amocrm.followup_entry_steps from public, anon, authenticated, service_role;
grant select on amocrm.followup_entries, amocrm.followup_recipients, amocrm.followup_entry_steps to service_role;

create function amocrm.lock_followups() returns void
language sql volatile set search_path = ''
as $$ select pg_advisory_xact_lock(hashtextextended('amocrm followups', 0)) $$;
comment on function amocrm.lock_followups() is 'Lets one transaction at a time make entries: the queues of mail and SMS both do. Taken after a queue''s lock.';

create function amocrm.add_steps(p_entry_id bigint, p_event text, p_facts jsonb, p_source text) returns int
language plpgsql set search_path = ''
as $$
declare
  v_entry amocrm.followup_entries;
  v_zone text;
  v_count int;
begin
  select * into v_entry from amocrm.followup_entries where followup_entries.id = p_entry_id;
  v_zone := amocrm.zone_of(v_entry.lead_id, v_entry.student_id, v_entry.phone_key);
  insert into amocrm.followup_entry_steps (entry_id, step, version, channel, recipient, template_code, topic, stop_on, delay_minutes, max_delay_minutes,
    due_local, due_at, look_at, state, reason)
  select v_entry.id, listed.step, listed.version, listed.channel, address.recipient, listed.template_code, coalesce(listed.topic, 'news'), listed.stop_on,
    listed.delay_minutes, listed.max_delay_minutes, local.due, hour.due, hour.due,
    case when address.recipient is null or own.entry_id is distinct from v_entry.id then 'skipped' else 'waiting' end,
    case when address.recipient is null then 'no_address' when own.entry_id is distinct from v_entry.id then 'already_entered' end
  from public.followup_steps as listed
  cross join lateral (select case listed.channel when 'mail' then v_entry.email_key else v_entry.phone_key end as recipient) as address
  cross join lateral (select amocrm.due_local(v_entry.entered_at, listed.delay_minutes, v_zone) as due) as local
  cross join lateral (select amocrm.due_at(local.due, listed.delay_minutes, v_zone) as due) as hour
  left join amocrm.followup_recipients as own on own.sequence = v_entry.sequence and own.channel = listed.channel
    and own.recipient = address.recipient and own.entry_id = v_entry.id
  where listed.sequence = v_entry.sequence and listed.version = v_entry.version and listed.is_on
    and (p_event is null or listed.event = p_event and p_facts @> listed.filter and listed.source in ('*', p_source))
  on conflict (entry_id, step) do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.add_steps(bigint, text, jsonb, text) is
  'Gives an entry the steps of its version that fit the event, or all for null; those it has stay. Returns how many it added.';

create function amocrm.enter(p_sequence text, p_event text, p_lead_id uuid, p_student_id uuid, p_facts jsonb, p_at timestamptz,
  out entry_id bigint, out outcome text, p_member_id uuid default null)
language plpgsql set search_path = ''
as $$
declare
  v_version int := amocrm.newest_version(p_sequence);
  v_lead public.unified_lead_tracking;
  v_student public.tripwire_users;
  v_member jsonb := amocrm.followup_member(p_member_id);
  v_email text;
  v_phone text;
  v_number int := 1;
  v_channels text[];
  v_free text[];
begin
  select * into v_lead from public.unified_lead_tracking as lead where lead.id = p_lead_id;
  select * into v_student from public.tripwire_users as student where student.id = p_student_id and p_lead_id is null;
  if v_lead.id is null and v_student.id is null and v_member is null then
    outcome := 'gone';
    return;
  end if;
  v_email := amocrm.normalize_email(coalesce(v_lead.email, v_student.email, v_member ->> 'email'));
  v_phone := amocrm.normalize_phone(coalesce(v_lead.phone, v_student.phone));
  v_channels := array(select distinct listed.channel from public.followup_steps as listed
    where listed.sequence = p_sequence and listed.version = v_version and listed.is_on
      and (p_event = 'by_hand' or listed.event = p_event and p_facts @> listed.filter and listed.source in ('*', v_lead.source)));
  if p_member_id is not null then
    -- Each change of a member is let in by itself, once: its event is.
    v_number := 1 + coalesce((select max(known.entry_number) from amocrm.followup_recipients as known
      where known.sequence = p_sequence and known.channel = 'mail' and known.recipient = v_email), 1);
  end if;
  v_free := array(select channel.name from unnest(v_channels) as channel (name)
    cross join lateral (select case channel.name when 'mail' then v_email else v_phone end as recipient) as address
    where address.recipient is not null and not exists (select from amocrm.followup_recipients as known
      where known.sequence = p_sequence and known.channel = channel.name and known.recipient = address.recipient and known.entry_number = v_number));
  outcome := case when cardinality(v_channels) = 0 then 'not_for_it' when cardinality(v_free) > 0 then 'entered'
    when 'mail' = any (v_channels) and v_email is not null or 'sms' = any (v_channels) and v_phone is not null then 'already_entered' else 'no_address' end;
  if outcome <> 'entered' then
    return;
  end if;
  insert into amocrm.followup_entries (sequence, version, event, lead_id, student_id, member_id, facts, email_key, phone_key, entered_at)
  values (p_sequence, v_version, p_event, v_lead.id, v_student.id, p_member_id, case when p_member_id is null then '{}' else p_facts end, v_email, v_phone, p_at) returning followup_entries.id into entry_id;
  insert into amocrm.followup_recipients (sequence, channel, recipient, entry_number, entry_id)
  select p_sequence, channel.name, case channel.name when 'mail' then v_email else v_phone end, v_number, enter.entry_id from unnest(v_free) as channel (name);
  perform amocrm.add_steps(entry_id, nullif(p_event, 'by_hand'), p_facts, v_lead.source);
end
$$;
comment on function amocrm.enter(text, text, uuid, uuid, jsonb, timestamptz, uuid) is
  'Lets a lead, student or member into a sequence with the channels whose address is new to it; returns entry and outcome.';

create function amocrm.was_known(p_lead public.unified_lead_tracking) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from public.unified_lead_tracking as earlier where earlier.email = p_lead.email and earlier.created_at < p_lead.created_at - interval '1 day')
    or exists (select from public.unified_lead_tracking as earlier where earlier.phone = p_lead.phone and earlier.created_at < p_lead.created_at - interval '1 day')
$$;
comment on function amocrm.was_known(public.unified_lead_tracking) is 'True if a lead of at least a day before has the e-mail or phone.';

create function amocrm.flood_waits(p_lead public.unified_lead_tracking) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- Who was known before the flood waits for nobody.
  return amocrm.is_in_flood(p_lead.created_at) and not amocrm.was_known(p_lead);
end
$$;
comment on function amocrm.flood_waits(public.unified_lead_tracking) is 'True for a lead of a flood that runs: whom nobody knew before waits until it is over.';

create function amocrm.work_event(p_event amocrm.followup_events) returns text
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_lead public.unified_lead_tracking;
  v_sequence text;
  v_outcome text;
  v_outcomes text[] := '{}';
begin
  if p_event.lead_id is not null then
    select * into v_lead from public.unified_lead_tracking as lead where lead.id = p_event.lead_id;
    if v_lead.id is null then
      return 'gone';
    elsif exists (select from amocrm.quarantined_leads where quarantined_leads.lead_id = v_lead.id) then
      return case when p_event.occurred_at < v_now - interval '2 days' then 'quarantined' end;
    elsif amocrm.flood_waits(v_lead) then
      return null;
    end if;
  end if;
  for v_sequence in
    select listed.sequence from public.followup_steps as listed join amocrm.followup_sequences on followup_sequences.sequence = listed.sequence
    where listed.event = p_event.event and listed.is_on and listed.version = amocrm.newest_version(listed.sequence)
      and followup_sequences.switched_on_at <= p_event.occurred_at
    group by listed.sequence
    having p_event.occurred_at >= v_now - make_interval(mins => max(listed.max_delay_minutes))
    order by listed.sequence
  loop
    v_outcome := (amocrm.enter(v_sequence, p_event.event, p_event.lead_id, p_event.student_id, p_event.facts, p_event.occurred_at,
      p_member_id => p_event.member_id)).outcome;
    v_outcomes := v_outcomes || v_outcome;
  end loop;
  return case when 'entered' = any (v_outcomes) then 'entered' when cardinality(v_outcomes) = 0 then 'too_early_or_late' else v_outcomes[1] end;
end
$$;
comment on function amocrm.work_event(amocrm.followup_events) is
  'Lets the subject of an event into the sequences that wait for it; returns the outcome, null to look again later.';

create function amocrm.work_followup_events(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_event amocrm.followup_events;
  v_outcome text;
  v_count int := 0;
begin
  -- Those of a flood are many: put off together, they keep nobody waiting.
  update amocrm.followup_events as waiting set look_at = amocrm.clock() + interval '5 minutes' from amocrm.quarantined_leads as held
  where held.lead_id = waiting.lead_id and waiting.state = 'waiting' and waiting.look_at <= amocrm.clock()
    and waiting.occurred_at >= amocrm.clock() - interval '2 days';
  for v_event in select * from amocrm.followup_events where followup_events.state = 'waiting' and followup_events.look_at <= amocrm.clock()
    order by followup_events.look_at, followup_events.id limit p_limit
  loop
    begin
      v_outcome := amocrm.work_event(v_event);
      update amocrm.followup_events set state = case when v_outcome is null then 'waiting' else 'worked' end, outcome = v_outcome,
        look_at = case when v_outcome is null then amocrm.clock() + interval '5 minutes' else followup_events.look_at end
      where followup_events.id = v_event.id;
    exception when others then
      -- One that nobody can work off must not keep all others waiting.
      update amocrm.followup_events set state = 'failed', outcome = left(sqlerrm, 500) where followup_events.id = v_event.id;
    end;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.work_followup_events(int) is 'Works off up to p_limit waiting events, each by itself; returns how many.';

revoke all on function amocrm.lock_followups(), amocrm.add_steps(bigint, text, jsonb, text), amocrm.enter(text, text, uuid, uuid, jsonb, timestamptz, uuid),
  amocrm.was_known(public.unified_lead_tracking), amocrm.flood_waits(public.unified_lead_tracking), amocrm.work_event(amocrm.followup_events), amocrm.work_followup_events(int) from public;
