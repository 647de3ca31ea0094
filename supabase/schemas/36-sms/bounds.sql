-- No machine for writing to strangers: SMS cost money, and whoever fills in an open form names any number. Beyond the sums of an
-- hour and a day, or to a country that is not listed, an SMS is held, one alert tells of it, and a person lets it go.

create function amocrm.hold_sms(p_ids bigint[]) returns bigint[]
language plpgsql set search_path = ''
as $$
declare
  v_settings public.message_settings := (select message_settings from public.message_settings);
  v_now timestamptz := amocrm.clock();
  v_room int := least(
    v_settings.sms_per_hour - (select count(*) from amocrm.sms where sms.sent_at > v_now - interval '1 hour'),
    v_settings.sms_per_day - (select count(*) from amocrm.sms where sms.sent_at > v_now - interval '1 day'));
  v_abroad bigint[];
  v_beyond bigint[];
begin
  v_abroad := array(select claimed.id from amocrm.outbox as claimed join amocrm.sms on sms.message_id = claimed.id
    where claimed.queue = 'sms' and claimed.id = any (p_ids) and claimed.step is null and sms.released_at is null
      and not exists (select from unnest(v_settings.sms_countries) as country (code) where starts_with(claimed.phone_key, country.code)));
  v_beyond := array(select claimed.id from (
      select outbox.id, sms.released_at, count(*) filter (where outbox.step is null) over (order by outbox.id) as place
      from amocrm.outbox join amocrm.sms on sms.message_id = outbox.id
      where outbox.queue = 'sms' and outbox.id = any (p_ids) and outbox.id <> all (v_abroad) and outbox.step is null) as claimed
    where claimed.place > v_room and claimed.released_at is null);
  perform amocrm.hold_back(v_abroad, 'The number is of a country that message_settings.sms_countries does not list: held until a person releases or cancels it');
  perform amocrm.hold_back(v_beyond, 'More SMS than message_settings allows for an hour or a day: held until a person releases or cancels it');
  return array(select claimed.id from unnest(p_ids) with ordinality as claimed (id, place)
    where claimed.id <> all (v_abroad) and claimed.id <> all (v_beyond) order by claimed.place);
end
$$;
comment on function amocrm.hold_sms(bigint[]) is 'Holds claimed SMS that go beyond the sums or abroad, unless a person released them; returns the others.';

create function amocrm.hold_back(p_ids bigint[], p_message text) returns void
language plpgsql set search_path = ''
as $$
begin
  -- As good as for ever: only a person lets them go.
  perform amocrm.put_back('sms', p_ids, 'sms_held', p_message, amocrm.clock() + interval '100 years');
  perform amocrm.landed('sms', outbox.person_id) from amocrm.outbox where outbox.queue = 'sms' and outbox.id = any (p_ids);
end
$$;
comment on function amocrm.hold_back(bigint[], text) is 'Puts claimed SMS back until a person releases them.';

create function amocrm.held_sms() returns table (message_id bigint, kind text, subject_id uuid, reason text, held_since timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.require_reader();
  return query
  select outbox.id, outbox.kind, outbox.subject_id, outbox.last_error_message, outbox.created_at
  from amocrm.outbox
  where outbox.queue = 'sms' and outbox.state = 'pending' and not outbox.is_fresh and outbox.last_error_code = 'sms_held'
  order by outbox.id limit 10000;
end
$$;
comment on function amocrm.held_sms() is 'Returns the rows of sms_held.';

create view public.sms_held with (security_invoker = true) as
select message_id, kind, subject_id, reason, held_since from amocrm.held_sms();
comment on view public.sms_held is 'Which SMS are held because there are too many or their number is abroad? Stops at 10000.';

create function amocrm.release_sms(p_id bigint, p_cancel boolean) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[];
begin
  perform amocrm.require_admin();
  perform amocrm.lock_queue('sms');
  v_ids := array(select held.message_id from amocrm.held_sms() as held where p_id is null or held.message_id = p_id order by held.message_id);
  update amocrm.sms set released_at = amocrm.clock() where sms.message_id = any (v_ids);
  if p_cancel then
    perform amocrm.cancel(held.id) from unnest(v_ids) as held (id);
  else
    perform amocrm.wake('sms', v_ids);
    perform amocrm.ring('sms');
  end if;
  perform amocrm.note_action('release_sms', jsonb_build_object('id', p_id, 'cancel', p_cancel), jsonb_build_object('count', cardinality(v_ids)), v_ids);
  return cardinality(v_ids);
end
$$;
comment on function amocrm.release_sms(bigint, boolean) is 'Lets held SMS go or cancels them; returns how many.';

create function public.sms_release(p_id bigint default null, p_cancel boolean default false) returns int
language sql set search_path = ''
begin atomic select amocrm.release_sms(p_id, p_cancel); end;
comment on function public.sms_release(bigint, boolean) is 'Lets held SMS go, or cancels them, one or all; returns how many.';

revoke all on function amocrm.hold_sms(bigint[]), amocrm.hold_back(bigint[], text) from public;
revoke all on function amocrm.held_sms(), amocrm.release_sms(bigint, boolean), public.sms_release(bigint, boolean) from public, anon, authenticated;
grant execute on function amocrm.held_sms(), amocrm.release_sms(bigint, boolean), public.sms_release(bigint, boolean) to authenticated, service_role;
revoke all on public.sms_held from public, anon, authenticated, service_role;
grant select on public.sms_held to authenticated, service_role;
