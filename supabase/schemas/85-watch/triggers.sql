-- Our triggers on the customer's tables can be switched off or dropped with one click, by a restore or by a tool that copies
-- tables. Then leads are saved and go no further, and no part that runs notices. So each is remembered as it was made.

create table amocrm.triggers (
  table_name text not null,
  name text not null,
  definition text not null,
  primary key (table_name, name)
);
comment on table amocrm.triggers is 'Each of our triggers on tables of public as it should be, with the statement that makes it.';
alter table amocrm.triggers enable row level security;
revoke all on amocrm.triggers from public, anon, authenticated, service_role;
grant select on amocrm.triggers to service_role;

insert into amocrm.triggers (table_name, name, definition)
select class.relname, made.tgname, pg_catalog.pg_get_triggerdef(made.oid)
from pg_catalog.pg_trigger as made join pg_catalog.pg_class as class on class.oid = made.tgrelid
where class.relnamespace = 'public'::regnamespace and not made.tgisinternal and made.tgname like 'amocrm\_%';

create function amocrm.trigger_problem(out problem text, out remedy text)
language sql stable set search_path = ''
as $$
  -- A row of nulls if none is lost: a plpgsql record cannot hold none.
  select 'Triggers of ours are gone or switched off, so what is saved goes no further: '
      || string_agg(lost.name || ' on ' || lost.table_name, ', ' order by lost.table_name, lost.name),
    string_agg(lost.mend, '; ' order by lost.table_name, lost.name)
      || '; select amocrm_copy_missing_leads(); select amocrm.sweep()'
  from (
    select triggers.table_name, triggers.name, case when made.oid is null then triggers.definition
      else format('alter table public.%I enable trigger %I', triggers.table_name, triggers.name) end as mend
    from amocrm.triggers
    left join pg_catalog.pg_trigger as made on made.tgrelid = to_regclass(format('public.%I', triggers.table_name))
      and made.tgname = triggers.name and not made.tgisinternal
    where made.oid is null or made.tgenabled not in ('O', 'A')) as lost
$$;
comment on function amocrm.trigger_problem() is
  'Returns which of our triggers are missing or off, and the statements that restore them; nulls if none.';

revoke all on function amocrm.trigger_problem() from public;
