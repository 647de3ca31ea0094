-- Where a delivered message leaves its traces: the links, and the ids on the lead or student it is about. The time on the
-- row is the lasting fact that it was sent, whatever becomes of the message.

create function amocrm.link(p_made jsonb) returns void
language sql set search_path = ''
as $$
  insert into amocrm.links (subject_table, subject_id, object, amocrm_id)
  select made.subject_table, made.subject_id, ids.object, max(ids.amocrm_id)
  from jsonb_to_recordset(p_made) as made (subject_table text, subject_id uuid, contact_id bigint, deal_id bigint)
  cross join lateral (values ('contact', made.contact_id), ('deal', made.deal_id)) as ids (object, amocrm_id)
  where ids.amocrm_id is not null
  group by made.subject_table, made.subject_id, ids.object
  on conflict (subject_table, subject_id, object) do update set amocrm_id = excluded.amocrm_id
$$;
comment on function amocrm.link(jsonb) is
  'Which contact and deal a row has in amoCRM, [{subject_table, subject_id, contact_id, deal_id}]; what is null stays as it was.';

create function amocrm.write_back(p_settled jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Two messages may be about one row; it is written once.
  p_settled := (
    select coalesce(jsonb_agg(to_jsonb(subject)), '[]') from (
      select settled.subject_table, settled.subject_id, max(settled.contact_id) as contact_id, max(settled.deal_id) as deal_id
      from jsonb_to_recordset(p_settled) as settled (subject_table text, subject_id uuid, contact_id bigint, deal_id bigint)
      -- A message may be over without anything in amoCRM: that is no proof that its row got there.
      where settled.contact_id is not null or settled.deal_id is not null
      group by settled.subject_table, settled.subject_id) as subject);
  perform amocrm.link(p_settled);
  -- A row that somebody holds is skipped: the sweep writes it later, and the queue does not stand still for it.
  with settled as (
    select * from jsonb_to_recordset(p_settled) as settled (subject_table text, subject_id uuid, contact_id bigint, deal_id bigint)
  ), free_rows as (
    select unified_lead_tracking.id from public.unified_lead_tracking join settled on settled.subject_id = unified_lead_tracking.id
    where settled.subject_table = 'unified_lead_tracking'
    for update of unified_lead_tracking skip locked
  )
  update public.unified_lead_tracking set
    amocrm_contact_id = coalesce(settled.contact_id, unified_lead_tracking.amocrm_contact_id),
    amocrm_deal_id = coalesce(settled.deal_id, unified_lead_tracking.amocrm_deal_id),
    amocrm_synced_at = coalesce(unified_lead_tracking.amocrm_synced_at, amocrm.clock())
  from settled join free_rows on free_rows.id = settled.subject_id
  where unified_lead_tracking.id = settled.subject_id;
  with settled as (
    select * from jsonb_to_recordset(p_settled) as settled (subject_table text, subject_id uuid, contact_id bigint, deal_id bigint)
  ), free_rows as (
    select tripwire_users.id from public.tripwire_users join settled on settled.subject_id = tripwire_users.id
    where settled.subject_table = 'tripwire_users'
    for update of tripwire_users skip locked
  )
  update public.tripwire_users set
    amocrm_contact_id = coalesce(settled.contact_id, tripwire_users.amocrm_contact_id),
    amocrm_deal_id = coalesce(settled.deal_id, tripwire_users.amocrm_deal_id),
    amocrm_synced_at = coalesce(tripwire_users.amocrm_synced_at, amocrm.clock())
  from settled join free_rows on free_rows.id = settled.subject_id
  where tripwire_users.id = settled.subject_id;
end
$$;
comment on function amocrm.write_back(jsonb) is
  'Writes contact and deal ids to links and to the rows that delivered messages are about, [{subject_table, subject_id, contact_id, deal_id}].';

revoke all on function amocrm.link(jsonb), amocrm.write_back(jsonb) from public;
