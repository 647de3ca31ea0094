-- Where the deal of each lead and student stands now.

create function amocrm.deals_now_rows()
returns table (subject text, subject_id uuid, full_name text, source text, came_at timestamptz, amocrm_deal_id bigint, deal_name text,
  standing text, pipeline_id bigint, status_id bigint, status_label text, price bigint, responsible_user_id bigint, changed_at timestamptz,
  last_event text, last_event_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.require_reader();
  return query
  with subjects as (
    select 'lead' as subject, lead.id, lead.full_name, lead.source, lead.created_at, lead.amocrm_deal_id
    from public.unified_lead_tracking as lead where lead.amocrm_deal_id is not null
    union all
    select 'student', student.id, student.full_name, null, student.created_at, student.amocrm_deal_id
    from public.tripwire_users as student where student.amocrm_deal_id is not null
  )
  select subjects.subject, subjects.id, case when amocrm.sees_people() then subjects.full_name else amocrm.masked_name(subjects.full_name) end,
    subjects.source, subjects.created_at, subjects.amocrm_deal_id, case when amocrm.sees_people() then deal.name end,
    case when deal.amocrm_deal_id is null then 'not mirrored' when deal.is_deleted then 'deleted'
      when deal.status_id = 142 then 'won' when deal.status_id = 143 then 'lost' else 'open' end,
    deal.pipeline_id, deal.status_id, deal.status_label, deal.price, deal.responsible_user_id, deal.updated_at, told.event, told.occurred_at
  from subjects
  left join amocrm.deals as deal on deal.amocrm_deal_id = subjects.amocrm_deal_id and deal.account = amocrm.account()
  left join lateral (select event.event, event.occurred_at from public.amocrm_deal_events as event
    where event.amocrm_deal_id = subjects.amocrm_deal_id order by event.id desc limit 1) as told on true
  order by subjects.created_at desc;
end
$$;
comment on function amocrm.deals_now_rows() is 'Returns the rows of amocrm_deals_now.';

create view public.amocrm_deals_now with (security_invoker = true) as
select subject, subject_id, full_name, source, came_at, amocrm_deal_id, deal_name, standing, pipeline_id, status_id, status_label, price,
  responsible_user_id, changed_at, last_event, last_event_at
from amocrm.deals_now_rows();
comment on view public.amocrm_deals_now is
  'Where does the deal of each lead and student stand now: open, won, lost, deleted or not mirrored; what happened to it last?';

revoke all on function amocrm.deals_now_rows() from public, anon;
grant execute on function amocrm.deals_now_rows() to authenticated, service_role;
revoke all on public.amocrm_deals_now from public, anon, authenticated, service_role;
grant select on public.amocrm_deals_now to authenticated, service_role;
