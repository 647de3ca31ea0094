-- Whether the admin has set meanwhile what a message waits for.

create function amocrm.is_set_meanwhile(p_code text, p_subject_id uuid, p_since timestamptz) returns boolean
language sql stable set search_path = ''
as $$
  select case
    when p_code = 'no_stage' then exists (select from amocrm.stages
      where stages.account = amocrm.account() and stages.event = 'student.created' and stages.updated_at >= p_since - interval '1 minute')
    when p_code in ('no_route', 'no_main_pipeline') then exists (select from amocrm.routes
      left join public.unified_lead_tracking as lead on lead.id = p_subject_id
      where routes.account = amocrm.account() and routes.source in ('*', lead.source) and routes.updated_at >= p_since - interval '1 minute'
        and (p_code = 'no_route' or routes.pipeline_id is not null))
    else false end
$$;
comment on function amocrm.is_set_meanwhile(text, uuid, timestamptz) is
  'True if the row that a message waits for changed so late that the waking trigger could not see the message.';
revoke all on function amocrm.is_set_meanwhile(text, uuid, timestamptz) from public;
