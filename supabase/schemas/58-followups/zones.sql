-- The hours of people: whose zone it is, when the quiet hours end, and when a step is due. Zones are IANA names and never
-- offsets, so that both nights of the year in which clocks change come out right.

alter table public.unified_lead_tracking add column if not exists time_zone text;
alter table public.tripwire_users add column if not exists time_zone text;
comment on column public.unified_lead_tracking.time_zone is 'The person''s IANA time zone; null: metadata.time_zone of the form, the phone''s country, else message_settings.time_zone.';
comment on column public.tripwire_users.time_zone is 'The student''s IANA time zone; null: the phone''s country, else message_settings.time_zone.';

create table amocrm.zones_by_prefix (
  prefix text primary key,
  time_zone text not null,
  constraint prefix_is_digits check (prefix ~ '^[1-9][0-9]{0,5}$')
);
comment on table amocrm.zones_by_prefix is 'The time zone by the first digits of a phone, the longest fitting prefix; countries with one zone only.';
alter table amocrm.zones_by_prefix enable row level security;
revoke all on amocrm.zones_by_prefix from public, anon, authenticated, service_role;
grant select on amocrm.zones_by_prefix to service_role;
insert into amocrm.zones_by_prefix (prefix, time_zone) values
  ('76', 'Asia/Almaty'), ('77', 'Asia/Almaty'), ('374', 'Asia/Yerevan'), ('375', 'Europe/Minsk'), ('380', 'Europe/Kyiv'), ('373', 'Europe/Chisinau'),
  ('992', 'Asia/Dushanbe'), ('993', 'Asia/Ashgabat'), ('994', 'Asia/Baku'), ('995', 'Asia/Tbilisi'), ('996', 'Asia/Bishkek'), ('998', 'Asia/Tashkent'),
  ('30', 'Europe/Athens'), ('31', 'Europe/Amsterdam'), ('32', 'Europe/Brussels'), ('33', 'Europe/Paris'), ('36', 'Europe/Budapest'), ('39', 'Europe/Rome'),
  ('40', 'Europe/Bucharest'), ('41', 'Europe/Zurich'), ('420', 'Europe/Prague'), ('421', 'Europe/Bratislava'), ('43', 'Europe/Vienna'), ('44', 'Europe/London'),
  ('45', 'Europe/Copenhagen'), ('46', 'Europe/Stockholm'), ('47', 'Europe/Oslo'), ('48', 'Europe/Warsaw'), ('49', 'Europe/Berlin'), ('90', 'Europe/Istanbul'),
  ('353', 'Europe/Dublin'), ('357', 'Asia/Nicosia'), ('358', 'Europe/Helsinki'), ('359', 'Europe/Sofia'), ('370', 'Europe/Vilnius'), ('371', 'Europe/Riga'),
  ('372', 'Europe/Tallinn'), ('381', 'Europe/Belgrade'), ('971', 'Asia/Dubai'), ('972', 'Asia/Jerusalem'), ('82', 'Asia/Seoul'), ('81', 'Asia/Tokyo'), ('86', 'Asia/Shanghai');

create function amocrm.as_time_zone(p_name text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  -- By name only: an offset such as +05 would be right for half of the year.
  if p_name !~ '^([A-Z][A-Za-z_-]+(/[A-Za-z0-9_+-]+)+|UTC)$' then
    return null;
  end if;
  perform timestamptz 'epoch' at time zone p_name;
  return p_name;
exception when others then
  return null;
end
$$;
comment on function amocrm.as_time_zone(text) is 'Returns an IANA time zone that the server knows, else null.';

create function amocrm.zone_of(p_lead_id uuid, p_student_id uuid, p_phone_key text) returns text
language sql stable set search_path = ''
as $$
  select coalesce(
    (select amocrm.as_time_zone(student.time_zone) from public.tripwire_users as student where student.id = p_student_id),
    (select coalesce(amocrm.as_time_zone(lead.time_zone), amocrm.as_time_zone(lead.metadata ->> 'time_zone'))
      from public.unified_lead_tracking as lead where lead.id = p_lead_id),
    (select zones_by_prefix.time_zone from amocrm.zones_by_prefix
      where ltrim(p_phone_key, '+') like zones_by_prefix.prefix || '%' order by length(zones_by_prefix.prefix) desc limit 1),
    (select message_settings.time_zone from public.message_settings))
$$;
comment on function amocrm.zone_of(uuid, uuid, text) is 'Returns a person''s time zone: the own one, by the phone''s country, else the school''s.';

create function amocrm.due_local(p_at timestamptz, p_delay_minutes int, p_zone text) returns timestamp
language sql stable set search_path = ''
as $$ select p_at at time zone p_zone + make_interval(days => p_delay_minutes / 1440) $$;
comment on function amocrm.due_local(timestamptz, int, text) is 'Returns the local day and hour to which the exact rest of a delay is added: whole days keep the hour.';

create function amocrm.due_at(p_local timestamp, p_delay_minutes int, p_zone text) returns timestamptz
language sql stable set search_path = ''
-- A local hour that does not exist moves forward, one that comes twice is taken once: so Postgres reads them.
as $$ select p_local at time zone p_zone + make_interval(mins => p_delay_minutes % 1440) $$;
comment on function amocrm.due_at(timestamp, int, text) is 'Returns the instant at which a step is due, in a person''s zone.';

create function amocrm.quiet_ends(p_at timestamptz, p_zone text, p_from time, p_until time) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_local timestamp := p_at at time zone p_zone;
  v_time time := (p_at at time zone p_zone)::time;
  v_ends_at timestamptz;
begin
  if p_from is null or p_until is null or p_from = p_until
    or (case when p_from < p_until then v_time < p_from or v_time >= p_until else v_time < p_from and v_time >= p_until end) then
    return null;
  end if;
  v_ends_at := (v_local::date + case when v_time < p_until then 0 else 1 end + p_until) at time zone p_zone;
  -- In an hour that comes twice the end may lie behind us by the clock: then it is the second one.
  return case when v_ends_at > p_at then v_ends_at else p_at + interval '15 minutes' end;
end
$$;
comment on function amocrm.quiet_ends(timestamptz, text, time, time) is 'Returns when the quiet hours that hold at an instant end; null if it is not in them.';

revoke all on function amocrm.as_time_zone(text), amocrm.zone_of(uuid, uuid, text), amocrm.due_local(timestamptz, int, text),
  amocrm.due_at(timestamp, int, text), amocrm.quiet_ends(timestamptz, text, time, time) from public;
