-- Is it unusual that no lead has come for so long? A form that broke makes no error anywhere: only the silence tells. A
-- week has nights and week-ends, so the silence is held against the same hours of the weeks before; a campaign ends, so it
-- is held against the traffic of the last hours and days as well. What is expected is the least that any of them expects.

create function amocrm.lead_count(p_after timestamptz, p_until timestamptz) returns bigint
language sql stable set search_path = ''
as $$
  select count(*) from (
    select from public.unified_lead_tracking as lead
    where lead.created_at > p_after and lead.created_at <= p_until limit 2000) as counted
$$;
comment on function amocrm.lead_count(timestamptz, timestamptz) is
  'Counts leads of all sources after the first and up to the second moment, up to 2000.';

create function amocrm.expected_lead_count(p_last_lead_at timestamptz, p_first_lead_at timestamptz) returns numeric
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_back interval;
  v_window interval;
  v_same_hours bigint;
  v_before bigint;
  v_expected numeric;
begin
  foreach v_back in array array[interval '7 days', interval '14 days', interval '21 days'] loop
    continue when v_back > interval '7 days' and p_first_lead_at > p_last_lead_at - v_back;
    v_same_hours := amocrm.lead_count(p_last_lead_at - v_back, v_now - v_back);
    v_expected := least(v_expected, v_same_hours);
    -- Fewer than five say nothing, and neither does a silence that is no silence yet: most calls end here.
    continue when v_expected < 5 or p_last_lead_at > v_now - interval '1 hour';
    foreach v_window in array array[interval '2 hours', interval '6 hours', interval '1 day', interval '3 days'] loop
      v_before := amocrm.lead_count(p_last_lead_at - v_back - v_window, p_last_lead_at - v_back);
      continue when v_before < 5;
      v_expected := least(v_expected,
        v_same_hours * amocrm.lead_count(p_last_lead_at - v_window, p_last_lead_at)::numeric / v_before);
    end loop;
  end loop;
  return v_expected;
end
$$;
comment on function amocrm.expected_lead_count(timestamptz, timestamptz) is
  'Estimates how many leads to expect since the last one, from the same hours of three weeks, scaled by recent traffic.';

create function amocrm.lead_silence(out last_lead_at timestamptz, out usual_count int, out is_unusual boolean)
language plpgsql stable set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_first_lead_at timestamptz;
begin
  -- An import may have dated a row ahead of now: it must not look like a lead that has just come.
  select max(lead.created_at) into last_lead_at from public.unified_lead_tracking as lead where lead.created_at <= v_now;
  select min(lead.created_at) into v_first_lead_at from public.unified_lead_tracking as lead
  where lead.created_at > v_now - interval '28 days' and lead.created_at <= v_now;
  -- Of one lead more than a week old nothing is known yet, and after three weeks of silence nothing is to be expected.
  if last_lead_at is null or last_lead_at < v_now - interval '7 days' or v_first_lead_at > v_now - interval '7 days' then
    usual_count := null;
    is_unusual := false;
    return;
  end if;
  usual_count := floor(amocrm.expected_lead_count(last_lead_at, v_first_lead_at));
  -- Where twelve are expected, none comes by chance about once in 160,000 silences; two hours give a campaign's end time to show.
  is_unusual := usual_count >= 12 and last_lead_at <= v_now - interval '2 hours';
end
$$;
comment on function amocrm.lead_silence() is
  'Returns when the last lead came, how many were to be expected since, and whether the silence is unusual.';

create function amocrm.silence_notice() returns text
language sql stable set search_path = ''
as $$
  select 'No lead has come since ' || silence.last_lead_at || ', where about ' || silence.usual_count
    || ' were to be expected. If it stays so quiet, it becomes an alarm; a test lead through each landing page tells at once.'
  from amocrm.lead_silence() as silence
  where silence.usual_count >= 5 and not silence.is_unusual and silence.last_lead_at <= amocrm.clock() - interval '2 hours'
$$;
comment on function amocrm.silence_notice() is 'Returns the notice of amocrm_health about a silence that chance may still explain.';

revoke all on function amocrm.lead_count(timestamptz, timestamptz), amocrm.expected_lead_count(timestamptz, timestamptz),
  amocrm.lead_silence(), amocrm.silence_notice() from public;
