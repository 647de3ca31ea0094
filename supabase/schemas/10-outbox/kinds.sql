-- The registry of kinds: what a message can be about. An area adds the rows of its kinds in its own files.

create table amocrm.kinds (
  kind text primary key,
  queue text not null,
  priority smallint not null default 5,
  has_handler boolean not null,
  holds_when_dead boolean not null default false,
  follows_subject boolean not null default false,
  settles_subject boolean not null default true,
  steps_back_for text[] not null default '{}',
  merges text,
  checks text,
  gate text,
  reads text,
  draws text,
  purpose text not null,
  constraint priority_has_one_digit check (priority between 0 and 9)
);
comment on table amocrm.kinds is 'The kinds of messages. One whose handler is not there yet is stored and stays pending, never dead.';
comment on column amocrm.kinds.priority is 'Lower goes first among messages that are due; it never reorders one person''s messages.';
comment on column amocrm.kinds.holds_when_dead is 'If true, a dead message of this kind holds back the same person''s later ones.';
comment on column amocrm.kinds.follows_subject is
  'If true, a message belongs to the person of an earlier message about the same row, even with new keys.';
comment on column amocrm.kinds.settles_subject is
  'If false, a delivered message of this kind is no proof that its row is in amoCRM, and nothing is written back to it.';
comment on column amocrm.kinds.steps_back_for is
  'Error codes for which a waiting message of this kind lets the person''s messages of kinds without any go first.';
comment on column amocrm.kinds.merges is
  'Function (jsonb, jsonb) that returns the payload of an older and a newer waiting neighbour in one; null: they stay apart.';
comment on column amocrm.kinds.checks is
  'Function (jsonb) that returns what is wrong with a payload, in words, or null. Kinds with one are open to amocrm_tell.';
comment on column amocrm.kinds.gate is
  'Function (bigint[]) asked just before sending; it returns those messages that may not go, [{id, code, message, until}], without until for never.';
comment on column amocrm.kinds.reads is
  'Function (bigint[]) that returns by message id what a drain must know besides the subject; null for nothing.';
comment on column amocrm.kinds.draws is
  'Function (bigint) that returns the token which takes the placeholder''s place in a message of the kind; null for none.';
alter table amocrm.kinds enable row level security;
revoke all on amocrm.kinds from public, anon, authenticated;
grant select on amocrm.kinds to service_role;

create function amocrm.follows_subject(p_kind text) returns boolean
language sql stable set search_path = ''
as $$ select kinds.follows_subject from amocrm.kinds where kinds.kind = p_kind $$;
comment on function amocrm.follows_subject(text) is
  'True if messages of this kind belong to the person of an earlier message about the same row.';
revoke all on function amocrm.follows_subject(text) from public;
