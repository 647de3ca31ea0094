-- From a due step to a message, and the last look before its request. Both run under the queue's lock. A step becomes a message
-- only when it may go, so that nothing else for the same person waits behind a step of next week.

insert into amocrm.kinds (kind, queue, priority, has_handler, settles_subject, steps_back_for, reads, gate, draws, purpose) values
  ('lead.mail', 'message', 7, true, false, '{quiet_hours,over_cap,paused}', 'amocrm.read_followups', 'amocrm.gate_of_followups', 'amocrm.unsubscribe_token',
    'A mail of a sequence to a lead.'),
  ('student.mail', 'message', 7, true, false, '{quiet_hours,over_cap,paused}', 'amocrm.read_followups', 'amocrm.gate_of_followups', 'amocrm.unsubscribe_token',
    'A mail of a sequence to a student.'),
  ('member.mail', 'message', 7, true, false, '{quiet_hours,over_cap,paused}', 'amocrm.read_followups', 'amocrm.gate_of_followups', 'amocrm.unsubscribe_token',
    'A mail of a sequence to a member of the loyalty programme.');
update amocrm.kinds set priority = 7, steps_back_for = '{quiet_hours,over_cap,paused,flood}', reads = 'amocrm.read_followups', gate = 'amocrm.gate_of_followups'
where kinds.kind in ('lead.sms', 'student.sms');

create function amocrm.channel_of(p_queue text) returns text
language sql immutable set search_path = ''
as $$ select case p_queue when 'message' then 'mail' else p_queue end $$;
comment on function amocrm.channel_of(text) is 'Returns the channel of steps that a queue sends.';

create function amocrm.are_followups_due(p_queue text) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return exists (select from amocrm.followup_events where followup_events.state = 'waiting' and followup_events.look_at <= amocrm.clock())
    or exists (select from amocrm.followup_entry_steps
      where followup_entry_steps.channel = amocrm.channel_of(p_queue) and followup_entry_steps.state = 'waiting' and followup_entry_steps.look_at <= amocrm.clock());
end
$$;
comment on function amocrm.are_followups_due(text) is 'True if an event waits, or a step of the queue''s channel is due.';

create function amocrm.mail_room() returns bigint
language sql stable set search_path = ''
as $$
  select message_settings.mails_per_hour - (select count(*) from amocrm.followup_entry_steps
      where followup_entry_steps.channel = 'mail' and followup_entry_steps.departed_at > amocrm.clock() - interval '1 hour')
    - (select count(*) from amocrm.followup_entry_steps where followup_entry_steps.channel = 'mail' and followup_entry_steps.state = 'queued')
  from public.message_settings
$$;
comment on function amocrm.mail_room() is 'Returns how many mails of sequences may still go in this hour; null without a bound.';

create function amocrm.queue_step(p_step amocrm.followup_entry_steps) returns void
language plpgsql set search_path = ''
as $$
declare
  v_entry amocrm.followup_entries;
  v_id bigint;
  v_kind text;
  v_table text;
  v_payload jsonb;
begin
  select * into v_entry from amocrm.followup_entries where followup_entries.id = p_step.entry_id;
  v_kind := case when v_entry.lead_id is not null then 'lead.' when v_entry.student_id is not null then 'student.' else 'member.' end || p_step.channel;
  v_table := case when v_entry.lead_id is not null then 'unified_lead_tracking' when v_entry.student_id is not null then 'tripwire_users'
    else (select followup_members.subject_table from amocrm.followup_members limit 1) end;
  v_payload := jsonb_build_object('sequence', v_entry.sequence, 'version', p_step.version, 'step', p_step.step, 'entry_id', v_entry.id);
  if p_step.channel = 'sms' then
    v_id := amocrm.append_sms(v_kind, v_table, coalesce(v_entry.lead_id, v_entry.student_id), p_step.recipient, v_payload,
      'followup/' || v_entry.id || '/' || p_step.step);
  else
    v_id := nextval('amocrm.outbox_id_seq');
    perform amocrm.append_numbered(v_id, v_kind, v_table, coalesce(v_entry.lead_id, v_entry.student_id, v_entry.member_id), p_step.recipient, null, null, v_payload);
  end if;
  -- The index on message_id and the state that is asked for make it one message, whoever else was here.
  update amocrm.followup_entry_steps set state = 'queued', message_id = v_id, reason = null
  where followup_entry_steps.entry_id = p_step.entry_id and followup_entry_steps.step = p_step.step and followup_entry_steps.state = 'waiting';
end
$$;
comment on function amocrm.queue_step(amocrm.followup_entry_steps) is 'Makes the one message of a waiting step.';

create function amocrm.work_step(p_step amocrm.followup_entry_steps, p_has_room boolean) returns void
language plpgsql set search_path = ''
as $$
declare
  v_entry amocrm.followup_entries;
  v_due_at timestamptz;
  v_answer record;
begin
  select * into v_entry from amocrm.followup_entries where followup_entries.id = p_step.entry_id;
  -- The zone may have become known since: the local hour that was meant counts.
  v_due_at := amocrm.due_at(p_step.due_local, p_step.delay_minutes, amocrm.zone_of(v_entry.lead_id, v_entry.student_id, v_entry.phone_key));
  if p_step.delay_minutes >= 1440 and v_due_at > amocrm.clock() and p_step.held_until is null then
    update amocrm.followup_entry_steps set due_at = v_due_at, look_at = v_due_at
    where followup_entry_steps.entry_id = p_step.entry_id and followup_entry_steps.step = p_step.step;
    return;
  end if;
  select * into v_answer from amocrm.followup_verdict(p_step, false);
  if v_answer.verdict = 'skip' then
    perform amocrm.skip_step(p_step.entry_id, p_step.step, v_answer.reason, v_answer.ends_entry);
  elsif v_answer.verdict = 'hold' then
    update amocrm.followup_entry_steps set look_at = v_answer.until, held_until = v_answer.until, reason = v_answer.reason,
      capped_since = case when v_answer.reason = 'over_cap' then coalesce(followup_entry_steps.capped_since, amocrm.clock()) else followup_entry_steps.capped_since end
    where followup_entry_steps.entry_id = p_step.entry_id and followup_entry_steps.step = p_step.step;
  elsif p_has_room or p_step.is_released then
    perform amocrm.queue_step(p_step);
  else
    update amocrm.followup_entry_steps set state = 'held', reason = 'mails_per_hour'
    where followup_entry_steps.entry_id = p_step.entry_id and followup_entry_steps.step = p_step.step;
  end if;
end
$$;
comment on function amocrm.work_step(amocrm.followup_entry_steps, boolean) is
  'Makes the message of a due step, or holds or skips it with a reason.';

create function amocrm.fill_followups(p_queue text, p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_step amocrm.followup_entry_steps;
  v_count int := 0;
  v_room bigint;
begin
  perform amocrm.lock_followups();
  perform amocrm.work_followup_events(greatest(p_limit, 20) * 2);
  -- What waits in the queue already is enough for the next claims: the rest becomes messages then. What quiet hours or a cap hold
  -- there takes no place: it is another zone's day.
  if (select count(*) from (select from amocrm.followup_entry_steps
    where followup_entry_steps.channel = amocrm.channel_of(p_queue) and followup_entry_steps.state = 'queued'
      and coalesce(followup_entry_steps.held_until, '-infinity') <= amocrm.clock() limit 200) as queued) >= 200 then
    return 0;
  end if;
  for v_step in select * from amocrm.followup_entry_steps
    where followup_entry_steps.channel = amocrm.channel_of(p_queue) and followup_entry_steps.state = 'waiting' and followup_entry_steps.look_at <= amocrm.clock()
    order by followup_entry_steps.look_at, followup_entry_steps.entry_id limit greatest(p_limit, 20) * 2
  loop
    begin
      v_room := case when p_queue = 'message' then amocrm.mail_room() end;
      perform amocrm.work_step(v_step, coalesce(v_room > 0, true));
      v_count := v_count + 1;
    exception when others then
      raise warning 'step % of entry % failed: % (%)', v_step.step, v_step.entry_id, sqlerrm, sqlstate;
      update amocrm.followup_entry_steps set look_at = amocrm.clock() + interval '10 minutes', reason = left('failed: ' || sqlerrm, 200)
      where followup_entry_steps.entry_id = v_step.entry_id and followup_entry_steps.step = v_step.step;
    end;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.fill_followups(text, int) is
  'Lets people into sequences and makes messages of due steps of the queue''s channel; returns how many steps it looked at.';

create function amocrm.judge_followup(p_id bigint) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_step amocrm.followup_entry_steps;
  v_is_in_doubt boolean;
  v_answer record;
begin
  select * into v_step from amocrm.followup_entry_steps where followup_entry_steps.message_id = p_id;
  v_is_in_doubt := coalesce((select outbox.step is not null from amocrm.outbox
    where outbox.queue = case v_step.channel when 'mail' then 'message' else v_step.channel end and outbox.id = p_id), false);
  if v_step.entry_id is null and not exists (select from amocrm.outbox where outbox.id = p_id and outbox.queue in ('message', 'sms') and outbox.payload ? 'entry_id') then
    -- Somebody appended it who has nothing to do with sequences.
    return null;
  elsif v_step.entry_id is null then
    return jsonb_build_object('id', p_id, 'code', 'gone', 'message', 'The entry of this step is gone');
  end if;
  select * into v_answer from amocrm.followup_verdict(v_step, v_is_in_doubt);
  if v_answer.verdict = 'go' then
    -- Also of a repeat: what was in doubt overnight is this day's for the caps, and what came the evening before is past.
    update amocrm.followup_entry_steps set state = 'departed', reason = null, departed_at = amocrm.clock()
    where followup_entry_steps.message_id = p_id;
    return null;
  elsif v_answer.verdict = 'hold' then
    update amocrm.followup_entry_steps set held_until = v_answer.until, reason = v_answer.reason,
      capped_since = case when v_answer.reason = 'over_cap' then coalesce(followup_entry_steps.capped_since, amocrm.clock()) else followup_entry_steps.capped_since end
    where followup_entry_steps.message_id = p_id;
    -- What waits behind it is not late for that either.
    update amocrm.followup_entry_steps set held_until = greatest(followup_entry_steps.held_until, v_answer.until)
    where followup_entry_steps.recipient = v_step.recipient and followup_entry_steps.channel = v_step.channel and followup_entry_steps.state = 'queued';
    return jsonb_build_object('id', p_id, 'code', v_answer.reason, 'message', 'Held until the hour comes', 'until', v_answer.until);
  end if;
  -- Of what is in doubt nobody can say that it was skipped; it is just not asked for again.
  if not v_is_in_doubt then
    perform amocrm.skip_step(v_step.entry_id, v_step.step, v_answer.reason, v_answer.ends_entry);
  end if;
  return jsonb_build_object('id', p_id, 'code', v_answer.reason, 'message', 'The step was not sent, for this reason');
end
$$;
comment on function amocrm.judge_followup(bigint) is 'Decides just before its request whether a step may go: null, or what holds or ends its message.';

create function amocrm.gate_of_followups(p_ids bigint[]) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_id bigint;
  v_answer jsonb;
  v_answers jsonb := '[]';
begin
  -- One after the other: each that goes counts for the caps of the next.
  foreach v_id in array p_ids loop
    v_answer := amocrm.judge_followup(v_id);
    v_answers := v_answers || coalesce(v_answer, '[]');
  end loop;
  return v_answers;
end
$$;
comment on function amocrm.gate_of_followups(bigint[]) is 'The gate of messages of sequences: [{id, code, message, until}] for those that wait or end.';

create function amocrm.read_followups(p_ids bigint[]) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_row record;
  v_link text;
  v_links jsonb;
  v_code text;
  v_read jsonb := '{}';
begin
  for v_row in
    select step.message_id, step.channel, step.recipient, step.topic, entry.sequence, entry.lead_id, entry.student_id, template.language, template.subject, template.body,
      coalesce(lead.full_name, student.full_name, member.told ->> 'full_name') as full_name,
      coalesce(lead.metadata, case when entry.member_id is not null then coalesce(member.told -> 'metadata', '{}') || entry.facts end) as metadata
    from amocrm.followup_entry_steps as step join amocrm.followup_entries as entry on entry.id = step.entry_id
    left join public.unified_lead_tracking as lead on lead.id = entry.lead_id
    left join public.tripwire_users as student on student.id = entry.student_id
    left join lateral amocrm.followup_member(entry.member_id) as member (told) on true
    left join lateral amocrm.template_for(step.template_code, step.channel, coalesce(student.language, lead.metadata ->> 'language')) as template on true
    where step.message_id = any (p_ids)
  loop
    v_links := '{}';
    for v_link in select substring(placeholder from 6) from (
      select amocrm.placeholders_of(v_row.subject) union select amocrm.placeholders_of(v_row.body)) as listed (placeholder) where placeholder like 'link:%' loop
      -- One link per message and target, whatever the number of tries.
      v_code := (select short_links.code from public.short_links
        where short_links.message_id = v_row.message_id and short_links.target_name = v_link and not short_links.is_trap limit 1);
      if v_code is null and exists (select from public.link_targets where link_targets.name = v_link) then
        v_code := public.short_link_make(v_link, v_row.lead_id, v_row.student_id, v_row.message_id,
          jsonb_build_object('utm_source', v_row.channel, 'utm_medium', 'followup', 'utm_campaign', v_row.sequence), 365, v_row.channel);
      end if;
      v_links := v_links || jsonb_build_object(v_link, v_code);
    end loop;
    v_read := v_read || jsonb_build_object(v_row.message_id, jsonb_build_object('recipient', v_row.recipient, 'topic', v_row.topic, 'language', v_row.language,
      'subject', v_row.subject, 'body', v_row.body, 'fullName', v_row.full_name, 'metadata', coalesce(v_row.metadata, '{}'), 'links', v_links));
  end loop;
  return v_read;
end
$$;
comment on function amocrm.read_followups(bigint[]) is 'Returns what mails and SMS of sequences are composed of, by message, with a short link for each placeholder.';

insert into amocrm.queue_fillers (queue, fills, has_due) values
  ('message', 'amocrm.fill_followups', 'amocrm.are_followups_due'), ('sms', 'amocrm.fill_followups', 'amocrm.are_followups_due');

revoke all on function amocrm.channel_of(text), amocrm.are_followups_due(text), amocrm.mail_room(), amocrm.queue_step(amocrm.followup_entry_steps),
  amocrm.work_step(amocrm.followup_entry_steps, boolean), amocrm.fill_followups(text, int), amocrm.judge_followup(bigint), amocrm.gate_of_followups(bigint[]),
  amocrm.read_followups(bigint[]) from public;
