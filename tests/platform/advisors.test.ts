import fs from "node:fs";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { copyProject, remoteFlag, runSupabaseCli } from "#dev/platform/supabase-cli.ts";
import { type Postgres, startPostgres } from "#dev/stack/postgres.ts";

interface Finding {
  name: string;
  level: "INFO" | "WARN" | "ERROR";
  detail: string;
}

let server: Postgres;
let sql: postgres.Sql;
let projectDir: string;

beforeAll(async () => {
  server = await startPostgres({ major: 17, dataTemplate: inject("dataTemplate") });
  projectDir = copyProject();
  sql = postgres(server.url(), { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await sql.end();
  await server.stop();
  fs.rmSync(projectDir, { recursive: true, force: true });
});

/** Security and performance findings of every level, and the exit code that a pipeline which minds warnings would see. */
async function advise(): Promise<{ exitCode: number; findings: Finding[] }> {
  const args = ["db", "advisors", remoteFlag(server.url()), "--type=all", "--level=info", "--fail-on=warn"];
  const { exitCode, stdout } = await runSupabaseCli([...args, "--output-format=json"], { projectDir });
  return { exitCode, findings: (JSON.parse(stdout) as { results: Finding[] }).results };
}

const isWarning = ({ level }: Finding): boolean => level !== "INFO";

describe("the advisors of the Supabase CLI", () => {
  it("find nothing to warn of in our schemas, and note only tables kept from clients by having no policy, and indexes that an empty database has not used", async () => {
    const { exitCode, findings } = await advise();
    expect({ exitCode, warnings: findings.filter(isWarning) }).toEqual({ exitCode: 0, warnings: [] });
    const others = findings.filter(({ name }) => !["rls_enabled_no_policy", "unused_index"].includes(name));
    expect(others.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([]);
  });

  it("do find an open table and a function without a search_path, once there are some", async () => {
    await sql`create table public.careless (id int primary key)`;
    await sql`grant select on public.careless to anon`;
    await sql`create function public.careless() returns int language sql as 'select 1'`;
    try {
      const { exitCode, findings } = await advise();
      expect(exitCode).not.toBe(0);
      const warnings = findings.filter(isWarning);
      expect(warnings.map(({ name }) => name).sort()).toEqual([
        "function_search_path_mutable",
        "rls_disabled_in_public",
      ]);
    } finally {
      await sql`drop function public.careless()`;
      await sql`drop table public.careless`;
    }
  });
});

/** Lints that run on the platform only: the CLI 3.1.0 has 0001 to 0024. 0025 is about storage, which we do not use. */
describe("the platform's further lints", () => {
  it.each(["anon", "authenticated"])(
    "0028, 0029: no security definer function in public is executable by %s",
    async (role) => {
      const functions = await sql`
      select proc.oid::regprocedure::text as function from pg_proc as proc
      where proc.pronamespace = 'public'::regnamespace and proc.prosecdef
        and has_function_privilege(${role}, proc.oid, 'execute')`;
      expect([...functions]).toEqual([]);
    },
  );

  it("0026: anon may read no table or view, so GraphQL would show none either", async () => {
    expect(await readableBy("anon")).toEqual([]);
  });

  it("0027: the signed-in may read only what is theirs or checks who asks", async () => {
    expect(await readableBy("authenticated")).toEqual([
      "amocrm_actions",
      "amocrm_alerts",
      "amocrm_blocked_people",
      "amocrm_bulk_jobs",
      "amocrm_dead_letters",
      "amocrm_deal_events",
      "amocrm_deals_now",
      "amocrm_duplicates",
      "amocrm_error_policies",
      "amocrm_health",
      "amocrm_held_tells",
      "amocrm_outbox_status",
      "amocrm_quarantine",
      "amocrm_reconciliation",
      "amocrm_throughput",
      "amocrm_timeline",
      "amocrm_unmapped_forms",
      "amocrm_versions",
      "amocrm_webhook_status",
      "followup_overview",
      "followup_results",
      "landing_funnel",
      "link_results",
      "loyalty_award_rules",
      "loyalty_balance",
      "loyalty_campaigns",
      "loyalty_card",
      "loyalty_changes",
      "loyalty_contacts",
      "loyalty_identities",
      "loyalty_join_suggestions",
      "loyalty_joins",
      "loyalty_members",
      "loyalty_orders",
      "loyalty_points",
      "loyalty_rfm",
      "loyalty_rfm_thresholds",
      "loyalty_segments",
      "loyalty_settings",
      "loyalty_tiers",
      "message_dead_letters",
      "message_health",
      "sms_dead_letters",
      "sms_health",
      "sms_held",
      "sms_overview",
      "tripwire_achievements",
      "tripwire_certificates",
      "tripwire_lesson_progress",
      "tripwire_lessons",
      "tripwire_modules",
      "tripwire_students_overview",
      "tripwire_users",
      "unisender_dead_letters",
    ]);
  });

  it("no internal is within reach: neither anon nor the signed-in may name the schema amocrm", async () => {
    const [may] = await sql`
      select has_schema_privilege('anon', 'amocrm', 'usage, create') as anon,
        has_schema_privilege('authenticated', 'amocrm', 'usage, create') as authenticated`;
    expect(may).toEqual({ anon: false, authenticated: false });
  });
});

/** Relations in public of which the role may read at least one column. */
async function readableBy(role: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select class.relname as name from pg_class as class
    where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p', 'v', 'm', 'f')
      and (has_table_privilege(${role}, class.oid, 'select') or has_any_column_privilege(${role}, class.oid, 'select'))
    order by class.relname`;
  return rows.map(({ name }) => name);
}
