-- The outbox: one row is one message. The engine is written once, over the parent table amocrm.outbox;
-- its partitions public.amocrm_outbox and public.message_outbox are real tables of the same shape. Mail and SMS are two queues in one of them.
--
-- A message's life: pending -> leased -> delivered, or back to pending (retry), or uncertain (sent, no answer), or dead.
-- The lease belongs to a drain: it holds as long as the queue's control row names the message's lease_token as the
-- living drain (10-outbox/lease). So renewing a lease costs one row, not one per message.

create sequence amocrm.outbox_id_seq as bigint;
comment on sequence amocrm.outbox_id_seq is 'Numbers the messages of all queues; messages of one person go out in the order of their ids.';

create function amocrm.message_fault(
  p_state text, p_lane text, p_priority smallint, p_is_fresh boolean, p_is_head boolean, p_person_id bigint, p_lease_token uuid, p_leased_at timestamptz,
  p_step text, p_sent_at timestamptz, p_delivered_at timestamptz, p_attempt_count int, p_warnings jsonb
) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  -- Nearly all are sound, and as they are appended, leased and given back; that is asked first, since a transaction that comes to
  -- the other question prepares it anew, which costs more than an index.
  if p_lane = 'live' and p_priority between 0 and 9 and p_attempt_count >= 0 and p_warnings = '[]' and p_delivered_at is null
    and (not p_is_fresh or p_person_id is null and not p_is_head)
    and (p_state = 'pending' and p_lease_token is null and p_leased_at is null or p_state = 'leased' and p_lease_token is not null and p_leased_at is not null) then
    return null;
  end if;
  return case
    when p_state not in ('pending', 'leased', 'uncertain', 'delivered', 'dead', 'superseded', 'cancelled') then 'state_is_known'
    when p_lane not in ('live', 'backfill') then 'lane_is_known'
    when p_priority not between 0 and 9 then 'priority_has_one_digit'
    when (p_state = 'leased') <> (p_lease_token is not null) or (p_lease_token is null) <> (p_leased_at is null) then 'leased_has_token_and_time'
    when p_state = 'uncertain' and (p_step is null or p_sent_at is null) then 'uncertain_names_its_step'
    when (p_state = 'delivered') <> (p_delivered_at is not null) then 'delivered_has_its_time'
    when p_is_head and p_state in ('delivered', 'superseded', 'cancelled') then 'head_is_unfinished'
    when p_is_fresh and (p_person_id is not null or p_is_head) then 'fresh_is_not_placed'
    when p_attempt_count < 0 then 'attempt_count_is_not_negative'
    when jsonb_typeof(p_warnings) <> 'array' then 'warnings_are_a_list' end;
end
$$;
comment on function amocrm.message_fault(text, text, smallint, boolean, boolean, bigint, uuid, timestamptz, text, timestamptz, timestamptz, int, jsonb) is
  'Returns what of a message contradicts itself, as the name of a fact; null if nothing does.';
revoke all on function amocrm.message_fault(text, text, smallint, boolean, boolean, bigint, uuid, timestamptz, text, timestamptz, timestamptz, int, jsonb) from public;

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
  delivered_at timestamptz,
  primary key (queue, id),
  -- One call for ten facts: as ten constraints, each of which a statement reads anew from the catalogue, they were a tenth of an insert.
  constraint message_is_sound check (amocrm.message_fault(state, lane, priority, is_fresh, is_head, person_id, lease_token, leased_at, step, sent_at,
    delivered_at, attempt_count, warnings) is null)
) partition by list (queue);
comment on table amocrm.outbox is 'All messages of all queues; the engine''s functions work on this parent.';
comment on column amocrm.outbox.person_id is 'Who the message is about; null until a drain has placed it. Messages of one person go out in order.';
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

create table public.amocrm_outbox partition of amocrm.outbox for values in ('amocrm');
create table public.message_outbox partition of amocrm.outbox for values in ('message', 'sms');
alter table public.amocrm_outbox alter column queue set default 'amocrm';
alter table public.message_outbox alter column queue set default 'message';
comment on table public.amocrm_outbox is 'Messages to amoCRM: what waits, is on its way, was delivered or is stuck, and why.';
comment on table public.message_outbox is 'Messages by mail and SMS, drained by the same engine.';

-- Claims walk this index in its own order; only heads are in it, so a stuck person's backlog is not.
create index messages_ready_idx on amocrm.outbox (queue, lane, priority, next_attempt_at, id)
  where is_head and state in ('pending', 'uncertain');
-- The database itself proves that one person has at most one message in flight.
create unique index messages_one_head_per_person on amocrm.outbox (queue, person_id) where is_head;
create index messages_of_person_idx on amocrm.outbox (queue, person_id, id)
  where not is_fresh and state in ('pending', 'leased', 'uncertain');
create index messages_fresh_idx on amocrm.outbox (queue, id) where is_fresh;
create index messages_leased_idx on amocrm.outbox (queue, lease_token) where state = 'leased';
-- Whose messages wait behind another one: few, and the whole list of those whom a stuck message may hold up.
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
create index messages_delivered_idx on amocrm.outbox (queue, delivered_at) where state = 'delivered';

-- Dead entries in the hot indexes slow every claim, so vacuum comes early. Pages are filled to the brim: with half of each
-- free, as queues often have it, a delivered message would take twice the bytes for a month, and a rush a quarter less for a minute.
alter table public.amocrm_outbox set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
alter table public.message_outbox set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

alter table amocrm.outbox enable row level security;
alter table public.amocrm_outbox enable row level security;
alter table public.message_outbox enable row level security;
revoke all on amocrm.outbox, public.amocrm_outbox, public.message_outbox from public, anon, authenticated, service_role;
revoke all on sequence amocrm.outbox_id_seq from public, anon, authenticated;
grant select on public.amocrm_outbox, public.message_outbox to service_role;
