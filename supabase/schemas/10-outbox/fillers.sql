-- The registry of fillers: what is appended to a queue when its hour has come, such as the steps of a sequence. A claim asks
-- them under the queue's lock, so that two drains at once append nothing twice. An area adds its row in its own files.

create table amocrm.queue_fillers (
  queue text not null references amocrm.queues (queue),
  fills text not null,
  has_due text not null,
  failed_at timestamptz,
  error text,
  primary key (queue, fills)
);
comment on table amocrm.queue_fillers is 'What appends messages to a queue when their hour has come.';
comment on column amocrm.queue_fillers.fills is 'Function (text, int) that appends up to so many due messages to the queue; returns how many.';
comment on column amocrm.queue_fillers.has_due is 'Function (text) that returns whether anything is due for the queue, by an index.';
comment on column amocrm.queue_fillers.failed_at is 'When the filler last failed; null while it works. It is asked again a minute later.';
alter table amocrm.queue_fillers enable row level security;
revoke all on amocrm.queue_fillers from public, anon, authenticated, service_role;
grant select on amocrm.queue_fillers to service_role;

create function amocrm.is_filler_due(p_queue text) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_filler amocrm.queue_fillers;
  v_is_due boolean;
begin
  for v_filler in select * from amocrm.queue_fillers where queue_fillers.queue = p_queue
    and (queue_fillers.failed_at is null or queue_fillers.failed_at < amocrm.clock() - interval '1 minute') loop
    execute format('select %I.%I($1)', split_part(v_filler.has_due, '.', 1), split_part(v_filler.has_due, '.', 2)) into v_is_due using p_queue;
    if v_is_due then
      return true;
    end if;
  end loop;
  return false;
end
$$;
comment on function amocrm.is_filler_due(text) is 'True if a filler of the queue has something to append now.';

create function amocrm.fill(p_queue text, p_limit int) returns int
language plpgsql set search_path = ''
-- Not as the claim has it, by which this is called: what others bring is planned for what is there.
set plan_cache_mode = auto set enable_seqscan = on set enable_bitmapscan = on
as $$
declare
  v_filler amocrm.queue_fillers;
  v_count int;
  v_total int := 0;
begin
  for v_filler in select * from amocrm.queue_fillers where queue_fillers.queue = p_queue
    and (queue_fillers.failed_at is null or queue_fillers.failed_at < amocrm.clock() - interval '1 minute') order by queue_fillers.fills loop
    begin
      execute format('select %I.%I($1, $2)', split_part(v_filler.fills, '.', 1), split_part(v_filler.fills, '.', 2)) into v_count using p_queue, p_limit;
      v_total := v_total + v_count;
      update amocrm.queue_fillers set failed_at = null, error = null
      where queue_fillers.queue = p_queue and queue_fillers.fills = v_filler.fills and queue_fillers.failed_at is not null;
    exception when others then
      -- A welcome must not wait because a sequence stumbles.
      raise warning 'the filler % failed: % (%)', v_filler.fills, sqlerrm, sqlstate;
      update amocrm.queue_fillers set failed_at = amocrm.clock(), error = left(sqlerrm, 500)
      where queue_fillers.queue = p_queue and queue_fillers.fills = v_filler.fills;
    end;
  end loop;
  return v_total;
end
$$;
comment on function amocrm.fill(text, int) is
  'Lets each filler of the queue append what is due, up to p_limit each; returns how many. One that fails holds up nothing else.';

revoke all on function amocrm.is_filler_due(text), amocrm.fill(text, int) from public;
