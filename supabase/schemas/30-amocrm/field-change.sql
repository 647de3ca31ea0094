-- Which field takes which value of a lead, changed by a signed-in admin: only to fields that the account has.

create function amocrm.set_field(p_entity text, p_path text, p_field_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_was jsonb;
begin
  perform amocrm.require_admin();
  if p_entity is null or p_entity not in ('contact', 'deal') then
    raise exception 'p_entity is %, must be contact or deal', coalesce(p_entity, 'null') using errcode = '22023';
  elsif p_path is null or length(p_path) > 255 or p_path !~ '^([a-z][a-z0-9_]*|metadata\..+)$' then
    raise exception 'p_path is no column of a lead and no path in its metadata' using errcode = '22023', hint = 'Such as utm_source or metadata.a.b.';
  elsif p_field_id is not null and not exists (select from amocrm.custom_fields where custom_fields.account = amocrm.account()
    and custom_fields.entity = p_entity and custom_fields.fields @> jsonb_build_array(jsonb_build_object('id', p_field_id))) then
    raise exception 'amoCRM has no field % of a %', p_field_id, p_entity using errcode = '22023', hint = 'npm run amocrm -- setup reads and lists them.';
  end if;
  select to_jsonb(mapped) - '{account,updated_at}'::text[] into v_was from public.amocrm_fields as mapped where mapped.entity = p_entity and mapped.path = p_path;
  if p_field_id is null then
    -- By the mark a lead's deal is found again.
    if p_path = 'id' then
      raise exception 'the mark of our deals cannot be taken away' using errcode = '22023';
    end if;
    delete from public.amocrm_fields where amocrm_fields.entity = p_entity and amocrm_fields.path = p_path;
  else
    insert into public.amocrm_fields (entity, path, field_id) values (p_entity, p_path, p_field_id)
    on conflict (entity, path) do update set field_id = excluded.field_id, field_code = null;
  end if;
  perform amocrm.note_action('set_field', jsonb_build_object('entity', p_entity, 'path', p_path, 'field_id', p_field_id), jsonb_build_object('was', v_was));
end
$$;
comment on function amocrm.set_field(text, text, bigint) is 'Maps a value of leads to a field of the account, or takes the mapping away.';

create function public.amocrm_set_field(p_entity text, p_path text, p_field_id bigint) returns void
language sql set search_path = ''
begin atomic select amocrm.set_field(p_entity, p_path, p_field_id); end;
comment on function public.amocrm_set_field(text, text, bigint) is
  'Sets which field of the account takes a value of leads; null takes the mapping away, and the value goes into the note.';

revoke all on function amocrm.set_field(text, text, bigint), public.amocrm_set_field(text, text, bigint) from public, anon, authenticated;
grant execute on function amocrm.set_field(text, text, bigint), public.amocrm_set_field(text, text, bigint) to authenticated, service_role;
