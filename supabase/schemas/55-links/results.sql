-- What came of links, as cohorts: everything stands on the day on which the link was made, in the school's zone.

create function amocrm.link_result_rows()
returns table (day date, target text, channel text, links bigint, links_opened bigint, human_clicks bigint, previews bigint, scanners bigint,
  prefetches bigint, unknown_clicks bigint, first_click_minutes int)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_zone text := (select message_settings.time_zone from public.message_settings);
begin
  perform amocrm.require_reader();
  return query
  select (short_links.created_at at time zone v_zone)::date, coalesce(short_links.target_name, short_links.target_url), short_links.channel,
    count(*), count(*) filter (where told.human > 0), coalesce(sum(told.human), 0)::bigint, coalesce(sum(told.preview), 0)::bigint,
    coalesce(sum(told.scanner), 0)::bigint, coalesce(sum(told.prefetch), 0)::bigint, coalesce(sum(told.unknown), 0)::bigint,
    (percentile_cont(0.5) within group (order by extract(epoch from told.first_at - short_links.created_at)::float8) / 60)::int
  from public.short_links cross join lateral (
    select count(*) filter (where link_clicks.verdict = 'human') as human, count(*) filter (where link_clicks.verdict = 'preview') as preview,
      count(*) filter (where link_clicks.verdict = 'scanner') as scanner, count(*) filter (where link_clicks.verdict = 'prefetch') as prefetch,
      count(*) filter (where link_clicks.verdict = 'unknown') as unknown, min(link_clicks.clicked_at) filter (where link_clicks.verdict = 'human') as first_at
    from public.link_clicks where link_clicks.code = short_links.code) as told
  where not short_links.is_trap
  group by 1, 2, 3 order by 1 desc, 2, 3;
end
$$;
comment on function amocrm.link_result_rows() is 'Returns the rows of link_results.';

create view public.link_results with (security_invoker = true) as
select day, target, channel, links, links_opened, human_clicks, previews, scanners, prefetches, unknown_clicks, first_click_minutes
from amocrm.link_result_rows();
comment on view public.link_results is
  'What came of links by the day they were made, target and channel? Clicks of people, and what machines opened, side by side.';

revoke all on function amocrm.link_result_rows() from public, anon, authenticated;
grant execute on function amocrm.link_result_rows() to authenticated, service_role;
revoke all on public.link_results from public, anon, authenticated, service_role;
grant select on public.link_results to authenticated, service_role;
