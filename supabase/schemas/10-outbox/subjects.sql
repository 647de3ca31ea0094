-- The registry of subjects: the tables of schema public whose rows messages are about. An area adds the rows of its tables
-- in its own files, one for each queue that has messages about them, and with them what only it can know of such a row.
-- Functions are named as text, because a column of a type such as regprocedure would stand in the way of pg_upgrade.

create table amocrm.queue_subjects (
  queue text not null references amocrm.queues (queue),
  subject_table text not null,
  reads text,
  writes_back text,
  written_back_column text,
  is_one_person boolean not null default false,
  places text,
  told_as text,
  gate text,
  primary key (queue, subject_table)
);
comment on table amocrm.queue_subjects is 'Which tables messages of a queue are about, and what is done with their rows.';
comment on column amocrm.queue_subjects.reads is
  'Function (uuid[]) that returns an object of present rows by id, as a drain reads them; null for none.';
comment on column amocrm.queue_subjects.writes_back is
  'Function (jsonb) that writes deliveries to the subject rows, [{id, subject_id, contact_id, deal_id}]; id, the message, may be missing. Null for none.';
comment on column amocrm.queue_subjects.written_back_column is
  'A row that has null in it keeps its messages: they are the proof that it was sent. Null: messages are pruned by age alone.';
comment on column amocrm.queue_subjects.is_one_person is 'True: each row is a person of its own, also if it shares a phone or an e-mail with another.';
comment on column amocrm.queue_subjects.places is
  'Function (bigint) that returns the person of a message about such a row, or null; without one its keys decide.';
comment on column amocrm.queue_subjects.told_as is 'The member of amocrm_tell''s p_to that names a row of this table by its id; null for none.';
comment on column amocrm.queue_subjects.gate is
  'Function (bigint[]) asked just before sending; it returns those messages that may not go, [{id, code, message, until}], without until for never.';
alter table amocrm.queue_subjects enable row level security;
revoke all on amocrm.queue_subjects from public, anon, authenticated, service_role;
grant select on amocrm.queue_subjects to service_role;

create function amocrm.read_subjects(p_queue text, p_ids bigint[]) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_subject record;
  v_rows jsonb;
  v_read jsonb := '{}';
begin
  for v_subject in
    select subject.subject_table, subject.reads, array_agg(distinct outbox.subject_id) as ids
    from amocrm.outbox
    join amocrm.queue_subjects as subject on subject.queue = outbox.queue and subject.subject_table = outbox.subject_table
    where outbox.queue = p_queue and outbox.id = any (p_ids) and subject.reads is not null
    group by subject.subject_table, subject.reads
  loop
    execute format('select %I.%I($1)', split_part(v_subject.reads, '.', 1), split_part(v_subject.reads, '.', 2)) into v_rows using v_subject.ids;
    v_read := v_read || jsonb_build_object(v_subject.subject_table, v_rows);
  end loop;
  return v_read;
end
$$;
comment on function amocrm.read_subjects(text, bigint[]) is
  'The rows that messages are about, as they are now: {table: {id: row}}. A row that is gone is missing.';

create function amocrm.write_back_subjects(p_queue text, p_delivered jsonb) returns void
language plpgsql set search_path = ''
as $$
declare
  v_subject record;
begin
  for v_subject in
    select subject.writes_back, jsonb_agg(delivered.value) as delivered
    from jsonb_array_elements(p_delivered) as delivered
    join amocrm.queue_subjects as subject on subject.queue = p_queue and subject.subject_table = delivered.value ->> 'subject_table'
    where subject.writes_back is not null
    group by subject.subject_table, subject.writes_back order by subject.subject_table
  loop
    execute format('select %I.%I($1)', split_part(v_subject.writes_back, '.', 1), split_part(v_subject.writes_back, '.', 2)) using v_subject.delivered;
  end loop;
end
$$;
comment on function amocrm.write_back_subjects(text, jsonb) is
  'Has each area write to its rows that their messages were delivered, [{id, subject_table, subject_id, contact_id, deal_id}].';

create function amocrm.is_unwritten(p_queue text, p_subject_table text, p_subject_id uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_column text := (select subject.written_back_column from amocrm.queue_subjects as subject
    where subject.queue = p_queue and subject.subject_table = p_subject_table);
  v_is_unwritten boolean;
begin
  if v_column is null or to_regclass(format('public.%I', p_subject_table)) is null then
    return false;
  end if;
  execute format('select exists (select from public.%I as subject where subject.id = $1 and subject.%I is null)', p_subject_table, v_column)
    into v_is_unwritten using p_subject_id;
  return v_is_unwritten;
end
$$;
comment on function amocrm.is_unwritten(text, text, uuid) is
  'Whether a message''s row does not say yet that it was delivered, so that the message is still needed as the proof.';

revoke all on function amocrm.read_subjects(text, bigint[]), amocrm.write_back_subjects(text, jsonb), amocrm.is_unwritten(text, text, uuid) from public;
