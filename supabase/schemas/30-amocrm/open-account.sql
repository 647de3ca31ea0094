-- What an account has from its first moment. A row of amocrm.queues opens it, as it opens the queue.

create function amocrm.open_account(p_account text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_name text;
  v_table text;
begin
  insert into amocrm.cursors (entity, account) values ('contact', p_account), ('deal', p_account) on conflict do nothing;
  insert into amocrm.pull_control (account) values (p_account) on conflict do nothing;
  foreach v_name in array array['routes', 'stages', 'fields', 'deals'] loop
    v_table := p_account || '_' || v_name;
    -- Those of the account amocrm are public, and are there.
    continue when to_regclass(format('public.%I', v_table)) is not null or to_regclass(format('amocrm.%I', v_table)) is not null;
    execute format('create table amocrm.%1$I partition of amocrm.%2$I for values in (%3$L);
      comment on table amocrm.%1$I is ''Rows of an amoCRM account that a row of amocrm.queues has opened.'';
      alter table amocrm.%1$I alter column account set default %3$L;
      alter table amocrm.%1$I enable row level security;
      revoke all on amocrm.%1$I from public, anon, authenticated, service_role', v_table, v_name, p_account);
  end loop;
end
$$;
comment on function amocrm.open_account(text) is
  'Makes the rows and tables that every amoCRM account has; existing ones stay.';

create function amocrm.open_account_of_queue() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.open_account(new.queue);
  return null;
end
$$;
comment on function amocrm.open_account_of_queue() is 'Opens the amoCRM account of a new queue that amocrm-drain drains.';
create trigger open_account after insert on amocrm.queues
  for each row when (new.drain = 'amocrm-drain') execute function amocrm.open_account_of_queue();

select amocrm.open_account(queues.queue) from amocrm.queues where queues.drain = 'amocrm-drain';
revoke all on function amocrm.open_account(text), amocrm.open_account_of_queue() from public;
