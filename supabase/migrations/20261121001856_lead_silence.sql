-- Is it unusual that no lead has come for so long? A form that broke makes no error anywhere: only the silence tells. A
-- week has nights and week-ends, so the silence is held against the same hours of the weeks before.

create function amocrm.lead_silence(out last_lead_at timestamptz, out usual_count int, out is_unusual boolean)
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_first_lead_at timestamptz;
begin
  select max(lead.created_at) into last_lead_at from public.unified_lead_tracking as lead;
  select min(lead.created_at) into v_first_lead_at from public.unified_lead_tracking as lead where lead.created_at > v_now - interval '28 days';
  -- Of one lead more than a week old nothing is known yet, and after three weeks of silence nothing is to be expected.
  if last_lead_at is null or last_lead_at < v_now - interval '7 days' or v_first_lead_at > v_now - interval '7 days' then
    usual_count := null;
    is_unusual := false;
    return;
  end if;
  select min(week.lead_count) into usual_count from (
    select (select count(*) from (
        select from public.unified_lead_tracking as lead
        where lead.created_at > last_lead_at - weeks.back and lead.created_at <= v_now - weeks.back limit 100) as same_hours) as lead_count
    from (values (interval '7 days'), (interval '14 days'), (interval '21 days')) as weeks (back)
    where v_first_lead_at <= last_lead_at - weeks.back or weeks.back = interval '7 days') as week;
  -- Where five came each time, none comes by chance less than once in a hundred times.
  is_unusual := usual_count >= 5;
end
$$;
comment on function amocrm.lead_silence() is
  'When the last lead came, how many at least came in the same hours of the up to three weeks before since then, and whether so long a silence is unusual. Leads of every source count, bounded at 100.';
revoke all on function amocrm.lead_silence() from public;
