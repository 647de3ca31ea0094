-- One filter for everything: what a list shows, what a number counts and what a bulk action touches come of the same text.

create function amocrm.filter_states(p_filter jsonb) returns text[]
language sql immutable set search_path = ''
as $$
  select case when p_filter ? 'states' then array(select distinct jsonb_array_elements_text(p_filter -> 'states'))
    -- Waiting behind an error, in doubt or over because of it.
    when p_filter ? 'error_group' or p_filter ? 'error_code' then '{dead,pending,uncertain}'
    -- Of one person or one message everything is wanted.
    when p_filter ?| '{id,email,phone,deal_id,contact_id,person_id,subject_id}' then '{pending,leased,uncertain,delivered,dead,superseded,cancelled}'
    else '{dead,leased,pending,uncertain}' end
$$;
comment on function amocrm.filter_states(jsonb) is 'Returns the states that a filter means: those it names, else those that are not over.';

create function amocrm.check_filter(p_filter jsonb) returns void
language plpgsql immutable set search_path = ''
as $$
declare
  v_key text;
  v_value jsonb;
  v_is_well boolean;
begin
  if jsonb_typeof(p_filter) is distinct from 'object' then
    raise exception 'p_filter is not an object' using errcode = '22023';
  end if;
  for v_key, v_value in select * from jsonb_each(p_filter) loop
    v_is_well := case
      when v_key = 'states' then jsonb_typeof(v_value) = 'array' and v_value <> '[]'
        and v_value <@ '["pending","leased","uncertain","delivered","dead","superseded","cancelled"]'
      when v_key = 'queue' then v_value <@ '["amocrm","message","sms"]' and jsonb_typeof(v_value) = 'string'
      when v_key = 'lane' then v_value <@ '["live","backfill"]' and jsonb_typeof(v_value) = 'string'
      when v_key in ('id', 'deal_id', 'contact_id', 'person_id') then v_value::text ~ '^\d{1,16}$'
      when v_key = 'attempts_min' then v_value::text ~ '^\d{1,6}$'
      when v_key = 'subject_id' then v_value #>> '{}' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
      when v_key in ('since', 'until') then jsonb_typeof(v_value) = 'string' and v_value #>> '{}' ~ '^\d{4}-\d\d-\d\d([T ][\d:.]{5,15}(Z|[+-]\d\d(:?\d\d)?)?)?$'
      when v_key in ('kind', 'source', 'error_group', 'error_code', 'email', 'phone') then jsonb_typeof(v_value) = 'string' and length(v_value #>> '{}') between 1 and 500
    end;
    -- What is not known is no wish that may be passed over: a bulk action would touch everything.
    if v_is_well is not true then
      raise exception 'p_filter does not take % as %', left(v_value::text, 100), left(v_key, 50) using errcode = '22023',
        hint = 'It takes states, queue, kind, source, lane, error_group, error_code, attempts_min, id, email, phone, deal_id, contact_id, person_id, subject_id, since, until.';
    end if;
  end loop;
end
$$;
comment on function amocrm.check_filter(jsonb) is 'Raises 22023 for a filter of messages with an unknown key or a senseless value.';

create function amocrm.people_of_filter(p_filter jsonb) returns uuid[]
language plpgsql stable set search_path = ''
as $$
declare
  v_email text := amocrm.normalize_email(p_filter ->> 'email');
  v_phone text := amocrm.normalize_phone(p_filter ->> 'phone');
  v_people bigint[];
begin
  v_people := array(select amocrm.person_of_key('email', v_email) where v_email is not null
    union select amocrm.person_of_key('phone', v_phone) where v_phone is not null
    union select amocrm.person_now((p_filter ->> 'person_id')::bigint) where p_filter ? 'person_id');
  return array(
    select lead.id from public.unified_lead_tracking as lead where lead.email = v_email
    union select lead.id from public.unified_lead_tracking as lead where lead.phone = v_phone
    union select student.id from public.tripwire_users as student where student.email_key = v_email
    union select links.subject_id from amocrm.links where links.account = amocrm.account() and links.object = 'deal' and links.amocrm_id = (p_filter ->> 'deal_id')::bigint
    union select links.subject_id from amocrm.links where links.account = amocrm.account() and links.object = 'contact' and links.amocrm_id = (p_filter ->> 'contact_id')::bigint
    union select subjects.subject_id from amocrm.subjects where subjects.person_id = any (v_people)
    union select (p_filter ->> 'subject_id')::uuid where p_filter ? 'subject_id');
end
$$;
comment on function amocrm.people_of_filter(jsonb) is 'Returns the leads and students that a filter by e-mail, phone, deal, contact, person or row means.';

create function amocrm.filter_condition(p_filter jsonb, p_state text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  -- Constants and no parameters: the partial indexes are only used for a state that the planner sees.
  return concat_ws(' and ',
    format('message.queue = %L and message.state = %L', coalesce(p_filter ->> 'queue', 'amocrm'), p_state),
    'message.kind = ' || quote_literal(p_filter ->> 'kind'),
    'message.lane = ' || quote_literal(p_filter ->> 'lane'),
    'message.id = ' || (p_filter ->> 'id')::bigint,
    'message.attempt_count >= ' || (p_filter ->> 'attempts_min')::int,
    'message.created_at >= ' || quote_literal(p_filter ->> 'since') || '::timestamptz',
    'message.created_at < ' || quote_literal(p_filter ->> 'until') || '::timestamptz',
    'message.last_error_code = ' || quote_literal(p_filter ->> 'error_code'),
    'message.last_error_code is not null and message.state in (''pending'', ''uncertain'', ''dead'')
      and amocrm.error_group(message.kind, message.last_error_code, message.last_error_message) = ' || quote_literal(p_filter ->> 'error_group'),
    'exists (select from public.unified_lead_tracking as lead where lead.id = message.subject_id and lead.source = ' || quote_literal(p_filter ->> 'source') || ')',
    case when p_filter ?| '{email,phone,deal_id,contact_id,person_id,subject_id}'
      then format('message.subject_id = any (%L::uuid[])', amocrm.people_of_filter(p_filter)) end);
end
$$;
comment on function amocrm.filter_condition(jsonb, text) is 'Returns the SQL condition on amocrm.outbox as message for a checked filter and one of its states.';

create function amocrm.filtered_ids(p_filter jsonb, p_before bigint, p_limit int) returns bigint[]
language plpgsql stable set search_path = ''
as $$
declare
  v_parts text;
  v_ids bigint[];
begin
  -- Each state has its own way through the indexes; at most so many of each can be among the newest of all.
  select string_agg(format('(select message.id from amocrm.outbox as message where %s and message.id < %s order by message.id desc limit %s)',
    amocrm.filter_condition(p_filter, state), coalesce(p_before, 9223372036854775807), p_limit), ' union all ')
  into v_parts from unnest(amocrm.filter_states(p_filter)) as state
  -- In a group of errors is only what these states hold.
  where not p_filter ? 'error_group' or state in ('pending', 'uncertain', 'dead');
  if v_parts is null then
    return '{}';
  end if;
  execute format('select array(select hit.id from (%s) as hit order by hit.id desc limit %s)', v_parts, p_limit) into v_ids;
  return v_ids;
end
$$;
comment on function amocrm.filtered_ids(jsonb, bigint, int) is 'Returns up to p_limit messages of a filter below an id, newest first.';

create function amocrm.filter_count(p_filter jsonb, p_bound int) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_parts text;
  v_answer jsonb;
begin
  select string_agg(format('(select message.state, message.kind from amocrm.outbox as message where %s limit %s)',
    amocrm.filter_condition(p_filter, state), p_bound + 1), ' union all ')
  into v_parts from unnest(amocrm.filter_states(p_filter)) as state
  where not p_filter ? 'error_group' or state in ('pending', 'uncertain', 'dead');
  if v_parts is null then
    return jsonb_build_object('count', 0, 'is_more', false, 'states', '{}'::jsonb, 'kinds', '{}'::jsonb);
  end if;
  execute format('with hit as (%1$s), states as (select hit.state, count(*) as rows from hit group by 1),
      kinds as (select hit.kind, count(*) as rows from hit group by 1)
    select jsonb_build_object(''count'', (select coalesce(sum(least(states.rows, %2$s)), 0) from states),
      ''is_more'', (select coalesce(bool_or(states.rows > %2$s), false) from states),
      ''states'', (select coalesce(jsonb_object_agg(states.state, least(states.rows, %2$s)), ''{}'') from states),
      ''kinds'', (select coalesce(jsonb_object_agg(kinds.kind, kinds.rows), ''{}'') from kinds))', v_parts, p_bound) into v_answer;
  return v_answer;
end
$$;
comment on function amocrm.filter_count(jsonb, int) is
  'Counts the messages of a filter, {count, is_more, states, kinds}, up to a bound for each state.';

revoke all on function amocrm.filter_states(jsonb), amocrm.check_filter(jsonb), amocrm.people_of_filter(jsonb), amocrm.filter_condition(jsonb, text),
  amocrm.filtered_ids(jsonb, bigint, int), amocrm.filter_count(jsonb, int) from public;
