-- The tables that hold messages: partitions of amocrm.outbox, one for each queue, but one for mail and SMS together.

create function amocrm.prepare_messages(p_schema text, p_table text, p_has_one_queue boolean default true) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Dead entries in the hot indexes slow every claim, so vacuum comes early. Pages are filled to the brim: with half of each
  -- free, as queues often have it, a delivered message would take twice the bytes for a month, and a rush a quarter less for a minute.
  execute format('alter table %1$I.%2$I add primary key (id);
    alter table %1$I.%2$I set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
    alter table %1$I.%2$I enable row level security;
    revoke all on %1$I.%2$I from public, anon, authenticated, service_role;
    create trigger amocrm_900_is_sound after insert on %1$I.%2$I
      referencing new table as new_rows for each statement execute function amocrm.refuse_unsound_messages();
    create trigger amocrm_900_is_sound_update after update on %1$I.%2$I
      referencing new table as new_rows for each statement execute function amocrm.refuse_unsound_messages()', p_schema, p_table);
  -- What each insert and each claim writes. Ids are of one sequence; where there is one queue, nothing else needs its name either,
  -- whose comparison costs more than that of a number.
  if p_has_one_queue then
    execute format('create index %3$I on %1$I.%2$I (id) where is_fresh;
      create index %6$I on %1$I.%2$I (id) where state = ''leased'';
      create unique index %4$I on %1$I.%2$I (person_id) where is_head;
      create index %5$I on %1$I.%2$I (delivered_at) where state = ''delivered''', p_schema, p_table,
      p_table || '_fresh_idx', p_table || '_one_head_per_person', p_table || '_delivered_idx', p_table || '_leased_idx');
  else
    execute format('create index %3$I on %1$I.%2$I (queue, id) where is_fresh;
      create index %6$I on %1$I.%2$I (queue, id) where state = ''leased'';
      create unique index %4$I on %1$I.%2$I (queue, person_id) where is_head;
      create index %5$I on %1$I.%2$I (queue, delivered_at) where state = ''delivered''', p_schema, p_table,
      p_table || '_fresh_idx', p_table || '_one_head_per_person', p_table || '_delivered_idx', p_table || '_leased_idx');
  end if;
end
$$;
comment on function amocrm.prepare_messages(text, text, boolean) is
  'Gives a partition of amocrm.outbox its key, its own indexes and its guards; the database itself proves one head per person.';
revoke all on function amocrm.prepare_messages(text, text, boolean) from public;

create table public.amocrm_outbox partition of amocrm.outbox for values in ('amocrm');
create table public.message_outbox partition of amocrm.outbox for values in ('message', 'sms');
alter table public.amocrm_outbox alter column queue set default 'amocrm';
alter table public.message_outbox alter column queue set default 'message';
comment on table public.amocrm_outbox is 'Messages to amoCRM: what waits, is on its way, was delivered or is stuck, and why.';
comment on table public.message_outbox is 'Messages by mail and SMS, drained by the same engine.';
select amocrm.prepare_messages('public', 'amocrm_outbox'), amocrm.prepare_messages('public', 'message_outbox', p_has_one_queue => false);
grant select on public.amocrm_outbox, public.message_outbox to service_role;
