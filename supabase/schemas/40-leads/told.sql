-- A lead as the subject of messages to amoCRM: how a drain is told it, and what is written back to it.

create function amocrm.told_lead(p_lead public.unified_lead_tracking) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select case when p_lead.metadata::text ~ '[0-9.]{16}'
    then jsonb_set(to_jsonb(p_lead), '{metadata}', amocrm.with_exact_numbers(p_lead.metadata))
    else to_jsonb(p_lead) end);
end $$;
comment on function amocrm.told_lead(public.unified_lead_tracking) is 'Returns a lead in the form that a drain receives.';
revoke all on function amocrm.told_lead(public.unified_lead_tracking) from public;

create function amocrm.read_leads(p_ids uuid[]) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select jsonb_object_agg(lead.id, amocrm.told_lead(lead)) from public.unified_lead_tracking as lead where lead.id = any (p_ids));
end $$;
comment on function amocrm.read_leads(uuid[]) is
  'Returns leads as a drain reads them, by their ids.';

create function amocrm.write_back_leads(p_delivered jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  -- A row that somebody holds is skipped: the sweep writes it later, and the queue does not stand still for it.
  with delivered as (
    select * from jsonb_to_recordset(p_delivered) as delivered (subject_id uuid, contact_id bigint, deal_id bigint)
  ), free_rows as (
    select unified_lead_tracking.id from public.unified_lead_tracking join delivered on delivered.subject_id = unified_lead_tracking.id
    for update of unified_lead_tracking skip locked
  )
  update public.unified_lead_tracking set
    amocrm_contact_id = coalesce(delivered.contact_id, unified_lead_tracking.amocrm_contact_id),
    amocrm_deal_id = coalesce(delivered.deal_id, unified_lead_tracking.amocrm_deal_id),
    amocrm_synced_at = coalesce(unified_lead_tracking.amocrm_synced_at, amocrm.clock())
  from delivered join free_rows on free_rows.id = delivered.subject_id
  where unified_lead_tracking.id = delivered.subject_id;
end $$;
comment on function amocrm.write_back_leads(jsonb) is
  'Writes to leads which contact and deal they have in amoCRM, [{subject_id, contact_id, deal_id}].';

revoke all on function amocrm.read_leads(uuid[]), amocrm.write_back_leads(jsonb) from public;

insert into amocrm.queue_subjects (queue, subject_table, reads, writes_back, written_back_column, told_as) values
  ('amocrm', 'unified_lead_tracking', 'amocrm.read_leads', 'amocrm.write_back_leads', 'amocrm_synced_at', 'lead_id');
