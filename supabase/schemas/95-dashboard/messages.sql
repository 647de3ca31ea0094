-- The list of messages: any filter, newest first, a page from where the last one ended.

-- In PL/pgSQL, which keeps its plans: a function in SQL, called for each of two hundred rows, plans those that it calls each time.
create function amocrm.message_row(p_message amocrm.outbox, p_sees_people boolean) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_source text;
begin
  select lead.source into v_source from public.unified_lead_tracking as lead where lead.id = p_message.subject_id;
  return jsonb_build_object('id', p_message.id, 'queue', p_message.queue, 'kind', p_message.kind, 'state', p_message.state, 'lane', p_message.lane,
    'attempt_count', p_message.attempt_count, 'created_at', p_message.created_at, 'next_attempt_at', case when p_message.state in ('pending', 'uncertain') then p_message.next_attempt_at end,
    'sent_at', p_message.sent_at, 'delivered_at', p_message.delivered_at, 'error_code', p_message.last_error_code,
    'error_message', case when p_sees_people then p_message.last_error_message else amocrm.masked_text(p_message.last_error_message) end,
    'error_group', case when p_message.last_error_code is not null and p_message.state in ('pending', 'uncertain', 'dead')
      then amocrm.error_group(p_message.kind, p_message.last_error_code, p_message.last_error_message) end,
    'person_id', p_message.person_id, 'subject_table', p_message.subject_table, 'subject_id', p_message.subject_id,
    'contact_id', p_message.amocrm_contact_id, 'deal_id', p_message.amocrm_deal_id, 'warning_count', jsonb_array_length(p_message.warnings),
    'who', coalesce(amocrm.masked_email(p_message.email_key), amocrm.masked_phone(p_message.phone_key)), 'source', v_source);
end
$$;
comment on function amocrm.message_row(amocrm.outbox, boolean) is 'Returns a message as a list shows it; who it is about is masked.';

create function amocrm.messages_page(p_filter jsonb, p_before bigint, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_sees_people boolean;
  v_ids bigint[];
  v_limit int := least(greatest(coalesce(p_limit, 50), 1), 200);
begin
  perform amocrm.require_reader();
  perform amocrm.check_filter(p_filter);
  v_sees_people := amocrm.sees_people();
  v_ids := amocrm.filtered_ids(p_filter, p_before, v_limit + 1);
  return jsonb_build_object(
    'rows', (select coalesce(jsonb_agg(amocrm.message_row(outbox, v_sees_people) order by outbox.id desc), '[]')
      from amocrm.outbox where outbox.queue = coalesce(p_filter ->> 'queue', 'amocrm') and outbox.id = any (v_ids[1:v_limit])),
    'next', case when cardinality(v_ids) > v_limit then v_ids[v_limit] end);
end
$$;
comment on function amocrm.messages_page(jsonb, bigint, int) is 'Returns what amocrm_messages returns.';

create function public.amocrm_messages(p_filter jsonb default '{}', p_before bigint default null, p_limit int default 50) returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.messages_page(p_filter, p_before, p_limit); end;
comment on function public.amocrm_messages(jsonb, bigint, int) is
  'Returns a page of messages, newest first, {rows, next}: next is p_before of the following page. At most 200 rows.';

create function amocrm.messages_counted(p_filter jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  perform amocrm.check_filter(p_filter);
  return amocrm.filter_count(p_filter, 10000);
end
$$;
comment on function amocrm.messages_counted(jsonb) is 'Returns what amocrm_message_count returns.';

create function public.amocrm_message_count(p_filter jsonb default '{}') returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.messages_counted(p_filter); end;
comment on function public.amocrm_message_count(jsonb) is
  'Counts the messages of a filter, {count, is_more, states, kinds}; is_more marks counts that stopped at 10000 of a state.';

revoke all on function amocrm.message_row(amocrm.outbox, boolean) from public;
revoke all on function amocrm.messages_page(jsonb, bigint, int), amocrm.messages_counted(jsonb), public.amocrm_messages(jsonb, bigint, int), public.amocrm_message_count(jsonb)
  from public, anon, authenticated;
grant execute on function amocrm.messages_page(jsonb, bigint, int), amocrm.messages_counted(jsonb), public.amocrm_messages(jsonb, bigint, int), public.amocrm_message_count(jsonb)
  to authenticated, service_role;
