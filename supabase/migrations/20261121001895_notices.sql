-- What amocrm_health mentions although leads arrive, or have not come yet. A verdict would be too much: nothing is lost.

-- Few messages have warnings, and only these are in it, so that the last day's are counted without reading the others.
create index messages_with_warnings_idx on amocrm.outbox (queue, delivered_at) where state = 'delivered' and warnings <> '[]';

create function amocrm.content_notice() returns text
language plpgsql stable set search_path = ''
as $$
declare
  -- A value, and not the call, so that the index ends the search: a year of warnings must cost no more than a day of them.
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
  'The notice of amocrm_health: leads of the last day that arrived without something, because a field or user of ours is not amoCRM''s.';

create function amocrm.routes_notice() returns text
language sql stable set search_path = ''
as $$
  select 'amocrm_routes is empty: leads are saved and wait until npm run amocrm -- setup has said where they go.'
  where not exists (select from public.amocrm_routes)
$$;
comment on function amocrm.routes_notice() is 'The notice of amocrm_health: nobody has said yet where leads go. Once one waits, that is the verdict.';

revoke all on function amocrm.content_notice(), amocrm.routes_notice() from public;
