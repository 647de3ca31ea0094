-- A project that adopts this may have columns of its own in the tables that become ours. One that must be filled in, and that
-- nobody of ours knows, would make every insert fail from then on.

create function amocrm.refuse_unfillable(p_table text, p_filled text[]) returns void
language plpgsql set search_path = ''
as $$
declare
  v_columns text;
begin
  select string_agg(attribute.attname, ', ' order by attribute.attnum) into v_columns
  from pg_catalog.pg_attribute as attribute
  where attribute.attrelid = to_regclass(p_table) and attribute.attnum > 0 and not attribute.attisdropped
    and attribute.attnotnull and not attribute.atthasdef and attribute.attidentity = '' and attribute.attname <> all (p_filled);
  if v_columns is not null then
    raise exception 'nothing could be saved in % any longer: % must be filled in, and nobody of ours knows what with. Nothing was changed by this file; give a default first: alter table % alter column … set default …',
      p_table, v_columns, p_table using errcode = '55000';
  end if;
end
$$;
comment on function amocrm.refuse_unfillable(text, text[]) is
  'Fails the migration that adopts a table if another of its columns is not null and has no default.';

revoke all on function amocrm.refuse_unfillable(text, text[]) from public;
