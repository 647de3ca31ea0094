-- SMS to leads: which never get one. The form is open to everybody, and whoever fills it in may name somebody else's number.

create function amocrm.came_in_flood(p_created_at timestamptz) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from amocrm.quarantined_leads, public.amocrm_form_limits as limits
    where quarantined_leads.reason = 'flood'
      and quarantined_leads.quarantined_at between p_created_at - make_interval(secs => limits.total_seconds)
        and p_created_at + make_interval(secs => limits.total_seconds))
$$;
comment on function amocrm.came_in_flood(timestamptz) is 'True if a lead of that moment is of a flood, whether it runs or is over.';

create function amocrm.is_in_flood(p_created_at timestamptz) returns boolean
language sql stable set search_path = ''
as $$
  -- A flood runs while leads are being quarantined for it. Those that came shortly before its limit was reached are of it as well.
  select exists (select from amocrm.quarantined_leads, public.amocrm_form_limits as limits
      where quarantined_leads.reason = 'flood' and quarantined_leads.quarantined_at > amocrm.clock() - make_interval(secs => limits.total_seconds))
    and amocrm.came_in_flood(p_created_at)
$$;
comment on function amocrm.is_in_flood(timestamptz) is 'True if a flood runs now and a lead of that moment is of it.';

create function amocrm.gate_of_leads(p_ids bigint[]) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(judged.answer || jsonb_build_object('id', judged.id) order by judged.id), '[]') from (
    select outbox.id, case
        when lead.id is null then jsonb_build_object('code', 'lead_gone', 'message', 'The lead was deleted, so nothing was sent')
        when quarantined_leads.lead_id is not null then jsonb_build_object('code', 'quarantined', 'message', 'The lead is quarantined, so nothing was sent')
        when amocrm.is_in_flood(lead.created_at) then jsonb_build_object('code', 'flood', 'message', 'The lead came in a flood that still runs: it waits until that is over',
          'until', amocrm.clock() + interval '1 minute') end as answer
    from amocrm.outbox
    left join public.unified_lead_tracking as lead on lead.id = outbox.subject_id
    left join amocrm.quarantined_leads on quarantined_leads.lead_id = lead.id
    where outbox.id = any (p_ids)) as judged
  where judged.answer is not null
$$;
comment on function amocrm.gate_of_leads(bigint[]) is 'The gate of messages to leads: those of quarantined and deleted leads end, those of a running flood wait.';

create function amocrm.read_addressed_leads(p_ids uuid[]) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_object_agg(lead.id, jsonb_build_object('fullName', lead.full_name, 'source', lead.source))
  from public.unified_lead_tracking as lead where lead.id = any (p_ids)
$$;
comment on function amocrm.read_addressed_leads(uuid[]) is 'Returns leads as the drain of SMS reads them, by their ids.';

insert into amocrm.queue_subjects (queue, subject_table, reads, gate) values
  ('sms', 'unified_lead_tracking', 'amocrm.read_addressed_leads', 'amocrm.gate_of_leads');
revoke all on function amocrm.came_in_flood(timestamptz), amocrm.is_in_flood(timestamptz), amocrm.gate_of_leads(bigint[]), amocrm.read_addressed_leads(uuid[]) from public;
