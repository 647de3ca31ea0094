-- The registry of queues: each destination that messages go to. An area adds the row of its queue in its own files; the
-- engine asks here for whatever one queue does otherwise than another. Functions are named as text, because a column of a
-- type such as regprocedure would stand in the way of pg_upgrade.

create table amocrm.queues (
  queue text primary key,
  drain text not null,
  settings regclass,
  min_interval_ms int not null default 1000,
  max_attempts int not null default 12,
  keeps_people boolean not null default false,
  function_in_turn text,
  open_lanes text,
  constraint queue_is_a_name check (queue ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint min_interval_is_within_a_drains_wait check (min_interval_ms between 0 and 10000),
  constraint max_attempts_is_sensible check (max_attempts between 1 and 100)
);
comment on table amocrm.queues is 'The queues: who drains each, how fast and how stubbornly.';
comment on column amocrm.queues.drain is 'The edge function that is called when something is due.';
comment on column amocrm.queues.settings is
  'The table whose one row has min_interval_ms and max_attempts, where an admin sets them; null: those of this row count.';
comment on column amocrm.queues.keeps_people is
  'True: messages are ordered by person, and placing one may make or merge people. False: by recipient, the normalised address.';
comment on column amocrm.queues.function_in_turn is
  'Function (text) that returns the edge function to be called for the queue; null for its drain.';
comment on column amocrm.queues.open_lanes is
  'Function (text) that returns the lanes in which a drain may claim; null for all.';
alter table amocrm.queues enable row level security;
revoke all on amocrm.queues from public, anon, authenticated, service_role;
grant select on amocrm.queues to service_role;

create function amocrm.function_of(p_queue text) returns text
language plpgsql stable set search_path = ''
as $$
begin return (
  select queues.drain from amocrm.queues where queues.queue = p_queue);
end $$;
comment on function amocrm.function_of(text) is 'The edge function that drains a queue.';

create function amocrm.function_due(p_queue text) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_queue amocrm.queues;
  v_function text;
begin
  select * into v_queue from amocrm.queues where queues.queue = p_queue;
  if v_queue.function_in_turn is null then
    return v_queue.drain;
  end if;
  execute format('select %I.%I($1)', split_part(v_queue.function_in_turn, '.', 1), split_part(v_queue.function_in_turn, '.', 2)) into v_function using p_queue;
  return v_function;
end
$$;
comment on function amocrm.function_due(text) is
  'Which edge function is to be called when something is due in a queue: its drain, or what goes before it. Null for none.';

create function amocrm.lanes_of(p_queue text) returns text[]
language plpgsql stable set search_path = ''
as $$
declare
  v_function text := (select queues.open_lanes from amocrm.queues where queues.queue = p_queue);
  v_lanes text[] := '{live,backfill}';
begin
  if v_function is not null then
    execute format('select %I.%I($1)', split_part(v_function, '.', 1), split_part(v_function, '.', 2)) into v_lanes using p_queue;
  end if;
  return v_lanes;
end
$$;
comment on function amocrm.lanes_of(text) is 'In which lanes of a queue a drain may claim.';

create function amocrm.settings_of(p_queue text, out min_interval_ms int, out max_attempts int)
language plpgsql stable set search_path = ''
as $$
declare
  v_queue amocrm.queues;
begin
  select * into v_queue from amocrm.queues where queues.queue = p_queue;
  if v_queue.settings is null then
    min_interval_ms := v_queue.min_interval_ms;
    max_attempts := v_queue.max_attempts;
  else
    execute format('select min_interval_ms, max_attempts from %I.%I', split_part(v_queue.settings::text, '.', 1), split_part(v_queue.settings::text, '.', 2))
      into min_interval_ms, max_attempts;
  end if;
end
$$;
comment on function amocrm.settings_of(text) is 'The pace of a queue, and how often a message of it is tried.';

create function amocrm.open_queue() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_table text := new.queue || '_outbox';
begin
  insert into amocrm.queue_control (queue) values (new.queue) on conflict (queue) do nothing;
  -- A table of its own and no default one for all others: that made settling twice as slow for everybody.
  if not exists (select from pg_catalog.pg_inherits join pg_catalog.pg_class on pg_class.oid = pg_inherits.inhrelid
      where pg_inherits.inhparent = 'amocrm.outbox'::regclass
        and strpos(pg_catalog.pg_get_expr(pg_class.relpartbound, pg_class.oid), quote_literal(new.queue)) > 0) then
    execute format('create table amocrm.%1$I partition of amocrm.outbox for values in (%2$L);
      comment on table amocrm.%1$I is ''Messages of a queue that a row of amocrm.queues has opened.''', v_table, new.queue);
    perform amocrm.prepare_messages('amocrm', v_table);
  end if;
  return null;
end
$$;
comment on function amocrm.open_queue() is 'Gives a new queue its control row, and a table for its messages unless there is one.';
create trigger open_queue after insert on amocrm.queues for each row execute function amocrm.open_queue();

revoke all on function amocrm.open_queue(), amocrm.function_of(text), amocrm.function_due(text), amocrm.lanes_of(text), amocrm.settings_of(text) from public;
