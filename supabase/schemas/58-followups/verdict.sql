-- May a step go now? Asked when it becomes due, and again just before its request, in this order: stopped, goal reached, consent,
-- late, quiet hours, cap. Held steps wait, and are never dropped for the hour.

create function amocrm.followup_goal(p_stop_on text[], p_entry amocrm.followup_entries) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_subjects uuid[];
  v_students uuid[];
  v_deal record;
begin
  -- Whoever buys reaches nothing that ends what a member is told.
  if p_entry.member_id is not null then
    return null;
  end if;
  v_students := array(select student.id from public.tripwire_users as student where student.email_key = p_entry.email_key
    union select student.id from public.tripwire_users as student where student.phone = p_entry.phone_key);
  -- Who entered as a student, or by a deal that was won, has reached that before.
  if 'student' = any (p_stop_on) and p_entry.student_id is null and cardinality(v_students) > 0 then
    return 'student';
  elsif 'certificate' = any (p_stop_on) and exists (select from public.tripwire_certificates
    where tripwire_certificates.student_id = any (v_students || p_entry.student_id)) then
    return 'certificate';
  elsif not p_stop_on && '{won,lost}' then
    return null;
  end if;
  v_subjects := array(select lead.id from public.unified_lead_tracking as lead where lead.email = p_entry.email_key
    union select lead.id from public.unified_lead_tracking as lead where lead.phone = p_entry.phone_key)
    || v_students || p_entry.lead_id || p_entry.student_id;
  for v_deal in
    select case known.status_id when 142 then 'won' else 'lost' end as goal
    from (
      select links.amocrm_id as deal_id, null::bigint as contact_id, links.subject_id in (p_entry.lead_id, p_entry.student_id) as is_own
      from amocrm.links where links.subject_id = any (v_subjects) and links.object = 'deal' and links.account = amocrm.account()
      union all
      select lead.amocrm_deal_id, lead.amocrm_contact_id, lead.id is not distinct from p_entry.lead_id
      from public.unified_lead_tracking as lead where lead.id = any (v_subjects) and lead.amocrm_deal_id is not null
      union all
      select deals.amocrm_deal_id, null, false
      from public.unified_lead_tracking as lead join amocrm.deals on deals.amocrm_contact_id = lead.amocrm_contact_id and deals.account = amocrm.account()
      where lead.id = any (v_subjects)) as named
    join amocrm.deals as known on known.amocrm_deal_id = named.deal_id and known.account = amocrm.account()
    where known.status_id in (142, 143) and not known.is_deleted
      -- A deal of last year ends nothing that began today, unless it is this lead's own.
      and (named.is_own or coalesce(known.closed_at, known.updated_at) >= p_entry.entered_at)
    order by known.status_id
  loop
    if v_deal.goal = any (p_stop_on) and not (v_deal.goal = 'won' and p_entry.event = 'deal.won') then
      return v_deal.goal;
    end if;
  end loop;
  return null;
end
$$;
comment on function amocrm.followup_goal(text[], amocrm.followup_entries) is
  'Returns which of the stop conditions an entry has met, by its lead, student, their links and equal keys; null for none.';

create function amocrm.cap_ends(p_step amocrm.followup_entry_steps, p_zone text, p_settings public.message_settings) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_today date := (amocrm.clock() at time zone p_zone)::date;
  v_days date[];
begin
  -- What a contract covers counts for no cap and is held by none.
  v_days := array(
    select sent.day from (
      select (departed.departed_at at time zone p_zone)::date as day from amocrm.followup_entry_steps as departed
      where departed.recipient = p_step.recipient and departed.channel = p_step.channel and departed.topic <> 'course'
        and departed.departed_at > amocrm.clock() - interval '9 days' and (departed.entry_id, departed.step) <> (p_step.entry_id, p_step.step)
        -- A request that certainly failed reached nobody; but what is to be repeated goes before what is no message yet.
        and (p_step.message_id is null or not exists (select from amocrm.outbox
          where outbox.queue = case departed.channel when 'mail' then 'message' else departed.channel end
            and outbox.id = departed.message_id and outbox.state = 'pending' and outbox.step is null))
      union all
      select v_today from amocrm.followup_entry_steps as queued
      where p_step.message_id is null and queued.recipient = p_step.recipient and queued.channel = p_step.channel and queued.topic <> 'course'
        and queued.state = 'queued') as sent
    where sent.day > v_today - 7 order by sent.day desc);
  return greatest(
    case when p_settings.daily_cap <= (select count(*) from unnest(v_days) as day (sent_on) where day.sent_on = v_today)
      then (v_today + 1)::timestamp at time zone p_zone end,
    case when p_settings.weekly_cap <= cardinality(v_days) then (v_days[p_settings.weekly_cap] + 7)::timestamp at time zone p_zone end);
end
$$;
comment on function amocrm.cap_ends(amocrm.followup_entry_steps, text, public.message_settings) is
  'Returns when the caps of a day or of seven days let another message to the recipient pass; null if they do now.';

create function amocrm.is_flood_share_used(p_step amocrm.followup_entry_steps, p_lead_id uuid, p_settings public.message_settings) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_lead public.unified_lead_tracking;
  v_queued_count bigint := 0;
begin
  select * into v_lead from public.unified_lead_tracking as lead where lead.id = p_lead_id;
  if v_lead.id is null or not amocrm.came_in_flood(v_lead.created_at) or amocrm.was_known(v_lead) then
    return false;
  end if;
  if p_step.message_id is null then
    v_queued_count := (select count(*) from amocrm.followup_entry_steps as queued where queued.channel = 'sms' and queued.state = 'queued');
  end if;
  return v_queued_count + (select count(*) from amocrm.followup_entry_steps as sent
      where sent.channel = 'sms' and sent.departed_at > amocrm.clock() - interval '1 hour') >= p_settings.sms_per_hour / 2
    or v_queued_count + (select count(*) from amocrm.followup_entry_steps as sent
      where sent.channel = 'sms' and sent.departed_at > amocrm.clock() - interval '1 day') >= p_settings.sms_per_day / 2;
end
$$;
comment on function amocrm.is_flood_share_used(amocrm.followup_entry_steps, uuid, public.message_settings) is
  'True for the SMS of a lead that came in a flood, once half of an hour''s or a day''s sum is used.';

create function amocrm.followup_verdict(p_step amocrm.followup_entry_steps, p_is_in_doubt boolean, out verdict text, out reason text, out until timestamptz, out ends_entry boolean)
language plpgsql volatile set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_settings public.message_settings;
  v_entry amocrm.followup_entries;
  v_member jsonb;
  v_zone text;
begin
  select * into v_settings from public.message_settings;
  select * into v_entry from amocrm.followup_entries where followup_entries.id = p_step.entry_id;
  v_member := amocrm.followup_member(v_entry.member_id);
  ends_entry := false;
  verdict := 'skip';
  if v_entry.ended_at is not null then
    reason := v_entry.end_reason;
    return;
  elsif exists (select from amocrm.followup_sequences where followup_sequences.sequence = v_entry.sequence and followup_sequences.paused_at is not null) then
    verdict := 'hold'; reason := 'paused'; until := v_now + interval '10 minutes';
    return;
  end if;
  reason := case
    when v_entry.lead_id is not null and not exists (select from public.unified_lead_tracking as lead where lead.id = v_entry.lead_id)
      or v_entry.lead_id is null and v_entry.member_id is null
        and not exists (select from public.tripwire_users as student where student.id = v_entry.student_id)
      -- Another address is another recipient, who got nothing of this.
      or v_entry.member_id is not null and v_member ->> 'email' is distinct from p_step.recipient then 'gone'
    when exists (select from amocrm.quarantined_leads where quarantined_leads.lead_id = v_entry.lead_id) then 'quarantined' end;
  reason := coalesce(reason, amocrm.followup_goal(p_step.stop_on, v_entry));
  if reason is not null then
    ends_entry := true;
    return;
  end if;
  reason := case
    when p_step.channel = 'mail' then (select suppressed_addresses.reason from amocrm.suppressed_addresses where suppressed_addresses.email_key = p_step.recipient) end;
  reason := coalesce(reason, case when amocrm.has_withdrawn(p_step.channel, p_step.recipient, p_step.topic) then 'withdrew' end);
  -- The contract covers what a course needs; everything else wants a yes.
  if reason is null and (v_settings.requires_consent or v_member is not null) and not (p_step.topic = 'course' and v_entry.student_id is not null)
    and not (p_step.topic = 'news' and coalesce((v_member ->> 'mailing')::boolean, false))
    and not amocrm.has_consented(p_step.channel, p_step.recipient, p_step.topic) then
    reason := 'no_consent';
  elsif reason is null and not p_is_in_doubt
    and v_now > greatest(p_step.due_at, p_step.held_until) + make_interval(mins => p_step.max_delay_minutes) then
    reason := 'late';
  end if;
  if reason is not null then
    return;
  end if;
  verdict := 'hold';
  v_zone := amocrm.zone_of(v_entry.lead_id, v_entry.student_id, v_entry.phone_key);
  until := amocrm.quiet_ends(v_now, v_zone, case p_step.channel when 'mail' then v_settings.quiet_from else v_settings.sms_quiet_from end,
    case p_step.channel when 'mail' then v_settings.quiet_until else v_settings.sms_quiet_until end);
  if until is not null then
    reason := 'quiet_hours';
    return;
  elsif p_step.topic <> 'course' and not p_is_in_doubt then
    until := amocrm.cap_ends(p_step, v_zone, v_settings);
    if until is not null then
      reason := 'over_cap';
      verdict := case when v_now > p_step.capped_since + interval '7 days' then 'skip' else 'hold' end;
      return;
    end if;
  end if;
  if p_step.channel = 'sms' and not p_is_in_doubt and amocrm.is_flood_share_used(p_step, v_entry.lead_id, v_settings) then
    reason := 'flood';
    until := v_now + interval '10 minutes';
    return;
  end if;
  verdict := 'go';
end
$$;
comment on function amocrm.followup_verdict(amocrm.followup_entry_steps, boolean) is
  'Decides whether a step may go now: go, hold until an hour, or skip, with the reason, and whether it ends the whole entry.';

create function amocrm.skip_step(p_entry_id bigint, p_step text, p_reason text, p_ends_entry boolean) returns void
language plpgsql set search_path = ''
as $$
begin
  -- A request that failed for certain was none: it counts for no cap.
  update amocrm.followup_entry_steps set state = 'skipped', reason = p_reason, departed_at = null
  where followup_entry_steps.entry_id = p_entry_id and followup_entry_steps.step = p_step;
  if p_ends_entry then
    update amocrm.followup_entries set ended_at = amocrm.clock(), end_reason = p_reason
    where followup_entries.id = p_entry_id and followup_entries.ended_at is null;
    update amocrm.followup_entry_steps set state = 'skipped', reason = p_reason
    where followup_entry_steps.entry_id = p_entry_id and followup_entry_steps.state in ('waiting', 'held');
  end if;
end
$$;
comment on function amocrm.skip_step(bigint, text, text, boolean) is 'Skips a step with a reason, and with it the rest of the entry if its goal is reached.';

revoke all on function amocrm.followup_goal(text[], amocrm.followup_entries), amocrm.cap_ends(amocrm.followup_entry_steps, text, public.message_settings),
  amocrm.is_flood_share_used(amocrm.followup_entry_steps, uuid, public.message_settings),
  amocrm.followup_verdict(amocrm.followup_entry_steps, boolean), amocrm.skip_step(bigint, text, text, boolean) from public;
