-- What of sequences is forgotten with a person, pruned by age, and told when it stands still.

create function amocrm.forget_followups(p_subject_ids uuid[], p_emails text[], p_phones text[]) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  -- That somebody wants nothing more outlives the person, as a hash: a list that is imported later must not bring him back.
  insert into amocrm.withdrawn_hashes (channel, key_hash, topic, withdrawn_at)
  select message_consents.channel, amocrm.key_hash(message_consents.recipient), message_consents.topic, message_consents.withdrawn_at
  from public.message_consents where message_consents.state = 'withdrawn' and message_consents.recipient = any (p_emails || p_phones)
  on conflict do nothing;
  delete from public.message_consents where message_consents.recipient = any (p_emails || p_phones);
  delete from amocrm.unsubscribe_tokens where unsubscribe_tokens.recipient = any (p_emails || p_phones);
  delete from amocrm.followup_events where followup_events.lead_id = any (p_subject_ids) or followup_events.student_id = any (p_subject_ids);
  delete from amocrm.followup_entries where followup_entries.lead_id = any (p_subject_ids) or followup_entries.student_id = any (p_subject_ids)
    or followup_entries.id in (select followup_recipients.entry_id from amocrm.followup_recipients where followup_recipients.recipient = any (p_emails || p_phones));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.forget_followups(uuid[], text[], text[]) is
  'Deletes entries, consents and tokens of a person and keeps withdrawals as hashes; returns how many entries.';

create function amocrm.leave_out_history(p_lead_ids uuid[]) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  -- Under the lock of whoever lets people in, who might have looked a moment ago.
  perform amocrm.lock_followups();
  update amocrm.followup_events set state = 'worked', outcome = 'history'
  where followup_events.lead_id = any (p_lead_ids) and followup_events.state = 'waiting';
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.leave_out_history(uuid[]) is
  'Ends the waiting events of leads that are sent to amoCRM as history: they enter no sequence by themselves. Returns how many.';

create function amocrm.prune_followups(p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_count int;
  v_further_count int;
begin
  delete from amocrm.followup_events where followup_events.id in (
    select old.id from amocrm.followup_events as old where old.occurred_at < v_now - interval '30 days' order by old.occurred_at limit p_limit);
  get diagnostics v_count = row_count;
  -- That the address entered once outlasts a year; steps are never due later than that.
  delete from amocrm.followup_entries where followup_entries.id in (
    select old.id from amocrm.followup_entries as old where old.entered_at < v_now - interval '1000 days' order by old.entered_at limit p_limit);
  get diagnostics v_further_count = row_count;
  return v_count + v_further_count;
end
$$;
comment on function amocrm.prune_followups(int) is 'Deletes events older than 30 days and entries older than 1,000 days; returns how many.';

create function amocrm.followup_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
declare
  v_held bigint;
begin
  return query
  select 'followups_failing', 'critical', 'Sequences cannot be worked off: ' || queue_fillers.error, 'See the server''s log, then update the project', false
  from amocrm.queue_fillers where queue_fillers.fills = 'amocrm.fill_followups' and queue_fillers.failed_at is not null order by queue_fillers.queue limit 1;
  v_held := (select count(*) from (select from amocrm.followup_entry_steps where followup_entry_steps.state = 'held' limit 100000) as held);
  if v_held > 0 then
    return query select 'followups_held', 'warning', 'Steps of sequences beyond mails_per_hour: ' || v_held || ' wait for a person',
      'Look at them with followup_plan; if they are in order: select followup_release()', false;
  end if;
  if not exists (select where timestamptz '2026-06-01 00:00+00' at time zone 'Asia/Almaty' = timestamp '2026-06-01 05:00') then
    return query select 'time_zones_old', 'warning', 'The server''s time zones are older than March 2024: Almaty is an hour off', 'Upgrade Postgres', false;
  end if;
end
$$;
comment on function amocrm.followup_conditions() is 'Lists conditions of sequences: failing, held beyond the bound of an hour, or a server with old time zones.';

insert into amocrm.conditions (name, rank, function) values ('followup', 86, 'amocrm.followup_conditions');
insert into amocrm.upkeep (step, rank, function) values ('sequences', 57, 'amocrm.prune_followups');
revoke all on function amocrm.forget_followups(uuid[], text[], text[]), amocrm.leave_out_history(uuid[]), amocrm.prune_followups(int), amocrm.followup_conditions() from public;
