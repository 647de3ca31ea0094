-- Settings changed by a signed-in admin: checked before they are saved, and written down with what they were.

create function amocrm.change_settings(p_changes jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_was jsonb;
  v_names text[] := array(select jsonb_object_keys(p_changes));
begin
  perform amocrm.require_admin();
  if v_names = '{}' or not v_names <@ '{min_interval_ms,batch_size,patch_batch_size,max_attempts,pull_interval_seconds,allow_stage_backwards,keep_delivered_days,keep_requests_days}' then
    raise exception 'p_changes names no setting, or one that is none' using errcode = '22023', hint = 'The settings are the columns of amocrm_settings.';
  end if;
  select to_jsonb(amocrm_settings) into v_was from public.amocrm_settings for update;
  update public.amocrm_settings set (min_interval_ms, batch_size, patch_batch_size, max_attempts, pull_interval_seconds, allow_stage_backwards, keep_delivered_days, keep_requests_days) = (
    select wanted.min_interval_ms, wanted.batch_size, wanted.patch_batch_size, wanted.max_attempts, wanted.pull_interval_seconds, wanted.allow_stage_backwards,
      wanted.keep_delivered_days, wanted.keep_requests_days
    from jsonb_populate_record(null::public.amocrm_settings, v_was || p_changes) as wanted)
  where amocrm_settings.is_the_only_row;
  perform amocrm.note_action('change_settings', p_changes, jsonb_build_object('was',
    (select jsonb_object_agg(was.key, was.value) from jsonb_each(v_was) as was where was.key = any (v_names))));
end
$$;
comment on function amocrm.change_settings(jsonb) is 'Changes columns of amocrm_settings; the checks of the table decide what is sound.';

create function amocrm.check_place(p_pipeline_id bigint, p_status_id bigint) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if not exists (select from amocrm.pipelines where pipelines.account = amocrm.account() and pipelines.pipeline_id = p_pipeline_id
    and (p_status_id is null or pipelines.stages @> jsonb_build_array(jsonb_build_object('id', p_status_id)))) then
    raise exception 'amoCRM has no stage % in pipeline %', coalesce(p_status_id::text, '*'), coalesce(p_pipeline_id::text, 'null') using errcode = '22023',
      hint = 'npm run amocrm -- pipelines lists them.';
  end if;
end
$$;
comment on function amocrm.check_place(bigint, bigint) is 'Raises 22023 if the account has no such pipeline, or no such stage in it.';

create function amocrm.set_route(p_source text, p_pipeline_id bigint, p_status_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_was jsonb;
begin
  perform amocrm.require_admin();
  if amocrm.trimmed(p_source) is null or length(p_source) > 200 then
    raise exception 'p_source is missing or longer than 200 characters' using errcode = '22023';
  end if;
  perform amocrm.check_place(p_pipeline_id, p_status_id);
  select jsonb_build_object('pipeline_id', amocrm_routes.pipeline_id, 'status_id', amocrm_routes.status_id) into v_was
  from public.amocrm_routes where amocrm_routes.source = amocrm.trimmed(p_source);
  insert into public.amocrm_routes (source, pipeline_id, status_id) values (amocrm.trimmed(p_source), p_pipeline_id, p_status_id)
  on conflict (source) do update set pipeline_id = excluded.pipeline_id, status_id = excluded.status_id;
  perform amocrm.note_action('set_route', jsonb_build_object('source', amocrm.trimmed(p_source), 'pipeline_id', p_pipeline_id, 'status_id', p_status_id), coalesce(v_was, '{}'));
end
$$;
comment on function amocrm.set_route(text, bigint, bigint) is 'Sets pipeline and stage of a route, which is made if it is not there; its other columns stay.';

create function amocrm.set_stage(p_event text, p_pipeline_id bigint, p_status_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_was jsonb;
begin
  perform amocrm.require_admin();
  if p_event !~ '^(student\.created|certificate\.issued|lesson\.\d{1,9})$' or p_event is null then
    raise exception 'p_event is %, must be student.created, lesson.<id> or certificate.issued', coalesce(p_event, 'null') using errcode = '22023';
  end if;
  perform amocrm.check_place(p_pipeline_id, coalesce(p_status_id, 0));
  select jsonb_build_object('pipeline_id', amocrm_stages.pipeline_id, 'status_id', amocrm_stages.status_id) into v_was from public.amocrm_stages where amocrm_stages.event = p_event;
  insert into public.amocrm_stages (event, pipeline_id, status_id) values (p_event, p_pipeline_id, p_status_id)
  on conflict (event) do update set pipeline_id = excluded.pipeline_id, status_id = excluded.status_id;
  perform amocrm.note_action('set_stage', jsonb_build_object('event', p_event, 'pipeline_id', p_pipeline_id, 'status_id', p_status_id), coalesce(v_was, '{}'));
end
$$;
comment on function amocrm.set_stage(text, bigint, bigint) is 'Sets the stage that an event of the school moves the deal to.';

create function public.amocrm_change_settings(p_changes jsonb) returns void
language sql set search_path = ''
begin atomic select amocrm.change_settings(p_changes); end;
comment on function public.amocrm_change_settings(jsonb) is 'Changes columns of amocrm_settings, {"min_interval_ms": 2000}; each change is a row of amocrm_actions.';

create function public.amocrm_set_route(p_source text, p_pipeline_id bigint, p_status_id bigint default null) returns void
language sql set search_path = ''
begin atomic select amocrm.set_route(p_source, p_pipeline_id, p_status_id); end;
comment on function public.amocrm_set_route(text, bigint, bigint) is
  'Sets where leads of a source go; the pipeline and stage must be the account''s. Waiting leads follow by themselves.';

create function public.amocrm_set_stage(p_event text, p_pipeline_id bigint, p_status_id bigint) returns void
language sql set search_path = ''
begin atomic select amocrm.set_stage(p_event, p_pipeline_id, p_status_id); end;
comment on function public.amocrm_set_stage(text, bigint, bigint) is 'Sets the stage that an event of the school moves the deal to; it must be the account''s.';

revoke all on function amocrm.check_place(bigint, bigint) from public;
revoke all on function amocrm.change_settings(jsonb), amocrm.set_route(text, bigint, bigint), amocrm.set_stage(text, bigint, bigint),
  public.amocrm_change_settings(jsonb), public.amocrm_set_route(text, bigint, bigint), public.amocrm_set_stage(text, bigint, bigint) from public, anon, authenticated;
grant execute on function amocrm.change_settings(jsonb), amocrm.set_route(text, bigint, bigint), amocrm.set_stage(text, bigint, bigint),
  public.amocrm_change_settings(jsonb), public.amocrm_set_route(text, bigint, bigint), public.amocrm_set_stage(text, bigint, bigint) to authenticated, service_role;
