-- Settings beside the pace, changed by a signed-in admin: fields, form limits, mails and sequences. Checked before they are saved,
-- by the checks of their tables and here, and written down with what they were.

create function amocrm.check_changes(p_changes jsonb, p_names text[]) returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if jsonb_typeof(p_changes) is distinct from 'object' or p_changes = '{}' or not array(select jsonb_object_keys(p_changes)) <@ p_names then
    raise exception 'p_changes names no setting, or one that is none' using errcode = '22023', hint = 'It takes ' || array_to_string(p_names, ', ') || '.';
  end if;
end
$$;
comment on function amocrm.check_changes(jsonb, text[]) is 'Raises 22023 unless changes are an object of some of these names.';

create function amocrm.only_keys(p_row jsonb, p_changes jsonb) returns jsonb
language sql immutable set search_path = ''
as $$ select jsonb_object_agg(member.key, member.value) from jsonb_each(p_row) as member where p_changes ? member.key $$;
comment on function amocrm.only_keys(jsonb, jsonb) is 'Returns those members of a row that changes name.';

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

create function amocrm.change_form_limits(p_changes jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_was jsonb;
begin
  perform amocrm.require_admin();
  perform amocrm.check_changes(p_changes,
    '{is_enabled,per_address_count,per_address_seconds,fair_count,total_count,flood_count,total_seconds,rows_per_request,quarantine_mb,has_honeypot,requires_captcha}');
  select to_jsonb(amocrm_form_limits) into v_was from public.amocrm_form_limits for update;
  update public.amocrm_form_limits set (is_enabled, per_address_count, per_address_seconds, fair_count, total_count, flood_count, total_seconds, rows_per_request,
    quarantine_mb, has_honeypot, requires_captcha) = (
    select wanted.is_enabled, wanted.per_address_count, wanted.per_address_seconds, wanted.fair_count, wanted.total_count, wanted.flood_count,
      wanted.total_seconds, wanted.rows_per_request, wanted.quarantine_mb, wanted.has_honeypot, wanted.requires_captcha
    from jsonb_populate_record(null::public.amocrm_form_limits, v_was || p_changes) as wanted)
  where amocrm_form_limits.is_the_only_row;
  perform amocrm.note_action('change_form_limits', p_changes, jsonb_build_object('was', amocrm.only_keys(v_was, p_changes)));
end
$$;
comment on function amocrm.change_form_limits(jsonb) is 'Changes columns of amocrm_form_limits; the checks of the table decide what is sound.';

create function amocrm.change_message_settings(p_changes jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_was jsonb;
begin
  perform amocrm.require_admin();
  perform amocrm.check_changes(p_changes, '{language,course_name,alert_language,time_zone,quiet_from,quiet_until,sms_quiet_from,sms_quiet_until,daily_cap,weekly_cap,requires_consent,mails_per_hour,sms_per_hour,sms_per_day}');
  select to_jsonb(message_settings) into v_was from public.message_settings for update;
  update public.message_settings set (language, course_name, alert_language, time_zone, quiet_from, quiet_until, sms_quiet_from, sms_quiet_until, daily_cap,
    weekly_cap, requires_consent, mails_per_hour, sms_per_hour, sms_per_day) = (
    select wanted.language, wanted.course_name, wanted.alert_language, wanted.time_zone, wanted.quiet_from, wanted.quiet_until, wanted.sms_quiet_from,
      wanted.sms_quiet_until, wanted.daily_cap, wanted.weekly_cap, wanted.requires_consent, wanted.mails_per_hour, wanted.sms_per_hour, wanted.sms_per_day
    from jsonb_populate_record(null::public.message_settings, v_was || p_changes) as wanted)
  where message_settings.is_the_only_row;
  perform amocrm.note_action('change_message_settings', p_changes, jsonb_build_object('was', amocrm.only_keys(v_was, p_changes)));
end
$$;
comment on function amocrm.change_message_settings(jsonb) is 'Changes columns of message_settings; the checks of the table decide what is sound.';

create function amocrm.change_step(p_sequence text, p_step text, p_changes jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_was jsonb;
  v_step public.followup_steps;
begin
  perform amocrm.require_admin();
  perform amocrm.check_changes(p_changes, '{is_on,delay_minutes,max_delay_minutes,source,template_code}');
  perform amocrm.lock_followups();
  select * into v_step from public.followup_steps where followup_steps.sequence = p_sequence and followup_steps.step = p_step
    and followup_steps.version = amocrm.newest_version(p_sequence);
  if v_step.step is null then
    raise exception 'there is no step % of a sequence %', coalesce(p_step, 'null'), coalesce(p_sequence, 'null') using errcode = '22023';
  end if;
  v_was := to_jsonb(v_step);
  v_step := jsonb_populate_record(v_step, p_changes);
  if v_step.is_on and not exists (select from public.followup_templates
    where followup_templates.code = v_step.template_code and followup_templates.channel = v_step.channel) then
    raise exception 'there is no text % for the channel %', v_step.template_code, v_step.channel using errcode = '22023';
  end if;
  update public.followup_steps set is_on = v_step.is_on, delay_minutes = v_step.delay_minutes, max_delay_minutes = v_step.max_delay_minutes,
    source = v_step.source, template_code = v_step.template_code
  where followup_steps.sequence = p_sequence and followup_steps.step = p_step and followup_steps.version = v_step.version;
  perform amocrm.note_action('followup_change_step', jsonb_build_object('sequence', p_sequence, 'step', p_step, 'changes', p_changes),
    jsonb_build_object('was', amocrm.only_keys(v_was, p_changes)));
end
$$;
comment on function amocrm.change_step(text, text, jsonb) is 'Changes a step of the newest version of a sequence; with people inside, their version stays as it was.';

create function amocrm.change_text(p_code text, p_channel text, p_language text, p_subject text, p_body text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_was jsonb;
begin
  perform amocrm.require_admin();
  select to_jsonb(known) - '{created_at,updated_at}'::text[] into v_was from public.followup_templates as known
  where known.code = p_code and known.channel = p_channel and known.language = p_language;
  if v_was is null then
    raise exception 'there is no text % for the channel %', coalesce(p_code, 'null'), coalesce(p_channel, 'null') using errcode = '22023';
  end if;
  update public.followup_templates set subject = amocrm.trimmed(p_subject), body = p_body
  where followup_templates.code = p_code and followup_templates.channel = p_channel and followup_templates.language = p_language;
  perform amocrm.note_action('followup_change_text', jsonb_build_object('code', p_code, 'channel', p_channel, 'language', p_language,
    'subject', p_subject, 'body', p_body), jsonb_build_object('was', v_was));
end
$$;
comment on function amocrm.change_text(text, text, text, text, text) is 'Changes a text of sequences; what nobody could fill in is refused.';

create function public.amocrm_set_field(p_entity text, p_path text, p_field_id bigint) returns void
language sql set search_path = ''
begin atomic select amocrm.set_field(p_entity, p_path, p_field_id); end;
comment on function public.amocrm_set_field(text, text, bigint) is
  'Sets which field of the account takes a value of leads; null takes the mapping away, and the value goes into the note.';

create function public.amocrm_change_form_limits(p_changes jsonb) returns void
language sql set search_path = ''
begin atomic select amocrm.change_form_limits(p_changes); end;
comment on function public.amocrm_change_form_limits(jsonb) is
  'Changes columns of amocrm_form_limits, {"flood_count": 500}; each change is a row of amocrm_actions.';

create function public.message_change_settings(p_changes jsonb) returns void
language sql set search_path = ''
begin atomic select amocrm.change_message_settings(p_changes); end;
comment on function public.message_change_settings(jsonb) is
  'Changes languages, quiet hours, caps and consent in message_settings, {"daily_cap": 1}; each change is a row of amocrm_actions.';

create function public.followup_change_step(p_sequence text, p_step text, p_changes jsonb) returns void
language sql set search_path = ''
begin atomic select amocrm.change_step(p_sequence, p_step, p_changes); end;
comment on function public.followup_change_step(text, text, jsonb) is
  'Changes a step, {"is_on", "delay_minutes", "max_delay_minutes", "source", "template_code"}; those inside keep their version.';

create function public.followup_change_text(p_code text, p_channel text, p_language text, p_subject text, p_body text) returns void
language sql set search_path = ''
begin atomic select amocrm.change_text(p_code, p_channel, p_language, p_subject, p_body); end;
comment on function public.followup_change_text(text, text, text, text, text) is 'Changes subject and body of a text; placeholders that nobody could fill are refused.';

revoke all on function amocrm.check_changes(jsonb, text[]), amocrm.only_keys(jsonb, jsonb) from public;
revoke all on function amocrm.set_field(text, text, bigint), amocrm.change_form_limits(jsonb), amocrm.change_message_settings(jsonb), amocrm.change_step(text, text, jsonb),
  amocrm.change_text(text, text, text, text, text), public.amocrm_set_field(text, text, bigint), public.amocrm_change_form_limits(jsonb),
  public.message_change_settings(jsonb), public.followup_change_step(text, text, jsonb), public.followup_change_text(text, text, text, text, text)
  from public, anon, authenticated;
grant execute on function amocrm.set_field(text, text, bigint), amocrm.change_form_limits(jsonb), amocrm.change_message_settings(jsonb), amocrm.change_step(text, text, jsonb),
  amocrm.change_text(text, text, text, text, text), public.amocrm_set_field(text, text, bigint), public.amocrm_change_form_limits(jsonb),
  public.message_change_settings(jsonb), public.followup_change_step(text, text, jsonb), public.followup_change_text(text, text, text, text, text)
  to authenticated, service_role;
