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

-- What waits stands at the end of a long table, and a scan would read all history before it: each state has an index. What is
-- pending has two: of what no drain has placed yet, and of the rest.
create function amocrm.filtered(p_filter jsonb, p_state text, p_before bigint, p_limit int, p_is_sorted boolean) returns table (id bigint, kind text)
language plpgsql stable set search_path = '' set enable_seqscan = off set max_parallel_workers_per_gather = 0
as $$
declare
  v_rows uuid[];
  v_parts text[] := case p_state when 'pending' then '{message.is_fresh,not message.is_fresh}'::text[] else '{true}' end;
  v_where text;
begin
  -- In a group of errors is only what these states hold.
  if p_filter ? 'error_group' and p_state not in ('pending', 'uncertain', 'dead') then
    return;
  end if;
  if p_filter ?| '{email,phone,deal_id,contact_id,person_id,subject_id}' then
    v_rows := amocrm.people_of_filter(p_filter);
  end if;
  -- Only what is asked for, and as constants: partial indexes are used for a state that the planner sees, and a join for a source.
  v_where := concat_ws(' and ', format('message.queue = %L and message.state = %L', coalesce(p_filter ->> 'queue', 'amocrm'), p_state),
    case when p_before is not null then format('message.id < %L', p_before) end,
    case when p_filter ? 'id' then format('message.id = %L', p_filter ->> 'id') end,
    case when p_filter ? 'kind' then format('message.kind = %L', p_filter ->> 'kind') end,
    case when p_filter ? 'lane' then format('message.lane = %L', p_filter ->> 'lane') end,
    case when p_filter ? 'attempts_min' then format('message.attempt_count >= %L', p_filter ->> 'attempts_min') end,
    case when p_filter ? 'since' then format('message.created_at >= %L', p_filter ->> 'since') end,
    -- Nothing is delivered before it is created, and for that moment there is an index.
    case when p_filter ? 'since' and p_state = 'delivered' then format('message.delivered_at >= %L', p_filter ->> 'since') end,
    case when p_filter ? 'until' then format('message.created_at < %L', p_filter ->> 'until') end,
    case when p_filter ? 'error_code' then format('message.last_error_code = %L', p_filter ->> 'error_code') end,
    case when p_filter ? 'error_group' then format('message.last_error_code is not null and message.state in (''pending'', ''uncertain'', ''dead'')
      and amocrm.error_group(message.kind, message.last_error_code, message.last_error_message) = %L', p_filter ->> 'error_group') end,
    -- Of all that is over it is a join, so that a rare source is found by its leads. Of the few that wait, each is looked up in the
    -- set of the source's leads: behind an "or" it is no join.
    case when p_filter ? 'source' then format('(%s message.subject_id in (select lead.id from public.unified_lead_tracking as lead where lead.source = %L))',
      case when p_state in ('pending', 'leased', 'uncertain', 'dead') then 'message.id < 0 or' end, p_filter ->> 'source') end,
    case when v_rows is not null then format('message.subject_id = any (%L)', v_rows) end);
  return query execute (select format('select hit.* from (%s) as hit limit %s', string_agg(format(
      '(select message.id, message.kind from amocrm.outbox as message where %s and %s %s limit %s)', v_where, part,
      -- Of what waits the newest are sorted out of all that wait: read from the table's end, they may lie below everything that was
      -- delivered since. What is over is most of the table, and its newest lie at the end.
      case when not p_is_sorted then '' when part = 'not message.is_fresh' then 'order by message.id + 0 desc' else 'order by message.id desc' end,
      p_limit), ' union all '), case when p_is_sorted then 'all' else p_limit::text end)
    from unnest(v_parts) as part);
end
$$;
comment on function amocrm.filtered(jsonb, text, bigint, int, boolean) is
  'Returns up to p_limit messages of a checked filter in one of its states; if sorted, the newest are among those it returns.';

create function amocrm.filtered_ids(p_filter jsonb, p_before bigint, p_limit int) returns bigint[]
language sql stable set search_path = ''
as $$
  -- At most so many of each state can be among the newest of all.
  select array(select hit.id from unnest(amocrm.filter_states(p_filter)) as states (state)
    cross join lateral amocrm.filtered(p_filter, states.state, p_before, p_limit, true) as hit order by hit.id desc limit p_limit)
$$;
comment on function amocrm.filtered_ids(jsonb, bigint, int) is 'Returns up to p_limit messages of a filter below an id, newest first.';

create function amocrm.filter_count(p_filter jsonb, p_bound int) returns jsonb
language sql stable set search_path = ''
as $$
  with hit as materialized (
    select states.state, found.kind from unnest(amocrm.filter_states(p_filter)) as states (state)
    cross join lateral amocrm.filtered(p_filter, states.state, null, p_bound + 1, false) as found
  ), by_state as (
    select hit.state, count(*) as rows from hit group by 1
  ), by_kind as (
    select hit.kind, count(*) as rows from hit group by 1
  )
  select jsonb_build_object('count', (select coalesce(sum(least(by_state.rows, p_bound)), 0) from by_state),
    'is_more', (select coalesce(bool_or(by_state.rows > p_bound), false) from by_state),
    'states', (select coalesce(jsonb_object_agg(by_state.state, least(by_state.rows, p_bound)), '{}') from by_state),
    'kinds', (select coalesce(jsonb_object_agg(by_kind.kind, by_kind.rows), '{}') from by_kind))
$$;
comment on function amocrm.filter_count(jsonb, int) is
  'Counts the messages of a filter, {count, is_more, states, kinds}, up to a bound for each state.';

revoke all on function amocrm.filter_states(jsonb), amocrm.check_filter(jsonb), amocrm.people_of_filter(jsonb),
  amocrm.filtered(jsonb, text, bigint, int, boolean), amocrm.filtered_ids(jsonb, bigint, int), amocrm.filter_count(jsonb, int) from public;
