-- A card's custom fields: which e-mails and phones they name, and what of them the mirror keeps beside these.

create function amocrm.keys_of_fields(p_fields jsonb) returns table (type text, key text)
language sql stable set search_path = ''
as $$
  with named as materialized (
    select kinds.type, left(entry.value ->> 'value', 1000) as value,
      row_number() over (partition by kinds.type order by field.rank, entry.rank) as turn
    from jsonb_array_elements(p_fields) with ordinality as field (value, rank)
    join (values ('EMAIL', 'email'), ('PHONE', 'phone')) as kinds (field_code, type) on kinds.field_code = field.value ->> 'field_code'
    cross join lateral jsonb_array_elements(case when jsonb_typeof(field.value -> 'values') = 'array' then field.value -> 'values' else '[]' end)
      with ordinality as entry (value, rank)
  ), keyed as materialized (
    -- A person has a few of each. What a card has beyond that is no person's, and anybody can make it grow.
    select distinct named.type,
      case named.type when 'email' then amocrm.normalize_email(named.value) else amocrm.normalize_phone(named.value) end as key
    from named where named.turn <= 25
  )
  select keyed.type, keyed.key from keyed where keyed.key is not null
$$;
comment on function amocrm.keys_of_fields(jsonb) is
  'Returns the normalised e-mails and phones in amoCRM''s custom_fields_values, the first 25 of each kind.';

create function amocrm.fields_to_keep(p_fields jsonb, p_keys text[]) returns jsonb
language sql immutable set search_path = ''
as $$
  -- Names, types and ids were half of each contact's bytes, and nobody asks the mirror for them. An e-mail or phone that is
  -- written as its key is written once, as the key.
  select coalesce(jsonb_agg(kept.value order by kept.rank), '[]')
  from (
    select field.rank, case
      when jsonb_typeof(field.value) <> 'object' then field.value
      when jsonb_typeof(field.value -> 'values') <> 'array' then field.value - unread.names
      else field.value - unread.names || jsonb_build_object('values', (
        select coalesce(jsonb_agg(case when jsonb_typeof(entry.value) = 'object' and jsonb_typeof(entry.value -> 'enum_code') = 'string'
          then entry.value - 'enum_id' else entry.value end order by entry.rank), '[]')
        from jsonb_array_elements(field.value -> 'values') with ordinality as entry (value, rank)
        where not (unread.is_keyed and jsonb_typeof(entry.value) = 'object' and coalesce(entry.value ->> 'value' = any (p_keys), false)
          and coalesce(entry.value ->> 'enum_code', 'WORK') = 'WORK'
          and (entry.value ->> 'enum_id' is null or entry.value ->> 'enum_code' is not null)))) end as value,
      unread.is_keyed
    from jsonb_array_elements(case when jsonb_typeof(p_fields) = 'array' then p_fields else '[]' end) with ordinality as field (value, rank)
    cross join lateral (
      select coalesce(field.value ->> 'field_code', '') in ('EMAIL', 'PHONE') as is_keyed,
        case when field.value ->> 'field_code' in ('EMAIL', 'PHONE') then '{field_name,field_type,field_id}'::text[]
          else '{field_name,field_type}' end as names) as unread) as kept
  where not (kept.is_keyed and kept.value -> 'values' = '[]')
$$;
comment on function amocrm.fields_to_keep(jsonb, text[]) is
  'Returns amoCRM''s custom_fields_values without what nobody asks for, and without e-mails and phones that are written as these keys.';

create function amocrm.fields_of_contact(p_contact_id bigint, p_kept jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(p_kept, '[]') || coalesce((
    select jsonb_agg(jsonb_build_object('field_code', listed.field_code, 'values', listed.entries) order by listed.field_code)
    from (
      select upper(contact_keys.type) as field_code,
        jsonb_agg(jsonb_build_object('value', contact_keys.key, 'enum_code', 'WORK') order by contact_keys.key) as entries
      from amocrm.contact_keys
      where contact_keys.amocrm_contact_id = p_contact_id and contact_keys.account = amocrm.account()
        and not exists (select from amocrm.keys_of_fields(p_kept) as kept where kept.type = contact_keys.type and kept.key = contact_keys.key)
      group by contact_keys.type) as listed), '[]'));
end $$;
comment on function amocrm.fields_of_contact(bigint, jsonb) is
  'Returns a mirrored contact''s custom fields, those kept and its listed e-mails and phones, in the shape of custom_fields_values.';
revoke all on function amocrm.keys_of_fields(jsonb), amocrm.fields_to_keep(jsonb, text[]), amocrm.fields_of_contact(bigint, jsonb) from public;
