-- Alerts, fourth: how the two addresses of the second road get into Vault, and what may be told of them afterwards: the host,
-- since the rest of such an address is often a token.

create function amocrm.put_road(p_name text, p_url text, p_description text) returns text
language plpgsql set search_path = ''
as $$
declare
  v_url text := amocrm.trimmed(p_url);
begin
  if v_url is null then
    delete from vault.secrets where secrets.name = p_name;
    return case when found then 'done' else 'unchanged' end;
  end if;
  -- The value stays out of the message: such addresses carry tokens.
  if length(v_url) > 2000 or v_url !~* '^(https://[^\s/?#@]+|http://(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?)([/?][^\s#]*)?$' then
    raise exception '% is not an https URL', p_name using errcode = '22023',
      hint = 'It looks like https://hooks.example/…; http is for this machine only. An empty one is taken away.';
  end if;
  return case when amocrm.put_secret(p_name, v_url, p_description) then 'done' else 'unchanged' end;
end
$$;
comment on function amocrm.put_road(text, text, text) is
  'Stores an alert address in Vault, or removes it if empty; returns done or unchanged. Owner only.';

create function public.amocrm_alert_roads() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_agg(jsonb_build_object('name', roads.name, 'host', amocrm.road_host(roads.name),
    'problem', amocrm.road_problem(roads.name, roads.request_id, roads.queued_at)) order by roads.name)
  from amocrm.watch_control cross join lateral (values
    ('amocrm_alert_url', watch_control.alert_request_id, watch_control.alert_request_at),
    ('amocrm_dead_man_url', watch_control.ping_request_id, watch_control.ping_at)) as roads (name, request_id, queued_at)
$$;
comment on function public.amocrm_alert_roads() is
  'Returns host and defect of the two alert addresses; a null host means that none is set.';

create function public.amocrm_set_alert_roads(p_alert_url text, p_dead_man_url text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_outcomes jsonb := '{}';
begin
  -- One at a time, as amocrm_set_vault.
  perform from public.amocrm_settings for update;
  if p_alert_url is not null then
    v_outcomes := v_outcomes || jsonb_build_object('alert_url',
      amocrm.put_road('amocrm_alert_url', p_alert_url, 'Where the database posts {"text"} when an alert cannot go by mail'));
    if v_outcomes ->> 'alert_url' = 'done' then
      -- A mistyped address would else be found out by the incident that nobody hears of.
      update amocrm.watch_control set alert_request_id = amocrm.post_text(amocrm.in_the_admins_languages(
          'amoCRM: a test. Critical alerts come here when mail cannot carry them',
          'amoCRM: проверка. Сюда приходят критичные оповещения, если их не может доставить почта')),
        alert_request_at = amocrm.clock()
      where watch_control.is_the_only_row;
    end if;
  end if;
  if p_dead_man_url is not null then
    v_outcomes := v_outcomes || jsonb_build_object('dead_man_url',
      amocrm.put_road('amocrm_dead_man_url', p_dead_man_url, 'What the database calls each five minutes while all is well'));
    if v_outcomes ->> 'dead_man_url' = 'done' then
      -- The next look calls it.
      update amocrm.watch_control set ping_at = null, ping_request_id = null where watch_control.is_the_only_row;
    end if;
  end if;
  perform amocrm.note_action('set_alert_roads',
    jsonb_build_object('alert_host', amocrm.road_host('amocrm_alert_url'), 'dead_man_host', amocrm.road_host('amocrm_dead_man_url')), v_outcomes);
  return v_outcomes;
end
$$;
comment on function public.amocrm_set_alert_roads(text, text) is
  'Stores amocrm_alert_url, which gets a test post, and amocrm_dead_man_url; null keeps one, empty removes it. Returns done or unchanged.';

revoke all on function amocrm.put_road(text, text, text) from public;
revoke all on function public.amocrm_alert_roads(), public.amocrm_set_alert_roads(text, text) from public, anon, authenticated;
grant execute on function public.amocrm_alert_roads(), public.amocrm_set_alert_roads(text, text) to service_role;
