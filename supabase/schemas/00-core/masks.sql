-- What a viewer sees instead of personal data: enough to tell one person from another, too little to write to anybody.

create function amocrm.masked_email(p_email text) returns text
language sql immutable set search_path = ''
as $$
  select case when position('@' in p_email) > 1 then left(p_email, 1) || '•••@' || left(split_part(p_email, '@', 2), 1) || '•••'
    || coalesce(substring(p_email from '\.[^.@]+$'), '') end
$$;
comment on function amocrm.masked_email(text) is 'Returns an address as a•••@e•••.com; null for what is none.';

create function amocrm.masked_phone(p_phone text) returns text
language sql immutable set search_path = ''
as $$
  select case when length(p_phone) > 5 then left(p_phone, 2) || '•••' || right(p_phone, 2) end
$$;
comment on function amocrm.masked_phone(text) is 'Returns a number as +7•••67; null for what is too short to be one.';

create function amocrm.masked_name(p_name text) returns text
language sql immutable set search_path = ''
as $$
  select string_agg(left(part, 1) || '.', ' ') from regexp_split_to_table(amocrm.trimmed(p_name), '\s+') as part
$$;
comment on function amocrm.masked_name(text) is 'Returns the initials of a name; null for none.';

create function amocrm.masked_text(p_text text) returns text
language sql immutable set search_path = ''
as $$
  -- In quotes stands what somebody typed. Dates keep their digits: a number is one behind a plus, or ten digits in a row.
  select regexp_replace(regexp_replace(regexp_replace(p_text, '"[^"]*"|«[^»]*»', '"…"', 'g'),
    '[^\s@<>"'',;:()]+@[^\s@<>"'',;:()]+', '•••@•••', 'g'), '\+\d[\d\s().-]{7,}\d|\y\d{10,15}\y', '•••', 'g')
$$;
comment on function amocrm.masked_text(text) is 'Returns a text without quotations, e-mail addresses and phone numbers.';

create function amocrm.masked_values(p_values jsonb) returns jsonb
language sql immutable set search_path = ''
as $$
  select case jsonb_typeof(p_values)
    when 'object' then (select coalesce(jsonb_object_agg(member.key, amocrm.masked_values(member.value)), '{}') from jsonb_each(p_values) as member)
    when 'array' then (select coalesce(jsonb_agg(amocrm.masked_values(item.value)), '[]') from jsonb_array_elements(p_values) as item)
    when 'null' then p_values
    when 'boolean' then p_values
    else '"•••"' end
$$;
comment on function amocrm.masked_values(jsonb) is 'Returns a document of the same shape in which each text and number is masked.';

create function amocrm.sees_people() returns boolean
language sql stable set search_path = ''
as $$ select coalesce(amocrm.role_asking(), '') = 'admin' $$;
comment on function amocrm.sees_people() is 'True if the caller may see personal data: an admin, the owner or service_role.';

revoke all on function amocrm.masked_email(text), amocrm.masked_phone(text), amocrm.masked_name(text), amocrm.masked_text(text),
  amocrm.masked_values(jsonb), amocrm.sees_people() from public;
