-- What a posted form says of a lead: the fields by our own columns, by the source's map first and then by the usual names;
-- whatever is left becomes metadata, as much as a lead may have.

create table amocrm.form_field_names (
  kind text not null,
  plain_name text not null,
  lead_column text not null,
  rank int not null default 100,
  primary key (kind, plain_name, lead_column)
);
comment on table amocrm.form_field_names is 'The usual names of fields, by kind of source; * is for all kinds. Own names stand in form_sources.field_map.';
comment on column amocrm.form_field_names.lead_column is 'The column of a lead; last_name is put behind full_name.';
comment on column amocrm.form_field_names.plain_name is 'The name as amocrm.plain_name returns it.';
comment on column amocrm.form_field_names.rank is 'Where a form has several of the names, the one with the lower rank counts.';
alter table amocrm.form_field_names enable row level security;
revoke all on amocrm.form_field_names from public, anon, authenticated, service_role;
grant select on amocrm.form_field_names to service_role;

insert into amocrm.form_field_names (kind, plain_name, lead_column, rank)
select '*', amocrm.plain_name(usual.name), usual.lead_column, usual.rank from (
  select named.name, named.lead_column, (row_number() over ())::int as rank from (values
    ('name', 'full_name'), ('full_name', 'full_name'), ('fio', 'full_name'), ('имя', 'full_name'), ('фио', 'full_name'),
    ('ваше имя', 'full_name'), ('имя и фамилия', 'full_name'), ('фамилия и имя', 'full_name'), ('как вас зовут', 'full_name'),
    ('ваше фио', 'full_name'), ('contact name', 'full_name'), ('your name', 'full_name'), ('first name', 'full_name'),
    ('аты', 'full_name'), ('атыңыз', 'full_name'), ('есімі', 'full_name'), ('есіміңіз', 'full_name'), ('аты-жөні', 'full_name'),
    ('аты-жөніңіз', 'full_name'),
    ('last name', 'last_name'), ('surname', 'last_name'), ('family name', 'last_name'), ('фамилия', 'last_name'), ('ваша фамилия', 'last_name'),
    ('тегі', 'last_name'), ('тегіңіз', 'last_name'),
    ('email', 'email'), ('mail', 'email'), ('email address', 'email'), ('your email', 'email'), ('почта', 'email'), ('емейл', 'email'),
    ('имейл', 'email'), ('эл почта', 'email'), ('электронная почта', 'email'), ('ваша почта', 'email'), ('ваш email', 'email'),
    ('ваша электронная почта', 'email'), ('адрес электронной почты', 'email'), ('пошта', 'email'), ('электрондық пошта', 'email'),
    ('phone', 'phone'), ('tel', 'phone'), ('telephone', 'phone'), ('phone number', 'phone'), ('your phone', 'phone'), ('mobile', 'phone'),
    ('телефон', 'phone'), ('тел', 'phone'), ('ваш телефон', 'phone'), ('номер телефона', 'phone'), ('ваш номер телефона', 'phone'),
    ('ваш номер', 'phone'), ('контактный телефон', 'phone'), ('мобильный телефон', 'phone'), ('мобильный', 'phone'), ('сотовый', 'phone'),
    ('whatsapp', 'phone'), ('телефон нөмірі', 'phone'), ('телефоныңыз', 'phone'), ('ұялы телефон', 'phone'),
    ('utm_source', 'utm_source'), ('utm_medium', 'utm_medium'), ('utm_campaign', 'utm_campaign'), ('utm_content', 'utm_content'), ('utm_term', 'utm_term')
  ) as named (name, lead_column)) as usual
on conflict do nothing;

create function amocrm.field_text(p_value jsonb) returns text
language sql immutable set search_path = ''
as $$
  select amocrm.trimmed(case jsonb_typeof(p_value)
    when 'array' then (select string_agg(item.value #>> '{}', ', ') from (
      select items.value from jsonb_array_elements(p_value) as items (value)
      where jsonb_typeof(items.value) in ('string', 'number', 'boolean') limit 50) as item)
    when 'object' then null
    else p_value #>> '{}' end)
$$;
comment on function amocrm.field_text(jsonb) is 'Returns a field''s value as text, several values with commas between them; null if it is blank or no plain value.';

create function amocrm.field_named(p_fields jsonb, p_name text) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text;
begin
  select amocrm.field_text(field.value) into v_text from jsonb_each(p_fields) as field
  where amocrm.plain_name(field.key) = amocrm.plain_name(p_name) and amocrm.field_text(field.value) is not null
  order by field.key = p_name desc, field.key limit 1;
  -- In a JSON body, also what lies deeper: payment.amount.
  return coalesce(v_text, case when strpos(p_name, '.') > 0 then amocrm.field_text(p_fields #> string_to_array(p_name, '.')) end);
end
$$;
comment on function amocrm.field_named(jsonb, text) is 'Returns the text of the field with this name, or at this path of a JSON body; null if there is none.';

create function amocrm.metadata_of(p_fields jsonb, p_own jsonb) returns jsonb
language plpgsql immutable set search_path = ''
as $$
declare
  v_metadata jsonb := p_own;
  v_bytes int := octet_length(p_own::text);
  v_left_out int := 0;
  v_field record;
  v_value jsonb;
begin
  for v_field in select field.key, field.value from jsonb_each(p_fields) as field order by length(field.value::text), field.key loop
    -- What is long or deep is kept as text that is cut, and no more of it than a lead may have.
    v_value := case
      when octet_length(v_field.value::text) > 2000 or jsonb_path_exists(v_field.value, 'strict $.**{20} ? (@.type() == "array" || @.type() == "object")')
      then to_jsonb(left(v_field.value #>> '{}', 500)) else v_field.value end;
    if v_bytes + octet_length(v_value::text) + octet_length(v_field.key) > 12000 or v_left_out > 0 then
      v_left_out := v_left_out + 1;
    else
      v_bytes := v_bytes + octet_length(v_value::text) + octet_length(to_jsonb(v_field.key)::text) + 4;
      v_metadata := jsonb_build_object(v_field.key, v_value) || v_metadata;
    end if;
  end loop;
  return case when v_left_out > 0 then v_metadata || jsonb_build_object('fields_left_out', v_left_out) else v_metadata end;
end
$$;
comment on function amocrm.metadata_of(jsonb, jsonb) is
  'Returns metadata of a form''s remaining fields beside what its map names, within a lead''s bounds; the longest are left out.';

create function amocrm.read_form(p_source public.form_sources, p_body jsonb, p_received_at timestamptz) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_fields jsonb := case jsonb_typeof(p_body -> 'fields') when 'object' then p_body -> 'fields' else '{}' end;
  v_lead jsonb := '{}';
  v_metadata jsonb := '{}';
  v_used text[] := '{}';
  v_field record;
begin
  for v_field in
    select mapped.key as lead_column, mapped.value as name, amocrm.field_named(v_fields, mapped.value) as said, 0 as rank
    from jsonb_each_text(p_source.field_map) as mapped
    union all
    select usual.lead_column, field.key, amocrm.field_text(field.value), usual.rank
    from jsonb_each(v_fields) as field
    join amocrm.form_field_names as usual on usual.plain_name = amocrm.plain_name(field.key) and usual.kind in ('*', p_source.kind)
    union all
    select cookie.key, null, cookie.value, 1000 from jsonb_each_text(p_body -> 'utm') as cookie
    order by 4, 2
  loop
    -- What the map names is not read once more by its usual name.
    continue when v_field.lead_column = 'last_name' and p_source.field_map ? 'full_name';
    continue when v_field.said is null or v_lead ? v_field.lead_column or v_field.rank > 0 and amocrm.plain_name(v_field.name) = any (v_used);
    if v_field.lead_column like 'metadata.%' then
      continue when octet_length(v_metadata::text) > 8000;
      v_metadata := v_metadata || jsonb_build_object(substr(v_field.lead_column, 10), left(v_field.said, 1000));
    elsif v_field.lead_column = 'consent_at' then
      if lower(v_field.said) in ('yes', 'on', 'true', '1', 'да') then
        v_lead := v_lead || jsonb_build_object('consent_at', p_received_at);
      end if;
    else
      v_lead := v_lead || jsonb_build_object(v_field.lead_column, v_field.said);
    end if;
    if v_field.name is not null then
      v_used := v_used || amocrm.plain_name(v_field.name);
    end if;
  end loop;
  if v_lead ? 'last_name' then
    v_lead := v_lead - 'last_name' || jsonb_build_object('full_name', case
      when strpos(coalesce(v_lead ->> 'full_name', ''), v_lead ->> 'last_name') > 0 then v_lead ->> 'full_name'
      else concat_ws(' ', v_lead ->> 'full_name', v_lead ->> 'last_name') end);
  end if;
  -- One letter too many costs no lead; an address that is cut would be another one.
  v_lead := v_lead || coalesce((select jsonb_object_agg(cut.lead_column, left(v_lead ->> cut.lead_column, cut.longest))
    from (values ('full_name', 500), ('phone', 64), ('source', 200), ('utm_source', 1000), ('utm_medium', 1000), ('utm_campaign', 1000),
      ('utm_content', 1000), ('utm_term', 1000)) as cut (lead_column, longest) where v_lead ? cut.lead_column), '{}');
  if p_body ? 'cookies' then
    v_metadata := v_metadata || jsonb_build_object('cookies', p_body -> 'cookies');
  end if;
  return jsonb_build_object('source', p_source.source, 'submission_id', p_body ->> 'submission_id') || v_lead
    || jsonb_build_object('metadata', amocrm.metadata_of((
      select coalesce(jsonb_object_agg(field.key, field.value), '{}') from jsonb_each(v_fields) as field
      where amocrm.plain_name(field.key) <> all (v_used)), v_metadata));
end
$$;
comment on function amocrm.read_form(public.form_sources, jsonb, timestamptz) is
  'Reads a posted form, {fields, utm, cookies, submission_id}, as the columns of a lead, by the source''s map and the usual names.';

revoke all on function amocrm.field_text(jsonb), amocrm.field_named(jsonb, text), amocrm.metadata_of(jsonb, jsonb),
  amocrm.read_form(public.form_sources, jsonb, timestamptz) from public;
