-- How messages get into the outbox. They are only appended: no row that another transaction could hold is touched.

create function amocrm.sweep_since() returns timestamptz
language sql stable set search_path = ''
as $$
  -- Only young rows, and none from before the installation: history is sent by backfill, on request.
  select greatest(amocrm.clock() - interval '1 day', (select installation.installed_at from amocrm.installation))
$$;
comment on function amocrm.sweep_since() is 'Returns the moment from which sweeps look for rows without a message.';
revoke all on function amocrm.sweep_since() from public;

create function amocrm.append(p_kind text, p_table text, p_rows jsonb) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  -- No claim would ever look into another lane. All else that is inserted is of columns and kinds that are checked themselves.
  if exists (select from jsonb_to_recordset(p_rows) as subject (lane text) where subject.lane not in ('live', 'backfill')) then
    raise exception 'a message goes in the lane live or backfill' using errcode = '23514', constraint = 'lane_is_known';
  end if;
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
comment on function amocrm.append(text, text, jsonb) is
  'Appends messages of one kind, [{id, email, phone, payload, lane}]; returns how many.';

create function amocrm.append_numbered(
  p_id bigint, p_kind text, p_table text, p_subject_id uuid, p_email_key text, p_phone_key text, p_deal_id bigint, p_payload jsonb
) returns void
language sql set search_path = ''
as $$
  insert into amocrm.outbox (queue, id, kind, subject_table, subject_id, email_key, phone_key, amocrm_deal_id, payload, priority, is_fresh)
  select kinds.queue, p_id, kinds.kind, p_table, p_subject_id, p_email_key, p_phone_key, p_deal_id, p_payload, kinds.priority, kinds.has_handler
  from amocrm.kinds where kinds.kind = p_kind
$$;
comment on function amocrm.append_numbered(bigint, text, text, uuid, text, text, bigint, jsonb) is
  'Appends one message under a number that its maker has drawn from amocrm.outbox_id_seq.';

create function amocrm.enqueue_inserted() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key, priority, is_fresh)
  -- What is no address or number is told when the message is placed.
  select kinds.queue, kinds.kind, tg_table_name, new_rows.id, new_rows.email, new_rows.phone, kinds.priority, kinds.has_handler
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
comment on function amocrm.enqueue_inserted() is
  'Appends one message per inserted row, of the kind in the trigger''s argument; never fails the insert.';

revoke all on function amocrm.append(text, text, jsonb), amocrm.enqueue_inserted(),
  amocrm.append_numbered(bigint, text, text, uuid, text, text, bigint, jsonb) from public;

create function amocrm.wake_handled() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.lock_queue(new.queue);
  update amocrm.outbox set is_fresh = true
  where outbox.queue = new.queue and outbox.kind = new.kind and outbox.state = 'pending' and outbox.person_id is null;
  if found then
    perform amocrm.ring(new.queue);
  end if;
  return null;
end
$$;
comment on function amocrm.wake_handled() is 'Places stored messages of a kind that now has its handler.';
create trigger wake_handled after update of has_handler on amocrm.kinds
  for each row when (new.has_handler and not old.has_handler) execute function amocrm.wake_handled();
revoke all on function amocrm.wake_handled() from public;
