-- What a drain would claim now, for `npm run amocrm -- plan`. It is claimed indeed, by the drain's own functions, so that plan and
-- drain cannot disagree; and in a block that is rolled back, so that nothing of it stays.

create function public.amocrm_plan_claim(p_lead uuid, p_limit int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_token uuid := gen_random_uuid();
  v_claims jsonb := '[]';
  v_claim jsonb;
  v_count int := 0;
  v_waiting bigint;
begin
  begin
    perform amocrm.lock_queue(amocrm.account());
    perform amocrm.place(amocrm.account(), 10 * p_limit);
    perform amocrm.rehearse(amocrm.account(), v_token, p_lead);
    loop
      v_claim := public.amocrm_drain_claim(v_token, least(50, p_limit - v_count));
      v_count := v_count + jsonb_array_length(v_claim -> 'messages');
      v_claims := v_claims || jsonb_build_array(v_claim || jsonb_build_object('matches', (
        select coalesce(jsonb_agg(amocrm.match_message((message.value ->> 'id')::bigint)), '[]') from jsonb_array_elements(v_claim -> 'messages') as message)));
      exit when v_claim -> 'messages' = '[]' or v_count >= p_limit;
    end loop;
    select count(*) into v_waiting from (
      select from amocrm.outbox where outbox.queue = amocrm.account() and not outbox.is_fresh and outbox.state in ('pending', 'uncertain')
        and (p_lead is null or outbox.subject_id = p_lead) limit 10000) as waiting;
    raise exception 'rehearsed' using errcode = 'OB099';
  exception when sqlstate 'OB099' then
    null;
  end;
  return jsonb_build_object('claims', v_claims, 'waitingCount', v_waiting);
end
$$;
comment on function public.amocrm_plan_claim(uuid, int) is
  'Returns what drains would claim now, {claims, waitingCount}: as amocrm_drain_claim does, with matches. Nothing is changed.';

create function public.amocrm_plan_rows(p_entity text, p_ids bigint[], p_query text default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_ids bigint[] := p_ids;
begin
  if p_query is not null then
    v_ids := array(select distinct contact_keys.amocrm_contact_id from amocrm.contact_keys
      where contact_keys.account = amocrm.account() and ((contact_keys.type = 'email' and contact_keys.key = amocrm.normalize_email(p_query))
        or (contact_keys.type = 'phone' and right(contact_keys.key, 10) = right(p_query, 10))) limit 250);
  end if;
  if p_entity = 'contacts' then
    return (select coalesce(jsonb_agg(jsonb_build_object('id', wanted.id, 'name', coalesce(contacts.name, ''), 'is_deleted', coalesce(contacts.is_deleted, false),
      'updated_at', coalesce(extract(epoch from contacts.updated_at)::bigint, 0), 'custom_fields_values', amocrm.fields_of_contact(wanted.id, contacts.custom_fields),
      '_embedded', jsonb_build_object('leads', (select coalesce(jsonb_agg(jsonb_build_object('id', deal.id)), '[]')
        from jsonb_array_elements(amocrm.deals_of_contact(wanted.id)) as deal (id))))), '[]')
    from unnest(v_ids) as wanted (id)
    left join amocrm.contacts on contacts.amocrm_contact_id = wanted.id and contacts.account = amocrm.account());
  end if;
  -- What the mirror does not have yet we made a moment ago, or somebody else did: then it is taken for an open deal.
  return (select coalesce(jsonb_agg(jsonb_build_object('id', wanted.id, 'name', coalesce(known.name, ''), 'is_deleted', coalesce(known.is_deleted, false),
    'price', known.price, 'pipeline_id', coalesce(known.pipeline_id, own.pipeline_id), 'status_id', coalesce(known.status_id, own.status_id),
    'responsible_user_id', coalesce(known.responsible_user_id, own.responsible_user_id),
    'created_at', coalesce(extract(epoch from known.created_at)::bigint, 0), 'updated_at', coalesce(extract(epoch from known.updated_at)::bigint, 0),
    'custom_fields_values', coalesce(known.custom_fields, '[]'),
    '_embedded', jsonb_build_object('contacts', case when coalesce(known.amocrm_contact_id, made.amocrm_id) is null then '[]'::jsonb
      else jsonb_build_array(jsonb_build_object('id', coalesce(known.amocrm_contact_id, made.amocrm_id), 'is_main', true)) end))), '[]')
  from unnest(v_ids) as wanted (id)
  left join public.amocrm_deals as known on known.amocrm_deal_id = wanted.id
  left join amocrm.own_writes as own on own.entity = 'deal' and own.amocrm_id = wanted.id and own.account = amocrm.account()
  left join lateral (
    select deal.contact_id as amocrm_id from amocrm.linked as deal
    where deal.deal_id = wanted.id and deal.contact_id is not null and deal.account = amocrm.account() limit 1) as made on true);
end
$$;
comment on function public.amocrm_plan_rows(text, bigint[], text) is
  'Returns contacts or leads of the mirror by id, or contacts by an e-mail or phone, in the shape of amoCRM''s answers.';

revoke all on function public.amocrm_plan_claim(uuid, int), public.amocrm_plan_rows(text, bigint[], text) from public, anon, authenticated;
grant execute on function public.amocrm_plan_claim(uuid, int), public.amocrm_plan_rows(text, bigint[], text) to service_role;
