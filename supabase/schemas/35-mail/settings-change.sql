-- Settings of mails and SMS changed by a signed-in admin, written down with what they were.

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

create function public.message_change_settings(p_changes jsonb) returns void
language sql set search_path = ''
begin atomic select amocrm.change_message_settings(p_changes); end;
comment on function public.message_change_settings(jsonb) is
  'Changes languages, quiet hours, caps and consent in message_settings, {"daily_cap": 1}; each change is a row of amocrm_actions.';

revoke all on function amocrm.change_message_settings(jsonb), public.message_change_settings(jsonb) from public, anon, authenticated;
grant execute on function amocrm.change_message_settings(jsonb), public.message_change_settings(jsonb) to authenticated, service_role;
