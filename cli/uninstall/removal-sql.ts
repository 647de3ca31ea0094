import type { Ours } from "./ours.ts";

/**
 * What there is to be removed, as one read-only statement: the rows are (step, kind, name, command), in the order in which
 * they must go. Whatever is missing already gives no row, so it may be asked at any time.
 */
function removalSql(ours: Ours): string {
  return `select removal.step, removal.kind, removal.name, removal.command from (
  select 10 as step, 'cron job' as kind, job.jobname as name, format('select cron.unschedule(%s)', job.jobid) as command
  from ${ifThere("cron.job", "jobid bigint, jobname text")} as job where job.jobname = any (${textArray(ours.cronJobs)})
  union all
  select 20, 'trigger', format('%s on %s', trg.tgname, class.relname), format('drop trigger %I on %I.%I', trg.tgname, namespace.nspname, class.relname)
  from pg_catalog.pg_trigger as trg
    join pg_catalog.pg_class as class on class.oid = trg.tgrelid
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    join pg_catalog.pg_proc as function on function.oid = trg.tgfoid
  where not trg.tgisinternal and function.pronamespace = to_regnamespace('amocrm') and namespace.nspname <> 'amocrm'
    and not (namespace.nspname = 'public' and class.relname = any (${textArray(ours.tables)}))
  union all
  -- Without a default of its own the column would refuse every further insert.
  select 30, 'default', format('%s.%s becomes now()', class.relname, attribute.attname),
    format('alter table public.%I alter column %I set default now()', class.relname, attribute.attname)
  from pg_catalog.pg_attrdef as def
    join pg_catalog.pg_class as class on class.oid = def.adrelid
    join pg_catalog.pg_attribute as attribute on attribute.attrelid = def.adrelid and attribute.attnum = def.adnum
  where class.relnamespace = to_regnamespace('public') and class.relname = any (${textArray(ours.keptTables)})
    and pg_catalog.pg_get_expr(def.adbin, def.adrelid) ~ 'amocrm\\.clock\\(\\)'
  union all
  -- Also those inside, because they may read tables of public.
  select 40, 'view', format('%I.%I', namespace.nspname, class.relname), format('drop view %I.%I', namespace.nspname, class.relname)
  from pg_catalog.pg_class as class join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.relkind = 'v' and (namespace.nspname = 'amocrm'
    or namespace.nspname = 'public' and class.relname = any (${textArray(ours.views)}))
  union all
  select 50, 'function', function.proname, format('drop function public.%I(%s)', function.proname, pg_catalog.pg_get_function_identity_arguments(function.oid))
  from pg_catalog.pg_proc as function
  where function.pronamespace = to_regnamespace('public') and function.proname = any (${textArray(ours.functions)})
  union all
  -- A function that takes a row of a table goes before the table; the others of amocrm go with their schema.
  select 50, 'function', 'amocrm.' || function.proname, format('drop function amocrm.%I(%s)', function.proname, pg_catalog.pg_get_function_identity_arguments(function.oid))
  from pg_catalog.pg_proc as function
  where function.pronamespace = to_regnamespace('amocrm') and exists (select from pg_catalog.pg_depend as depend
    join pg_catalog.pg_type as type on type.oid = depend.refobjid
    join pg_catalog.pg_class as class on class.reltype in (type.oid, type.typelem)
    where depend.classid = 'pg_catalog.pg_proc'::regclass and depend.objid = function.oid and depend.refclassid = 'pg_catalog.pg_type'::regclass
      and class.relnamespace = to_regnamespace('public') and class.relname = any (${textArray(ours.tables)}))
  union all
  select 60, 'table', class.relname, format('drop table public.%I', class.relname)
  from pg_catalog.pg_class as class
  where class.relnamespace = to_regnamespace('public') and class.relkind in ('r', 'p') and class.relname = any (${textArray(ours.tables)})
  union all
  -- One of amocrm that refers to a table of public goes with it; the others go with their schema.
  select distinct 60, 'table', 'amocrm.' || class.relname, format('drop table amocrm.%I', class.relname)
  from pg_catalog.pg_constraint as reference
    join pg_catalog.pg_class as class on class.oid = reference.conrelid
    join pg_catalog.pg_class as referred on referred.oid = reference.confrelid
  where reference.contype = 'f' and class.relnamespace = to_regnamespace('amocrm')
    and referred.relnamespace = to_regnamespace('public') and referred.relname = any (${textArray(ours.tables)})
  union all
  -- Nobody keeps it in step with the address any more.
  select 70, 'column', 'tripwire_users.email_key', 'alter table public.tripwire_users drop column email_key'
  from pg_catalog.pg_attribute as attribute
  where attribute.attrelid = to_regclass('public.tripwire_users') and attribute.attname = 'email_key' and not attribute.attisdropped
  union all
  select 80, 'schema', 'amocrm', 'drop schema amocrm cascade' where to_regnamespace('amocrm') is not null
  union all
  select 90, 'Vault secret', secret.name, format('delete from vault.secrets where name = %L', secret.name)
  from ${ifThere("vault.secrets", "name text")} as secret where secret.name like 'amocrm\\_%'
  union all
  -- Then db push applies them again.
  select 100, 'row of the history of migrations', migration.version, format('delete from supabase_migrations.schema_migrations where version = %L', migration.version)
  from ${ifThere("supabase_migrations.schema_migrations", "version text, name text")} as migration
  where migration.version = any (${textArray(ours.migrations)}) or migration.name = any (${textArray(installedNames(ours))})
) as removal
order by removal.step, removal.name`;
}

/** As supabase-amocrm calls our migrations in a project of its own versions. */
function installedNames({ migrationFiles }: Ours): string[] {
  if (migrationFiles.length === 0) return [];
  return [...migrationFiles.map((file) => file.replace(/^\d+_(.*)\.sql$/, "amocrm_$1")), "amocrm_uninstall"];
}

/** Removes all of it in one transaction: one statement, because neither road takes more than one at a time. */
export function uninstallSql(ours: Ours): string {
  // Views use each other, and so do tables: those of a kind go in one command.
  return `do $uninstall$
declare
  v_tables regclass[];
  v_table regclass;
  v_begun_at timestamptz;
  v_holders text;
  v_commands text[];
  v_command text;
  v_detail text;
begin
  select array_agg(commands.command order by commands.step, commands.command) into v_commands from (
    select removal.step, 'drop ' || removal.kind || ' ' ||
      string_agg(substr(removal.command, length('drop ' || removal.kind) + 2), ', ') as command
    from (${removalSql(ours)}) as removal where removal.kind in ('view', 'function', 'table')
    group by removal.step, removal.kind
    union all
    select removal.step, removal.command
    from (${removalSql(ours)}) as removal where removal.kind not in ('view', 'function', 'table')
  ) as commands;
${lockingSql(ours)}
  foreach v_command in array coalesce(v_commands, '{}') loop
    execute v_command;
  end loop;
exception when dependent_objects_still_exist then
  -- The message itself names none of them, and only the message gets through the platform.
  get stacked diagnostics v_detail = pg_exception_detail;
  raise exception 'something of yours is built on it, drop that first: %', v_detail using errcode = '2BP01';
end
$uninstall$`;
}

/**
 * All tables or none, half a second each and not much more in all: whoever comes after us waits behind us, and a visitor's
 * statement has 3 seconds. Those that visitors write to first, in the order in which their inserts go through them.
 */
function lockingSql(ours: Ours): string {
  return `  perform pg_catalog.set_config('lock_timeout', '500ms', true);
  select array_agg(class.oid::regclass order by class.relnamespace <> to_regnamespace('public'), class.relname <> all (${textArray(ours.keptTables)}), class.relname)
  into v_tables from pg_catalog.pg_class as class
  where class.relkind in ('r', 'p') and not class.relispartition and (class.relnamespace = to_regnamespace('amocrm')
    or class.relnamespace = to_regnamespace('public') and class.relname = any (${textArray([...ours.keptTables, ...ours.tables])}));
  for v_try in 1 .. 12 loop
    begin
      v_begun_at := pg_catalog.clock_timestamp();
      foreach v_table in array coalesce(v_tables, '{}') loop
        execute pg_catalog.format('lock table %s in access exclusive mode', v_table);
        if pg_catalog.clock_timestamp() - v_begun_at > interval '1.5 seconds' then
          raise exception using errcode = '55P03';
        end if;
      end loop;
      exit;
    exception when lock_not_available or deadlock_detected then
      if v_try = 12 then
        select string_agg(distinct pg_catalog.format('process %s of %s (%s)', activity.pid, activity.usename, coalesce(nullif(activity.application_name, ''), 'no name')), ', ')
        into v_holders from pg_catalog.pg_locks as held join pg_catalog.pg_stat_activity as activity on activity.pid = held.pid
        where held.granted and held.relation = any (v_tables::oid[]) and held.pid <> pg_catalog.pg_backend_pid();
        raise exception 'visitors must not wait behind us, and somebody keeps our tables busy: %. Nothing was removed: try again once that has ended',
          coalesce(v_holders, 'gone by now') using errcode = '55P03';
      end if;
    end;
    -- Without any lock: those of the block above are gone with it.
    perform pg_catalog.pg_sleep(1);
  end loop;`;
}

/**
 * What goes and what stays, as one statement, since the CLI takes seconds to begin each: what goes as (kind, name, null) in its
 * order, then what stays as (null, name, row_count).
 */
export function surveySql(ours: Ours): string {
  return `select found.kind, found.name, found.row_count from (
  select removal.step, removal.kind, removal.name, null::int as row_count from (${removalSql(ours)}) as removal
  union all
  select null, null, remainder.name, remainder.row_count from (${remainderSql(ours)}) as remainder
) as found
order by found.step nulls last, found.name`;
}

/** What stays, with its rows: (name, row_count); and as `amocrm_outbox` how many messages are not delivered yet. */
function remainderSql(ours: Ours): string {
  return `select class.relname as name, ${countOf("format('public.%I', class.relname)")} as row_count
from pg_catalog.pg_class as class
where class.relnamespace = to_regnamespace('public') and class.relkind in ('r', 'p') and class.relname = any (${textArray(ours.keptTables)})
union all
select 'amocrm_outbox', ${countOf("'public.amocrm_outbox where state in (''pending'', ''leased'', ''uncertain'')'")}
where to_regclass('public.amocrm_outbox') is not null`;
}

/** Which contact and deal in amoCRM stand for which row. */
export const LINKS_SQL = `select links.subject_table, links.subject_id, links.object, links.amocrm_id, links.created_at
from ${ifThere("amocrm.links", "subject_table text, subject_id uuid, object text, amocrm_id bigint, created_at timestamptz")} as links
order by 1, 2, 3`;

/** A table whose absence is no error; a plain name would be one before anything is looked up. */
export function ifThere(table: string, columns: string): string {
  const names = columns.split(", ").map((column) => column.slice(0, column.indexOf(" ")));
  return `xmltable('/table/row' passing pg_catalog.query_to_xml(
    case when to_regclass('${table}') is null then 'select where false' else 'select ${names.join(", ")} from ${table}' end,
    false, false, '') columns ${columns})`;
}

function countOf(rest: string): string {
  return `(xpath('/row/n/text()', pg_catalog.query_to_xml('select count(*) as n from ' || ${rest}, false, true, '')))[1]::text::int`;
}

/** Names out of our own migrations, which have neither quotes nor backslashes. */
function textArray(names: readonly string[]): string {
  return `'{${names.join(",")}}'::text[]`;
}
