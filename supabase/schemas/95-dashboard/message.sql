-- One message: its tries, its requests, what is reached and what stands in its way. Personal data stays hidden until an admin
-- asks for it, and that is written down.

create function amocrm.message_shown(p_id bigint, p_language text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_message amocrm.outbox;
  v_sees_people boolean := amocrm.sees_people();
  v_policy amocrm.error_policies;
  v_blocker bigint;
begin
  perform amocrm.require_reader();
  select * into v_message from amocrm.outbox where outbox.id = p_id;
  if v_message.id is null then
    raise exception 'no message % in amocrm_outbox or message_outbox', p_id using errcode = '22023';
  end if;
  v_policy := case when v_message.last_error_code is not null then amocrm.policy_of(v_message.last_error_code) end;
  if v_message.state in ('pending', 'uncertain') and not v_message.is_head and v_message.person_id is not null then
    select outbox.id into v_blocker from amocrm.outbox
    where outbox.queue = v_message.queue and outbox.person_id = v_message.person_id and outbox.is_head limit 1;
  end if;
  return amocrm.message_row(v_message, v_sees_people) || jsonb_build_object(
    'progress', case when v_sees_people then v_message.progress else amocrm.masked_values(v_message.progress) end,
    'step', v_message.step, 'blocked_by', v_blocker,
    'warnings', (select coalesce(jsonb_agg(jsonb_build_object('code', warning.value ->> 'code', 'message',
      case when v_sees_people then warning.value ->> 'message' else amocrm.masked_text(warning.value ->> 'message') end)), '[]')
      from jsonb_array_elements(v_message.warnings) as warning),
    'explanation', amocrm.said(v_policy.explanation, p_language), 'action', v_policy.action,
    'payload_keys', (select coalesce(jsonb_agg(member order by member), '[]') from jsonb_object_keys(v_message.payload) as member),
    'account_host', (select accounts.host from amocrm.accounts where accounts.queue = amocrm.account()),
    'attempts', (select coalesce(jsonb_agg(jsonb_build_object('started_at', tries.started_at, 'ended_at', tries.ended_at, 'state', tries.state,
        'error_code', tries.error_code, 'wait_ms', tries.wait_ms) order by tries.ended_at), '[]')
      from (select * from amocrm.attempts where attempts.message_id = p_id order by attempts.ended_at desc limit 100) as tries),
    'requests', (select coalesce(jsonb_agg(jsonb_build_object('at', sent.at, 'method', sent.method, 'path', sent.path, 'http_status', sent.http_status,
        'verdict', sent.verdict, 'error_code', sent.error_code, 'duration_ms', sent.duration_ms) order by sent.at), '[]')
      -- Since the message came, and a hundred at most: the log has no index by message.
      from (select * from amocrm.requests where requests.at >= greatest(v_message.created_at, amocrm.clock() - interval '2 days')
        and requests.message_ids @> array[p_id] order by requests.at desc limit 100) as sent),
    'actions', (select coalesce(jsonb_agg(jsonb_build_object('at', actions.at, 'action', actions.action, 'actor', actions.actor) order by actions.at), '[]')
      from amocrm.actions where actions.message_ids @> array[p_id]));
end
$$;
comment on function amocrm.message_shown(bigint, text) is 'Returns what amocrm_message returns.';

create function public.amocrm_message(p_id bigint, p_language text default 'en') returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.message_shown(p_id, p_language); end;
comment on function public.amocrm_message(bigint, text) is
  'Returns one message with tries, requests, progress, warnings, explanation and actions; whom it is about is masked.';

create function amocrm.message_revealed(p_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_message amocrm.outbox;
  v_subject jsonb;
begin
  perform amocrm.require_admin();
  select * into v_message from amocrm.outbox where outbox.id = p_id;
  if v_message.id is null then
    raise exception 'no message % in amocrm_outbox or message_outbox', p_id using errcode = '22023';
  end if;
  v_subject := case v_message.subject_table
    when 'unified_lead_tracking' then (select to_jsonb(lead) from public.unified_lead_tracking as lead where lead.id = v_message.subject_id)
    when 'tripwire_users' then (select to_jsonb(student) from public.tripwire_users as student where student.id = v_message.subject_id) end;
  perform amocrm.note_action('reveal', jsonb_build_object('id', p_id), '{}', array[p_id],
    case when v_message.person_id is not null then array[v_message.person_id] else '{}' end);
  return jsonb_build_object('email', v_message.email_key, 'phone', v_message.phone_key, 'payload', v_message.payload, 'subject', v_subject);
end
$$;
comment on function amocrm.message_revealed(bigint) is 'Returns what amocrm_message_reveal returns.';

create function public.amocrm_message_reveal(p_id bigint) returns jsonb
language sql set search_path = ''
begin atomic select amocrm.message_revealed(p_id); end;
comment on function public.amocrm_message_reveal(bigint) is
  'Returns to an admin whom a message is about, and its payload; each call is a row of amocrm_actions.';

create function amocrm.said(p_text text, p_language text) returns text
language sql stable set search_path = ''
as $$ select case when p_language = 'ru' and p_text is not null then amocrm.asked_in_russian(p_text) else p_text end $$;
comment on function amocrm.said(text, text) is 'Returns an English sentence of the database in ru or en.';

revoke all on function amocrm.said(text, text) from public;
revoke all on function amocrm.message_shown(bigint, text), amocrm.message_revealed(bigint), public.amocrm_message(bigint, text), public.amocrm_message_reveal(bigint)
  from public, anon, authenticated;
grant execute on function amocrm.message_shown(bigint, text), amocrm.message_revealed(bigint), public.amocrm_message(bigint, text), public.amocrm_message_reveal(bigint)
  to authenticated, service_role;
