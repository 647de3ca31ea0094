-- Form limits changed by a signed-in admin, written down with what they were.

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

create function public.amocrm_change_form_limits(p_changes jsonb) returns void
language sql set search_path = ''
begin atomic select amocrm.change_form_limits(p_changes); end;
comment on function public.amocrm_change_form_limits(jsonb) is
  'Changes columns of amocrm_form_limits, {"flood_count": 500}; each change is a row of amocrm_actions.';

revoke all on function amocrm.change_form_limits(jsonb), public.amocrm_change_form_limits(jsonb) from public, anon, authenticated;
grant execute on function amocrm.change_form_limits(jsonb), public.amocrm_change_form_limits(jsonb) to authenticated, service_role;
