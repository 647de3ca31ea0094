-- What came of links, as cohorts: everything stands on the day on which the link was made, in the school's zone.

create function amocrm.link_result_rows()
returns table (day date, target text, channel text, links bigint, links_opened bigint, human_clicks bigint, previews bigint, scanners bigint,
  prefetches bigint, unknown_clicks bigint, first_click_minutes int)
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return query
  select sums.day, sums.target, nullif(sums.channel, ''), sums.links, sums.links_opened, sums.human_clicks, sums.previews, sums.scanners, sums.prefetches,
    sums.unknown_clicks, round(sums.first_click_minutes)::int
  from amocrm.link_sums as sums order by sums.day desc, sums.target, sums.channel;
end
$$;
comment on function amocrm.link_result_rows() is 'Returns the rows of link_results.';

create view public.link_results with (security_invoker = true) as
select day, target, channel, links, links_opened, human_clicks, previews, scanners, prefetches, unknown_clicks, first_click_minutes
from amocrm.link_result_rows();
comment on view public.link_results is
  'What came of links by the day they were made, target and channel? Kept sums of people and machines, a minute old.';

revoke all on function amocrm.link_result_rows() from public, anon, authenticated;
grant execute on function amocrm.link_result_rows() to authenticated, service_role;
revoke all on public.link_results from public, anon, authenticated, service_role;
grant select on public.link_results to authenticated, service_role;
