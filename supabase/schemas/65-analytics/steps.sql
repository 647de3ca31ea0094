-- The sums of followup_results: what came of each step, by the day on which people entered. The days that still change much are
-- counted anew each minute, an older one each hour, and nothing when somebody looks.

create table amocrm.followup_sums (
  day date not null,
  sequence text not null,
  version int not null,
  step text not null,
  channel text not null,
  entered bigint not null,
  sent bigint not null,
  delivered bigint not null,
  waiting bigint not null,
  skipped bigint not null,
  failed bigint not null,
  human_clicks bigint not null,
  withdrew bigint not null,
  ended_by_goal bigint not null,
  primary key (day, sequence, version, step, channel)
);
comment on table amocrm.followup_sums is 'The kept sums of followup_results.';
create table amocrm.followup_days (
  day date primary key,
  counted_at timestamptz not null
);
comment on table amocrm.followup_days is 'When each day of followup_sums was counted last.';
alter table amocrm.followup_sums enable row level security;
alter table amocrm.followup_days enable row level security;
revoke all on amocrm.followup_sums, amocrm.followup_days from public, anon, authenticated, service_role;
grant select on amocrm.followup_sums to service_role;

create function amocrm.count_followup_day(p_day date) returns void
language plpgsql set search_path = ''
as $$
declare
  v_zone text := (select message_settings.time_zone from public.message_settings);
begin
  delete from amocrm.followup_sums where followup_sums.day = p_day;
  insert into amocrm.followup_sums
  select p_day, entry.sequence, step.version, step.step, step.channel, count(*),
    count(*) filter (where coalesce(mails.accepted_at, sms.accepted_at) is not null), count(*) filter (where coalesce(mails.outcome, sms.outcome) = 'delivered'),
    count(*) filter (where step.state in ('waiting', 'held', 'queued')), count(*) filter (where step.state = 'skipped'),
    count(*) filter (where step.state = 'departed' and (outbox.state in ('dead', 'cancelled') or coalesce(mails.outcome, sms.outcome) in ('bounced', 'failed', 'undelivered', 'rejected', 'expired', 'deleted'))),
    count(*) filter (where exists (select from public.short_links join public.link_clicks on link_clicks.code = short_links.code and link_clicks.verdict = 'human'
      where short_links.message_id = step.message_id)),
    count(*) filter (where step.reason = 'withdrew'), count(*) filter (where step.reason in ('won', 'lost', 'student', 'certificate'))
  from amocrm.followup_entries as entry join amocrm.followup_entry_steps as step on step.entry_id = entry.id
  left join amocrm.mails on step.channel = 'mail' and mails.message_id = step.message_id
  left join amocrm.sms on step.channel = 'sms' and sms.message_id = step.message_id
  left join amocrm.outbox on outbox.queue = case step.channel when 'mail' then 'message' else step.channel end and outbox.id = step.message_id
  where entry.entered_at >= p_day::timestamp at time zone v_zone and entry.entered_at < (p_day + 1)::timestamp at time zone v_zone
  group by entry.sequence, step.version, step.step, step.channel;
  insert into amocrm.followup_days (day, counted_at) values (p_day, amocrm.clock()) on conflict (day) do update set counted_at = excluded.counted_at;
end
$$;
comment on function amocrm.count_followup_day(date) is 'Counts what came of the steps of those who entered on a day.';

create function amocrm.fold_followups() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_zone text := (select message_settings.time_zone from public.message_settings);
  v_today date := (amocrm.clock() at time zone v_zone)::date;
  v_day date;
  v_count int := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('amocrm followup sums', 0)) then
    return 0;
  end if;
  for v_day in
    select v_today - back from generate_series(0, 1) as back
    where exists (select from amocrm.followup_entries where followup_entries.entered_at >= (v_today - back)::timestamp at time zone v_zone)
    union
    (select old.day from (select v_today - back as day from generate_series(2, 90) as back) as old
      left join amocrm.followup_days on followup_days.day = old.day
      where coalesce(followup_days.counted_at, '-infinity') < amocrm.clock() - interval '1 hour'
        and exists (select from amocrm.followup_entries where followup_entries.entered_at >= old.day::timestamp at time zone v_zone
          and followup_entries.entered_at < (old.day + 1)::timestamp at time zone v_zone)
      order by followup_days.counted_at nulls first, old.day desc limit 3)
  loop
    perform amocrm.count_followup_day(v_day);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.fold_followups() is 'Brings followup_results up to date: two days each minute, up to 90 days back each hour; returns how many days.';

revoke all on function amocrm.count_followup_day(date), amocrm.fold_followups() from public;
select amocrm.schedule_job('amocrm-followup-sums', '* * * * *', 'select amocrm.fold_followups()');
