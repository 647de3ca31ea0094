-- Statement-level triggers append messages in the transaction of the row they are about. They only append: no row that
-- another transaction could hold is touched. If appending fails for whatever reason the lead is saved all the same, and
-- the sweep finds it.

create function amocrm.sweep_since() returns timestamptz
language sql stable set search_path = ''
as $$
  -- Only young rows, and none from before the installation: history is sent by backfill, on request.
  select greatest(amocrm.clock() - interval '1 day', (select installation.installed_at from amocrm.installation))
$$;
comment on function amocrm.sweep_since() is 'From when on the sweeps look for rows that were saved without their message.';
revoke all on function amocrm.sweep_since() from public;

create function amocrm.append(p_kind text, p_table text, p_rows jsonb) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key, payload, priority, is_fresh, lane)
  select kinds.queue, kinds.kind, p_table, subject.id, amocrm.normalize_email(subject.email),
    amocrm.normalize_phone(subject.phone), coalesce(subject.payload, '{}'), kinds.priority, kinds.has_handler,
    coalesce(subject.lane, 'live')
  from amocrm.kinds
  cross join jsonb_to_recordset(p_rows) as subject (id uuid, email text, phone text, payload jsonb, lane text)
  where kinds.kind = p_kind;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.append(text, text, jsonb) is 'Appends messages of one kind, [{id, email, phone, payload, lane}]; tells how many.';

create function amocrm.enqueue_inserted() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key, priority, is_fresh)
  select kinds.queue, kinds.kind, tg_table_name, new_rows.id, amocrm.normalize_email(new_rows.email),
    amocrm.normalize_phone(new_rows.phone), kinds.priority, kinds.has_handler
  from new_rows join amocrm.kinds on kinds.kind = tg_argv[0];
  if found then
    perform amocrm.ring('amocrm');
  end if;
  return null;
exception when others then
  raise warning 'row of % saved without its amoCRM message: % (%)', tg_table_name, sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.enqueue_inserted() is 'Appends one message per inserted row; the trigger''s argument is the kind. Never fails the insert.';

create function amocrm.enqueue_inserted_leads() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_headers jsonb;
  v_places_back int := 0;
  v_quarantined uuid[] := '{}';
begin
  v_headers := amocrm.visit_headers();
  if v_headers is not null then
    -- Only what a visitor has sent by itself is refused: an insert of another table's trigger must not fail for us.
    select screened.places_back, screened.quarantined into v_places_back, v_quarantined
    from (select jsonb_agg(jsonb_build_object('id', new_rows.id, 'landing_lead_id', new_rows.landing_lead_id,
          'email', new_rows.email, 'phone', new_rows.phone)) as leads,
        pg_trigger_depth() = 1 or bool_and(new_rows.landing_lead_id is not null) as is_own
      from new_rows having count(*) > 0) as visit
    cross join lateral amocrm.screen_visit(v_headers, visit.leads, visit.is_own) as screened;
  end if;
  -- However far back, it is still live: behind other visitors' leads, before history.
  insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key, priority, is_fresh)
  select kinds.queue, kinds.kind, tg_table_name, new_rows.id, amocrm.normalize_email(new_rows.email),
    amocrm.normalize_phone(new_rows.phone), least(9, kinds.priority + v_places_back), kinds.has_handler
  from new_rows join amocrm.kinds on kinds.kind = 'lead.created'
  where new_rows.id <> all (v_quarantined);
  if found then
    perform amocrm.ring('amocrm');
  end if;
  return null;
exception
  when sqlstate 'PGRST' then raise;
  when others then
    raise warning 'row of % saved without its amoCRM message: % (%)', tg_table_name, sqlerrm, sqlstate;
    return null;
end
$$;
comment on function amocrm.enqueue_inserted_leads() is
  'Appends lead.created per inserted row that is not quarantined. Never fails the insert, but for a visitor who is refused.';

create function amocrm.enqueue_updated_leads() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key, payload, priority, is_fresh)
  select kinds.queue, kinds.kind, tg_table_name, new_rows.id, amocrm.normalize_email(new_rows.email),
    amocrm.normalize_phone(new_rows.phone), jsonb_build_object('changed', changed.names), kinds.priority, kinds.has_handler
  from new_rows
  join old_rows on old_rows.id = new_rows.id
  join amocrm.kinds on kinds.kind = 'lead.updated'
  cross join lateral (
    -- Our own write-back changes none of these columns, so it makes no message.
    select jsonb_agg(fields.key order by fields.key) as names
    from jsonb_each(to_jsonb(new_rows)) as fields
    where fields.key in ('full_name', 'email', 'phone', 'source', 'utm_source', 'utm_medium', 'utm_campaign',
        'utm_content', 'utm_term', 'metadata')
      and fields.value is distinct from to_jsonb(old_rows) -> fields.key
  ) as changed
  -- A lead that is history (never sent) stays history when it is edited.
  where changed.names is not null
    and (new_rows.amocrm_synced_at is not null
      or exists (select from amocrm.outbox as created
        where created.subject_id = new_rows.id and created.kind = 'lead.created'));
  if found then
    perform amocrm.ring('amocrm');
  end if;
  return null;
exception when others then
  raise warning 'row of % changed without its amoCRM message: % (%)', tg_table_name, sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.enqueue_updated_leads() is 'Appends lead.updated with the names of the changed data columns. Never fails the update.';

revoke all on function amocrm.append(text, text, jsonb), amocrm.enqueue_inserted(), amocrm.enqueue_inserted_leads(),
  amocrm.enqueue_updated_leads() from public;

create trigger amocrm_500_enqueue after insert on public.unified_lead_tracking
  referencing new table as new_rows for each statement execute function amocrm.enqueue_inserted_leads();
create trigger amocrm_500_enqueue_update after update on public.unified_lead_tracking
  referencing old table as old_rows new table as new_rows for each statement execute function amocrm.enqueue_updated_leads();
create trigger amocrm_500_enqueue after insert on public.tripwire_users
  referencing new table as new_rows for each statement execute function amocrm.enqueue_inserted('student.created');

create function amocrm.wake_waiting() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update amocrm.outbox set next_attempt_at = amocrm.clock()
  where outbox.queue = 'amocrm' and outbox.is_head and outbox.state = 'pending' and outbox.last_error_code = tg_argv[0];
  if found then
    perform amocrm.ring('amocrm');
  end if;
  return null;
end
$$;
comment on function amocrm.wake_waiting() is
  'The admin set what messages wait for: those whose error code is the trigger''s argument are tried at once.';
create trigger wake_unrouted after insert or update on public.amocrm_routes
  for each statement execute function amocrm.wake_waiting('no_route');
create trigger wake_stageless after insert or update on public.amocrm_stages
  for each statement execute function amocrm.wake_waiting('no_stage');

create function amocrm.wake_handled() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update amocrm.outbox set is_fresh = true
  where outbox.queue = new.queue and outbox.kind = new.kind and outbox.state = 'pending' and outbox.person_id is null;
  if found then
    perform amocrm.ring(new.queue);
  end if;
  return null;
end
$$;
comment on function amocrm.wake_handled() is 'A kind got its handler: messages that were stored without one are placed like new ones.';
create trigger wake_handled after update of has_handler on amocrm.kinds
  for each row when (new.has_handler and not old.has_handler) execute function amocrm.wake_handled();
revoke all on function amocrm.wake_waiting(), amocrm.wake_handled() from public;
