-- What became of an SMS after Mobizon has it, and how much money is left there. Asked by the drain, at most a hundred in one
-- request; the webhook only hints, since its sign covers neither the status nor the message.

insert into amocrm.inbox_sources (source, keeps_body) values ('mobizon', false);

create table amocrm.sms_account (
  is_the_only_row boolean primary key default true,
  balance numeric,
  currency text,
  checked_at timestamptz,
  constraint account_has_one_row check (is_the_only_row)
);
comment on table amocrm.sms_account is 'One row with what was left at Mobizon when it was last asked.';
insert into amocrm.sms_account default values;
alter table amocrm.sms_account enable row level security;
revoke all on amocrm.sms_account from public, anon, authenticated, service_role;
grant select on amocrm.sms_account to service_role;

create function amocrm.is_balance_low() returns boolean
language sql stable set search_path = ''
as $$
  select coalesce(sms_account.balance < message_settings.sms_balance_alert, false)
  from amocrm.sms_account cross join public.message_settings
$$;
comment on function amocrm.is_balance_low() is 'True if less is left at Mobizon than the setting asks for.';

create function public.sms_reports_due(p_limit int) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'ids', (select coalesce(jsonb_agg(due.mobizon_id), '[]') from (
      select sms.mobizon_id from amocrm.sms where sms.next_look_at <= amocrm.clock() order by sms.next_look_at limit least(p_limit, 100)) as due),
    'isBalanceDue', (select sms_account.checked_at is null or sms_account.checked_at < amocrm.clock() - interval '15 minutes' or coalesce(sms_account.balance <= 0, false)
      from amocrm.sms_account),
    'needsMoney', (select message_settings.sms_balance_alert > 0 from public.message_settings))
$$;
comment on function public.sms_reports_due(int) is
  'Returns which of Mobizon''s ids are to be asked about now, up to a hundred, and whether the balance is: {ids, isBalanceDue, needsMoney}.';

create function public.sms_record_reports(p_asked text[], p_reports jsonb) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_count int;
begin
  update amocrm.sms set
    status = coalesce(left(told.status, 40), sms.status),
    outcome = coalesce(told.outcome, sms.outcome),
    outcome_at = case when told.outcome is distinct from sms.outcome and told.outcome is not null then v_now else sms.outcome_at end,
    look_count = sms.look_count + 1,
    -- A report is final within a day; after two nothing more is expected, and what is known stays.
    next_look_at = case when told.outcome is null and coalesce(sms.accepted_at, sms.created_at) > v_now - interval '2 days'
      then v_now + least(interval '1 hour', interval '1 minute' * 2 ^ least(sms.look_count, 10)) end
  from (select asked.id, report.status,
      case report.status when 'DELIVRD' then 'delivered' when 'UNDELIV' then 'undelivered' when 'REJECTD' then 'rejected'
        when 'EXPIRED' then 'expired' when 'DELETED' then 'deleted' end as outcome
    from unnest(p_asked) as asked (id)
    left join jsonb_to_recordset(p_reports) as report (id text, status text) on report.id = asked.id) as told
  where sms.mobizon_id = told.id and sms.next_look_at is not null;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function public.sms_record_reports(text[], jsonb) is
  'Records what Mobizon said of the SMS that it was asked about, [{id, status}]; those that it did not name are asked about again later.';

create function public.sms_record_balance(p_balance numeric, p_currency text) returns void
language sql security definer set search_path = ''
as $$
  update amocrm.sms_account set balance = coalesce(p_balance, sms_account.balance), currency = coalesce(left(p_currency, 10), sms_account.currency), checked_at = amocrm.clock()
  where sms_account.is_the_only_row
$$;
comment on function public.sms_record_balance(numeric, text) is 'Records how much is left at Mobizon; null if it was asked in vain.';

create function public.sms_record_hint(p_event_id text, p_mobizon_id text) returns text
language plpgsql security definer set search_path = ''
as $$
begin
  if not exists (select from amocrm.sms where sms.mobizon_id = p_mobizon_id) then
    perform amocrm.inbox_count('mobizon', 'ignored');
    return 'unknown';
  elsif public.inbox_append('mobizon', p_event_id, null, 'worked') = 'duplicate' then
    return 'repeated';
  end if;
  update amocrm.sms set next_look_at = amocrm.clock() where sms.mobizon_id = p_mobizon_id and sms.next_look_at is not null;
  if found then
    perform amocrm.ring('sms');
  end if;
  return 'recorded';
end
$$;
comment on function public.sms_record_hint(text, text) is
  'Lets Mobizon be asked about an SMS at once, because its webhook named it: recorded, repeated, or unknown if it is not ours.';

create function amocrm.ring_for_reports() returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from amocrm.sms where sms.next_look_at <= amocrm.clock())
    -- An alert about the balance ends by itself once it is topped up.
    or exists (select from amocrm.sms_account where amocrm.is_balance_low() and sms_account.checked_at < amocrm.clock() - interval '15 minutes') then
    perform amocrm.ring('sms');
  end if;
end
$$;
comment on function amocrm.ring_for_reports() is 'Calls the drain of SMS if Mobizon is to be asked what became of some.';

create function amocrm.sms_notice() returns text
language plpgsql stable set search_path = ''
as $$
declare
  -- A value, so that the index bounds the search.
  v_since timestamptz := amocrm.clock() - interval '1 day';
begin
  return (select 'In the last day a moderator or an operator declined SMS: ' || count(*)
      || '. They are not sent again by themselves; Mobizon says why, and sms_overview lists them as rejected'
    from (select from amocrm.sms where sms.outcome = 'rejected' and sms.outcome_at > v_since limit 1000) as declined having count(*) > 0);
end
$$;
comment on function amocrm.sms_notice() is 'Returns the notice of amocrm_health about SMS that a moderator or an operator declined in the last day.';

revoke all on function amocrm.is_balance_low(), amocrm.ring_for_reports(), amocrm.sms_notice() from public;
revoke all on function public.sms_reports_due(int), public.sms_record_reports(text[], jsonb), public.sms_record_balance(numeric, text),
  public.sms_record_hint(text, text) from public, anon, authenticated;
grant execute on function public.sms_reports_due(int), public.sms_record_reports(text[], jsonb), public.sms_record_balance(numeric, text),
  public.sms_record_hint(text, text) to service_role;
select amocrm.schedule_job('amocrm-sms-reports', '* * * * *', 'select amocrm.ring_for_reports()');
