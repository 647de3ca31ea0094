-- Steps and texts of sequences changed by a signed-in admin, written down with what they were.

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

create function public.followup_change_step(p_sequence text, p_step text, p_changes jsonb) returns void
language sql set search_path = ''
begin atomic select amocrm.change_step(p_sequence, p_step, p_changes); end;
comment on function public.followup_change_step(text, text, jsonb) is
  'Changes a step, {"is_on", "delay_minutes", "max_delay_minutes", "source", "template_code"}; those inside keep their version.';

create function public.followup_change_text(p_code text, p_channel text, p_language text, p_subject text, p_body text) returns void
language sql set search_path = ''
begin atomic select amocrm.change_text(p_code, p_channel, p_language, p_subject, p_body); end;
comment on function public.followup_change_text(text, text, text, text, text) is 'Changes subject and body of a text; placeholders that nobody could fill are refused.';

revoke all on function amocrm.change_step(text, text, jsonb), public.followup_change_step(text, text, jsonb) from public, anon, authenticated;
grant execute on function amocrm.change_step(text, text, jsonb), public.followup_change_step(text, text, jsonb) to authenticated, service_role;
revoke all on function amocrm.change_text(text, text, text, text, text), public.followup_change_text(text, text, text, text, text) from public, anon, authenticated;
grant execute on function amocrm.change_text(text, text, text, text, text), public.followup_change_text(text, text, text, text, text) to authenticated, service_role;
