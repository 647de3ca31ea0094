-- The gate of a message's kind once more, just before its request: between claim and request a drain sends others, and a mail
-- whose answer was lost is repeated hours later. Also what is in doubt may be held: its repeat may be the first to arrive.

create function amocrm.may_depart(p_queue text, p_token uuid, p_id bigint) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_gate text;
  v_answer jsonb;
begin
  select kinds.gate into v_gate from amocrm.outbox join amocrm.kinds on kinds.kind = outbox.kind
  where outbox.queue = p_queue and outbox.id = p_id and outbox.state = 'leased' and outbox.lease_token = p_token;
  if v_gate is null then
    return true;
  end if;
  -- Under the queue's lock: of two messages that share a limit only one may be the last.
  perform amocrm.lock_queue_as_drain(p_queue, p_token);
  execute format('select %I.%I($1)', split_part(v_gate, '.', 1), split_part(v_gate, '.', 2)) into v_answer using array[p_id];
  if jsonb_array_length(coalesce(v_answer, '[]')) = 0 then
    return true;
  end if;
  perform amocrm.shut_out(p_queue, p_token, v_answer);
  return false;
end
$$;
comment on function amocrm.may_depart(text, uuid, bigint) is
  'Asks the gate of a message''s kind just before its request; false if that held or ended it, and it is the drain''s no more.';
revoke all on function amocrm.may_depart(text, uuid, bigint) from public;
