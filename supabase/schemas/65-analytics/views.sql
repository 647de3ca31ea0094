-- What the company reads: the funnel of its landing pages, and what came of each step of a sequence.

create function amocrm.may_see_funnel() returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return true;
end
$$;
comment on function amocrm.may_see_funnel() is 'True for an admin, the owner or service_role; raises 42501 otherwise.';

-- A plain view and no function, so that a condition on the day reaches the index. Who asks is checked once.
create view amocrm.funnel_rows with (security_barrier = true) as
select bucket.day, bucket.source, bucket.campaign, bucket.leads, bucket.people, bucket.delivered_to_crm, bucket.mails_sent, bucket.mails_delivered,
  bucket.mails_opened, bucket.sms_sent, bucket.sms_delivered, bucket.human_clicks, bucket.deals_open, bucket.deals_won, bucket.deals_lost, bucket.revenue,
  bucket.median_minutes as median_minutes_to_first_move
from amocrm.funnel_buckets as bucket where (select amocrm.may_see_funnel()) and bucket.people > 0;
comment on view amocrm.funnel_rows is 'Returns the rows of landing_funnel.';

create view public.landing_funnel with (security_invoker = true) as
select day, source, campaign, leads, people, delivered_to_crm, mails_sent, mails_delivered, mails_opened, sms_sent, sms_delivered, human_clicks, deals_open,
  deals_won, deals_lost, revenue, median_minutes_to_first_move
from amocrm.funnel_rows;
comment on view public.landing_funnel is
  'What became of people, by the day, source and campaign of their first lead? Kept sums, at most two minutes old.';

create function amocrm.followup_result_rows()
returns table (day date, sequence text, version int, step text, channel text, entered bigint, sent bigint, delivered bigint, waiting bigint, skipped bigint,
  failed bigint, human_clicks bigint, withdrew bigint, ended_by_goal bigint)
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return query select followup_sums.* from amocrm.followup_sums
  order by followup_sums.day desc, followup_sums.sequence, followup_sums.version, followup_sums.step;
end
$$;
comment on function amocrm.followup_result_rows() is 'Returns the rows of followup_results.';

create view public.followup_results with (security_invoker = true) as
select day, sequence, version, step, channel, entered, sent, delivered, waiting, skipped, failed, human_clicks, withdrew, ended_by_goal
from amocrm.followup_result_rows();
comment on view public.followup_results is 'What came of each step of a sequence, by the day of entering? Kept sums: two days anew each minute, older ones each hour.';

revoke all on amocrm.funnel_rows from public, anon, authenticated, service_role;
grant select on amocrm.funnel_rows to authenticated, service_role;
revoke all on function amocrm.may_see_funnel(), amocrm.followup_result_rows() from public, anon, authenticated;
grant execute on function amocrm.may_see_funnel(), amocrm.followup_result_rows() to authenticated, service_role;
revoke all on public.landing_funnel, public.followup_results from public, anon, authenticated, service_role;
grant select on public.landing_funnel, public.followup_results to authenticated, service_role;
