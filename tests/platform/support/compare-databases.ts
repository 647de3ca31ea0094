import postgres from "postgres";
import { remoteFlag, requireSupabaseCli } from "#dev/platform/supabase-cli.ts";
import { REPOSITORY } from "../../architecture/support/repository.ts";

/**
 * The SQL that makes the second database like the first, by the CLI's own differ: empty if they are alike. It sees objects with
 * their bodies, settings, comments and grants, but neither rows nor default privileges.
 */
export async function differenceOf(from: string, to: string): Promise<string> {
  const loopback = (url: string) => remoteFlag(url).slice("--remote=".length);
  const args = ["db", "diff", "--use-pg-delta", "--strict-coverage"];
  const said = await requireSupabaseCli([...args, "--from", loopback(from), "--to", loopback(to)], {
    projectDir: REPOSITORY,
  });
  return said.trim();
}

/** What the differ does not see: default privileges, and the rows of each table, of cron and of Vault, without secrets drawn at random. */
export async function contentsOf(url: string): Promise<Record<string, unknown>> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const tables = await sql<{ name: string; random: string[] }[]>`
      select format('%I.%I', class.relnamespace::regnamespace, class.relname) as name,
        coalesce(array_agg(attribute.attname::text) filter (where attribute.atttypid = 'bytea'::regtype), '{}') as random
      from pg_class as class
      join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
      where class.relkind = 'r' and class.relnamespace in ('amocrm'::regnamespace, 'public'::regnamespace)
      group by class.oid order by 1`;
    const contents: Record<string, unknown> = {
      defaultPrivileges: await sql`
        select defaclrole::regrole::text as owner, defaclnamespace::regnamespace::text as schema, defaclobjtype::text as type,
          defaclacl::text as privileges from pg_default_acl order by 1, 2, 3`,
      sequences: await sql`
        select schemaname, sequencename, last_value from pg_sequences where schemaname in ('amocrm', 'public') order by 1, 2`,
      cronJobs: await sql`select jobname, schedule, command, active from cron.job order by 1`,
      secrets: await sql`select name, description from vault.secrets order by 1`,
    };
    for (const { name, random } of tables) {
      const rows = await sql<{ row: string }[]>`
        select (to_jsonb(told) - ${random}::text[])::text as row from ${sql.unsafe(name)} as told order by 1`;
      if (rows.length > 0) contents[name] = rows.map(({ row }) => row);
    }
    return contents;
  } finally {
    await sql.end();
  }
}
