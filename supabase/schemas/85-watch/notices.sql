-- What amocrm_health mentions although leads arrive, or have not come yet. A verdict would be too much: nothing is lost.

-- Few messages have warnings, and only these are in it, so that the last day's are counted without reading the others.
create index messages_with_warnings_idx on amocrm.outbox (queue, delivered_at) where state = 'delivered' and warnings <> '[]';

create function amocrm.content_notice() returns text
language plpgsql stable set search_path = ''
as $$
declare
  -- The index ends the search here: a year of warnings must cost no more than a day of them.
  v_since timestamptz := amocrm.clock() - interval '1 day';
begin
  return (
    select 'In the last day amoCRM refused a field or user of ' || count(*) || case count(*) when 1 then ' message' when 1000 then ' messages or more' else ' messages' end
      || ', which arrived without; the last one at ' || max(refused.delivered_at) || ': ' || (array_agg(refused.message order by refused.delivered_at desc))[1]
      || '. Is the field gone, or is the value not in its list? npm run amocrm -- doctor tells.'
    from (
      select outbox.delivered_at, (select warning.value ->> 'message' from jsonb_array_elements(outbox.warnings) as warning
        where warning.value ->> 'code' in ('field_refused', 'responsible_user_refused') limit 1) as message
      from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.state = 'delivered' and outbox.warnings <> '[]' and outbox.delivered_at > v_since
      order by outbox.delivered_at desc limit 1000) as refused
    where refused.message is not null having count(*) > 0);
end
$$;
comment on function amocrm.content_notice() is
  'Returns the notice of amocrm_health about recent leads that arrived without a value, because amoCRM lacks its field or user.';

create function amocrm.routes_notice() returns text
language sql stable set search_path = ''
as $$
  select 'amocrm_routes is empty: leads are saved and wait until npm run amocrm -- setup has said where they go.'
  where not exists (select from amocrm.routes where routes.account = amocrm.account())
$$;
comment on function amocrm.routes_notice() is
  'Returns the notice of amocrm_health that no route exists yet; once a lead waits for one, that is the verdict.';

create function amocrm.adoption_notice() returns text
language sql stable set search_path = ''
as $$
  select nullif(concat_ws(' ',
    (select string_agg(format('The trigger %s on %s (%s) copies leads to unified_lead_tracking as ours does: a copy without landing_lead_id is a second note in amoCRM. drop trigger %I on public.%I',
        foreign_triggers.trigger_name, foreign_triggers.table_name, foreign_triggers.function_name, foreign_triggers.trigger_name, foreign_triggers.table_name), '; ') || '.'
      from amocrm.foreign_triggers() where foreign_triggers.copies_leads),
    (select uncopied.detail || '.' from amocrm.uncopied_problem() as uncopied where uncopied.detail is not null)), '')
$$;
comment on function amocrm.adoption_notice() is
  'Returns the notice of amocrm_health about a trigger or column of the project that obstructs the copy of leads.';

create function amocrm.unreadable_notice() returns text
language sql stable set search_path = ''
as $$
  select 'In the last day amoCRM listed ' || max(told.dropped_count) || ' row' || case max(told.dropped_count) when 1 then '' else 's' end
    || ' without a usable id at ' || string_agg(distinct told.path, ', ' order by told.path)
    || ', which were left out: nothing of them is known here, and everybody else is delivered.'
  from (
    select requests.path, requests.dropped_count from amocrm.requests
    where requests.dropped_count > 0 and requests.at > amocrm.clock() - interval '1 day' order by requests.at desc limit 1000) as told
  having count(*) > 0
$$;
comment on function amocrm.unreadable_notice() is
  'Returns the notice of amocrm_health about rows in amoCRM''s lists that could not be read in the last day.';

revoke all on function amocrm.unreadable_notice() from public;
revoke all on function amocrm.content_notice(), amocrm.routes_notice(), amocrm.adoption_notice() from public;
