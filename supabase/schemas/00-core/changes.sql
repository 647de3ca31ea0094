-- What functions share that change settings: which names a change may have, and what stood there before.

create function amocrm.check_changes(p_changes jsonb, p_names text[]) returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if jsonb_typeof(p_changes) is distinct from 'object' or p_changes = '{}' or not array(select jsonb_object_keys(p_changes)) <@ p_names then
    raise exception 'p_changes names no setting, or one that is none' using errcode = '22023', hint = 'It takes ' || array_to_string(p_names, ', ') || '.';
  end if;
end
$$;
comment on function amocrm.check_changes(jsonb, text[]) is 'Raises 22023 unless changes are an object of some of these names.';

create function amocrm.only_keys(p_row jsonb, p_changes jsonb) returns jsonb
language sql immutable set search_path = ''
as $$ select jsonb_object_agg(member.key, member.value) from jsonb_each(p_row) as member where p_changes ? member.key $$;
comment on function amocrm.only_keys(jsonb, jsonb) is 'Returns those members of a row that changes name.';

revoke all on function amocrm.check_changes(jsonb, text[]), amocrm.only_keys(jsonb, jsonb) from public;
