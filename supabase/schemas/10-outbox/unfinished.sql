-- What is not over yet of a person: the head, which alone may be leased, and what waits behind it. By the two indexes that claims keep anyway.

create function amocrm.unfinished_of(p_queue text, p_person_ids bigint[]) returns setof bigint
language plpgsql stable rows 10 set search_path = ''
-- A plan made while the table was small must also fit a million.
set enable_seqscan = off
as $$
begin
  return query
  select outbox.id from amocrm.outbox
  where outbox.queue = p_queue and outbox.person_id = any (p_person_ids) and outbox.is_head and outbox.state in ('pending', 'leased', 'uncertain')
  union all
  select outbox.id from amocrm.outbox
  where outbox.queue = p_queue and outbox.person_id = any (p_person_ids) and not outbox.is_head and not outbox.is_fresh
    and outbox.state in ('pending', 'uncertain');
end
$$;
comment on function amocrm.unfinished_of(text, bigint[]) is 'Lists the placed messages of people that wait, are being sent or are in doubt.';
revoke all on function amocrm.unfinished_of(text, bigint[]) from public;
