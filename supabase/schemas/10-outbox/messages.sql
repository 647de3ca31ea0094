-- The outbox: one row is one message. The engine is written once, over the parent table amocrm.outbox;
-- its partitions (message-tables) are real tables of the same shape.
--
-- A message's life: pending -> leased -> delivered, or back to pending (retry), or uncertain (sent, no answer), or dead.
-- The lease belongs to a drain: it holds as long as the queue's control row names the message's lease_token as the
-- living drain (10-outbox/lease). So renewing a lease costs one row, not one per message.

create sequence amocrm.outbox_id_seq as bigint;
comment on sequence amocrm.outbox_id_seq is 'Numbers the messages of all queues; messages of one person go out in the order of their ids.';

create table amocrm.outbox (
  queue text not null,
  id bigint not null default nextval('amocrm.outbox_id_seq'),
  kind text not null,
  person_id bigint,
  email_key text,
  phone_key text,
  subject_table text not null,
  subject_id uuid not null,
  payload jsonb not null default '{}',
  state text not null default 'pending',
  lane text not null default 'live',
  priority smallint not null default 5,
  is_fresh boolean not null default true,
  is_head boolean not null default false,
  goes_alone boolean not null default false,
  attempt_count int not null default 0,
  crash_count int not null default 0,
  alone_crash_count int not null default 0,
  company_fault_count int not null default 0,
  alone_fault_count int not null default 0,
  alone_fault_at timestamptz,
  next_attempt_at timestamptz not null default amocrm.clock(),
  lease_token uuid,
  leased_at timestamptz,
  step text,
  request_id text,
  sent_at timestamptz,
  progress jsonb not null default '{}',
  last_error_code text,
  last_error_message text,
  error_count int not null default 0,
  warnings jsonb not null default '[]',
  amocrm_contact_id bigint,
  amocrm_deal_id bigint,
  created_at timestamptz not null default amocrm.clock(),
  delivered_at timestamptz
) partition by list (queue);
comment on table amocrm.outbox is 'All messages of all queues; the engine''s functions work on this parent.';
comment on column amocrm.outbox.person_id is 'Who the message is about; null until a drain has placed it. Messages of one person go out in order.';
comment on column amocrm.outbox.email_key is
  'The e-mail by which the person is recognised; while the message is fresh, what stood in the row, even if that is no address.';
comment on column amocrm.outbox.phone_key is
  'The phone by which the person is recognised; while the message is fresh, what stood in the row, even if that is no number.';
comment on column amocrm.outbox.subject_id is
  'The row of subject_table that the message is about; a claim reads it, so that the newest values go out.';
comment on column amocrm.outbox.payload is 'What the subject row does not show: for lead.updated the names of the changed columns.';
comment on column amocrm.outbox.is_fresh is 'True until a drain has placed the message with its person.';
comment on column amocrm.outbox.is_head is 'True for the one message of a person whose turn it is.';
comment on column amocrm.outbox.goes_alone is
  'True for a suspected worker killer, which is claimed by itself so that no innocent message is with it.';
comment on column amocrm.outbox.company_fault_count is
  'How often a create failed together with others in one request; after the second time its creates go alone.';
comment on column amocrm.outbox.alone_fault_count is
  'How often a request failed for this message alone while the same request was answered for others.';
comment on column amocrm.outbox.step is 'The request that was sent and has no known answer; null if nothing is outstanding.';
comment on column amocrm.outbox.progress is 'What has been reached in amoCRM: ids and steps done. A resumed message repeats none of it.';
comment on column amocrm.outbox.error_count is 'How often in a row the message ended with last_error_code; waits grow with it.';
comment on column amocrm.outbox.warnings is 'What went less well although the message was delivered: a list of {code, message}.';

-- Claims walk this index in its own order; only heads are in it, so a stuck person's backlog is not.
create index messages_ready_idx on amocrm.outbox (queue, lane, priority, next_attempt_at, id)
  where is_head and state in ('pending', 'uncertain');
-- Whose messages wait behind another one: few, and the whole list of those whom a stuck message may hold up. With the head it is all
-- that is unfinished of a person, since what is leased is a head; so no index of all unfinished is written at each claim.
create index messages_behind_idx on amocrm.outbox (queue, person_id, id)
  where not is_head and not is_fresh and state in ('pending', 'uncertain');
-- The admin's counts: each reason is found by one probe, and counted without reading the table. What is leased is not in it:
-- there are few of them, of an index of their own, and each claim would write two entries more.
create index messages_by_reason_idx on amocrm.outbox (queue, state, lane, kind, last_error_code, id) include (next_attempt_at)
  where not is_fresh and state in ('pending', 'uncertain', 'dead');
create index messages_over_idx on amocrm.outbox (queue, created_at) where state in ('superseded', 'cancelled');
create index messages_unsolved_idx on amocrm.outbox (queue, state, id) where state in ('dead', 'uncertain');
-- No hash index, which would be smaller at rest: it keeps an entry of each of a message's versions until vacuum comes.
create index messages_of_subject_idx on amocrm.outbox (subject_id);

alter table amocrm.outbox enable row level security;
revoke all on amocrm.outbox from public, anon, authenticated, service_role;
revoke all on sequence amocrm.outbox_id_seq from public, anon, authenticated;
