-- Statement-level triggers append messages in the transaction of the row they are about. They only append: no row that
-- another transaction could hold is touched. If appending fails for whatever reason the lead is saved all the same, and
-- the sweep finds it.

insert into amocrm.kinds (kind, queue, has_handler, follows_subject, merges, purpose) values
  ('lead.created', 'amocrm', true, false, null, 'A new lead: contact and deal in amoCRM, or a note on the open deal.'),
  ('lead.updated', 'amocrm', true, true, 'amocrm.merged_changes', 'Data columns of a lead changed: contact values are added, the rest becomes a note.');

create function amocrm.merged_changes(p_older jsonb, p_newer jsonb) returns jsonb
language sql immutable set search_path = ''
as $$
  -- A note tells what is true when it is written; of the keys only those before all changes can be on the card.
  select p_older || p_newer || jsonb_build_object('changed', (
      select jsonb_agg(distinct names.name) from jsonb_path_query(jsonb_build_array(p_older -> 'changed', p_newer -> 'changed'), '$[*][*]') as names (name)))
    || case when p_older ? 'was' then jsonb_build_object('was', coalesce(p_newer -> 'was', '{}') || (p_older -> 'was')) else '{}' end
$$;
comment on function amocrm.merged_changes(jsonb, jsonb) is 'Merges the payloads of two lead.updated of the same lead.';

create function amocrm.enqueue_inserted_leads() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_headers jsonb;
  v_form_source text;
  v_quarantined uuid[];
  v_places_back int;
  v_queue text;
  v_priority smallint;
  v_has_handler boolean;
  v_now timestamptz := amocrm.clock();
  v_has_rung boolean;
begin
  -- Looked up before: joined with the rows it would cost as much as the message's indexes.
  select kinds.queue, kinds.priority, kinds.has_handler into v_queue, v_priority, v_has_handler from amocrm.kinds where kinds.kind = 'lead.created';
  -- Asked at once and in few words, here and below, since most of those who insert by SQL are no visitors: a statement pays
  -- anew for each expression, and for one message that is more than writing it.
  if concat(current_setting('request.headers', true), current_setting('amocrm.form_headers', true), current_setting('amocrm.form_source', true)) <> '' then
    v_form_source := nullif(current_setting('amocrm.form_source', true), '');
    if v_form_source is not null then
      v_quarantined := (select amocrm.screen_source(v_form_source::uuid, jsonb_agg(jsonb_build_object('id', new_rows.id,
        'landing_lead_id', new_rows.landing_lead_id, 'email', new_rows.email, 'phone', new_rows.phone))) from new_rows having count(*) > 0);
    else
      v_headers := amocrm.visit_headers();
    end if;
    if v_headers is not null then
      -- Only what a visitor has sent by itself is refused: an insert of another table's trigger must not fail for us.
      select screened.places_back, screened.quarantined into v_places_back, v_quarantined
      from (select jsonb_agg(jsonb_build_object('id', new_rows.id, 'landing_lead_id', new_rows.landing_lead_id,
            'email', new_rows.email, 'phone', new_rows.phone)) as leads,
          pg_trigger_depth() = 1 or bool_and(new_rows.landing_lead_id is not null) as is_own
        from new_rows having count(*) > 0) as visit
      cross join lateral amocrm.screen_visit(v_headers, visit.leads, visit.is_own) as screened;
      -- However far back, it is still live: behind other visitors' leads, before history.
      v_priority := least(9, v_priority + coalesce(v_places_back, 0));
    end if;
  end if;
  -- The keys are what stands in the row; who is no address or number is told when the message is placed, by a drain that nobody waits for.
  insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key, priority, is_fresh, next_attempt_at, created_at)
  select v_queue, 'lead.created', 'unified_lead_tracking', new_rows.id, new_rows.email, new_rows.phone, v_priority, v_has_handler, v_now, v_now
  from new_rows where v_quarantined is null or new_rows.id <> all (v_quarantined);
  if found then
    -- Assigned, since performed it would be a query more.
    v_has_rung := amocrm.ring('amocrm');
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
  'Appends lead.created for each inserted lead not quarantined; never fails the insert of a visitor who is let in.';

create function amocrm.enqueue_updated_leads() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key, payload, priority, is_fresh)
  select kinds.queue, kinds.kind, tg_table_name, new_rows.id, amocrm.normalize_email(new_rows.email),
    amocrm.normalize_phone(new_rows.phone),
    jsonb_build_object('changed', changed.names) || case when was.keys = '{}' then '{}' else jsonb_build_object('was', was.keys) end,
    kinds.priority, kinds.has_handler
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
  -- What a correction took away goes from the person and from the card, too.
  cross join lateral (
    select coalesce(jsonb_object_agg(keys.type, keys.old_key), '{}') as keys
    from (values ('email', amocrm.normalize_email(old_rows.email), amocrm.normalize_email(new_rows.email)),
      ('phone', amocrm.normalize_phone(old_rows.phone), amocrm.normalize_phone(new_rows.phone))) as keys (type, old_key, new_key)
    where keys.old_key is not null and keys.old_key is distinct from keys.new_key
  ) as was
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
comment on function amocrm.enqueue_updated_leads() is
  'Appends lead.updated with the changed columns and the previous e-mail and phone; never fails the update.';

revoke all on function amocrm.merged_changes(jsonb, jsonb), amocrm.enqueue_inserted_leads(), amocrm.enqueue_updated_leads() from public;

create trigger amocrm_500_enqueue after insert on public.unified_lead_tracking
  referencing new table as new_rows for each statement execute function amocrm.enqueue_inserted_leads();
create trigger amocrm_500_enqueue_update after update on public.unified_lead_tracking
  referencing old table as old_rows new table as new_rows for each statement execute function amocrm.enqueue_updated_leads();
