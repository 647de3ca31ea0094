-- Gates: what an area has to say against a message at the moment when it would be sent. The drain of a queue asks them after
-- its claim, under the queue's lock; what may not go waits for a moment with a reason, or is left out with one.

create function amocrm.ask_gates(p_queue text, p_token uuid, p_ids bigint[]) returns bigint[]
language plpgsql set search_path = ''
as $$
declare
  v_gate record;
  v_ids bigint[] := array(select outbox.id from amocrm.outbox where outbox.queue = p_queue and outbox.id = any (p_ids) and outbox.step is null);
  v_answers jsonb;
begin
  -- Whatever was sent already without an answer is not asked about: it may have arrived.
  for v_gate in
    select gates.gate, array_agg(gates.id order by gates.id) as ids, min(gates.place) as place from (
      select subject.gate, outbox.id, 1 as place from amocrm.outbox
      join amocrm.queue_subjects as subject on subject.queue = outbox.queue and subject.subject_table = outbox.subject_table
      where outbox.queue = p_queue and outbox.id = any (v_ids)
      union all
      select kinds.gate, outbox.id, 2 from amocrm.outbox join amocrm.kinds on kinds.kind = outbox.kind
      where outbox.queue = p_queue and outbox.id = any (v_ids)) as gates
    where gates.gate is not null group by gates.gate order by min(gates.place), gates.gate
  loop
    execute format('select %I.%I($1)', split_part(v_gate.gate, '.', 1), split_part(v_gate.gate, '.', 2)) into v_answers
    using array(select id from unnest(v_gate.ids) as id where id = any (v_ids));
    v_ids := array(select id from unnest(v_ids) as id
      where id not in (select (answer ->> 'id')::bigint from jsonb_array_elements(coalesce(v_answers, '[]')) as answer));
    perform amocrm.shut_out(p_queue, p_token, v_answers);
  end loop;
  return array(select claimed.id from unnest(p_ids) with ordinality as claimed (id, place)
    where claimed.id = any (v_ids) or exists (select from amocrm.outbox
      where outbox.queue = p_queue and outbox.id = claimed.id and outbox.step is not null) order by claimed.place);
end
$$;
comment on function amocrm.ask_gates(text, uuid, bigint[]) is
  'Asks the gates of tables and kinds about claimed messages, and puts back or ends those that may not go; returns the others.';

create function amocrm.shut_out(p_queue text, p_token uuid, p_answers jsonb) returns void
language plpgsql set search_path = ''
as $$
declare
  v_held record;
  v_settled jsonb;
  v_people bigint[];
begin
  for v_held in
    select (answer ->> 'until')::timestamptz as until, answer ->> 'code' as code, answer ->> 'message' as message,
      array_agg((answer ->> 'id')::bigint) as ids
    from jsonb_array_elements(coalesce(p_answers, '[]')) as answer where answer ? 'until' group by 1, 2, 3
  loop
    perform amocrm.put_back(p_queue, v_held.ids, v_held.code, v_held.message, v_held.until);
    v_people := v_people || array(select outbox.person_id from amocrm.outbox where outbox.queue = p_queue and outbox.id = any (v_held.ids));
  end loop;
  select coalesce(jsonb_agg(to_jsonb(settled)), '[]') into v_settled
  from amocrm.settle(p_queue, p_token, 1, (select coalesce(jsonb_agg(answer || '{"verdict": "superseded", "is_sent": false}'), '[]')
    from jsonb_array_elements(coalesce(p_answers, '[]')) as answer where not answer ? 'until')) as settled;
  perform amocrm.log_attempts(p_queue, v_settled);
  perform amocrm.landed(p_queue, person.id)
  from (select unnest(v_people) as id union select settled.person_id from jsonb_to_recordset(v_settled) as settled (person_id bigint)) as person
  where person.id is not null;
end
$$;
comment on function amocrm.shut_out(text, uuid, jsonb) is
  'Puts claimed messages back until a moment, or ends them as superseded where there is none, [{id, code, message, until}].';
revoke all on function amocrm.ask_gates(text, uuid, bigint[]), amocrm.shut_out(text, uuid, jsonb) from public;
