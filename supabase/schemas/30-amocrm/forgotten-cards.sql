-- Cards of people who were forgotten do not come back into the mirror.

create function amocrm.is_forgotten_card(p_fields jsonb) returns boolean
language sql stable set search_path = ''
as $$
  -- By an e-mail, or by a phone: but a card with the phone and an e-mail of its own is somebody else's, who shares it.
  select coalesce(bool_or(keys.is_forgotten and keys.type = 'email'), false)
    or coalesce(bool_or(keys.is_forgotten), false) and not coalesce(bool_or(keys.type = 'email' and not keys.is_forgotten), false)
  from (select keys.type, exists (select from amocrm.forgotten
      where forgotten.type = keys.type and forgotten.key = amocrm.key_hash(keys.key)) as is_forgotten
    from amocrm.keys_of_fields(p_fields) as keys) as keys
$$;
comment on function amocrm.is_forgotten_card(jsonb) is 'True if a contact with these fields belongs to somebody who was forgotten.';

create function amocrm.without_forgotten(p_entity text, p_rows jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  -- As long as nobody was forgotten, which is always so in most projects, a page costs nothing more.
  if not exists (select from amocrm.forgotten) then
    return p_rows;
  end if;
  return (
    select coalesce(jsonb_agg(entity.value order by entity.place), '[]')
    from jsonb_array_elements(p_rows) with ordinality as entity (value, place)
    where not exists (select from amocrm.forgotten where forgotten.type = p_entity and forgotten.key = entity.value ->> 'id'
        and forgotten.account = amocrm.account())
      and case p_entity
        when 'contact' then not amocrm.is_forgotten_card(coalesce(entity.value -> 'rawFields', '[]'))
        else not exists (select from jsonb_array_elements(coalesce(entity.value -> 'contacts', '[]')) as contact
          join amocrm.forgotten on forgotten.type = 'contact' and forgotten.key = contact.value ->> 'id'
            and forgotten.account = amocrm.account()) end);
end
$$;
comment on function amocrm.without_forgotten(text, jsonb) is 'Returns contacts or deals from the client without those of forgotten people.';

revoke all on function amocrm.is_forgotten_card(jsonb), amocrm.without_forgotten(text, jsonb) from public;
