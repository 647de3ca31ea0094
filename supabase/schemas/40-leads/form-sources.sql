-- Forms that cannot insert by themselves: they post to form-intake with a key. Each place that posts is a row here, with the
-- source its leads get and, where its author named the fields in his own way, with the names.

create table public.form_sources (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  source text not null,
  field_map jsonb not null default '{}',
  is_on boolean not null default true,
  created_at timestamptz not null default amocrm.clock(),
  updated_at timestamptz not null default amocrm.clock(),
  constraint kind_is_known check (kind in ('tilda', 'taplink', 'generic')),
  constraint source_is_a_name check (length(btrim(source)) between 1 and 200)
);
comment on table public.form_sources is 'The places whose forms post to form-intake, each with a key of its own.';
comment on column public.form_sources.source is 'The source that leads get, which decides the route in amocrm_routes.';
comment on column public.form_sources.field_map is
  'Our column or metadata.x by the name that the form has for it; names are compared without case, blanks and marks.';
comment on column public.form_sources.is_on is 'False: the key is answered with 401 and nothing is kept.';
alter table public.form_sources enable row level security;
revoke all on public.form_sources from public, anon, authenticated, service_role;
grant select, update on public.form_sources to service_role;
create trigger touch_updated_at before update on public.form_sources for each row execute function amocrm.touch_updated_at();

-- Without a foreign key, which would hold the table of public when this is taken out.
create table amocrm.form_keys (
  form_source_id uuid primary key,
  key_hash text not null unique,
  made_at timestamptz not null default amocrm.clock(),
  constraint key_hash_is_a_sha256 check (key_hash ~ '^[0-9a-f]{64}$')
);
comment on table amocrm.form_keys is 'The keys of form_sources by SHA-256; the keys themselves are nowhere.';
alter table amocrm.form_keys enable row level security;
revoke all on amocrm.form_keys from public, anon, authenticated, service_role;

create function amocrm.plain_name(p_name text) returns text
language sql immutable set search_path = ''
as $$ select regexp_replace(replace(lower(p_name), 'ё', 'е'), '[[:space:][:punct:]«»–—…№\u00a0\u200b-\u200f\ufeff]', '', 'g') $$;
comment on function amocrm.plain_name(text) is 'Returns a field''s name without case, blanks and marks, so that «E-mail:» is email.';

create function amocrm.check_field_map() returns trigger
language plpgsql set search_path = ''
as $$
declare
  v_column text;
  v_name jsonb;
begin
  if jsonb_typeof(new.field_map) <> 'object' then
    raise exception 'field_map is not an object' using errcode = '22023', hint = 'Such as {"phone": "Ваш номер", "metadata.course": "Курс"}.';
  end if;
  for v_column, v_name in select field.key, field.value from jsonb_each(new.field_map) as field loop
    if v_column not in ('full_name', 'email', 'phone', 'source', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term', 'consent_at')
      and v_column !~ '^metadata\.[^.]{1,100}$' then
      raise exception 'field_map names % which is no column of a lead', v_column
        using errcode = '22023', hint = 'It takes full_name, email, phone, source, utm_source to utm_term, consent_at, and metadata.x for any other.';
    elsif jsonb_typeof(v_name) <> 'string' or coalesce(length(amocrm.plain_name(v_name #>> '{}')), 0) not between 1 and 200 then
      raise exception 'field_map has no name of a field for %', v_column
        using errcode = '22023', hint = 'It is the name as the form sends it; select * from amocrm_unmapped_forms shows the names.';
    end if;
  end loop;
  return new;
end
$$;
comment on function amocrm.check_field_map() is 'Refuses, with SQLSTATE 22023, a field map with an unknown column or without a name.';
create trigger check_field_map before insert or update of field_map on public.form_sources for each row execute function amocrm.check_field_map();

create function amocrm.form_source_add(p_kind text, p_source text, p_field_map jsonb, out id uuid, out key text)
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.require_admin();
  if p_kind is null or p_kind not in ('tilda', 'taplink', 'generic') then
    raise exception 'p_kind is %, must be tilda, taplink or generic', coalesce(p_kind, 'null') using errcode = '22023';
  elsif amocrm.trimmed(p_source) is null or length(p_source) > 200 then
    raise exception 'p_source is missing or longer than 200 characters' using errcode = '22023', hint = 'It is the source that the leads get.';
  end if;
  insert into public.form_sources (kind, source, field_map) values (p_kind, amocrm.trimmed(p_source), coalesce(p_field_map, '{}'))
  returning form_sources.id into id;
  -- Two UUIDs of version 4 are 244 bits of the server's strong randomness.
  key := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  insert into amocrm.form_keys (form_source_id, key_hash) values (id, encode(sha256(convert_to(key, 'utf8')), 'hex'));
  perform amocrm.note_action('form_source_add', jsonb_build_object('kind', p_kind, 'source', p_source), jsonb_build_object('id', id));
end
$$;
comment on function amocrm.form_source_add(text, text, jsonb) is 'Adds a place whose forms post, and draws its key.';

create function public.form_source_add(p_kind text, p_source text, p_field_map jsonb default '{}', out id uuid, out key text)
language sql set search_path = ''
begin atomic select added.id, added.key from amocrm.form_source_add(p_kind, p_source, p_field_map) as added; end;
comment on function public.form_source_add(text, text, jsonb) is
  'Adds a place whose forms post to form-intake; returns its id and, this once, its key.';

create function amocrm.form_source_off(p_id uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_was_on boolean;
begin
  perform amocrm.require_admin();
  update public.form_sources set is_on = false where form_sources.id = p_id and form_sources.is_on;
  v_was_on := found;
  perform amocrm.note_action('form_source_off', jsonb_build_object('id', p_id), jsonb_build_object('was_on', v_was_on));
  return v_was_on;
end
$$;
comment on function amocrm.form_source_off(uuid) is 'Switches a form source off; false if none is on by this id.';

create function public.form_source_off(p_id uuid) returns boolean
language sql set search_path = ''
begin atomic select amocrm.form_source_off(p_id); end;
comment on function public.form_source_off(uuid) is
  'Switches a form source off: its key is answered with 401 from now on. False if none is on by this id.';

create function public.form_source_of_key(p_key_hash text) returns jsonb
language sql stable security definer set search_path = ''
as $$
  -- Hashes are compared: how long that takes tells nothing of the key, since nobody can choose a hash.
  select jsonb_build_object('id', form_sources.id, 'kind', form_sources.kind)
  from amocrm.form_keys join public.form_sources on form_sources.id = form_keys.form_source_id
  where form_keys.key_hash = p_key_hash and form_sources.is_on
$$;
comment on function public.form_source_of_key(text) is 'Returns id and kind of the source whose key has this SHA-256; null if none is on.';

revoke all on function amocrm.plain_name(text), amocrm.check_field_map() from public;
revoke all on function amocrm.form_source_off(uuid), public.form_source_off(uuid) from public, anon, authenticated;
grant execute on function amocrm.form_source_off(uuid), public.form_source_off(uuid) to authenticated, service_role;
revoke all on function amocrm.form_source_add(text, text, jsonb), public.form_source_add(text, text, jsonb), public.form_source_of_key(text)
  from public, anon, authenticated;
grant execute on function amocrm.form_source_add(text, text, jsonb), public.form_source_add(text, text, jsonb) to authenticated, service_role;
grant execute on function public.form_source_of_key(text) to service_role;
