-- What may be told to amoCRM from SQL, and in which shape: wrong ones are refused in words when they are told, and not a day later.

create function amocrm.unknown_members(p_payload jsonb, p_known text[]) returns text
language sql immutable set search_path = ''
as $$
  select 'it has ' || string_agg('"' || members.name || '"', ', ' order by members.name) || ', and knows ' || array_to_string(p_known, ', ') || ' only'
  from jsonb_object_keys(p_payload) as members (name) where members.name <> all (p_known)
  having count(*) > 0
$$;
comment on function amocrm.unknown_members(jsonb, text[]) is 'Says which members of a payload are unknown; null for none.';

create function amocrm.is_whole_number(p_value jsonb, p_least numeric, p_most numeric) returns boolean
language sql immutable set search_path = ''
as $$
  select case when jsonb_typeof(p_value) = 'number'
    then p_value::numeric = trunc(p_value::numeric) and p_value::numeric between p_least and p_most else false end
$$;
comment on function amocrm.is_whole_number(jsonb, numeric, numeric) is 'True for a JSON number without a fraction within bounds.';

create function amocrm.text_problem(p_payload jsonb, p_most int) returns text
language sql immutable set search_path = ''
as $$
  select case
    when jsonb_typeof(p_payload -> 'text') is distinct from 'string' or amocrm.trimmed(p_payload ->> 'text') is null then '"text" must be a text that is not blank'
    when length(p_payload ->> 'text') > p_most then '"text" has more than ' || p_most || ' characters' end
$$;
comment on function amocrm.text_problem(jsonb, int) is 'Says what is wrong with the text of a payload; null if nothing is.';

create function amocrm.note_problem(p_payload jsonb) returns text
language sql immutable set search_path = ''
as $$ select coalesce(amocrm.unknown_members(p_payload, '{text}'), amocrm.text_problem(p_payload, 20000)) $$;
comment on function amocrm.note_problem(jsonb) is 'Says what is wrong with the payload of deal.note; null if nothing is.';

create function amocrm.task_problem(p_payload jsonb) returns text
language sql immutable set search_path = ''
as $$
  select coalesce(amocrm.unknown_members(p_payload, '{text,due_in_minutes,responsible_user_id}'), amocrm.text_problem(p_payload, 250),
    case
      when p_payload ? 'due_in_minutes' and not amocrm.is_whole_number(p_payload -> 'due_in_minutes', 1, 525600)
        then '"due_in_minutes" must be a whole number from 1 to 525600, a year'
      when jsonb_typeof(p_payload -> 'responsible_user_id') <> 'null' and not amocrm.is_whole_number(p_payload -> 'responsible_user_id', 1, 9007199254740991)
        then '"responsible_user_id" must be the number of a user in amoCRM' end)
$$;
comment on function amocrm.task_problem(jsonb) is 'Says what is wrong with the payload of deal.task; null if nothing is.';

create function amocrm.move_problem(p_payload jsonb) returns text
language sql immutable set search_path = ''
as $$
  select coalesce(amocrm.unknown_members(p_payload, '{pipeline_id,status_id}'),
    case when not amocrm.is_whole_number(coalesce(p_payload -> 'pipeline_id', 'null'), 1, 9007199254740991)
        or not amocrm.is_whole_number(coalesce(p_payload -> 'status_id', 'null'), 1, 9007199254740991)
      -- 142 and 143 are in every pipeline, so that a stage alone says nothing.
      then '"pipeline_id" and "status_id" must both be there, as numbers' end)
$$;
comment on function amocrm.move_problem(jsonb) is 'Says what is wrong with the payload of deal.move; null if nothing is.';

create function amocrm.fields_problem(p_payload jsonb) returns text
language sql immutable set search_path = ''
as $$
  select coalesce(amocrm.unknown_members(p_payload, '{values}'),
    case
      when jsonb_typeof(p_payload -> 'values') is distinct from 'object' or p_payload -> 'values' = '{}'
        then '"values" must be an object with a value for each field, by its id or code'
      when (select count(*) from jsonb_object_keys(p_payload -> 'values')) > 40 then '"values" has more than 40 fields'
    end, (
      select case when members.key !~ '^[0-9]{1,16}$' and members.key !~ '^[A-Za-z_][A-Za-z0-9_]{0,127}$'
          then '"' || left(members.key, 40) || '" is neither the id nor the code of a field'
        else 'the value of "' || members.key || '" must be a text, a number, true, false, null, or a list of these' end
      from jsonb_each(case jsonb_typeof(p_payload -> 'values') when 'object' then p_payload -> 'values' else '{}' end) as members (key, value)
      where (members.key !~ '^[0-9]{1,16}$' and members.key !~ '^[A-Za-z_][A-Za-z0-9_]{0,127}$')
        or jsonb_typeof(members.value) = 'object' or exists (
          select from jsonb_array_elements(case jsonb_typeof(members.value) when 'array' then members.value else '[]' end) as items (value)
          where jsonb_typeof(items.value) in ('object', 'array', 'null'))
      limit 1))
$$;
comment on function amocrm.fields_problem(jsonb) is 'Says what is wrong with the payload of deal.fields; null if nothing is.';

create function amocrm.contact_fields_problem(p_payload jsonb) returns text
language sql immutable set search_path = ''
as $$
  select coalesce(amocrm.fields_problem(p_payload), (
    select '"' || members.key || '" takes values and gives none away: null would take a person''s address'
    from jsonb_each(p_payload -> 'values') as members (key, value)
    where upper(members.key) in ('EMAIL', 'PHONE') and members.value in ('null', '[]', '""') limit 1))
$$;
comment on function amocrm.contact_fields_problem(jsonb) is 'Says what is wrong with the payload of contact.fields; null if nothing is.';

create function amocrm.tags_problem(p_payload jsonb) returns text
language sql immutable set search_path = ''
as $$
  select coalesce(amocrm.unknown_members(p_payload, '{add,remove}'),
    case when coalesce(jsonb_typeof(p_payload -> 'add'), 'array') <> 'array' or coalesce(jsonb_typeof(p_payload -> 'remove'), 'array') <> 'array'
        or jsonb_path_exists(p_payload, 'strict $.*[*] ? (@.type() != "string" || @ like_regex "^\\s*$")')
      then '"add" and "remove" must be lists of names'
    when jsonb_array_length(coalesce(p_payload -> 'add', '[]')) + jsonb_array_length(coalesce(p_payload -> 'remove', '[]')) not between 1 and 100
      then '"add" and "remove" must hold from 1 to 100 names together'
    when exists (select from jsonb_path_query(p_payload, '$.*[*]') as names (name) where length(names.name #>> '{}') > 255)
      then 'a name has more than 255 characters' end)
$$;
comment on function amocrm.tags_problem(jsonb) is 'Says what is wrong with the payload of deal.tags; null if nothing is.';

create function amocrm.merged_fields(p_older jsonb, p_newer jsonb) returns jsonb
language sql immutable set search_path = ''
as $$
  -- Named by id in the one and by code in the other, a field could not be seen to be the same.
  select case when (select count(distinct names.name ~ '^[0-9]+$') from jsonb_path_query(jsonb_build_array(p_older, p_newer), '$[*].values.keyvalue().key') as keys (key)
      cross join lateral (select keys.key #>> '{}') as names (name)) <= 1
    then jsonb_build_object('values', (p_older -> 'values') || (p_newer -> 'values')) end
$$;
comment on function amocrm.merged_fields(jsonb, jsonb) is 'Merges two payloads of deal.fields: the newer value of each field wins; null if they must stay apart.';

create function amocrm.merged_tags(p_older jsonb, p_newer jsonb) returns jsonb
language sql immutable set search_path = ''
as $$
  select jsonb_build_object(
    'add', (select coalesce(jsonb_agg(distinct names.name), '[]') from jsonb_array_elements_text(
      coalesce(p_older -> 'add', '[]') || coalesce(p_newer -> 'add', '[]')) as names (name)
      where not coalesce(p_newer -> 'remove', '[]') ? names.name or coalesce(p_newer -> 'add', '[]') ? names.name),
    'remove', (select coalesce(jsonb_agg(distinct names.name), '[]') from jsonb_array_elements_text(
      coalesce(p_older -> 'remove', '[]') || coalesce(p_newer -> 'remove', '[]')) as names (name)
      where not coalesce(p_newer -> 'add', '[]') ? names.name or coalesce(p_newer -> 'remove', '[]') ? names.name))
$$;
comment on function amocrm.merged_tags(jsonb, jsonb) is 'Merges two payloads of deal.tags: what the newer adds or removes wins.';

revoke all on function amocrm.unknown_members(jsonb, text[]), amocrm.is_whole_number(jsonb, numeric, numeric), amocrm.text_problem(jsonb, int),
  amocrm.note_problem(jsonb), amocrm.task_problem(jsonb), amocrm.move_problem(jsonb), amocrm.fields_problem(jsonb), amocrm.contact_fields_problem(jsonb),
  amocrm.tags_problem(jsonb), amocrm.merged_fields(jsonb, jsonb), amocrm.merged_tags(jsonb, jsonb) from public;

-- Their priority is their own: a visitor's lead goes first, and many of them are claimed at once (claim_tells).
insert into amocrm.kinds (kind, queue, priority, has_handler, follows_subject, settles_subject, steps_back_for, checks, merges, purpose)
select told.kind, 'amocrm', 6, true, true, false, '{no_deal,no_contact,tells_held}', told.checks, told.merges, told.purpose
from (values
  ('deal.note', 'amocrm.note_problem', null, 'A note on a deal.'),
  ('deal.task', 'amocrm.task_problem', null, 'A task on a deal.'),
  ('deal.move', 'amocrm.move_problem', null, 'A deal moves to a stage, never backwards and never out of won or lost.'),
  ('deal.fields', 'amocrm.fields_problem', 'amocrm.merged_fields', 'Values of a deal''s custom fields.'),
  ('deal.tags', 'amocrm.tags_problem', 'amocrm.merged_tags', 'Tags that a deal gets and loses.'),
  ('contact.fields', 'amocrm.contact_fields_problem', null, 'Values of a contact''s custom fields.')) as told (kind, checks, merges, purpose);
