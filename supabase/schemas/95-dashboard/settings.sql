-- What is set, with the account's own names beside its ids.

create function amocrm.settings_shown() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return jsonb_build_object(
    'settings', (select to_jsonb(amocrm_settings) - 'is_the_only_row' from public.amocrm_settings),
    'limits', (select to_jsonb(amocrm_form_limits) - 'is_the_only_row' from public.amocrm_form_limits),
    'routes', (select coalesce(jsonb_agg(to_jsonb(amocrm_routes) - 'account' order by amocrm_routes.source = '*', amocrm_routes.source), '[]') from public.amocrm_routes),
    'stages', (select coalesce(jsonb_agg(to_jsonb(amocrm_stages) - 'account' order by amocrm_stages.event), '[]') from public.amocrm_stages),
    'fields', (select coalesce(jsonb_agg(to_jsonb(amocrm_fields) - 'account' order by amocrm_fields.entity, amocrm_fields.path), '[]') from public.amocrm_fields),
    'custom_fields', (select coalesce(jsonb_object_agg(known.entity, (
        select coalesce(jsonb_agg(jsonb_build_object('id', field.value -> 'id', 'name', field.value -> 'name') order by field.value ->> 'name'), '[]')
        from jsonb_array_elements(known.fields) as field)), '{}')
      from amocrm.custom_fields as known where known.account = amocrm.account()),
    'message_settings', (select to_jsonb(message_settings) - 'is_the_only_row' from public.message_settings),
    'sequences', (select coalesce(jsonb_agg(jsonb_build_object('sequence', known.sequence, 'is_paused', known.paused_at is not null,
        'inside_count', (select count(*) from (select from amocrm.followup_entries as entry where entry.sequence = known.sequence and entry.ended_at is null limit 10000) as inside))
        order by known.sequence), '[]')
      from amocrm.followup_sequences as known),
    'steps', (select coalesce(jsonb_agg(to_jsonb(newest) - '{created_at,filter}'::text[] order by newest.sequence, newest.delay_minutes, newest.step), '[]')
      from public.followup_steps as newest where newest.version = amocrm.newest_version(newest.sequence)),
    'texts', (select coalesce(jsonb_agg(to_jsonb(template) - '{created_at,updated_at}'::text[] order by template.code, template.channel, template.language), '[]')
      from public.followup_templates as template),
    'pipelines', (select coalesce(jsonb_agg(jsonb_build_object('id', pipelines.pipeline_id, 'name', pipelines.name, 'is_main', pipelines.is_main, 'read_at', pipelines.read_at,
        'stages', (select coalesce(jsonb_agg(jsonb_build_object('id', stage.value -> 'id', 'name', stage.value -> 'name') order by (stage.value ->> 'sort')::int), '[]')
          from jsonb_array_elements(pipelines.stages) as stage)) order by pipelines.sort, pipelines.pipeline_id), '[]')
      from amocrm.pipelines where pipelines.account = amocrm.account() and not pipelines.is_archive),
    'sources', (select coalesce(jsonb_agg(named.source order by named.source), '[]') from (
      select distinct lead.source from (select unified_lead_tracking.source from public.unified_lead_tracking
        order by unified_lead_tracking.created_at desc limit 5000) as lead where lead.source is not null limit 100) as named));
end
$$;
comment on function amocrm.settings_shown() is 'Returns what amocrm_settings_now returns.';

create function public.amocrm_settings_now() returns jsonb
language sql stable set search_path = ''
begin atomic select amocrm.settings_shown(); end;
comment on function public.amocrm_settings_now() is
  'Returns all settings, form limits, routes, stages, fields and sequences, with the account''s own names and the sources of recent leads.';

revoke all on function amocrm.settings_shown(), public.amocrm_settings_now() from public, anon, authenticated;
grant execute on function amocrm.settings_shown(), public.amocrm_settings_now() to authenticated, service_role;
