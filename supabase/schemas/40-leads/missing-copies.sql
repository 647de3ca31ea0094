-- Submissions that came while their trigger was off are copied on request.

create function amocrm.copy_missing_leads(p_since timestamptz) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  perform amocrm.require_admin();
  -- Through the list of what was left out, so that one submission that is refused holds up none of the others.
  insert into amocrm.uncopied_leads (landing_lead_id, error_code)
  select landing.id, 'no_trigger' from public.landing_leads as landing
  where landing.created_at >= greatest(coalesce(p_since, amocrm.clock() - interval '1 day'), (select installation.installed_at from amocrm.installation))
    and not exists (select from public.unified_lead_tracking as lead where lead.landing_lead_id = landing.id)
  order by landing.created_at limit 1000
  on conflict (landing_lead_id) do nothing;
  v_count := amocrm.copy_left_out();
  perform amocrm.note_action('copy_missing_leads', jsonb_build_object('since', p_since), jsonb_build_object('count', v_count));
  return v_count;
end
$$;
comment on function amocrm.copy_missing_leads(timestamptz) is
  'Copies missing leads for amocrm_copy_missing_leads, for admins and service_role.';

create function public.amocrm_copy_missing_leads(p_since timestamptz default null) returns int
language sql set search_path = ''
begin atomic select amocrm.copy_missing_leads(p_since); end;
comment on function public.amocrm_copy_missing_leads(timestamptz) is
  'Copies up to 1000 submissions since a moment that have no lead, also of leads deleted since; returns how many.';
revoke all on function amocrm.copy_missing_leads(timestamptz), public.amocrm_copy_missing_leads(timestamptz) from public, anon, authenticated;
grant execute on function amocrm.copy_missing_leads(timestamptz), public.amocrm_copy_missing_leads(timestamptz) to authenticated, service_role;
