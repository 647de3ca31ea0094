-- Where a delivered message leaves its traces: the links, and the ids on the lead or student it is about. The time on the
-- row is the lasting fact that it was sent, whatever becomes of the message.

create function amocrm.write_back(p_settled jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Two messages may be about one row; it is written once.
  p_settled := (
    select coalesce(jsonb_agg(to_jsonb(subject)), '[]') from (
      select settled.subject_table, settled.subject_id, max(settled.contact_id) as contact_id, max(settled.deal_id) as deal_id
      from jsonb_to_recordset(p_settled) as settled (subject_table text, subject_id uuid, contact_id bigint, deal_id bigint, kind text)
      -- A message may be over without anything in amoCRM: that is no proof that its row got there.
      where (settled.contact_id is not null or settled.deal_id is not null)
        and coalesce(settled.kind, '') not in (select kinds.kind from amocrm.kinds where not kinds.settles_subject)
      group by settled.subject_table, settled.subject_id) as subject);
  perform amocrm.link(p_settled);
  perform amocrm.write_back_subjects(amocrm.account(), p_settled);
end
$$;
comment on function amocrm.write_back(jsonb) is
  'Writes contact and deal ids of delivered messages to links and to their rows, [{kind, subject_table, subject_id, contact_id, deal_id}].';

revoke all on function amocrm.write_back(jsonb) from public;
