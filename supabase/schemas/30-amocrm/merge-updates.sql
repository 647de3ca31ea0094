-- A row that is edited many times while something is in the way would leave as many messages that say nearly the same. So
-- what waits behind a claimed message, is of its kind and about the same, and never left, is told with it in one: the newer
-- one takes over, the older ends. Nothing is merged across a message of another kind, which would change the order of things.

create function amocrm.merged_with_next(p_queue text, p_id bigint, out newer_id bigint, out older_ids bigint[], out whole jsonb)
language plpgsql stable set search_path = ''
as $$
declare
  v_head amocrm.outbox;
  v_next amocrm.outbox;
  v_merges text;
  v_payload jsonb;
begin
  older_ids := '{}';
  select * into v_head from amocrm.outbox where outbox.queue = p_queue and outbox.id = p_id;
  v_merges := (select kinds.merges from amocrm.kinds where kinds.kind = v_head.kind);
  if v_merges is null or v_head.step is not null or v_head.sent_at is not null or v_head.progress ?| '{note,contactUpdated,written}' then
    return;
  end if;
  newer_id := p_id;
  whole := v_head.payload;
  for v_next in
    select * from amocrm.outbox
    where outbox.queue = p_queue and outbox.person_id = v_head.person_id and not outbox.is_head and not outbox.is_fresh
      and outbox.state in ('pending', 'uncertain') and outbox.id > p_id
    order by outbox.id
  loop
    exit when v_next.kind <> v_head.kind or v_next.state <> 'pending' or v_next.step is not null or v_next.sent_at is not null;
    continue when (v_next.subject_table, v_next.subject_id) <> (v_head.subject_table, v_head.subject_id)
      -- Told by their address, all of one person are about one deal.
      and (v_next.subject_table <> 'amocrm_tells' or v_head.subject_table <> 'amocrm_tells');
    execute format('select %I.%I($1, $2)', split_part(v_merges, '.', 1), split_part(v_merges, '.', 2)) into v_payload using whole, v_next.payload;
    exit when v_payload is null;
    older_ids := older_ids || newer_id;
    newer_id := v_next.id;
    whole := v_payload;
  end loop;
end
$$;
comment on function amocrm.merged_with_next(text, bigint) is
  'Finds the waiting neighbours that a message can go out with, the newest of them, and their payloads in one.';

create function amocrm.merge_neighbours(p_ids bigint[]) returns bigint[]
language plpgsql set search_path = ''
as $$
declare
  v_ids bigint[] := p_ids;
  v_head record;
begin
  for v_head in
    select claimed.id, claimed.lease_token, claimed.leased_at, merged.newer_id, merged.older_ids, merged.whole
    from amocrm.outbox as claimed cross join lateral amocrm.merged_with_next(amocrm.account(), claimed.id) as merged
    where claimed.queue = amocrm.account() and claimed.id = any (p_ids) and claimed.state = 'leased'
      and claimed.kind in (select kinds.kind from amocrm.kinds where kinds.merges is not null)
      and cardinality(merged.older_ids) > 0
  loop
    -- Two statements: the index that proves one head per person is asked row by row.
    update amocrm.outbox set state = 'superseded', is_head = false, lease_token = null, leased_at = null, last_error_code = 'told_together',
      last_error_message = 'Message ' || v_head.newer_id || ' tells this together with what came after it'
    where outbox.queue = amocrm.account() and outbox.id = any (v_head.older_ids);
    update amocrm.outbox set state = 'leased', is_head = true, lease_token = v_head.lease_token, leased_at = v_head.leased_at, payload = v_head.whole
    where outbox.queue = amocrm.account() and outbox.id = v_head.newer_id;
    v_ids := array_replace(v_ids, v_head.id, v_head.newer_id);
  end loop;
  return v_ids;
end
$$;
comment on function amocrm.merge_neighbours(bigint[]) is
  'Merges claimed messages with their waiting neighbours of the same kind and subject into the newest; returns what is claimed now.';

revoke all on function amocrm.merged_with_next(text, bigint), amocrm.merge_neighbours(bigint[]) from public;
