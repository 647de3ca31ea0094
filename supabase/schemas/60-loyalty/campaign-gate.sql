-- When a confirmed campaign may go: one an hour, after its contacts are imported and those who withdrew are out of the list.

create function amocrm.gate_campaigns(p_ids bigint[]) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_message record;
  v_last_at timestamptz := (select max(loyalty_campaigns.sent_at) from public.loyalty_campaigns);
  v_counts record;
  v_tag text;
  v_answers jsonb := '[]';
  v_is_taken boolean := false;
begin
  for v_message in
    select outbox.id, campaign.id as campaign_id, campaign.state from amocrm.outbox
    left join public.loyalty_campaigns as campaign on campaign.id = outbox.subject_id
    where outbox.queue = 'unisender' and outbox.id = any (p_ids) order by outbox.id
  loop
    v_tag := amocrm.campaign_tag(v_message.campaign_id);
    if v_message.state is distinct from 'confirmed' then
      v_answers := v_answers || jsonb_build_object('id', v_message.id, 'code', 'cancelled', 'message', 'The campaign is not to be sent any more');
    elsif v_is_taken or v_last_at > v_now - interval '1 hour' then
      v_answers := v_answers || jsonb_build_object('id', v_message.id, 'code', 'unisender_one_an_hour',
        'message', 'One campaign an hour at most is created', 'until', greatest(v_last_at + interval '1 hour', v_now + interval '10 seconds'));
    elsif exists (select from amocrm.loyalty_audience as audience
      where audience.campaign_id = v_message.campaign_id
        and not exists (select from amocrm.unisender_contacts as contact
          where contact.member_id = audience.member_id and contact.state = 'accepted' and contact.tags @> array[v_tag])
        and (amocrm.is_with_unisender(audience.member_id)
          or exists (select from amocrm.unisender_changes where unisender_changes.member_id = audience.member_id))) then
      v_answers := v_answers || jsonb_build_object('id', v_message.id, 'code', 'unisender_importing',
        'message', 'The contacts of the campaign are imported first', 'until', v_now + interval '5 seconds');
    else
      -- Whoever withdrew since the campaign was confirmed has to be out of the list before it goes.
      select count(*) filter (where wanted.email_key is not null) as ready, count(*) filter (where wanted.email_key is null) as leaving into v_counts
      from amocrm.unisender_contacts as contact
      left join amocrm.unisender_wanted(array(select audience.member_id from amocrm.loyalty_audience as audience
        where audience.campaign_id = v_message.campaign_id)) as wanted on wanted.email_key = contact.email_key
      where contact.state = 'accepted' and contact.tags @> array[v_tag];
      if v_counts.leaving > 0 then
        perform amocrm.mark_for_unisender(array(select contact.member_id from amocrm.unisender_contacts as contact
          where contact.state = 'accepted' and contact.tags @> array[v_tag]
            and not exists (select from amocrm.unisender_changes where unisender_changes.member_id = contact.member_id)
            and not exists (select from amocrm.unisender_wanted(array[contact.member_id]) as wanted where wanted.email_key = contact.email_key)));
        v_answers := v_answers || jsonb_build_object('id', v_message.id, 'code', 'unisender_importing',
          'message', 'The contacts of the campaign are imported first', 'until', v_now + interval '5 seconds');
      elsif v_counts.ready = 0 then
        update public.loyalty_campaigns set state = 'canceled_count_differs', state_at = v_now, expected_count = 0,
          problem = 'Unisender accepted none of the contacts' where loyalty_campaigns.id = v_message.campaign_id;
        v_answers := v_answers || jsonb_build_object('id', v_message.id, 'code', 'cancelled', 'message', 'Unisender accepted none of the contacts');
      else
        update public.loyalty_campaigns set expected_count = v_counts.ready where loyalty_campaigns.id = v_message.campaign_id;
        v_is_taken := true;
      end if;
    end if;
  end loop;
  return v_answers;
end
$$;
comment on function amocrm.gate_campaigns(bigint[]) is
  'Lets one campaign through in an hour, once its audience is imported and those who withdrew are out; the others wait.';

create function amocrm.prune_audiences(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  delete from amocrm.loyalty_audience where (loyalty_audience.campaign_id, loyalty_audience.member_id) in (
    select old.campaign_id, old.member_id from amocrm.loyalty_audience as old join public.loyalty_campaigns as campaign on campaign.id = old.campaign_id
    where campaign.state_at < amocrm.clock() - interval '90 days' limit p_limit);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.prune_audiences(int) is 'Deletes up to p_limit rows of audiences whose campaign has been over for 90 days.';
insert into amocrm.upkeep (step, rank, row_factor, function) values ('audiences', 58, 1, 'amocrm.prune_audiences');

revoke all on function amocrm.gate_campaigns(bigint[]), amocrm.prune_audiences(int) from public;
