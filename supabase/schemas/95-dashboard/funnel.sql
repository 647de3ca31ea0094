-- The funnel as a person looks at it: a period added up by day, source or campaign. Medians of several rows are made of their
-- buckets, since medians cannot be added.

create function amocrm.funnel_sums(p_from date, p_until date, p_by text, p_source text)
returns table (is_total boolean, name text, leads bigint, people bigint, delivered_to_crm bigint, mails_sent bigint, mails_opened bigint, human_clicks bigint,
  deals bigint, moved bigint, deals_won bigint, deals_lost bigint, revenue bigint, median_minutes numeric)
language plpgsql stable set search_path = ''
as $$
begin
  -- With the period as constants: else the planner takes it for a few rows, and sorts a year by name. The whole is one more group.
  return query execute format('with sums as (
      select grouping(funnel.name) = 1 as is_total, funnel.name, sum(funnel.leads) as leads, sum(funnel.people) as people,
        sum(funnel.delivered_to_crm) as delivered_to_crm, sum(funnel.mails_sent) as mails_sent, sum(funnel.mails_opened) as mails_opened,
        sum(funnel.human_clicks) as human_clicks, sum(funnel.deals_open + funnel.deals_won + funnel.deals_lost) as deals,
        sum(funnel.deals_won) as deals_won, sum(funnel.deals_lost) as deals_lost, sum(funnel.revenue) as revenue
      from (select *, %1$I::text as name from public.landing_funnel where day between %2$L and %3$L and (%4$L::text is null or source = %4$L)) as funnel
      group by grouping sets ((funnel.name), ()) having count(*) > 0
    ), moves as (
      select grouping(move.name) = 1 as is_total, move.name, move.bucket, sum(move.count) as count
      from (select *, %1$I::text as name from amocrm.funnel_move_buckets where day between %2$L and %3$L and count > 0 and (%4$L::text is null or source = %4$L)) as move
      group by grouping sets ((move.name, move.bucket), (move.bucket))
    ), run as (
      select moves.is_total, moves.name, moves.bucket, sum(moves.count) over (partition by moves.is_total, moves.name order by moves.bucket) as until,
        sum(moves.count) over (partition by moves.is_total, moves.name) as total
      from moves
    ), middle as (
      select run.is_total, run.name, min(run.bucket) as bucket, max(run.total) as total from run where 2 * run.until >= run.total group by 1, 2
    )
    select sums.is_total, sums.name, sums.leads::bigint, sums.people::bigint, sums.delivered_to_crm::bigint, sums.mails_sent::bigint,
      sums.mails_opened::bigint, sums.human_clicks::bigint, sums.deals::bigint, coalesce(middle.total, 0)::bigint, sums.deals_won::bigint,
      sums.deals_lost::bigint, sums.revenue::bigint, amocrm.bucket_minutes(middle.bucket)
    from sums left join middle on middle.is_total = sums.is_total and middle.name is not distinct from sums.name
    order by sums.is_total desc, case when %1$L = ''day'' then sums.name end, sums.leads desc, sums.name limit 801',
    p_by, p_from, p_until, p_source);
end
$$;
comment on function amocrm.funnel_sums(date, date, text, text) is
  'Returns landing_funnel of a period as a whole, then by day, source or campaign; days in order, else by leads. At most 800 rows.';

create function amocrm.funnel_shown(p_from date, p_until date, p_by text, p_source text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_total jsonb;
  v_rows jsonb;
begin
  perform amocrm.require_reader();
  if p_by is null or p_by not in ('day', 'source', 'campaign') then
    raise exception 'p_by is %, must be day, source or campaign', coalesce(p_by, 'null') using errcode = '22023';
  elsif p_from is null or p_until is null or p_until not between p_from and p_from + 799 then
    raise exception 'p_until lies before p_from or 800 days behind it' using errcode = '22023', hint = 'A period has 1 to 800 days.';
  end if;
  select (jsonb_agg(to_jsonb(sums) - '{is_total,name,rank}'::text[]) filter (where sums.is_total)) -> 0,
    jsonb_agg(to_jsonb(sums) - '{is_total,rank}'::text[] order by sums.rank) filter (where not sums.is_total)
  into v_total, v_rows from (select one.*, row_number() over () as rank from amocrm.funnel_sums(p_from, p_until, p_by, p_source) as one) as sums;
  return jsonb_build_object('total', v_total, 'rows', coalesce(v_rows, '[]'),
    'sources', (select coalesce(jsonb_agg(listed.source order by listed.source), '[]') from (
      select distinct funnel.source from public.landing_funnel as funnel where funnel.day between p_from and p_until limit 200) as listed),
    'folded_at', (select funnel_progress.folded_at from amocrm.funnel_progress),
    'time_zone', (select message_settings.time_zone from public.message_settings));
end
$$;
comment on function amocrm.funnel_shown(date, date, text, text) is 'Returns what landing_funnel_sums returns.';

create function public.landing_funnel_sums(p_from date, p_until date, p_by text default 'day', p_source text default null) returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.funnel_shown(p_from, p_until, p_by, p_source); end;
comment on function public.landing_funnel_sums(date, date, text, text) is
  'Returns landing_funnel of a period by day, source or campaign, {total, rows, sources}; medians are of the whole row.';

revoke all on function amocrm.funnel_sums(date, date, text, text) from public;
revoke all on function amocrm.funnel_shown(date, date, text, text), public.landing_funnel_sums(date, date, text, text) from public, anon, authenticated;
grant execute on function amocrm.funnel_shown(date, date, text, text), public.landing_funnel_sums(date, date, text, text) to authenticated, service_role;
