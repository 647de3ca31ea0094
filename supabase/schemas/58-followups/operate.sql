-- What a person does with sequences: lets somebody in, pauses and resumes, releases what was held, and sees who gets what when.

create function amocrm.enroll(p_sequence text, p_lead uuid) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_entered record;
begin
  perform amocrm.require_admin();
  perform amocrm.lock_followups();
  if not exists (select from public.followup_steps where followup_steps.sequence = p_sequence) then
    raise exception 'there is no sequence %', coalesce(p_sequence, 'null') using errcode = '22023', hint = 'select distinct sequence from followup_steps';
  elsif exists (select from amocrm.quarantined_leads where quarantined_leads.lead_id = p_lead) then
    raise exception 'lead % is quarantined', p_lead using errcode = '22023', hint = 'select amocrm_release_quarantine(…), then enroll it.';
  end if;
  select * into v_entered from amocrm.enter(p_sequence, 'by_hand', p_lead, null, '{}', amocrm.clock());
  if v_entered.outcome = 'gone' then
    raise exception 'no lead % in unified_lead_tracking', coalesce(p_lead::text, 'null') using errcode = '22023';
  end if;
  perform amocrm.note_action('message_enroll', jsonb_build_object('sequence', p_sequence, 'lead_id', p_lead), jsonb_build_object('outcome', v_entered.outcome));
  if v_entered.entry_id is not null then
    perform amocrm.ring('message');
  end if;
  return v_entered.entry_id;
end
$$;
comment on function amocrm.enroll(text, uuid) is 'Lets a lead into a sequence by hand, whatever its event and source; returns the entry, null if nobody new entered.';

create function public.message_enroll(p_sequence text, p_lead uuid) returns bigint
language sql set search_path = ''
begin atomic select amocrm.enroll(p_sequence, p_lead); end;
comment on function public.message_enroll(text, uuid) is
  'Lets a lead into a sequence by hand; twice is once. Returns the entry, null if its addresses are in it already.';

create function amocrm.pause_sequence(p_sequence text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_was_running boolean;
begin
  perform amocrm.require_admin();
  update amocrm.followup_sequences set paused_at = amocrm.clock() where followup_sequences.sequence = p_sequence and followup_sequences.paused_at is null;
  v_was_running := found;
  if not exists (select from amocrm.followup_sequences where followup_sequences.sequence = p_sequence) then
    raise exception 'there is no sequence %', coalesce(p_sequence, 'null') using errcode = '22023', hint = 'select distinct sequence from followup_steps';
  end if;
  perform amocrm.note_action('followup_pause', jsonb_build_object('sequence', p_sequence), jsonb_build_object('was_running', v_was_running));
  return v_was_running;
end
$$;
comment on function amocrm.pause_sequence(text) is 'Pauses a sequence; false if it was paused.';

create function public.followup_pause(p_sequence text) returns boolean
language sql set search_path = ''
begin atomic select amocrm.pause_sequence(p_sequence); end;
comment on function public.followup_pause(text) is 'Freezes the entries of a sequence; newcomers still enter and wait. False if it was paused before.';

create function amocrm.move_entries(p_sequence text) returns int
language plpgsql set search_path = ''
as $$
declare
  v_version int := amocrm.newest_version(p_sequence);
  v_entry record;
  v_count int := 0;
begin
  for v_entry in select followup_entries.id, followup_entries.entered_at,
      amocrm.zone_of(followup_entries.lead_id, followup_entries.student_id, followup_entries.phone_key) as zone
    from amocrm.followup_entries where followup_entries.sequence = p_sequence and followup_entries.version < v_version and followup_entries.ended_at is null
  loop
    update amocrm.followup_entries set version = v_version where followup_entries.id = v_entry.id;
    -- At the step of the same name: what was sent stays sent, what is gone is skipped, what is new is added.
    update amocrm.followup_entry_steps set version = v_version, channel = listed.channel, template_code = listed.template_code,
      topic = coalesce(listed.topic, 'news'), stop_on = listed.stop_on, delay_minutes = listed.delay_minutes, max_delay_minutes = listed.max_delay_minutes,
      due_local = amocrm.due_local(v_entry.entered_at, listed.delay_minutes, v_entry.zone),
      due_at = amocrm.due_at(amocrm.due_local(v_entry.entered_at, listed.delay_minutes, v_entry.zone), listed.delay_minutes, v_entry.zone),
      look_at = greatest(amocrm.clock(), amocrm.due_at(amocrm.due_local(v_entry.entered_at, listed.delay_minutes, v_entry.zone), listed.delay_minutes, v_entry.zone))
    from public.followup_steps as listed
    where listed.sequence = p_sequence and listed.version = v_version and listed.is_on and listed.step = followup_entry_steps.step
      and listed.channel = followup_entry_steps.channel and followup_entry_steps.entry_id = v_entry.id and followup_entry_steps.state = 'waiting';
    update amocrm.followup_entry_steps set state = 'skipped', reason = 'removed'
    where followup_entry_steps.entry_id = v_entry.id and followup_entry_steps.state in ('waiting', 'held') and followup_entry_steps.version < v_version;
    perform amocrm.add_steps(v_entry.id, null, '{}', null);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.move_entries(text) is 'Moves those inside of a sequence to its newest version, at the steps of the same names; returns how many entries.';

create function amocrm.resume_sequence(p_sequence text, p_inside text) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_count int := 0;
begin
  perform amocrm.require_admin();
  if p_inside is null or p_inside not in ('finish', 'move', 'leave') then
    raise exception 'p_inside must be finish, move or leave' using errcode = '22023',
      hint = 'What becomes of those inside: they finish the version that they entered, move to the newest, or leave.';
  end if;
  perform amocrm.lock_followups();
  update amocrm.followup_sequences set paused_at = null, resumed_at = v_now where followup_sequences.sequence = p_sequence;
  if not found then
    raise exception 'there is no sequence %', coalesce(p_sequence, 'null') using errcode = '22023', hint = 'select distinct sequence from followup_steps';
  end if;
  if p_inside = 'leave' then
    update amocrm.followup_entries set ended_at = v_now, end_reason = 'left' where followup_entries.sequence = p_sequence and followup_entries.ended_at is null;
    get diagnostics v_count = row_count;
    update amocrm.followup_entry_steps set state = 'skipped', reason = 'left' from amocrm.followup_entries
    where followup_entries.id = followup_entry_steps.entry_id and followup_entries.sequence = p_sequence and followup_entry_steps.state in ('waiting', 'held');
  elsif p_inside = 'move' then
    v_count := amocrm.move_entries(p_sequence);
  end if;
  -- What fell due meanwhile is not late for that.
  update amocrm.followup_entry_steps set held_until = v_now, look_at = v_now from amocrm.followup_entries
  where followup_entries.id = followup_entry_steps.entry_id and followup_entries.sequence = p_sequence
    and followup_entry_steps.state = 'waiting' and (followup_entry_steps.due_at < v_now or followup_entry_steps.reason = 'paused');
  perform amocrm.note_action('followup_resume', jsonb_build_object('sequence', p_sequence, 'inside', p_inside), jsonb_build_object('entry_count', v_count));
  perform amocrm.ring('message');
  return v_count;
end
$$;
comment on function amocrm.resume_sequence(text, text) is 'Resumes a sequence; those inside finish their version, move to the newest, or leave. Returns how many moved or left.';

create function public.followup_resume(p_sequence text, p_inside text default 'finish') returns int
language sql set search_path = ''
begin atomic select amocrm.resume_sequence(p_sequence, p_inside); end;
comment on function public.followup_resume(text, text) is
  'Resumes a sequence; those inside finish their version (finish), move to the newest (move), or leave (leave). Returns how many moved or left.';

create function amocrm.release_followups(p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  perform amocrm.require_admin();
  if p_limit is null or p_limit not between 1 and 100000 then
    raise exception 'p_limit is %, must be between 1 and 100000', coalesce(p_limit::text, 'null') using errcode = '22023';
  end if;
  perform amocrm.lock_followups();
  update amocrm.followup_entry_steps set state = 'waiting', is_released = true, held_until = amocrm.clock(), look_at = amocrm.clock(), reason = null
  where (followup_entry_steps.entry_id, followup_entry_steps.step) in (
    select held.entry_id, held.step from amocrm.followup_entry_steps as held where held.state = 'held' order by held.look_at, held.entry_id limit p_limit);
  get diagnostics v_count = row_count;
  perform amocrm.note_action('followup_release', jsonb_build_object('limit', p_limit), jsonb_build_object('step_count', v_count));
  if v_count > 0 then
    perform amocrm.ring('message');
  end if;
  return v_count;
end
$$;
comment on function amocrm.release_followups(int) is 'Lets the oldest held steps go beyond mails_per_hour; returns how many.';

create function public.followup_release(p_limit int default 1000) returns int
language sql set search_path = ''
begin atomic select amocrm.release_followups(p_limit); end;
comment on function public.followup_release(int) is 'Lets the oldest steps go that mails_per_hour holds; returns how many.';

create function amocrm.followup_plan_rows(p_email text, p_phone text, p_day date, p_limit int)
returns table (sequence text, version int, step text, channel text, lead_id uuid, student_id uuid, state text, reason text, due_at timestamptz,
  expected_at timestamptz, departed_at timestamptz, message_id bigint, time_zone text)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_email text := amocrm.normalize_email(p_email);
  v_phone text := amocrm.normalize_phone(p_phone);
  v_settings public.message_settings;
begin
  perform amocrm.require_admin();
  if amocrm.trimmed(p_email) is not null and v_email is null then
    raise exception 'p_email is not an e-mail address' using errcode = '22023';
  elsif amocrm.trimmed(p_phone) is not null and v_phone is null then
    raise exception 'p_phone is not a phone number' using errcode = '22023', hint = 'It has 10 digits, or + and the country code.';
  elsif v_email is null and v_phone is null and p_day is null then
    raise exception 'none of p_email, p_phone and p_day was given' using errcode = '22023', hint = 'select * from followup_plan(p_day => ''2026-05-05'')';
  end if;
  select * into v_settings from public.message_settings;
  return query
  select entry.sequence, step.version, step.step, step.channel, entry.lead_id, entry.student_id,
    case when step.state in ('queued', 'departed') then coalesce(
      case outbox.state when 'delivered' then 'sent' when 'dead' then 'failed' when 'pending' then 'waiting' when 'leased' then 'waiting'
        -- Ended in doubt: whether it came nobody knows.
        when 'superseded' then 'uncertain' else outbox.state end,
      case when coalesce(mails.accepted_at, sms.accepted_at) is not null then 'sent' end, step.state) else step.state end,
    coalesce(step.reason, case when outbox.state in ('pending', 'superseded') then outbox.last_error_code
        when outbox.state in ('dead', 'uncertain', 'cancelled') then coalesce(outbox.last_error_code, outbox.state) end,
      case when coalesce(mails.outcome, sms.outcome) not in ('sent', 'delayed', 'delivered') then coalesce(mails.outcome, sms.outcome) end),
    step.due_at,
    case when step.state in ('waiting', 'held') then greatest(step.look_at, coalesce(amocrm.quiet_ends(step.look_at, zone.name,
      case step.channel when 'mail' then v_settings.quiet_from else v_settings.sms_quiet_from end,
      case step.channel when 'mail' then v_settings.quiet_until else v_settings.sms_quiet_until end), step.look_at))
      -- Until a person decides there is no hour.
      when step.state = 'queued' and outbox.last_error_code is distinct from 'sms_held' then outbox.next_attempt_at end,
    step.departed_at, step.message_id, zone.name
  from amocrm.followup_entry_steps as step join amocrm.followup_entries as entry on entry.id = step.entry_id
  left join amocrm.outbox on outbox.queue = case step.channel when 'mail' then 'message' else step.channel end and outbox.id = step.message_id
  left join amocrm.mails on step.channel = 'mail' and mails.message_id = step.message_id
  left join amocrm.sms on step.channel = 'sms' and sms.message_id = step.message_id
  cross join lateral (select amocrm.zone_of(entry.lead_id, entry.student_id, entry.phone_key) as name) as zone
  where step.entry_id in (
      select followup_recipients.entry_id from amocrm.followup_recipients where followup_recipients.recipient in (v_email, v_phone)
      union
      select due.entry_id from amocrm.followup_entry_steps as due
      where p_day is not null and due.due_at >= (p_day::timestamp at time zone v_settings.time_zone)
        and due.due_at < ((p_day + 1)::timestamp at time zone v_settings.time_zone))
    and (v_email is null and v_phone is null or entry.email_key = v_email or entry.phone_key = v_phone)
    and (p_day is null or (step.due_at at time zone v_settings.time_zone)::date = p_day)
  order by step.due_at, entry.id, step.step limit p_limit;
end
$$;
comment on function amocrm.followup_plan_rows(text, text, date, int) is 'Returns the rows of followup_plan.';

create function public.followup_plan(p_email text default null, p_phone text default null, p_day date default null, p_limit int default 1000)
returns table (sequence text, version int, step text, channel text, lead_id uuid, student_id uuid, state text, reason text, due_at timestamptz,
  expected_at timestamptz, departed_at timestamptz, message_id bigint, time_zone text)
language sql stable set search_path = ''
begin atomic
  select planned.sequence, planned.version, planned.step, planned.channel, planned.lead_id, planned.student_id, planned.state, planned.reason, planned.due_at,
    planned.expected_at, planned.departed_at, planned.message_id, planned.time_zone
  from amocrm.followup_plan_rows(p_email, p_phone, p_day, p_limit) as planned;
end;
comment on function public.followup_plan(text, text, date, int) is
  'Who gets which step when, and what became of it, for a person or a day in the school''s zone; caps may move a step.';

revoke all on function amocrm.move_entries(text) from public;
revoke all on function amocrm.enroll(text, uuid), public.message_enroll(text, uuid), amocrm.pause_sequence(text), public.followup_pause(text),
  amocrm.resume_sequence(text, text), public.followup_resume(text, text), amocrm.release_followups(int), public.followup_release(int),
  amocrm.followup_plan_rows(text, text, date, int), public.followup_plan(text, text, date, int) from public, anon, authenticated;
grant execute on function amocrm.enroll(text, uuid), public.message_enroll(text, uuid), amocrm.pause_sequence(text), public.followup_pause(text),
  amocrm.resume_sequence(text, text), public.followup_resume(text, text), amocrm.release_followups(int), public.followup_release(int),
  amocrm.followup_plan_rows(text, text, date, int), public.followup_plan(text, text, date, int) to authenticated, service_role;
