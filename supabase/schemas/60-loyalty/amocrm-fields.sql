-- Tier, balance and segment as fields of the contact in amoCRM, for those whom amoCRM knows already: each night what has changed
-- since it was told last, so at most once a day.

create table amocrm.loyalty_told (
  member_id uuid primary key,
  told jsonb not null,
  told_at timestamptz not null
);
comment on table amocrm.loyalty_told is 'The values of each person that went to amoCRM last, by their names.';
alter table amocrm.loyalty_told enable row level security;
revoke all on amocrm.loyalty_told from public, anon, authenticated, service_role;
grant select on amocrm.loyalty_told to service_role;

create function amocrm.check_loyalty_fields() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if exists (select from jsonb_each_text(new.amocrm_fields) as field (name, id)
    where field.name not in ('tier', 'balance', 'segment') or coalesce(field.id, '') !~ '^[1-9][0-9]{0,15}$') then
    raise exception 'amocrm_fields takes the ids of fields for tier, balance and segment' using errcode = '22023';
  end if;
  return new;
end
$$;
comment on function amocrm.check_loyalty_fields() is 'Refuses fields that are not tier, balance or segment, or have no id of a field.';
create trigger check_loyalty_fields before insert or update of amocrm_fields on public.loyalty_settings
  for each row execute function amocrm.check_loyalty_fields();

create function amocrm.loyalty_values(p_root uuid, p_fields jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(jsonb_object_agg(field.name, case field.name when 'tier' then to_jsonb(amocrm.current_tier(p_root))
    when 'balance' then to_jsonb(amocrm.loyalty_balance_of(p_root))
    else coalesce((select to_jsonb(loyalty_rfm.segment) from public.loyalty_rfm where loyalty_rfm.member_id = p_root), 'null') end), '{}')
  from jsonb_object_keys(p_fields) as field (name));
end
$$;
comment on function amocrm.loyalty_values(uuid, jsonb) is 'Returns what amoCRM is to know of a person, {tier, balance, segment}, as far as it has fields.';

create function amocrm.tell_loyalty(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_fields jsonb := (select loyalty_settings.amocrm_fields from public.loyalty_settings);
  v_zone text := (select loyalty_settings.time_zone from public.loyalty_settings);
  v_member record;
  v_count int := 0;
begin
  if v_fields = '{}' then
    return 0;
  end if;
  for v_member in
    select known.root_id, known.to_whom, now.values, coalesce(before.told, '{}') as told
    from (
      -- By the e-mail if amoCRM has it, else by the phone: nobody is made a contact for this.
      select distinct on (member.root_id) member.root_id, jsonb_build_object(identity.provider, identity.external_id) as to_whom
      from public.loyalty_members as member join public.loyalty_identities as identity on identity.member_id = member.id and identity.provider in ('email', 'phone')
      where exists (select from amocrm.contact_keys where contact_keys.type = identity.provider and contact_keys.key = identity.external_id
        and contact_keys.account = amocrm.account())
      order by member.root_id, identity.provider, identity.id) as known
    left join amocrm.loyalty_told as before on before.member_id = known.root_id
    cross join lateral (select amocrm.loyalty_values(known.root_id, v_fields) as values) as now
    where now.values is distinct from before.told
      and (before.told_at is null or (before.told_at at time zone v_zone)::date < (amocrm.clock() at time zone v_zone)::date)
    order by before.told_at nulls first, known.root_id limit p_limit
  loop
    begin
      perform public.amocrm_tell(v_member.to_whom, 'contact.fields', jsonb_build_object('values', (
        select jsonb_object_agg(v_fields ->> changed.name, changed.value) from jsonb_each(v_member.values) as changed (name, value)
        where changed.value is distinct from v_member.told -> changed.name)));
      insert into amocrm.loyalty_told (member_id, told, told_at) values (v_member.root_id, v_member.values, amocrm.clock())
      on conflict (member_id) do update set told = excluded.told, told_at = excluded.told_at;
      v_count := v_count + 1;
    exception when others then
      -- One whom nobody can tell of must not stop the night's work.
      raise warning 'member % was not told to amoCRM: %', v_member.root_id, sqlstate;
    end;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.tell_loyalty(int) is
  'Sends amoCRM what has changed of up to p_limit people whom it knows, if fields are named; returns how many.';

revoke all on function amocrm.check_loyalty_fields(), amocrm.loyalty_values(uuid, jsonb), amocrm.tell_loyalty(int) from public;
