-- Where links may lead: addresses that an admin wrote down, by name. A short link is made of one of these only, so nobody who
-- can post a form can make the school's own address lead to his page.

create function amocrm.is_target(p_url text) returns boolean
language sql immutable set search_path = ''
as $$
  -- No name before an @ either: https://school.example@elsewhere.example shows a host that it does not lead to.
  select coalesce(length(p_url) <= 2000 and p_url !~ '[[:space:][:cntrl:]<>"\\]' and p_url ~* '^https?://[^/?#@]+([/?#].*)?$', false)
$$;
comment on function amocrm.is_target(text) is 'True for an http or https address of at most 2,000 characters, without blanks and without a user name.';

create table public.link_targets (
  name text primary key,
  target_url text not null,
  created_at timestamptz not null default amocrm.clock(),
  updated_at timestamptz not null default amocrm.clock(),
  constraint name_is_a_word check (name ~ '^[A-Za-z][A-Za-z0-9_-]{0,59}$'),
  constraint target_is_http check (amocrm.is_target(target_url))
);
comment on table public.link_targets is 'The addresses that links may lead to, by the name that a template says.';
comment on column public.link_targets.target_url is 'An http or https address; links that were made before keep the one they have.';
alter table public.link_targets enable row level security;
revoke all on public.link_targets from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.link_targets to service_role;
create trigger touch_updated_at before update on public.link_targets for each row execute function amocrm.touch_updated_at();

create function amocrm.percent_encoded(p_text text) returns text
language sql immutable set search_path = ''
as $$
  select coalesce(string_agg(case
      when one.byte between 48 and 57 or one.byte between 65 and 90 or one.byte between 97 and 122 or one.byte in (45, 46, 95, 126) then chr(one.byte)
      else '%' || upper(lpad(to_hex(one.byte), 2, '0')) end, '' order by one.place), '')
  from (select place, get_byte(convert_to(p_text, 'UTF8'), place) as byte
    from generate_series(0, octet_length(convert_to(p_text, 'UTF8')) - 1) as place) as one
$$;
comment on function amocrm.percent_encoded(text) is 'Returns a text as it may stand in the query of an address.';

create function amocrm.with_parameters(p_url text, p_parameters jsonb) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_fragment text := coalesce(substring(p_url from '#.*$'), '');
  v_base text := regexp_replace(p_url, '#.*$', '');
  v_name text;
  v_value text;
begin
  for v_name, v_value in select parameter.key, parameter.value from jsonb_each_text(p_parameters) as parameter loop
    -- What the target says itself is somebody's wish and stays.
    if coalesce(v_value, '') <> '' and v_base !~* ('[?&]' || v_name || '(=|&|$)') then
      v_base := v_base || case when v_base ~ '[?&]$' then '' when strpos(v_base, '?') > 0 then '&' else '?' end
        || v_name || '=' || amocrm.percent_encoded(v_value);
    end if;
  end loop;
  return v_base || v_fragment;
end
$$;
comment on function amocrm.with_parameters(text, jsonb) is
  'Appends parameters to an address, before its fragment, except those it has already. Their names must be plain words.';

revoke all on function amocrm.is_target(text), amocrm.percent_encoded(text), amocrm.with_parameters(text, jsonb) from public;
grant execute on function amocrm.is_target(text) to service_role;
