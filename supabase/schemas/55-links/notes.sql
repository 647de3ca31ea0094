-- A wish: managers see in the deal that somebody clicked. Only people's clicks, each link once, and not before the neighbours had
-- their time to correct the verdict. A note starts nothing, and nothing else is started by a click.

create function amocrm.click_note(p_target text, p_channel text, p_clicked_at timestamptz) returns text
language sql stable set search_path = ''
as $$
  select case message_settings.language
    when 'ru' then format('Переход по ссылке «%s»%s: %s', p_target, case p_channel when 'mail' then ' из письма' when 'sms' then ' из SMS' else '' end, local.at)
    else format('Clicked the link "%s"%s: %s', p_target, case p_channel when 'mail' then ' in a mail' when 'sms' then ' in an SMS' else '' end, local.at) end
  from public.message_settings
  cross join lateral (select to_char(p_clicked_at at time zone message_settings.time_zone, 'DD.MM.YYYY HH24:MI') as at) as local
$$;
comment on function amocrm.click_note(text, text, timestamptz) is 'Returns the text of a note about a click, in the language and zone of message_settings.';

create function amocrm.note_clicks() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_since timestamptz := (select greatest(message_settings.click_notes_since, v_now - interval '6 hours') from public.message_settings
    where message_settings.click_notes_since is not null);
  v_click record;
  v_count int := 0;
begin
  if v_since is null then
    return 0;
  end if;
  for v_click in
    select link.code, coalesce(link.target_name, link.target_url) as target, link.channel, link.lead_id, link.student_id, first.clicked_at
    from (
      select link_clicks.code, min(link_clicks.clicked_at) as clicked_at from public.link_clicks
      where link_clicks.clicked_at >= v_since and link_clicks.clicked_at < v_now - interval '2 minutes' and link_clicks.verdict = 'human'
      group by link_clicks.code) as first
    join public.short_links as link on link.code = first.code and not link.is_trap
    where not exists (select from amocrm.tells where tells.key_hash = pg_catalog.sha256(convert_to('click ' || link.code, 'UTF8')) and tells.account = amocrm.account())
      -- Who has no deal and gets none leaves nothing to write on.
      and (exists (select from amocrm.links where links.subject_table in ('unified_lead_tracking', 'tripwire_users')
          and links.subject_id in (link.lead_id, link.student_id) and links.object = 'deal' and links.account = amocrm.account())
        or exists (select from amocrm.outbox where outbox.queue = amocrm.account() and outbox.subject_id in (link.lead_id, link.student_id)
          and outbox.kind in ('lead.created', 'student.created') and outbox.state in ('pending', 'leased', 'uncertain')))
      and (exists (select from public.unified_lead_tracking as lead where lead.id = link.lead_id)
        or exists (select from public.tripwire_users as student where student.id = link.student_id))
    order by first.clicked_at, link.code limit 500
  loop
    perform public.amocrm_tell(
      case when v_click.lead_id is null then jsonb_build_object('student_id', v_click.student_id) else jsonb_build_object('lead_id', v_click.lead_id) end,
      'deal.note', jsonb_build_object('text', amocrm.click_note(v_click.target, v_click.channel, v_click.clicked_at)), 'click ' || v_click.code);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.note_clicks() is 'Writes people''s clicks as notes on their deals if message_settings wishes it; returns how many.';

revoke all on function amocrm.click_note(text, text, timestamptz), amocrm.note_clicks() from public;
select amocrm.schedule_job('amocrm-click-notes', '* * * * *', 'select amocrm.note_clicks()');
